"""Names that every system takes, in any script, and that say what is in the file."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.media.naming import MAX_STEM_BYTES, check_template, result_name, safe_stem, unique_path

FORBIDDEN = set('<>:"/\\|?*')


def named(template: str = "{name} as {source}", *, name: str = "holiday", source: str = "Anna") -> str:
    return result_name(template, name=name, source=source, date="2026-11-21", time="14:05:09", n=3)


def test_the_default_template() -> None:
    assert named(OutputOptions().name_template) == "holiday as Anna"


def test_every_place() -> None:
    assert named("{n}-{date} {time} {name}, {source}") == "3-2026-11-21 14_05_09 holiday, Anna"
    assert named("fixed") == "fixed"
    assert named("{name}{name}") == "holidayholiday"


@pytest.mark.parametrize("place", ["{path}", "{name.__class__}", "{0}", "{}", "{name!r}", "{name:>90}"])
def test_an_unknown_place_is_refused_with_the_known_ones(place: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_template(f"a {place}")
    assert str(caught.value) == f"The name template has an unknown place: {place}."
    assert "{name}, {source}, {date}, {time}, {n}" in str(caught.value.hint)
    with pytest.raises(UsageError):
        named(place)


def test_places_in_values_are_not_filled() -> None:
    assert named("{name}", name="{source} {x}") == "{source} {x}"


@pytest.mark.parametrize(
    ("text", "stem"),
    [
        ("a/b\\c", "a_b_c"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('what? "this": <that> | *all*', "what_ 'this'_ _that_ _ _all_"),
        ("  spaces \t and\nlines ", "spaces and lines"),
        ("ends in dots...", "ends in dots"),
        (".hidden", "hidden"),
        ("a\0b\x1b[31mc\x7f", "ab[31mc"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("it's & 100% {fine}; $HOME `x`", "it's & 100% {fine}; $HOME `x`"),
        ("写真 の 顔", "写真 の 顔"),
        ("фото صورة फ़ोटो", "фото صورة फ़ोटो"),
        ("👩\u200d🚀", "👩\u200d🚀"),
        ("cafe\u0301", "café"),
        ("caf\udce9", "caf"),
        ("", "result"),
        (" .. ", "result"),
        ("\u200e", "result"),
    ],
)
def test_what_a_name_may_not_hold_is_replaced(text: str, stem: str) -> None:
    assert safe_stem(text) == unicodedata.normalize("NFC", stem)


@pytest.mark.parametrize("text", ["CON", "con", "Nul", "COM1", "lpt9", "com¹", "aux.photo", "PRN .jpg", "CONIN$"])
def test_names_that_windows_keeps_for_itself(text: str) -> None:
    assert safe_stem(text).startswith("_")
    assert not safe_stem(text + "x y").startswith("_") or "." in text


def test_ordinary_names_that_look_reserved() -> None:
    for text in ("console", "Conrad", "COM10", "nullable", "auxiliary"):
        assert safe_stem(text) == text


@pytest.mark.parametrize("letter", ["x", "é", "写", "👩", "e\u0323\u0302", "👩\u200d🚀"])
def test_long_names_are_cut_between_characters(letter: str) -> None:
    stem = safe_stem(letter * 300)
    assert 150 < len(stem.encode()) <= MAX_STEM_BYTES
    assert not stem.endswith("\u200d")
    assert unicodedata.normalize("NFC", letter * 300).startswith(stem)


def test_a_long_original_leaves_room_for_the_source() -> None:
    assert named(name="x" * 300).endswith("x as Anna")


def test_anything_at_all_becomes_a_name_that_can_be_written(tmp_path: Path) -> None:
    for start in range(0, 0x3000, 64):
        stem = safe_stem("".join(map(chr, range(start, start + 64))))
        assert not FORBIDDEN & set(stem)
        assert stem == stem.strip(" .")
        assert len(stem.encode()) <= MAX_STEM_BYTES
        (tmp_path / f"{stem} (999).jpeg").write_bytes(b"")


def test_a_free_path(tmp_path: Path) -> None:
    for expected in ("a.png", "a (2).png", "a (3).png"):
        path = unique_path(tmp_path, "a", ".png")
        assert path == tmp_path / expected
        path.touch()
    (tmp_path / "a (2).png").unlink()
    assert unique_path(tmp_path, "a", ".png").name == "a (2).png"
    assert unique_path(tmp_path, "a", ".jpg").name == "a.jpg"
    assert unique_path(tmp_path / "gone", "a", "").name == "a"
