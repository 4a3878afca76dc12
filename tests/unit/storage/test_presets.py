from __future__ import annotations

import json
from typing import Any

import pytest

from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.presets import Preset, preset_from_json, preset_to_json
from faceswap_desktop.domain.recipe import SwapOptions
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.presets import PresetStore

ODD = SwapOptions(0.9, False, True, 0.25, 0.75)


@pytest.fixture
def presets(db: Database) -> PresetStore:
    return PresetStore(db)


async def test_saving_replacing_and_deleting(presets: PresetStore) -> None:
    assert await presets.all() == []
    await presets.save(Preset("Soft 名 'x'", ODD))
    await presets.save(Preset("Soft 名 'x'", SwapOptions()))
    assert await presets.all() == [Preset("Soft 名 'x'", SwapOptions())]
    await presets.delete("nobody")
    await presets.delete("Soft 名 'x'")
    assert await presets.all() == []


async def test_they_are_sorted_as_people_sort(presets: PresetStore) -> None:
    for name in ("look 10", "Zoo", "look 2", "Ärger", "banana"):
        await presets.save(Preset(name, ODD))
    assert [preset.name for preset in await presets.all()] == ["Ärger", "banana", "look 2", "look 10", "Zoo"]


async def test_renaming(presets: PresetStore) -> None:
    await presets.save(Preset("One", ODD))
    await presets.save(Preset("Two", SwapOptions()))
    await presets.rename("One", "Three")
    await presets.rename("Three", "Three")
    with pytest.raises(UsageError, match="already a preset called Two"):
        await presets.rename("Three", "Two")
    with pytest.raises(UsageError, match="no preset called One"):
        await presets.rename("One", "Four")
    assert {preset.name: preset.options for preset in await presets.all()} == {"Three": ODD, "Two": SwapOptions()}


def test_a_shared_file_comes_back() -> None:
    preset = Preset("Soft", ODD)
    assert preset_from_json(json.loads(json.dumps(preset_to_json(preset)))) == preset


def test_what_is_missing_gets_its_default_and_numbers_may_be_whole() -> None:
    data = {"format": "faceswap-preset", "version": 1, "name": " a\n b\x00 ", "options": {"blend": 0}}
    assert preset_from_json(data) == Preset("a b", SwapOptions(blend=0.0))


def test_a_long_name_is_cut() -> None:
    data = {**preset_to_json(Preset("x", ODD)), "name": "n" * 1000}
    assert preset_from_json(data).name == "n" * 80


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": "other"}, "not a preset"),
        ({"version": 2}, "newer version"),
        ({"version": "1"}, "does not say its version"),
        ({"version": True}, "does not say its version"),
        ({"version": 0}, "does not say its version"),
        ({"name": ""}, "no name"),
        ({"name": 5}, "no name"),
        ({"name": " \n\t"}, "no name"),
        ({"options": [1]}, "no options"),
        ({"options": {"blend": 1.5}}, "blend must be a number from 0 to 1"),
        ({"options": {"blend": -0.1}}, "blend must be a number from 0 to 1"),
        ({"options": {"blend": "1"}}, "blend must be a number from 0 to 1"),
        ({"options": {"blend": True}}, "blend must be a number from 0 to 1"),
        ({"options": {"blend": None}}, "blend must be a number from 0 to 1"),
        ({"options": {"blend": float("nan")}}, "blend must be a number from 0 to 1"),
        ({"options": {"keep_mouth": 1}}, "keep_mouth must be true or false"),
        ({"options": {"{evil}": 1}}, "does not know: {evil}"),
    ],
)
def test_what_is_wrong_with_a_shared_file_is_said(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(InputRefused) as raised:
        preset_from_json({**preset_to_json(Preset("Soft", ODD)), **changes})
    assert words in raised.value.message.text()
    assert raised.value.kind == "not-a-preset"


@pytest.mark.parametrize("data", [None, [], "x", 5, {}, {"name": "x"}])
def test_anything_else_is_no_preset(data: object) -> None:
    with pytest.raises(InputRefused, match="not a preset"):
        preset_from_json(data)
