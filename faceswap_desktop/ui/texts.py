"""Sentences from below in the user's language, and numbers as people read them."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

if TYPE_CHECKING:
    from faceswap_desktop.domain.messages import Message


def text_of(message: Message | None) -> str:
    """Return a message in the user's language; empty for None."""
    if message is None:
        return ""
    template = QCoreApplication.translate("Message", message.template)
    return template.format(**message.values) if message.values else template


def plain_tip(text: str) -> str:
    """Return a text for a tool tip, which takes what looks like markup for markup: names of files may look so."""
    if "<" not in text and "&" not in text:
        return text
    return f"<span>{html.escape(text)}</span>".replace("\n", "<br>")


def size_text(size_bytes: int) -> str:
    """Return a size as "14.2 MB"; one place after the point from a megabyte upwards."""
    unit_formats = QLocale.DataSizeFormat.DataSizeTraditionalFormat
    return QLocale().formattedDataSize(size_bytes, 1 if size_bytes >= 1024**2 else 0, unit_formats)


def duration_text(seconds: float) -> str:
    """Return a duration as "4 s", "2 min 5 s" or "1 h 12 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return QCoreApplication.translate("Duration", "{s} s").format(s=whole)
    if whole < 3600:
        return QCoreApplication.translate("Duration", "{m} min {s} s").format(m=whole // 60, s=whole % 60)
    return QCoreApplication.translate("Duration", "{h} h {m} min").format(h=whole // 3600, m=whole % 3600 // 60)


def percent_text(fraction: float) -> str:
    """Return 0 to 1 as "45 %"."""
    return f"{round(fraction * 100)} %"


def clock_text(seconds: float) -> str:
    """Return a time in a video as "0:41" or "1:02:03"."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def hundredths_text(seconds: float) -> str:
    """Return a time in a short video as "0:05.23"."""
    hundredths = max(0, round(seconds * 100))
    return f"{clock_text(hundredths // 100)}.{hundredths % 100:02d}"


def video_length_text(seconds: float) -> str:
    """Return how long a part of a video is: "0.6 s", or "0:41" from ten seconds on."""
    if round(seconds, 1) >= 10:
        return clock_text(seconds)
    return QCoreApplication.translate("Duration", "{s} s").format(s=f"{seconds:.1f}")
