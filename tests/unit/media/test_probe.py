"""Fingerprints and ids tell originals apart without reading all of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.media.probe import fingerprint, media_id, probe
from tests.unit.media import making

BLOCK = 64 * 1024


def test_a_fingerprint_is_what_its_docstring_says(tmp_path: Path) -> None:
    data = os.urandom(1_000_001)
    path = tmp_path / "a"
    path.write_bytes(data)
    middle = (len(data) - BLOCK) // 2
    expected = hashlib.sha256(len(data).to_bytes(8, "big"))
    expected.update(data[:BLOCK] + data[middle : middle + BLOCK] + data[-BLOCK:])
    known = fingerprint(path)
    assert known.quick_digest == expected.hexdigest()
    assert (known.size_bytes, known.modified_ns) == (len(data), path.stat().st_mtime_ns)


def test_changes_at_either_end_in_the_middle_and_of_the_length_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(bytes(500_000))
    seen = {fingerprint(path).quick_digest}
    for at in (0, 250_000, 499_999):
        data = bytearray(500_000)
        data[at] = 1
        path.write_bytes(data)
        seen.add(fingerprint(path).quick_digest)
    path.write_bytes(bytes(500_001))
    seen.add(fingerprint(path).quick_digest)
    assert len(seen) == 5


def test_short_files_have_fingerprints(tmp_path: Path) -> None:
    digests = set()
    for length in (1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK):
        (tmp_path / "a").write_bytes(bytes(length))
        digests.add(fingerprint(tmp_path / "a").quick_digest)
    assert len(digests) == 6


def test_an_id_depends_on_place_and_content(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.png")
    copy = tmp_path / "b.png"
    copy.write_bytes(path.read_bytes())
    os.utime(copy, ns=(path.stat().st_mtime_ns, path.stat().st_mtime_ns))
    first = media_id(path, fingerprint(path))
    assert first == media_id(path, fingerprint(path))
    assert first != media_id(copy, fingerprint(copy))
    assert len(first) == 32
    making.save(making.sample(50, 50), path)
    assert media_id(path, fingerprint(path)) != first


def test_an_id_does_not_depend_on_how_the_path_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = making.save(making.sample(), tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    assert probe("a.png").id == probe(path).id


def test_a_probe_tells_all_of_a_media(tmp_path: Path) -> None:
    path = making.save(making.laid_down(making.sample(), 6), tmp_path / "a.jpg", exif=making.camera_exif(6))
    media = probe(path)
    assert media.path == str(path)
    assert media.kind is MediaKind.IMAGE
    assert (media.size, media.format, media.notes) == ((96, 64), "JPEG", ())
    assert media.fingerprint == fingerprint(path)
    assert media.id == media_id(path, media.fingerprint)


def test_an_original_is_only_read(tmp_path: Path) -> None:
    path = making.save(making.sample(), tmp_path / "a.tif")
    before = (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir()))
    probe(path)
    assert (path.read_bytes(), path.stat().st_mtime_ns, sorted(tmp_path.iterdir())) == before
