from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faceswap_desktop.domain.errors import Cancelled, InputRefused, SignerError, StorageError
from faceswap_desktop.domain.provenance import Credentials, Validity
from faceswap_desktop.domain.signing import Identity, RemoteIdentity, SigningAlgorithm
from faceswap_desktop.workers import sign_tasks, watched_file
from faceswap_desktop.workers.sign_requests import (
    CheckIdentity,
    MakeIdentity,
    ReadCredentials,
    SignFile,
)
from faceswap_desktop.workers.sign_tasks import check_identity, make_identity, read_credentials, sign_file
from faceswap_desktop.workers.wire import FromWorker
from tests.certificates import Authority, p256, pem_of
from tests.signed import BESIDE, DEED, EXTENSIONS, content, identity, signed, written
from tests.unit.workers.people import Listener


@pytest.fixture
def listener(tmp_path: Path) -> Listener:
    return Listener(tmp_path / "scratch")


def request_for(path: Path, out: Path, **changes: object) -> SignFile:
    out.parent.mkdir(exist_ok=True)
    made = SignFile(str(path), str(out), replace(DEED, title=out.name), identity())
    return replace(made, **changes)  # type: ignore[arg-type]


def told(path: str | Path, listener: Listener, **changes: str | bytes) -> Credentials:
    request = ReadCredentials(str(path), own_roots_pem=identity().root_pem)
    return read_credentials(replace(request, **changes), listener.context)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_a_file_of_each_format_is_signed_and_read_again(kind: str, tmp_path: Path, listener: Listener) -> None:
    path = written(tmp_path, kind)
    out = tmp_path / "out" / f"swapped{EXTENSIONS[kind]}"
    made = sign_file(request_for(path, out), listener.context)
    assert path.read_bytes() == content(kind)
    assert (made.path, made.size_bytes) == (str(out), out.stat().st_size)
    assert made.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert made.sidecar == (str(out.with_suffix(".c2pa")) if kind in BESIDE else "")
    assert sorted(one.name for one in out.parent.iterdir()) == sorted(
        [out.name, *(["swapped.c2pa"] if kind in BESIDE else [])]
    )
    found = told(out, listener)
    assert (found.validity, found.is_ours, found.sidecar) == (Validity.VALID, True, made.sidecar)
    assert found.claim is not None
    assert found.claim.title == out.name
    assert replace(found, sidecar="") == made.credentials
    assert told(path, listener).validity is Validity.NONE


def test_what_it_is_is_told_by_its_content_not_its_name(tmp_path: Path, listener: Listener) -> None:
    path = tmp_path / "really.mp4"
    path.write_bytes(content("PNG"))
    made = sign_file(request_for(path, tmp_path / "out" / "also.mkv"), listener.context)
    assert made.sidecar == ""
    assert told(made.path, listener).validity is Validity.VALID


def test_a_picture_saved_anew_has_none(tmp_path: Path, listener: Listener) -> None:
    made = sign_file(request_for(written(tmp_path, "JPEG"), tmp_path / "out" / "a.jpg"), listener.context)
    with Image.open(made.path) as picture:
        picture.save(tmp_path / "again.jpg")
    assert told(tmp_path / "again.jpg", listener).validity is Validity.NONE


def test_a_moved_video_is_read_with_the_sidecar_that_is_named(tmp_path: Path, listener: Listener) -> None:
    made = sign_file(request_for(written(tmp_path, "MKV"), tmp_path / "out" / "a.mkv"), listener.context)
    moved = Path(made.path).rename(tmp_path / "moved.mkv")
    assert told(moved, listener).validity is Validity.NONE
    found = told(moved, listener, sidecar_path=made.sidecar)
    assert (found.validity, found.sidecar) == (Validity.VALID, made.sidecar)
    with moved.open("r+b") as stream:
        stream.seek(-3, os.SEEK_END)
        stream.write(b"?")
    assert told(moved, listener, sidecar_path=made.sidecar).validity is Validity.TAMPERED


def test_the_target_s_credentials_are_taken_from_its_file(tmp_path: Path, listener: Listener) -> None:
    target = tmp_path / "private name.jpg"
    target.write_bytes(signed("JPEG", by=identity(1))[0])
    gone = tmp_path / "gone.jpg"
    empty = tmp_path / "empty.jpg"
    empty.touch()
    text = tmp_path / "text.jpg"
    text.write_text("no picture")
    for original, its_validity in (
        (target, Validity.VALID),
        (gone, Validity.NONE),
        (empty, Validity.NONE),
        (text, Validity.NONE),
        (tmp_path, Validity.NONE),
    ):
        request = request_for(written(tmp_path, "PNG"), tmp_path / "out" / "a.png", original_path=str(original))
        made = sign_file(request, listener.context)
        assert made.credentials.claim is not None
        [ingredient] = made.credentials.claim.ingredients
        assert ingredient.validity is its_validity
        assert b"private name" not in Path(made.path).read_bytes()
        assert str(tmp_path).encode() not in Path(made.path).read_bytes()


def test_what_is_at_the_place_is_replaced_only_by_a_whole_file(tmp_path: Path, listener: Listener) -> None:
    out = tmp_path / "out" / "a.jpg"
    out.parent.mkdir()
    out.write_bytes(b"before")
    key = p256()
    old = Authority().issue(key, days=(-9, -2))
    expired = Identity(old, pem_of(key), SigningAlgorithm.ES256)
    with pytest.raises(SignerError) as caught:
        sign_file(request_for(written(tmp_path, "JPEG"), out, identity=expired), listener.context)
    assert caught.value.kind == "certificate"
    assert [one.name for one in out.parent.iterdir()] == ["a.jpg"]
    assert out.read_bytes() == b"before"
    sign_file(request_for(written(tmp_path, "JPEG"), out), listener.context)
    assert told(out, listener).validity is Validity.VALID


def test_what_is_no_media_is_refused(tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "text.jpg").write_text("hello")
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    out = tmp_path / "out" / "a.jpg"
    for name in ("text.jpg", "empty.jpg", "missing.jpg", "pipe.jpg", "."):
        with pytest.raises(InputRefused):
            sign_file(request_for(tmp_path / name, out), listener.context)
    for name in ("empty.jpg", "missing.jpg", "pipe.jpg", "."):
        with pytest.raises(InputRefused):
            told(tmp_path / name, listener)
    assert told(tmp_path / "text.jpg", listener).validity is Validity.NONE
    assert list(out.parent.iterdir()) == []


def test_a_folder_that_is_missing_is_told(tmp_path: Path, listener: Listener) -> None:
    request = replace(
        request_for(written(tmp_path, "JPEG"), tmp_path / "out" / "a.jpg"), out_path=str(tmp_path / "nowhere" / "a.jpg")
    )
    with pytest.raises(StorageError):
        sign_file(request, listener.context)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("most_in_memory", [0, 1 << 30])
def test_a_full_disk_is_told_as_that(
    most_in_memory: int, tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_tasks, "_IN_MEMORY", most_in_memory)
    plain = Path.open

    def full(self: Path, mode: str = "r", *rest: Any) -> object:
        return plain(Path("/dev/full"), "r+b", 0) if mode == "x+b" else plain(self, mode, *rest)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StorageError) as caught:
        sign_file(request_for(written(tmp_path, "JPEG"), tmp_path / "out" / "a.jpg"), listener.context)
    assert caught.value.kind == "disk-full"


def test_a_long_file_is_signed_on_the_disk_with_signs_of_life(
    tmp_path: Path, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_tasks, "_IN_MEMORY", 0)
    monkeypatch.setattr(watched_file, "BEAT_BYTES", 500)
    path, out = written(tmp_path, "MP4"), tmp_path / "out" / "a.mp4"
    request = request_for(path, out, original_path=str(path))
    made = sign_file(request, listener.context)
    assert made.sha256 == hashlib.sha256(out.read_bytes()).hexdigest()
    assert told(out, listener).validity is Validity.VALID
    reports = len(listener.updates)
    assert reports > 12
    # Stopped at any of them, it leaves nothing, and says that it was stopped.
    for number in range(0, reports, 3):
        other = _Stopping(tmp_path / "scratch", number)
        try:
            sign_file(replace(request, out_path=str(tmp_path / "out" / "b.mp4")), other.context)
        except Cancelled:
            assert [one.name for one in out.parent.iterdir()] == ["a.mp4"]
        else:
            (tmp_path / "out" / "b.mp4").unlink()


class _Stopping(Listener):
    """Nobody waits any more after some signs of life."""

    def __init__(self, scratch: Path, after: int) -> None:
        super().__init__(scratch)
        self._after = after

    def _hear(self, said: FromWorker) -> None:
        super()._hear(said)
        if len(self.updates) > self._after:
            self.context.stop_event.set()


def test_links_are_followed_to_files_only(tmp_path: Path, listener: Listener) -> None:
    made = sign_file(request_for(written(tmp_path, "MKV"), tmp_path / "out" / "a.mkv"), listener.context)
    link = tmp_path / "link.mkv"
    link.symlink_to(made.path)
    assert told(link, listener, sidecar_path=made.sidecar).validity is Validity.VALID
    for target in ("/dev/zero", str(tmp_path), str(tmp_path / "link.c2pa")):
        beside = tmp_path / "link.c2pa"
        beside.unlink(missing_ok=True)
        beside.symlink_to(target)
        assert told(link, listener).validity is Validity.NONE


def test_it_stops_when_nobody_waits_any_more(tmp_path: Path, listener: Listener) -> None:
    listener.context.stop_event.set()
    out = tmp_path / "out" / "a.jpg"
    with pytest.raises(Cancelled):
        sign_file(request_for(written(tmp_path, "JPEG"), out), listener.context)
    assert list(out.parent.iterdir()) == []


def test_a_remote_signer_that_nobody_asks_ends_the_wait(tmp_path: Path, listener: Listener) -> None:
    root, key = Authority(), p256()
    # Its time is over before it began.
    absent = RemoteIdentity(root.issue(key) + root.pem, SigningAlgorithm.ES256, answer_s=-10.0)
    with pytest.raises(SignerError) as caught:
        sign_file(request_for(written(tmp_path, "JPEG"), tmp_path / "out" / "a.jpg", identity=absent), listener.context)
    assert caught.value.kind == "unreachable"
    assert list((tmp_path / "out").iterdir()) == []


def test_identities_are_made_and_checked(listener: Listener) -> None:
    made = make_identity(MakeIdentity(), listener.context)
    checked = check_identity(CheckIdentity(made.chain_pem, made.key_pem), listener.context)
    assert checked.facts.subject == "Faceswap Desktop, a local certificate"
    assert isinstance(checked.identity, Identity)
    remote = check_identity(CheckIdentity(made.chain_pem), listener.context)
    assert isinstance(remote.identity, RemoteIdentity)
    with pytest.raises(SignerError, match="PEM"):
        check_identity(CheckIdentity(b"no"), listener.context)
    assert "PRIVATE" not in repr(CheckIdentity(made.chain_pem, made.key_pem, "secret")) + repr(made)
    assert "secret" not in repr(CheckIdentity(made.chain_pem, made.key_pem, "secret"))


def test_requests_never_show_a_key(tmp_path: Path) -> None:
    request = request_for(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert identity().key_pem.decode().splitlines()[1] not in repr(request)
