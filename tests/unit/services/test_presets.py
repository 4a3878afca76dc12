"""Presets: saved, exported, imported from anywhere."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.presets import Preset
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.services.presets import BUILT_IN

MINE = SwapOptions(blend=0.35, keep_mouth=False, colour_match=0.1, edge_softness=0.9)


async def test_a_preset_goes_out_and_comes_back_the_same(program: Program, tmp_path: Path) -> None:
    presets = program.presets
    saved = await presets.save("  Ümlaut \n und 漢字 ", MINE)
    assert saved == Preset("Ümlaut und 漢字", MINE)
    assert await presets.all() == [*BUILT_IN, saved]
    file = tmp_path / "shared.faceswap-preset.json"
    await presets.export(saved, file)
    await presets.delete(saved.name)
    assert await presets.import_file(file) == saved
    assert [preset.name for preset in (await presets.import_file(file), await presets.import_file(file))] == [
        "Ümlaut und 漢字 (2)",
        "Ümlaut und 漢字 (3)",
    ]


async def test_names(program: Program) -> None:
    presets = program.presets
    await presets.save("Mine", MINE)
    await presets.save("Other", SwapOptions())
    for taken in ("Balanced", "  "):
        with pytest.raises(UsageError):
            await presets.save(taken, MINE)
    with pytest.raises(UsageError, match="already"):
        await presets.rename("Mine", "Other")
    with pytest.raises(UsageError, match="built in"):
        await presets.rename("Mine", "Subtle")
    await presets.rename("Mine", "Mine")
    await presets.rename("Mine", "Ours")
    assert [preset.name for preset in await presets.all()][len(BUILT_IN) :] == ["Other", "Ours"]
    await presets.save("Ours", SwapOptions(blend=0.5))
    assert (await presets.all())[-1].options.blend == 0.5


GOOD = {"format": "faceswap-preset", "version": 1, "name": "x", "options": {}}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b"[" * 100_000,
        b"\x89PNG\r\n\x1a\n",
        b" " * 70_000,
        json.dumps(GOOD | {"format": "other"}).encode(),
        json.dumps(GOOD | {"version": 99}).encode(),
        json.dumps(GOOD | {"version": True}).encode(),
        json.dumps(GOOD | {"name": ""}).encode(),
        json.dumps(GOOD | {"name": 7}).encode(),
        json.dumps(GOOD | {"options": []}).encode(),
        json.dumps(GOOD | {"options": {"blend": "1"}}).encode(),
        json.dumps(GOOD | {"options": {"blend": 1.5}}).encode(),
        json.dumps(GOOD | {"options": {"blend": True}}).encode(),
        json.dumps(GOOD | {"options": {"keep_eyes": 1}}).encode(),
        json.dumps(GOOD | {"options": {"unknown": 1}}).encode(),
        b'{"format":"faceswap-preset","version":1,"name":"x","options":{"blend":NaN}}',
        b'{"format":"faceswap-preset","version":1,"name":"x","options":{"blend":1e999}}',
    ],
    ids=range(22),
)
async def test_rubbish_is_refused_in_words_and_nothing_is_saved(
    program: Program, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "x.faceswap-preset.json"
    file.write_bytes(content)
    with pytest.raises(InputRefused) as caught:
        await program.presets.import_file(file)
    assert str(caught.value).endswith(".")
    assert await program.presets.all() == list(BUILT_IN)


async def test_missing_values_get_their_defaults_and_a_mark_at_the_start_does_no_harm(
    program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps(GOOD | {"name": "a\x00b\tc", "options": {"blend": 0}}).encode())
    assert await program.presets.import_file(file) == Preset("a b c", SwapOptions(blend=0.0))
    with pytest.raises(InputRefused):
        await program.presets.import_file(tmp_path / "none.json")


async def test_a_place_that_cannot_be_written_is_said(program: Program, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as caught:
        await program.presets.export(BUILT_IN[0], tmp_path / "nowhere" / "x.json")
    assert caught.value.hint is not None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are POSIX")
async def test_a_pipe_is_no_preset_and_is_not_waited_for(program: Program, tmp_path: Path) -> None:
    pipe = tmp_path / "soft.faceswap-preset.json"
    os.mkfifo(pipe)
    async with asyncio.timeout(30):
        with pytest.raises(InputRefused, match="not a preset"):
            await program.presets.import_file(pipe)


async def test_a_name_that_no_database_takes_is_mended(program: Program) -> None:
    saved = await program.presets.save("a\x00b \udcff", MINE)
    assert saved.name == "a b ?"
    assert saved in await program.presets.all()
