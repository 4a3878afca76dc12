"""The places of the window. Adding one is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

if TYPE_CHECKING:
    from faceswap_desktop.ui.pages.base import Page


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A place, known before its module is loaded: the window is painted first, pages come after.

    Attributes:
        id: Stable name.
        title: English; translated when shown.
        icon: Name of its icon.
        load: Imports the module and returns the page's class.
        shortcut: Key sequence that shows it.
        in_rail: Whether it has a button in the rail.
        is_at_bottom: Whether that button stands at the rail's lower end.
        on_demand: Whether it is made when it is first shown, and not beforehand: few come here.
    """

    id: str
    title: str
    icon: str
    load: Callable[[], type[Page]]
    shortcut: str
    in_rail: bool = True
    is_at_bottom: bool = False
    on_demand: bool = False

    def shown_title(self) -> str:
        """Return the title in the user's language."""
        return QCoreApplication.translate("Pages", self.title)


def _studio() -> type[Page]:
    from faceswap_desktop.ui.pages.studio import StudioPage

    return StudioPage


def _live() -> type[Page]:
    from faceswap_desktop.ui.pages.live import LivePage

    return LivePage


def _gallery() -> type[Page]:
    from faceswap_desktop.ui.pages.gallery import GalleryPage

    return GalleryPage


def _faces() -> type[Page]:
    from faceswap_desktop.ui.pages.faces import FacesPage

    return FacesPage


def _settings() -> type[Page]:
    from faceswap_desktop.ui.pages.settings import SettingsPage

    return SettingsPage


def _help() -> type[Page]:
    from faceswap_desktop.ui.pages.help import HelpPage

    return HelpPage


def _verify() -> type[Page]:
    from faceswap_desktop.ui.pages.verify import VerifyPage

    return VerifyPage


PAGES: Final = (
    PageEntry("studio", str(QT_TRANSLATE_NOOP("Pages", "Studio")), "studio", _studio, "Ctrl+1"),
    PageEntry("live", str(QT_TRANSLATE_NOOP("Pages", "Live")), "live", _live, "Ctrl+2", on_demand=True),
    PageEntry("gallery", str(QT_TRANSLATE_NOOP("Pages", "Gallery")), "gallery", _gallery, "Ctrl+3"),
    PageEntry("faces", str(QT_TRANSLATE_NOOP("Pages", "Faces")), "faces", _faces, "Ctrl+4"),
    PageEntry(
        "settings", str(QT_TRANSLATE_NOOP("Pages", "Settings")), "settings", _settings, "Ctrl+5", is_at_bottom=True
    ),
    PageEntry(
        "verify", str(QT_TRANSLATE_NOOP("Pages", "Verify")), "verify", _verify, "Ctrl+6", in_rail=False, on_demand=True
    ),
    PageEntry("help", str(QT_TRANSLATE_NOOP("Pages", "Help")), "help", _help, "F1", in_rail=False, on_demand=True),
)
"""All places, in the order of the rail; the first is shown at the first start."""
