"""Prove that every declared dependency is used, and that nothing is imported that is not declared.

Reads the imports from the source, wherever in a file they stand, so that lazy imports count as well.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent

IMPORT_NAMES: Final = {
    "c2pa-python": {"c2pa"},
    "import-linter": {"importlinter"},
    "opencv-python-headless": {"cv2"},
    "pillow": {"PIL"},
    "pyside6-addons": {"PySide6"},
    "pyside6-essentials": {"PySide6", "shiboken6"},
    "pytest-qt": {"pytestqt"},
    "pytest-xdist": {"xdist"},
}
"""Where the name that is imported is not the name that is declared."""

TOOLS: Final = {
    "build": "packaging: builds the wheel",
    "flask": "carries moto's server",
    "flask-cors": "moto's server imports it",
    "hatchling": "pyproject.toml: builds the wheel",
    "import-linter": "packaging/checks.py: import directions",
    "moto": "serves S3 to tests/unit/services/test_hosting.py, as a process of its own",
    "mypy": "packaging/checks.py: types",
    "pytest-qt": "the qtbot and qapp fixtures",
    "pytest-randomly": "random order",
    "pytest-xdist": "packaging/checks.py: -n",
    "ruff": "packaging/checks.py: style",
    "types-psutil": "types of psutil",
    "uv": "packaging/lock.py",
}
"""Needed for checks, tests and builds without being imported, and where."""


def canonical(requirement: str) -> str:
    """Return the name in a requirement line, in the one spelling that registries compare by."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    if name is None:
        raise ValueError(f"no name in {requirement!r}")
    return re.sub(r"[-_.]+", "-", name.group()).lower()


def declared_runtime(root: Path = ROOT) -> set[str]:
    """Return the names that pyproject.toml declares."""
    content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return {canonical(line) for line in content["project"]["dependencies"]}


def declared_extras(root: Path = ROOT) -> set[str]:
    """Return the names that pyproject.toml declares for extras: parts that the program does without."""
    content = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = content["project"].get("optional-dependencies", {})
    return {canonical(line) for lines in extras.values() for line in lines}


def declared_in(path: Path) -> set[str]:
    """Return the names in a requirements file, without those that it includes."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return {canonical(line) for line in lines if line and not line.startswith("-")}


def import_names(distribution: str) -> set[str]:
    """Return the top-level modules that a declared name brings."""
    return IMPORT_NAMES.get(distribution, {distribution.replace("-", "_")})


def imported_in(source: str) -> Iterator[str]:
    """Yield the top-level name of every module that a source text imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]
        elif isinstance(node, ast.Call) and node.args and _is_import_call(node.func):
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                yield name.value.partition(".")[0]


def _is_import_call(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__", "find_spec", "importorskip"}


def imports_of(folders: Iterable[Path]) -> dict[str, Path]:
    """Return every foreign top-level module that the files in these folders import, with one file that does."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            for name in imported_in(path.read_text(encoding="utf-8")):
                if name not in sys.stdlib_module_names:
                    found.setdefault(name, path)
    return found


def problems(root: Path = ROOT) -> list[str]:
    """Return one sentence for each dependency that is unused or undeclared; empty if all is well."""
    runtime = declared_runtime(root)
    dev = declared_in(root / "requirements" / "dev.in")
    own = {"faceswap_desktop", "tests", *(path.stem for path in (root / "packaging").glob("*.py"))}
    in_package = imports_of([root / "faceswap_desktop"])
    in_tests = imports_of([root / "tests", root / "packaging"])
    found = []
    if listed := runtime ^ declared_in(root / "requirements" / "runtime.in"):
        found.append(f"pyproject.toml and requirements/runtime.in differ: {', '.join(sorted(listed))}.")
    extras = declared_extras(root)
    may_import = {module for name in runtime | extras for module in import_names(name)} | {"faceswap_desktop"}
    for module, path in sorted(in_package.items()):
        if module not in may_import:
            found.append(f"{path.relative_to(root)} imports {module}, which is not declared.")
    unused = sorted(name for name in runtime | extras if not import_names(name) & in_package.keys())
    found += [f"{name} is declared but nothing in the program imports it." for name in unused]
    may_import |= {module for name in dev for module in import_names(name)} | own
    # pytest's own parts, which come with it.
    may_import |= {"_pytest", "pluggy"}
    for module, path in sorted(in_tests.items()):
        if module not in may_import:
            found.append(f"{path.relative_to(root)} imports {module}, which is not declared.")
    unused = sorted(name for name in dev - TOOLS.keys() - extras if not import_names(name) & in_tests.keys())
    found += [f"{name} is in requirements/dev.in, but nothing uses it." for name in unused]
    found += [f"{name} is listed as a tool, but not in requirements/dev.in." for name in sorted(TOOLS.keys() - dev)]
    return found


def main() -> int:
    found = problems()
    for sentence in found:
        print(sentence)
    if not found:
        print(f"{len(declared_runtime())} dependencies are declared, and each is used; nothing else is imported.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
