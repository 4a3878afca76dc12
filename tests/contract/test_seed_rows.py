"""The list of all that the services' texts describe, held against their tables, the code and the tests.

``seed_tables.toml`` names every row of every table in the five texts. ``seed_rows.csv`` says for each which symbol
implements it and which test proves it. Nothing may be missing, and nothing may point to what is not there.
"""

from __future__ import annotations

import csv
import inspect
import subprocess
import sys
import tomllib
from collections import Counter
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
VALUES: Final = frozenset({"status", "success", "type"})
"""Directions whose rows are values of a field: the symbol is that value."""


class Row(NamedTuple):
    """One line of the list."""

    system: str
    call: str
    direction: str
    field: str
    symbol: str
    test: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self[:4]

    @property
    def word(self) -> str:
        """What stands in the code: of a field within a field the inner one, of a code its name."""
        if self.direction == "code":
            return next(part for part in reversed(self.field.split()) if not part.startswith("("))
        return self.field.rpartition(".")[2]


def rows() -> list[Row]:
    with (HERE / "seed_rows.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.reader(stream))
    assert lines[0] == list(Row._fields)
    return [Row(*line) for line in lines[1:]]


def resolved(symbol: str) -> Any:
    module, _, path = symbol.partition(":")
    found: Any = import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    return found


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def texts_of_test(test: str) -> str:
    """What a test is made of: its file, and the recorded replies of its service."""
    file = ROOT / test.partition("::")[0]
    replies = sorted((HERE / "replies").rglob("*.json"))
    service = file.stem.removeprefix("test_").partition("_")[0]
    return "\n".join(text_of(one) for one in (file, *(path for path in replies if service in path.parent.name)))


def test_no_row_of_the_tables_is_missing() -> None:
    tables = tomllib.loads((HERE / "seed_tables.toml").read_text(encoding="utf-8"))["table"]
    wanted = Counter(
        (table["system"], table["call"], table["direction"], field) for table in tables for field in table["rows"]
    )
    assert max(wanted.values()) == 1
    assert Counter(row.key for row in rows()) == wanted


def test_each_row_has_a_symbol_that_speaks_of_it() -> None:
    wrong = []
    for row in rows():
        try:
            found = resolved(row.symbol)
        except (ImportError, AttributeError) as error:
            wrong.append(f"{row.key}: {error}")
            continue
        if row.direction in VALUES:
            if found != int(row.field):
                wrong.append(f"{row.key}: {row.symbol} is {found!r}")
        elif row.word.lower() not in inspect.getsource(import_module(row.symbol.partition(":")[0])).lower():
            wrong.append(f"{row.key}: {row.symbol}'s module does not speak of it")
    assert not wrong, "\n".join(wrong)


def test_each_row_has_a_test_that_speaks_of_it() -> None:
    named = [row for row in rows() if row.direction not in VALUES]
    assert [row.key for row in named if row.word.lower() not in texts_of_test(row.test).lower()] == []


def test_each_test_of_the_list_is_collected() -> None:
    """As pytest itself sees them: a test that was renamed, or is switched off by its name, proves nothing."""
    named = {row.test for row in rows()}
    files = sorted({one.partition("::")[0] for one in named})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    collected = {line.partition("[")[0] for line in done.stdout.splitlines() if "::" in line}
    assert sorted(named - collected) == []


@pytest.mark.parametrize("mark", ["skip", "xfail", "skipif"])
def test_no_test_of_the_list_is_switched_off(mark: str) -> None:
    files = {row.test.partition("::")[0] for row in rows()}
    assert [one for one in sorted(files) if f"mark.{mark}" in text_of(ROOT / one)] == []
