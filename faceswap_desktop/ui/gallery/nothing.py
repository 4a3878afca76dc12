"""What the Gallery shows while there are no results, or none that match."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton, QWidget

from faceswap_desktop.ui.widgets.buttons import Button
from faceswap_desktop.ui.widgets.states import EmptyState


def no_results(first_step: QPushButton, parent: QWidget) -> EmptyState:
    """Teach the first step."""
    state = EmptyState("gallery", _tr("Your results will be here"), parent=parent)
    state.add_button(first_step)
    return state


def no_match(clear: Callable[[], object], parent: QWidget) -> EmptyState:
    """Offer the way back from a search that found nothing."""
    state = EmptyState("search", _tr("Nothing matches"), _tr("Try other words, or show all results again."), parent)
    button = Button(_tr("Show all results"), "gallery-clear-filters", parent)
    button.clicked.connect(clear)
    state.add_button(button)
    return state


def _tr(text: str) -> str:
    return QCoreApplication.translate("Gallery", text)
