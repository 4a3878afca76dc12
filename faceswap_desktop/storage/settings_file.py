"""Settings as a TOML file that holds only what differs from the defaults."""

from __future__ import annotations

import dataclasses
import re
import tomllib
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Final, cast, get_type_hints

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.live import MOST_SIDE
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.storage.atomic import aside_name, write_atomically
from faceswap_desktop.storage.failures import mapped_errors, refuse_other_than_file, shown_path, shown_text

_LIMITS: Final[Mapping[str, tuple[float, float]]] = types.MappingProxyType(
    {
        "media.max_megapixels": (1, 10_000),
        "media.worker_memory_mb": (256, 1_048_576),
        "storage.cache_limit_mb": (0, 10_485_760),
        "storage.undo_seconds": (0, 86_400),
        "jobs.workers": (0, 64),
        "jobs.task_limit_s": (5, 86_400),
        "output.quality": (1, 100),
        "live.width": (16, MOST_SIDE),
        "live.height": (16, MOST_SIDE),
        "live.per_second": (1, 60),
        "live.minutes_limit": (0, 1_440),
        "live.years": (-MOST_YEARS, MOST_YEARS),
    }
)
"""Lowest and highest value of numbers, both allowed."""
_CREDITS: Final = (0, 1_000_000_000)
"""Limits of prices and of the budget: less than nothing would make room below a cap."""
_OF_CREDITS: Final = re.compile(r"budget\..+|providers\.[^.]+\.prices\..+")
_NO_SETTINGS: Final = frozenset({"requested_path"})
"""Fields that belong to one job: as a setting, every job would write to the same file."""
_YES: Final = frozenset({"true", "yes", "on", "1"})
_NO: Final = frozenset({"false", "no", "off", "0"})


@dataclass(frozen=True, slots=True)
class LoadedSettings:
    """Settings as read, and what has to be said about it."""

    settings: Settings
    notices: tuple[Message, ...] = ()


class _WrongValueError(Exception):
    """A value does not fit its setting; carries what is expected, in words."""

    def __init__(self, expected: str) -> None:
        super().__init__(expected)
        self.expected = expected


def load_settings(path: Path) -> LoadedSettings:
    """Read the settings; whatever is wrong becomes a notice and the default is used.

    A file that is no TOML is kept aside under another name. Unknown keys are left where they are.

    Raises:
        StorageError: The file is there and cannot be read.
    """
    with mapped_errors(path):
        refuse_other_than_file(path)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return LoadedSettings(Settings())
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return LoadedSettings(Settings(), (_kept_aside(path, error),))
    notices: list[Message] = []
    return LoadedSettings(cast(Settings, _read_section(Settings(), document, "", notices)), tuple(notices))


def save_settings(path: Path, settings: Settings) -> None:
    """Write what differs from the defaults; comments, order and unknown keys of the file stay.

    Raises:
        StorageError: Disk full, read-only or forbidden; the old file is untouched.
        UsageError: A value cannot be written as text.
    """
    # It takes longer to load than to read the settings without it.
    import tomlkit

    document = _existing_document(path)
    _write_section(document, settings, Settings(), "")
    try:
        data = tomlkit.dumps(document).encode()
    except UnicodeEncodeError as error:
        raise UsageError(
            message(
                "“{value}” cannot be kept in the settings.",
                value=shown_text(error.object[max(0, error.start - 20) : error.end]),
            ),
            message("Choose a folder whose name is readable text."),
        ) from error
    write_atomically(path, data)


def with_override(settings: Settings, assignment: str) -> Settings:
    """Return settings with one value changed, given as ``section.key=value`` (``--set``).

    Raises:
        UsageError: There is no such key, or the value does not fit it.
    """
    key, equals, text = assignment.partition("=")
    key, text = key.strip(), text.strip()
    names = key.split(".")
    if not equals:
        raise UsageError(message("“{assignment}” is not of the form KEY=VALUE.", assignment=shown_text(assignment)))
    parents: list[Any] = [settings]
    for name in names[:-1]:
        parents.append(getattr(parents[-1], name, None) if name in _names_of(parents[-1]) else None)
    if names[-1] not in _names_of(parents[-1]) or dataclasses.is_dataclass(getattr(parents[-1], names[-1])):
        raise UsageError(
            message("There is no setting “{key}”.", key=shown_text(key)),
            message("The settings are: {keys}.", keys=", ".join(setting_keys())),
        )
    try:
        expected = _types_of(parents[-1])[names[-1]]
        changed = _replaced(parents[-1], names[-1], _checked(key, expected, _parsed(expected, text)))
    except _WrongValueError as error:
        raise UsageError(
            message(
                "“{value}” will not do for {key}: it must be {expected}.",
                value=shown_text(text),
                key=key,
                expected=error.expected,
            )
        ) from error
    for parent, name in zip(reversed(parents[:-1]), reversed(names[:-1]), strict=True):
        changed = dataclasses.replace(parent, **{name: changed})
    return cast(Settings, changed)


def setting_keys() -> tuple[str, ...]:
    """Return every key that ``with_override`` takes, dotted, in order."""

    def walk(section: Any, prefix: str) -> Iterator[str]:
        for name in _names_of(section):
            value = getattr(section, name)
            if dataclasses.is_dataclass(value):
                yield from walk(value, f"{prefix}{name}.")
            else:
                yield f"{prefix}{name}"

    return tuple(walk(Settings(), ""))


def _kept_aside(path: Path, error: Exception) -> Message:
    kept = aside_name(path, "damaged")
    try:
        path.rename(kept)
    except OSError:
        return message(
            "The settings file “{path}” cannot be read ({reason}). The defaults are used.",
            path=shown_path(path),
            reason=str(error),
        )
    return message(
        "The settings file cannot be read ({reason}). It was kept as “{kept}”, and the defaults are used.",
        kept=shown_path(kept),
        reason=str(error),
    )


def _read_section(section: Any, table: Mapping[str, Any], prefix: str, notices: list[Message]) -> Any:
    """Return a dataclass with the values of a table that fit; ``section`` holds the defaults."""
    for name, expected in _types_of(section).items():
        if name not in table:
            continue
        key, value = f"{prefix}{name}", table[name]
        try:
            if dataclasses.is_dataclass(expected):
                if not isinstance(value, Mapping):
                    raise _WrongValueError("a section")
                value = _read_section(getattr(section, name), value, f"{key}.", notices)
            else:
                value = _checked(key, expected, value)
            section = _replaced(section, name, value)
        except _WrongValueError as error:
            notices.append(
                message(
                    "The setting {key} must be {expected}, not {value}. The default is used.",
                    key=key,
                    expected=error.expected,
                    value=shown_text(str(table[name]))[:80],
                )
            )
    return section


def _write_section(table: Any, section: Any, defaults: Any, prefix: str) -> None:
    for name, expected in _types_of(section).items():
        key, value, default = f"{prefix}{name}", getattr(section, name), getattr(defaults, name)
        if dataclasses.is_dataclass(expected):
            if not isinstance(table.get(name), Mapping):
                if value == default:
                    continue
                table[name] = {}
            _write_section(table[name], value, default, f"{key}.")
            if not table[name]:
                del table[name]
        elif value != default:
            table[name] = value.value if isinstance(value, Enum) else value
        elif name in table and _fits(key, expected, table[name]):
            # What does not fit was said and stays for the user to mend.
            del table[name]


def _existing_document(path: Path) -> Any:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    with mapped_errors(path):
        refuse_other_than_file(path)
        try:
            text = path.read_bytes().decode("utf-8-sig", "replace")
        except FileNotFoundError:
            return tomlkit.document()
        try:
            return tomlkit.parse(text)
        except (TOMLKitError, ValueError, RecursionError):
            # Broken by hand while the program ran: kept, as at the start.
            path.rename(aside_name(path, "damaged"))
            return tomlkit.document()


def _fits(key: str, expected: Any, value: Any) -> bool:
    try:
        _checked(key, expected, value.unwrap() if hasattr(value, "unwrap") else value)
    except _WrongValueError:
        return False
    return True


def _checked(key: str, expected: Any, value: Any) -> Any:
    """Return a value of the expected type within its limits.

    Raises:
        _WrongValueError: It is not.
    """
    if issubclass(expected, Enum):
        try:
            return expected(value)
        except ValueError as error:
            choices = ", ".join(f'"{choice.value}"' for choice in expected)
            raise _WrongValueError(f"one of {choices}") from error
    # True is an int to Python, but not to whoever writes settings; 2 is a fine 2.0.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if expected is float and is_number:
        try:
            value = float(value)
        except OverflowError:
            raise _WrongValueError(_TYPE_WORDS[float]) from None
    if type(value) is not expected:
        raise _WrongValueError(_TYPE_WORDS[expected])
    unlimited = _CREDITS if _OF_CREDITS.fullmatch(key) else (float("-inf"), float("inf"))
    low, high = _LIMITS.get(key, unlimited)
    if is_number and not low <= value <= high:
        raise _WrongValueError(f"between {low} and {high}")
    return value


_TYPE_WORDS: Final[Mapping[type, str]] = types.MappingProxyType(
    {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
)


def _parsed(expected: Any, text: str) -> Any:
    if expected is bool:
        return {**dict.fromkeys(_YES, True), **dict.fromkeys(_NO, False)}.get(text.lower(), text)
    if expected in {int, float}:
        try:
            return expected(text)
        except ValueError:
            return text
    return text


def _replaced(section: Any, name: str, value: Any) -> Any:
    try:
        return dataclasses.replace(section, **{name: value})
    except ValueError as error:
        raise _WrongValueError(str(error)) from error


def _names_of(section: Any) -> tuple[str, ...]:
    if not dataclasses.is_dataclass(section):
        return ()
    return tuple(item.name for item in dataclasses.fields(section) if item.name not in _NO_SETTINGS)


def _types_of(section: Any) -> dict[str, Any]:
    hints = get_type_hints(type(section))
    return {name: hints[name] for name in _names_of(section)}
