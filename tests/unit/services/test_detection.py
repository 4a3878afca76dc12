"""Detection: once per file, whatever it is called; pixels for the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.errors import InputRefused, StorageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services import detection
from faceswap_desktop.storage.detections import DetectionStore
from faceswap_desktop.storage.paths import Home
from tests.unit.services.conftest import COLLINS, HOPPER


async def test_a_file_is_looked_at_once_also_under_another_name_and_after_a_restart(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await build(home)
    await first.pool.start(warm=False)
    media, faces = await first.detection.detect(COLLINS)
    assert (media.size.width, media.size.height) == (512, 512)
    assert len(faces) == 1
    assert faces[0].landmarks is not None
    assert len(faces[0].landmarks) == 478
    await first.close()

    copy = tmp_path / "another name.png"
    copy.write_bytes(COLLINS.read_bytes())
    again = await build(home)
    await again.pool.start(warm=False)
    puts: list[str] = []
    real = DetectionStore.put

    async def noting(store: DetectionStore, digest: str, version: str, found: object) -> None:
        puts.append(digest)
        await real(store, digest, version, found)  # type: ignore[arg-type]

    monkeypatch.setattr(DetectionStore, "put", noting)
    assert (await again.detection.detect(COLLINS))[1] == faces
    other_media, other_faces = await again.detection.detect(copy)
    assert other_faces == faces
    assert other_media.path == str(copy)
    assert puts == [], "both came from what was kept"
    monkeypatch.setattr(detection, "CHECKPOINT_SET", "another set")
    assert (await again.detection.detect(COLLINS))[1] == faces
    assert len(puts) == 1, "other checkpoints look anew"
    await again.close()


async def test_a_picture_without_a_face_is_remembered_too(working: Program, tmp_path: Path) -> None:
    from PIL import Image

    wall = tmp_path / "wall.png"
    Image.new("RGB", (64, 64), "grey").save(wall)
    media, faces = await working.detection.detect(wall)
    assert faces == ()
    store = DetectionStore(working.database)
    assert await store.get(media.fingerprint.quick_digest, detection.CHECKPOINT_SET) == ()


async def test_pixels_for_the_screen(working: Program, tmp_path: Path) -> None:
    shown = await working.detection.display(HOPPER)
    assert (shown.size.width, shown.size.height, shown.scale) == (512, 600, 1.0)
    assert len(shown.pixels) >= shown.stride * (600 - 1) + 3 * 512
    with pytest.raises(InputRefused) as caught:
        await working.detection.display(tmp_path / "none.png")
    assert caught.value.kind == "missing"
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(InputRefused):
        await working.detection.detect(folder)


async def test_faces_are_found_even_if_they_cannot_be_kept(working: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise StorageError(message("The disk is full."), kind="disk-full")

    monkeypatch.setattr(DetectionStore, "put", refuse)
    _, faces = await working.detection.detect(HOPPER)
    assert len(faces) == 1
