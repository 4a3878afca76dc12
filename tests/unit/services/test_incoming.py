"""Pixels from the clipboard and pictures of folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import StorageError
from faceswap_desktop.services.incoming import MOST_FROM_FOLDERS, keep_pasted_picture, pictures_in
from faceswap_desktop.storage.paths import Home

SUFFIXES = ("jpg", "png")


async def test_the_same_pixels_are_one_file_and_others_another(tmp_path: Path) -> None:
    home = Home(tmp_path)
    first = await keep_pasted_picture(home, b"one")
    assert (await keep_pasted_picture(home, b"one"), first.read_bytes()) == (first, b"one")
    second = await keep_pasted_picture(home, b"two")
    assert sorted(path.name for path in first.parent.iterdir()) == sorted([first.name, second.name])


async def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "pasted").write_text("in the way")
    with pytest.raises(StorageError):
        await keep_pasted_picture(Home(tmp_path), b"one")


async def test_folders_become_their_pictures_in_order_and_files_stay(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "notes.txt", ".hidden.png", "below/c.png", ".thumbs/d.png"):
        path = tmp_path / "album" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    odd = tmp_path / "picture without ending"
    odd.touch()
    found = await pictures_in([odd, tmp_path / "album", tmp_path / "gone.jpg"], SUFFIXES)
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["picture without ending", "album/a.png", "album/b.JPG", "album/below/c.png", "gone.jpg"]


async def test_a_huge_folder_has_an_end(tmp_path: Path) -> None:
    for number in range(MOST_FROM_FOLDERS + 5):
        (tmp_path / f"{number:04}.png").touch()
    assert len(await pictures_in([tmp_path], SUFFIXES)) == MOST_FROM_FOLDERS
