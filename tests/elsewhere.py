"""Files whose credentials lie at an address, and a server there that only counts who comes."""

from __future__ import annotations

import io
import json
import socket
from types import TracebackType

import c2pa

from faceswap_desktop.provenance.sdk import make_context
from tests.signed import identity


class Ear:
    """Listens on loopback; nobody should come."""

    def __enter__(self) -> Ear:
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(8)
        self._socket.setblocking(False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/manifest.c2pa"

    def calls(self) -> int:
        """How many connections stand in its queue: a finished handshake is there at once."""
        found = 0
        while True:
            try:
                connection, _ = self._socket.accept()
            except BlockingIOError:
                return found
            connection.close()
            found += 1


def pointing_to(address: str, picture: bytes) -> bytes:
    """Return a JPEG that has no credentials in it, but their address."""
    manifest = {"assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [{"action": "c2pa.edited"}]}}]}
    me = identity()
    out = io.BytesIO()
    with c2pa.Builder.from_json(json.dumps(manifest), make_context()) as builder:
        builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
        builder.set_no_embed()
        builder.set_remote_url(address)
        info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, me.chain_pem, me.key_pem, None)
        builder.sign(c2pa.Signer.from_info(info), "image/jpeg", io.BytesIO(picture), out)
    return out.getvalue()
