"""Colours have names, in one place. A literal elsewhere would stay light in a dark window."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import PACKAGE, called_name, calls_with_function, modules_in

HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b")


def test_colour_literals_stand_in_the_theme_only() -> None:
    found = []
    for module in modules_in(PACKAGE / "ui"):
        if module.name.startswith("theme/"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and HEX.search(node.value):
                found.append(f"ui/{module.name}:{node.lineno} {node.value!r}")
        for call, _ in calls_with_function(module.tree):
            numbers = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, int)]
            # Black and white with an opacity are veils over a picture, not colours of the window.
            if called_name(call)[1] == "QColor" and len(numbers) >= 3 and len(set(numbers[:3])) > 1:
                found.append(f"ui/{module.name}:{call.lineno} QColor{tuple(numbers)}")
    assert not found, "\n".join(found)
