"""What the page of a live session may load, and from where: its own files, and Agora's servers for channels."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QFile, QIODevice, QObject, QUrl
from PySide6.QtWebEngineCore import (
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlSchemeHandler,
)

from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.live.web_engine import SCHEME

logger = logging.getLogger(__name__)

HOST: Final = "page"
ADDRESS: Final = f"{SCHEME.decode()}://{HOST}/index.html"
SDK: Final = resource_path("live_page", "agora", "AgoraRTC_N-production.js")
SANDBOX: Final = resource_path("live_page", "sandbox", "channel.js")
"""In the SDK's place where a session is one of the sandbox."""
DOMAINS: Final = ("agora.io", "sd-rtn.com", "rtnsvc.com", "rtesvc.com")
"""Of every server that the SDK's file names for channels, gateways and relays."""
COLLECTORS: Final = ("statscollector", "logservice", "data-reporting")
"""Parts of the names of servers that only gather how the SDK is used: nothing is sent there."""

_SERVERS: Final = " ".join(f"{way}://*.{domain}:*" for domain in DOMAINS for way in ("https", "wss"))
_TYPES: Final = {".html": b"text/html", ".js": b"text/javascript", ".css": b"text/css", ".otf": b"font/otf"}


def policy(*, in_sandbox: bool) -> str:
    """Return the page's policy; in a session of the sandbox it may talk to nobody."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            "img-src 'self' blob:",
            "media-src 'self' blob:",
            "connect-src " + ("'none'" if in_sandbox else _SERVERS),
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


def is_allowed(url: QUrl, *, in_sandbox: bool = False) -> bool:
    """Tell whether the page may ask for an address; in a session of the sandbox only its own files."""
    scheme, host = url.scheme(), url.host().lower()
    if scheme == SCHEME.decode():
        return host == HOST
    if scheme == "blob":
        return url.path().startswith(f"{SCHEME.decode()}://{HOST}")
    if in_sandbox or scheme not in {"https", "wss"}:
        return False
    is_service = any(host.endswith(f".{domain}") for domain in DOMAINS)
    return is_service and not any(part in host for part in COLLECTORS)


class RequestGuard(QWebEngineUrlRequestInterceptor):
    """Blocks every request but those of ``is_allowed``, beneath the page's own policy.

    Attributes:
        blocked: Hosts, or schemes, of what was blocked.
    """

    def __init__(self, parent: QObject, *, in_sandbox: bool) -> None:
        super().__init__(parent)
        self._in_sandbox = in_sandbox
        self.blocked: set[str] = set()

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        url = info.requestUrl()
        if is_allowed(url, in_sandbox=self._in_sandbox):
            return
        info.block(True)
        name = url.host() or url.scheme()
        if name not in self.blocked:
            self.blocked.add(name)
            logger.info("the page of a live session was kept from asking %s", name)


class PageFiles(QWebEngineUrlSchemeHandler):
    """Serves the page's files, and nothing else, under the page's own scheme.

    Args:
        sdk: The file that is served as the SDK.
        parent: Its owner.
        in_sandbox: For a session of the sandbox.
    """

    def __init__(self, sdk: Path, parent: QObject, *, in_sandbox: bool) -> None:
        super().__init__(parent)
        self._policy = policy(in_sandbox=in_sandbox).encode()
        folder = resource_path("live_page")
        own = [path for path in folder.iterdir() if path.suffix in {".html", ".js", ".css"}]
        self._files: Mapping[str, str] = {
            **{f"/{path.name}": str(path) for path in own},
            "/agora.js": str(sdk),
            "/card.otf": str(resource_path("fonts", "Inter-Medium.otf")),
            "/qwebchannel.js": ":/qtwebchannel/qwebchannel.js",
        }

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        url = job.requestUrl()
        place = self._files.get(url.path())
        file = QFile(place) if place is not None and url.host() == HOST else None
        if file is None or job.requestMethod() != b"GET" or not file.open(QIODevice.OpenModeFlag.ReadOnly):
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        content = file.readAll()
        file.close()
        answer = QBuffer(job)
        answer.setData(content)
        answer.open(QIODevice.OpenModeFlag.ReadOnly)
        # Lists, whatever the stubs say: a bare value is dropped without a word.
        headers = {
            QByteArray(b"Content-Security-Policy"): [QByteArray(self._policy)],
            QByteArray(b"X-Content-Type-Options"): [QByteArray(b"nosniff")],
        }
        job.setAdditionalResponseHeaders(headers)  # type: ignore[arg-type]
        job.reply(QByteArray(_TYPES[Path(url.path()).suffix]), answer)
