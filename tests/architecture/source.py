"""The program's own source, as trees to ask questions of."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "faceswap_desktop"


@dataclass(frozen=True)
class Module:
    """One file.

    Attributes:
        name: Its path below the folder it was found in, with forward slashes.
    """

    path: Path
    name: str
    text: str
    tree: ast.Module


@cache
def modules_in(folder: Path) -> tuple[Module, ...]:
    """Return every Python file below a folder, in the order of their names."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found.append(Module(path, path.relative_to(folder).as_posix(), text, ast.parse(text)))
    return tuple(found)


Function = ast.FunctionDef | ast.AsyncFunctionDef


def calls_with_function(tree: ast.AST, inside: Function | None = None) -> Iterator[tuple[ast.Call, Function | None]]:
    """Yield every call with the innermost named function that it stands in."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Call):
            yield child, inside
        yield from calls_with_function(child, child if isinstance(child, Function) else inside)


def called_name(call: ast.Call) -> tuple[str, str]:
    """Return what is called: the last name before the dot (empty if there is none) and the name itself."""
    function = call.func
    if isinstance(function, ast.Name):
        return "", function.id
    if isinstance(function, ast.Attribute):
        owner = function.value
        before = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
        return before, function.attr
    return "", ""
