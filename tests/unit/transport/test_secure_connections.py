"""Certificates, HTTP/2, and what is loaded when."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.transport.calls import ApiCall
from faceswap_desktop.transport.client import ApiClient
from tests.architecture.source import ROOT
from tests.unit.transport.conftest import Waits
from tests.unit.transport.servers import Internet, http, raw_server, read_request

Make = Callable[..., ApiClient]


class Tls:
    """A certificate for one name, for some days around now, and what both sides make of it."""

    def __init__(self, folder: Path, name: str = "api.example", from_days: int = -1) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        start = datetime.now(UTC) + timedelta(days=from_days)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=10))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.file = folder / "certificate.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        self.names: list[str | None] = []

    def server(self) -> ssl.SSLContext:
        """Return the server's side; notes the names that clients ask for."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        context.set_alpn_protocols(["h2", "http/1.1"])
        context.sni_callback = lambda _socket, name, _context: self.names.append(name)
        return context

    def client(self) -> ssl.SSLContext:
        """Return the side that trusts it."""
        return ssl.create_default_context(cafile=str(self.file))


class Service:
    """Speaks HTTP/2 or HTTP/1.1, whichever is agreed on, and notes which."""

    def __init__(self, refuse_first: bool = False) -> None:
        self.spoken: list[tuple[str, str]] = []
        self.refuse_first = refuse_first

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        secure = writer.get_extra_info("ssl_object")
        if secure.selected_alpn_protocol() == "h2":
            await self._speak_two(reader, writer)
            return
        while True:
            first, headers, _ = await read_request(reader)
            self.spoken.append((first, headers["host"]))
            writer.write(http(b'{"ok": 1}'))
            await writer.drain()

    async def _speak_two(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        talk.initiate_connection()
        while data := await reader.read(65536):
            for event in talk.receive_data(data):
                if isinstance(event, h2.events.RequestReceived):
                    asked = {str(name): str(value) for name, value in event.headers or []}
                    self.spoken.append((f"{asked[':method']} {asked[':path']} HTTP/2", asked[":authority"]))
                if isinstance(event, h2.events.DataReceived) and event.stream_id:
                    talk.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id)
                if isinstance(event, h2.events.StreamEnded):
                    stream = event.stream_id or 0
                    if self.refuse_first:
                        self.refuse_first = False
                        talk.reset_stream(stream, 7)  # REFUSED_STREAM
                    else:
                        talk.send_headers(stream, [(":status", "200"), ("content-type", "application/json")])
                        talk.send_data(stream, b'{"ok": 2}', end_stream=True)
            writer.write(talk.data_to_send())
            await writer.drain()


async def test_http_2_for_what_is_free_and_http_1_for_what_is_paid(
    client_of: Make, internet: Internet, tmp_path: Path
) -> None:
    tls, service = Tls(tmp_path), Service()
    internet.names = {"api.example": ["127.0.0.1"]}
    async with raw_server(service.handle, ssl=tls.server()) as port:
        base = f"https://api.example:{port}"
        client = client_of(base, resolve=internet.resolve, ssl_context=tls.client())
        assert (await client.call(ApiCall("GET", "/a"))).json == {"ok": 2}
        assert (await client.call(ApiCall("POST", "/b", json={"x": "y" * 100_000}))).json == {"ok": 2}
        assert (await client.call(ApiCall("POST", "/c", json={}, is_paid=True))).json == {"ok": 1}
        await client.close()
    host = f"api.example:{port}"
    assert service.spoken == [("GET /a HTTP/2", host), ("POST /b HTTP/2", host), ("POST /c HTTP/1.1", host)]
    # The number was connected to, and the name was asked for and verified.
    assert tls.names == ["api.example", "api.example"]
    assert set(internet.connected) == {"127.0.0.1"}


async def test_a_refused_stream_is_tried_again(
    client_of: Make, internet: Internet, tmp_path: Path, waits: Waits
) -> None:
    tls, service = Tls(tmp_path), Service(refuse_first=True)
    internet.names = {"api.example": ["127.0.0.1"]}
    async with raw_server(service.handle, ssl=tls.server()) as port:
        client = client_of(f"https://api.example:{port}", resolve=internet.resolve, ssl_context=tls.client())
        assert (await client.call(ApiCall("GET", "/a"))).json == {"ok": 2}
        await client.close()
    assert len(service.spoken) == 2
    assert len(waits.seconds) == 1


@pytest.mark.parametrize("wrong", ["unknown", "name", "expired", "not yet"])
@pytest.mark.parametrize("is_paid", [False, True])
async def test_a_certificate_that_is_wrong_says_so(
    client_of: Make, internet: Internet, tmp_path: Path, waits: Waits, wrong: str, is_paid: bool
) -> None:
    days = {"expired": -100, "not yet": 100}.get(wrong, -1)
    tls = Tls(tmp_path, "other.example" if wrong == "name" else "api.example", days)
    service = Service()
    internet.names = {"api.example": ["127.0.0.1"]}
    # Without a context of the test's own, the system's certificates count.
    context = None if wrong == "unknown" else tls.client()

    async def quiet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ssl.SSLError):
            await service.handle(reader, writer)

    async with raw_server(quiet, ssl=tls.server()) as port:
        client = client_of(f"https://api.example:{port}", resolve=internet.resolve, ssl_context=context)
        with pytest.raises(ProviderUnavailable) as caught:
            await client.call(ApiCall("POST", "/a", json={}, headers={"x-api-key": "k"}, is_paid=is_paid))
    assert caught.value.kind == "offline"
    assert "certificate" in str(caught.value)
    assert caught.value.hint is not None
    assert "date and time" in str(caught.value.hint)
    assert (service.spoken, waits.seconds) == ([], [])


def test_nothing_is_loaded_before_the_first_use() -> None:
    code = (
        "import sys; import faceswap_desktop.transport.client as c; c.ApiClient('a', lambda: 'https://a.example'); "
        "found = [one for one in ('httpx', 'httpcore', 'anyio', 'truststore', 'aiohttp', 'botocore', 'h2') "
        "if one in sys.modules]; sys.exit(str(found) if found else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
