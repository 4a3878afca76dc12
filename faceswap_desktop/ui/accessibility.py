"""Names for screen readers, and saying something aloud without moving the focus."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def name(widget: QWidget, object_name: str, accessible_name: str, description: str = "") -> None:
    """Give a control its names.

    Args:
        widget: The control.
        object_name: Stable and in English, for tests and automation.
        accessible_name: What a screen reader says, in the user's language.
        description: What it does, where the name does not say it.
    """
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible_name)
    if description:
        widget.setAccessibleDescription(description)


def announce(widget: QWidget, text: str, *, is_urgent: bool = False) -> None:
    """Let a screen reader say a sentence now, or at once if it is urgent; the focus stays where it is."""
    if not QAccessible.isActive():
        return
    event = QAccessibleAnnouncementEvent(widget, text)
    politeness = (
        QAccessible.AnnouncementPoliteness.Assertive if is_urgent else QAccessible.AnnouncementPoliteness.Polite
    )
    event.setPoliteness(politeness)
    QAccessible.updateAccessibility(event)
