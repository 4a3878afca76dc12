"""The list of providers is written by hand, because a bundler does not see what is looked up; this compares it."""

from __future__ import annotations

import ast

from tests.architecture.source import PACKAGE, called_name

FOLDER = PACKAGE / "providers"
PREFIX = "faceswap_desktop.providers."
NOT_PROVIDERS = {"__init__", "facts", "fitting", "protocol", "tools"}


def test_every_provider_in_the_folder_is_on_the_list() -> None:
    in_folder = {path.stem for path in FOLDER.glob("*.py")}
    in_folder |= {path.name for path in FOLDER.iterdir() if (path / "__init__.py").is_file()}
    tree = ast.parse((FOLDER / "__init__.py").read_text(encoding="utf-8"))
    imported: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(PREFIX):
            module = str(node.module).removeprefix(PREFIX).partition(".")[0]
            imported.setdefault(module, set()).update(alias.name for alias in node.names)
    assert imported.keys() - NOT_PROVIDERS == in_folder - NOT_PROVIDERS

    build = next(one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "build_providers")
    called = {called_name(call)[1] for call in ast.walk(build) if isinstance(call, ast.Call)}
    unused = [module for module, names in imported.items() if module not in NOT_PROVIDERS and not names & called]
    assert not unused, f"imported but not built: {unused}"
