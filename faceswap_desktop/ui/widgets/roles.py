"""What a widget is, for the stylesheet."""

from __future__ import annotations

from typing import Literal

from PySide6.QtWidgets import QWidget

Role = Literal[
    "title", "strong", "section", "muted", "small", "danger", "warning", "success", "keys",  # labels
    "primary", "link", "panic",  # push buttons ("danger" too)
    "rail", "segment",  # tool buttons
    "panel", "card", "canvas", "line", "strip", "page", "popup",  # frames
    "bare", "figure", "plain",  # inputs and lists without a frame
]  # fmt: skip


def set_role(widget: QWidget, role: Role) -> None:
    """Say what a widget is; may be changed at any time."""
    if widget.property("role") == role:
        return
    widget.setProperty("role", role)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
