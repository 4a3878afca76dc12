"""Words of the glossary, sizes of files, and marks that must not stay in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source import PACKAGE, ROOT, Module, called_name, calls_with_function, modules_in

LINES = 400
LONGEST = 500
LARGE_ONES = {
    "services/library.py": "the user's people and their photos: one area, many verbs",
}
"""Files between the two limits, each with its reason. A file that shrinks leaves the list."""

LONGEST_TEST = 800

AVOIDED_PARTS = {"artifact", "bbox", "donor", "keypoint", "keypoints", "kps", "vendor", "victim"}
"""Parts of names that the glossary replaces: results, bounding box, source face, landmarks, provider."""

FOREIGN_NAMES = {("vision/detect.py", "bbox"), ("vision/detect.py", "kps")}
"""Names of a checkpoint's own outputs, inside the file that reads them."""

AVOIDED_MODULES = {"common", "helpers", "misc", "util", "utils"}

TEXT_MAKERS = {"message", "tr", "translate"}
AVOIDED_IN_TEXT = re.compile(
    r"\b(behaviors?|canceled|canceling|centers?|centered|colors?|colored|favorites?|gray|grayscale|model|donor|vendor"
    r"|oops|an error occurred|error occurred)\b",
    re.IGNORECASE,
)

MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))")


def _names(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def _parts(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return {part.lower() for part in spaced.split("_") if part}


def _texts(module: Module) -> Iterator[tuple[str, int]]:
    for call, _ in calls_with_function(module.tree):
        if called_name(call)[1] in TEXT_MAKERS:
            for argument in call.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value, call.lineno


def test_names_are_words_of_the_glossary() -> None:
    found = [
        f"{module.name}:{line} {name}: see docs/glossary.md for the word to use instead of {part}"
        for module in modules_in(PACKAGE)
        for name, line in _names(module.tree)
        for part in sorted(_parts(name) & AVOIDED_PARTS)
        if (module.name, part) not in FOREIGN_NAMES
    ]
    assert not found, "\n".join(found)


def test_no_module_is_a_drawer_for_everything() -> None:
    assert [module.name for module in modules_in(PACKAGE) if module.path.stem in AVOIDED_MODULES] == []


def test_sentences_for_the_user_use_the_right_words() -> None:
    found = [
        f"{module.name}:{line} says {match.group()!r} in {text!r}"
        for module in modules_in(PACKAGE)
        for text, line in _texts(module)
        if (match := AVOIDED_IN_TEXT.search(text))
    ]
    assert not found, "\n".join(found)


def test_files_stay_small() -> None:
    sizes = {module.name: module.text.count("\n") for module in modules_in(PACKAGE)}
    too_long = {name: size for name, size in sizes.items() if size > LONGEST}
    unexplained = {name: size for name, size in sizes.items() if size > LINES and name not in LARGE_ONES}
    stale = [name for name in LARGE_ONES if sizes.get(name, 0) <= LINES]
    assert not too_long, f"a room is missing here: {too_long}"
    assert not unexplained, f"split them, or say in LARGE_ONES why not: {unexplained}"
    assert not stale, f"no longer large: take them off the list: {stale}"


@pytest.mark.parametrize("folder", ["faceswap_desktop", "packaging", "tests"])
def test_open_ends_carry_an_issue_number(folder: str) -> None:
    found = [
        f"{folder}/{module.name}:{number} {line.strip()}"
        for module in modules_in(ROOT / folder)
        if module.path != PACKAGE.parent / "tests" / "architecture" / "test_words_and_sizes.py"
        for number, line in enumerate(module.text.splitlines(), 1)
        if MARK.search(line)
    ]
    assert not found, "\n".join(found)


def test_test_files_stay_readable() -> None:
    sizes = {module.name: module.text.count("\n") for module in modules_in(ROOT / "tests")}
    assert {name: size for name, size in sizes.items() if size > LONGEST_TEST} == {}


def test_nothing_private_is_imported_from_another_module() -> None:
    found = [
        f"{module.name}:{node.lineno} imports {alias.name} from {node.module}"
        for module in modules_in(PACKAGE)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("faceswap_desktop")
        for alias in node.names
        if alias.name.startswith("_") and not alias.name.startswith("__")
    ]
    assert not found, "\n".join(found)
