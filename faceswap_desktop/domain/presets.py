"""Presets: swap options under a name, and the file in which they are shared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import SwapOptions

PRESET_FORMAT: Final = "faceswap-preset"
PRESET_VERSION: Final = 1
MAX_PRESET_NAME: Final = 80
"""Characters."""


@dataclass(frozen=True, slots=True)
class Preset:
    """Swap options that the user gave a name."""

    name: str
    options: SwapOptions


def preset_to_json(preset: Preset) -> dict[str, Any]:
    """Turn a preset into plain JSON values, as they stand in a shared file."""
    return {
        "format": PRESET_FORMAT,
        "version": PRESET_VERSION,
        "name": preset.name,
        "options": options_to_json(preset.options),
    }


def preset_from_json(data: object) -> Preset:
    """Read a preset that may come from anywhere; what is missing gets its default.

    Raises:
        InputRefused: It is no preset, of a newer version, or a value is wrong (kind ``not-a-preset``).
    """
    if not isinstance(data, Mapping) or data.get("format") != PRESET_FORMAT:
        raise _refused(message("This file is not a preset."))
    version = data.get("version")
    if type(version) is not int or version < 1:
        raise _refused(message("This preset does not say its version."))
    if version > PRESET_VERSION:
        raise _refused(
            message("This preset was made by a newer version of Faceswap Desktop."),
            message("Install the newer version."),
        )
    name = data.get("name")
    shown = (
        " ".join("".join(one if one.isprintable() else " " for one in name).split()) if isinstance(name, str) else ""
    )
    if not shown:
        raise _refused(message("This preset has no name."))
    options = data.get("options")
    if not isinstance(options, Mapping):
        raise _refused(message("This preset has no options."))
    return Preset(shown[:MAX_PRESET_NAME], options_from_json(options))


def options_to_json(options: SwapOptions) -> dict[str, float | bool]:
    """Turn swap options into plain JSON values."""
    return {item.name: getattr(options, item.name) for item in fields(SwapOptions)}


def options_from_json(data: Mapping[str, Any]) -> SwapOptions:
    """Read swap options; what is missing gets its default.

    Raises:
        InputRefused: An option is unknown, of the wrong kind or out of range (kind ``not-a-preset``).
    """
    defaults = options_to_json(SwapOptions())
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name not in defaults:
            raise _refused(
                message("The preset has an option that this version does not know: {name}.", name=str(name)[:40])
            )
        if isinstance(defaults[name], bool):
            if not isinstance(value, bool):
                raise _refused(message("The preset's option {name} must be true or false.", name=name))
            values[name] = value
        elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise _refused(message("The preset's option {name} must be a number from 0 to 1.", name=name))
        else:
            values[name] = float(value)
    return SwapOptions(**values)


def _refused(problem: Message, hint: Message | None = None) -> InputRefused:
    return InputRefused(problem, hint, kind="not-a-preset")
