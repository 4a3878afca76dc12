"""The connection to a Dask cluster: its address, TLS, and what is said when it does not come about.

``distributed`` is an extra of its own (``pip install faceswap-desktop[cluster]``) and is imported only when a job has
an address to go to.
"""

from __future__ import annotations

import copyreg
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.errors import ProviderUnavailable, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.media.refusals import shown_line
from faceswap_desktop.workers.render_requests import RenderOnCluster

PROVIDER: Final = "on-device"
CONNECT_S: Final = 10.0
_CLOSE_S: Final = 5.0


@contextmanager
def connected(request: RenderOnCluster) -> Iterator[Any]:
    """Connect to a scheduler, and leave it at the end; yields a ``distributed.Client`` (which has no types).

    Raises:
        UsageError: The extra is not installed (kind ``cluster-extra``), or the address or a TLS file will not do (kind
            ``cluster-address``).
        ProviderUnavailable: It does not answer.
    """
    address, files = _address(request), _tls_files(request)
    # A work carries megabytes on purpose: whoever gets it needs nothing else, and may be lost.
    os.environ.setdefault("DASK_DISTRIBUTED__ADMIN__LARGE_GRAPH_WARNING_THRESHOLD", "1GB")
    try:
        from distributed import Client
        from distributed.security import Security
    except ImportError as error:
        raise UsageError(
            message("Rendering on a cluster needs a part that is not installed."),
            message("Install it: pip install faceswap-desktop[cluster]"),
            kind="cluster-extra",
        ) from error
    secure: Any = Security
    security = secure(require_encryption=True, **files) if files else None
    connect: Any = Client
    try:
        client = connect(address, security=security, timeout=CONNECT_S, set_as_default=False, name="faceswap-desktop")
    except (OSError, TimeoutError) as error:
        raise _unreachable(address, str(error)) from error
    except Exception as error:  # whatever a stranger's server makes of Dask's greeting
        raise _unreachable(address, f"{type(error).__name__}: {error}") from error
    finally:
        _forget_foreign_pickling()
    try:
        yield client
    finally:
        with suppress(Exception):
            client.close(timeout=_CLOSE_S)
        _forget_foreign_pickling()


def _forget_foreign_pickling() -> None:
    """Undo what importing Dask does to every exception: its way of pickling them is none that our wire takes."""
    for kind, how in list(copyreg.dispatch_table.items()):
        if getattr(how, "__module__", "").startswith("tblib"):
            del copyreg.dispatch_table[kind]


def _address(request: RenderOnCluster) -> str:
    address = request.address.strip()
    scheme, mark, rest = address.partition("://")
    if not mark:
        scheme, rest = ("tls" if request.tls_ca else "tcp"), address
    host, colon, port = rest.rpartition(":")
    if scheme not in {"tcp", "tls"} or not colon or not host or not port.isdecimal():
        raise UsageError(
            message("“{address}” is no address of a Dask scheduler.", address=shown_line(address)),
            message("Write tcp://host:8786, or tls://host:8786 with the TLS files."),
            kind="cluster-address",
        )
    if scheme == "tls" and not request.tls_ca:
        raise UsageError(
            message(
                "A tls:// address needs the file of the certificate authority, and mostly a certificate and a key."
            ),
            message("Set cluster.tls_ca, cluster.tls_certificate and cluster.tls_key."),
            kind="cluster-address",
        )
    return f"{scheme}://{rest}"


def _tls_files(request: RenderOnCluster) -> dict[str, str]:
    files = {
        "tls_ca_file": request.tls_ca,
        "tls_client_cert": request.tls_certificate,
        "tls_client_key": request.tls_key,
    }
    given = {name: path for name, path in files.items() if path}
    for path in given.values():
        if not Path(path).is_file():
            raise UsageError(
                message("The TLS file “{name}” was not found.", name=shown_line(Path(path).name)),
                message("Check the paths in the settings of the cluster."),
                kind="cluster-address",
            )
    return given


def _unreachable(address: str, reason: str) -> ProviderUnavailable:
    return ProviderUnavailable(
        message("The cluster at {address} cannot be reached.", address=shown_line(address)),
        message("{reason} Check the address and that the scheduler runs.", reason=sentence_of(reason)),
        kind="cluster-unreachable",
        provider_id=PROVIDER,
    )


def sentence_of(text: str) -> str:
    """Return foreign words as one short sentence that is safe to show."""
    line = shown_line(" ".join(text.split())).rstrip(".")
    return f"{line[:200]}." if line else ""
