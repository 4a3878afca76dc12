"""Addresses that the user pastes in the place of hosting: the very media lies there already."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import Message, foreign, message
from faceswap_desktop.domain.settings import Settings
from faceswap_desktop.services.nearby import nearby_base
from faceswap_desktop.transport.addresses import check_form, check_public
from faceswap_desktop.transport.calls import ApiCall
from faceswap_desktop.transport.client import ApiClient

_FIRST_BYTES = "bytes=0-1023"
_MOVING_PICTURES = frozenset({"GIF", "WEBP"})
_UNTOLD = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class PastedUrls:
    """Looks whether a pasted address leads to the media that it is said to lead to.

    Args:
        settings: Returns the settings as they are now.
        client: Makes the way to an address.
    """

    def __init__(self, settings: Callable[[], Settings], client: Callable[[str, Callable[[], str]], ApiClient]) -> None:
        self._settings = settings
        self._client = client

    async def check_pasted_url(self, url: str, media: Media) -> Message | None:
        """Ask the address for its first bytes, and hold what it says against the media on this computer.

        Returns:
            What could not be made sure of; None for nothing.

        Raises:
            ProviderRejected: Kind ``address``: it is none, or is on this computer or a private network.
            ProviderUnavailable: It cannot be reached.
            InputRefused: Kind ``missing``: nothing lies there, or it wants a login; ``changed``: something else does.
        """
        check_form(url)
        base = nearby_base(self._settings())
        if not base:
            await check_public(url)
        client = self._client("pasted-url", lambda: base)
        try:
            # Not HEAD: an address that was signed for GET refuses it.
            reply = await client.call(ApiCall("GET", url, headers={"Range": _FIRST_BYTES, "Accept": "*/*"}))
        finally:
            await client.close()
        host = urlsplit(url).hostname or ""
        if not 200 <= reply.status < 300:
            raise InputRefused(
                message(
                    "“{host}” does not hand the file out (HTTP {status}).", host=foreign(host), status=reply.status
                ),
                message("Open the address in a private window of a browser: it has to show the file, without a login."),
                kind="missing",
            )
        _check_type(reply.media_type, media, host)
        size = media.fingerprint.size_bytes
        if reply.whole_bytes not in {-1, size}:
            raise InputRefused(
                message(
                    "Another file lies there: it has {there} bytes, and yours {here}.",
                    there=reply.whole_bytes,
                    here=size,
                ),
                message("Upload the very file that is open here, without having it scaled or converted."),
                kind="changed",
            )
        if reply.whole_bytes == -1:
            return message("“{host}” does not say how long the file is, so it may be another one.", host=foreign(host))
        return None


def _check_type(media_type: str, media: Media, host: str) -> None:
    is_moving = media.kind is MediaKind.VIDEO and media.format not in _MOVING_PICTURES
    wanted = "video/" if is_moving else "image/"
    if media_type in _UNTOLD or media_type.startswith(wanted):
        return
    what = message("a video") if is_moving else message("a picture")
    raise InputRefused(
        message(
            "What lies at “{host}” is not {what}: it calls itself “{type}”.",
            host=foreign(host),
            what=what.text(),
            type=foreign(media_type),
        ),
        message("Paste the address of the file itself, not of a page that shows it."),
        kind="changed",
    )
