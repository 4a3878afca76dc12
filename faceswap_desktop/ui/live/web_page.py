"""The browser page of a live session: opened for one session, shut off from everything else, and thrown away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtGui import QColor
from PySide6.QtWebChannel import QWebChannel
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEngineLoadingInfo,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineSettings,
)
from PySide6.QtWebEngineWidgets import QWebEngineView
from PySide6.QtWidgets import QVBoxLayout, QWidget

from faceswap_desktop.domain.messages import foreign
from faceswap_desktop.ui.live.web_channel import Bridge
from faceswap_desktop.ui.live.web_engine import SCHEME, prepare
from faceswap_desktop.ui.live.web_guard import ADDRESS, HOST, PageFiles, RequestGuard
from faceswap_desktop.ui.theme.tokens import WEB_PAGE_DARK

logger = logging.getLogger(__name__)

_Attribute = QWebEngineSettings.WebAttribute
_KINDS: Final = {
    QWebEnginePermission.PermissionType.MediaAudioCapture,
    QWebEnginePermission.PermissionType.MediaVideoCapture,
    QWebEnginePermission.PermissionType.MediaAudioVideoCapture,
}
_SWITCHES: Final = {
    _Attribute.PlaybackRequiresUserGesture: False,
    _Attribute.JavascriptCanOpenWindows: False,
    _Attribute.JavascriptCanAccessClipboard: False,
    _Attribute.LocalContentCanAccessRemoteUrls: False,
    _Attribute.LocalContentCanAccessFileUrls: False,
    _Attribute.ErrorPageEnabled: False,
    _Attribute.PluginsEnabled: False,
    _Attribute.PdfViewerEnabled: False,
    _Attribute.ScreenCaptureEnabled: False,
    _Attribute.FullScreenSupportEnabled: False,
    _Attribute.HyperlinkAuditingEnabled: False,
    _Attribute.DnsPrefetchEnabled: False,
    _Attribute.NavigateOnDropEnabled: False,
    _Attribute.FocusOnNavigationEnabled: False,
}


class _Page(QWebEnginePage):
    """Goes nowhere, opens nothing, asks nobody."""

    def __init__(self, profile: QWebEngineProfile) -> None:
        super().__init__(profile)
        for attribute, is_on in _SWITCHES.items():
            self.settings().setAttribute(attribute, is_on)

    def acceptNavigationRequest(
        self, url: QUrl | str, kind: QWebEnginePage.NavigationType, is_main_frame: bool
    ) -> bool:
        return is_main_frame and QUrl(url).toString() == ADDRESS

    def createWindow(self, kind: QWebEnginePage.WebWindowType) -> QWebEnginePage | None:  # type: ignore[override]
        return None

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, line: int, source: str
    ) -> None:
        logger.debug("page: %s (%s:%d)", foreign(message), foreign(source), line)

    def javaScriptAlert(self, origin: QUrl | str, text: str) -> None:
        logger.debug("page: %s", foreign(text))

    def javaScriptConfirm(self, origin: QUrl | str, text: str) -> bool:
        return False

    def chooseFiles(self, *given: object) -> list[str]:
        return []


class WebPage(QObject):
    """One browser page with a profile of its own that leaves nothing on the disk.

    Camera and microphone may be used from the time it is opened until it is closed: it lives as long as a session.

    Args:
        bridge: The way to and from its scripts.
        sdk: The file that is served as the SDK.
        on_gone: Told once when the page's process ended by itself, or the page could not be loaded.
        in_sandbox: For a session of the sandbox: it talks to nobody.
    """

    def __init__(self, bridge: Bridge, sdk: Path, on_gone: Callable[[str], None], *, in_sandbox: bool) -> None:
        prepare()
        super().__init__()
        self._on_gone = on_gone
        self._is_open = True
        self._profile = QWebEngineProfile()  # without a name: off the record
        self._profile.setPersistentPermissionsPolicy(QWebEngineProfile.PersistentPermissionsPolicy.AskEveryTime)
        self._profile.downloadRequested.connect(_refuse)
        self.guard = RequestGuard(self._profile, in_sandbox=in_sandbox)
        self._profile.setUrlRequestInterceptor(self.guard)
        self._profile.installUrlSchemeHandler(SCHEME, PageFiles(sdk, self._profile, in_sandbox=in_sandbox))
        self._page = _Page(self._profile)
        # As the page itself, so that nothing white shines until it is loaded.
        self._page.setBackgroundColor(QColor(WEB_PAGE_DARK))
        self._page.permissionRequested.connect(self._on_permission)
        self._page.renderProcessTerminated.connect(self._on_terminated)
        self._page.loadingChanged.connect(self._on_loading)
        channel = QWebChannel(self._page)
        channel.registerObject("bridge", bridge)
        self._page.setWebChannel(channel)
        self._view = QWebEngineView()
        self._view.setPage(self._page)
        self._view.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setAcceptDrops(False)
        # Nothing in it can be clicked; a click would take the keyboard away from the window and its panic key.
        self._view.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def page(self) -> QWebEnginePage:
        """The browser's page."""
        return self._page

    def show_in(self, place: QWidget) -> None:
        """Put it into a widget whose layout is empty, and load it."""
        layout = place.layout() or QVBoxLayout(place)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._view)
        self._page.load(QUrl(ADDRESS))

    def close(self) -> None:
        """Throw it away; camera and microphone are given back with its process. A second call does nothing."""
        if not self._is_open:
            return
        self._is_open = False
        self._view.hide()
        # In this order: a profile that is gone before its page takes the program with it.
        self._view.deleteLater()
        self._page.deleteLater()
        self._profile.deleteLater()
        self.deleteLater()

    def _on_permission(self, permission: QWebEnginePermission) -> None:
        origin = permission.origin()
        is_ours = origin.scheme() == SCHEME.decode() and origin.host() == HOST
        if self._is_open and is_ours and permission.permissionType() in _KINDS:
            permission.grant()
        else:
            logger.info("the page of a live session asked for %s: denied", permission.permissionType().name)
            permission.deny()

    def _on_terminated(self, status: QWebEnginePage.RenderProcessTerminationStatus, code: int) -> None:
        if self._is_open:
            self._on_gone(f"{status.name} ({code})")

    def _on_loading(self, info: QWebEngineLoadingInfo) -> None:
        if self._is_open and info.status() is QWebEngineLoadingInfo.LoadStatus.LoadFailedStatus:
            self._on_gone(info.errorString() or "the page could not be loaded")


def _refuse(download: QWebEngineDownloadRequest) -> None:
    download.cancel()
