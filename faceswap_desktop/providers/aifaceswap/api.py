"""The calls of aifaceswap.io, as its page for developers has them.

Its words and ours: ``source_image`` is the picture that is **edited** (our target), ``face_image`` the new face (our
source face), ``index`` the places of faces in the answer of ``extract_face``. Every call costs points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from faceswap_desktop.domain.clearance import ClearedFile
from faceswap_desktop.domain.errors import ProviderRejected
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.aifaceswap.answers import ID, Accepted, Extracted, read_accepted, read_extracted
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.transport.calls import ApiCall, ApiReply, FilePart

SECRET: Final = "aifaceswap.api_key"  # noqa: S105 - its name

READ_LIMIT_S: Final = 120.0
"""Uploads of a few megabytes and a detector; it says nothing of how long it takes."""

_EXTENSIONS: Final = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture to be sent: as a file, or by its address.

    Attributes:
        file: What passed the gate, on this computer; None where the address is sent.
        media_type: Of the file.
        url: Where it is hosted; empty where the file is sent.
    """

    file: ClearedFile | None = None
    media_type: str = "image/jpeg"
    url: str = ""


class AifaceswapApi:
    """Makes the calls.

    Args:
        tools: What cloud providers are given.
    """

    def __init__(self, tools: CloudTools) -> None:
        self._secret = tools.secret
        self.client = tools.client(ID, lambda: tools.settings().providers.aifaceswap.base_url)

    async def faceswap(self, target: Picture, source: Picture, webhook: str) -> Accepted:
        """Put a new face onto the one face of a picture.

        Args:
            target: Picture that is edited, with one face in it.
            source: Picture of the new face.
            webhook: Where the result is announced.

        Raises:
            ProviderRejected: It refused; kind ``account``, ``credits`` or ``failed``.
            ProviderUnavailable: It cannot be reached, or is asked too often; ``unconfirmed`` where nobody can tell.
        """
        fields = {"source_image": target.url, "face_image": source.url, "webhook": webhook}
        files = (_part("source_image", "target", target), _part("face_image", "face", source))
        return read_accepted(await self._post("/faceswap", fields, files))

    async def extract_face(self, picture: Picture) -> Extracted:
        """Find all faces of a picture; it answers at once, and it costs.

        Raises:
            ProviderRejected, ProviderUnavailable: As ``faceswap``.
        """
        return read_extracted(
            await self._post("/extract_face", {"img": picture.url}, (_part("img", "target", picture),))
        )

    async def multi_faceswap(
        self, target: Picture, sources: Sequence[Picture], index: Sequence[int], webhook: str
    ) -> Accepted:
        """Put new faces onto several faces of a picture.

        Args:
            target: Picture that is edited; the very one whose faces were extracted.
            sources: Picture of each new face.
            index: For each of them the place of the face it replaces, in the answer of ``extract_face``.
            webhook: Where the result is announced.

        Raises:
            ProviderRejected, ProviderUnavailable: As ``faceswap``.
        """
        fields = {
            "source_image": target.url,
            "face_image": [source.url for source in sources],
            "index": list(index),
            "webhook": webhook,
        }
        faces = [_part("face_image", f"face-{number}", one) for number, one in enumerate(sources, start=1)]
        return read_accepted(
            await self._post("/multi_faceswap", fields, (_part("source_image", "target", target), *faces))
        )

    async def _post(self, path: str, fields: dict[str, Any], files: tuple[FilePart | None, ...]) -> ApiReply:
        key = await self._secret(SECRET)
        if not key:
            raise no_key_set()
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        sent = tuple(part for part in files if part is not None)
        if sent:
            # As files: the fields that would hold addresses go; a list becomes a field that is repeated.
            names = {part.name for part in sent}
            form = {name: _as_form(value) for name, value in fields.items() if name not in names}
            call = ApiCall(
                "POST", path, form=form, files=sent, headers=headers, is_paid=True, read_timeout_s=READ_LIMIT_S
            )
        else:
            call = ApiCall("POST", path, json=fields, headers=headers, is_paid=True, read_timeout_s=READ_LIMIT_S)
        return await self.client.call(call)


def no_key_set() -> ProviderRejected:
    """Say that no key is set."""
    return ProviderRejected(
        message("No key for aifaceswap is set."),
        message("Enter it under Settings → Accounts."),
        kind="account",
        provider_id=ID,
    )


def _part(name: str, file_name: str, picture: Picture) -> FilePart | None:
    if picture.file is None:
        return None
    extension = _EXTENSIONS.get(picture.media_type, "jpg")
    return FilePart(name, picture.file, f"{file_name}.{extension}", picture.media_type)


def _as_form(value: Any) -> str | tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else str(value)
