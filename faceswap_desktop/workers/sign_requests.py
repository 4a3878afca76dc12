"""What tasks that sign files and read credentials are given and what they reply. Like ``requests``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from faceswap_desktop.domain.errors import SignerError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import Credentials
from faceswap_desktop.domain.signing import CertificateFacts, Deed, Identity, RemoteIdentity

SIDECAR: Final = ".c2pa"
"""Extension of files that hold the credentials of another one."""


@dataclass(frozen=True, slots=True)
class SignFile:
    """Put credentials into a copy of a file. Replied to with ``SignedCopy``. Task ``sign_file``.

    The copy appears whole or not at all, is read back and validated before it appears, and differs from the file by
    its credentials only. A format that carries none (MKV, WebM, AVI, BMP) is copied as it is, and the credentials lie
    in a file beside the copy.

    Raises:
        SignerError: The signer does not answer in time (kind ``unreachable``), refuses or answers what is no
            signature (``signer``), or the certificate will not do (``certificate``).
        InputRefused: The file is gone or is no picture or video.
        StorageError: The copy cannot be written.

    Attributes:
        path: The finished file; it stays as it is.
        out_path: Where the copy goes, with its extension, in a folder that exists. What is there is replaced. A
            sidecar gets this name with ``.c2pa`` in the place of the extension.
        deed: What was done.
        identity: Who signs. With a ``RemoteIdentity`` the task is run by ``workers.remote_signer.sign_remotely``.
        original_path: The target that the result was made from; empty, or a path that is no more, where it cannot be
            had. Its own credentials are kept.
        keep_own: The file comes from a service: credentials that it has of its own are kept as well.
        sent_path: What the service sent, where the file was made from that (labelled, marked); empty where it is that.
        exchange_folder: Where the answer of a remote signer is put; ``sign_remotely`` fills it in.
    """

    path: str
    out_path: str
    deed: Deed
    identity: Identity | RemoteIdentity
    original_path: str = ""
    keep_own: bool = False
    sent_path: str = ""
    exchange_folder: str = ""


@dataclass(frozen=True, slots=True)
class SignedCopy:
    """A signed copy.

    Attributes:
        path: Where it lies.
        size_bytes: Length.
        sha256: Hexadecimal digest of the file.
        sidecar: Path of the file with the credentials; empty where they are in the file itself.
        credentials: What was read back from it.
    """

    path: str
    size_bytes: int
    sha256: str
    sidecar: str
    credentials: Credentials


@dataclass(frozen=True, slots=True)
class ToBeSigned:
    """An update's payload: the remote signer is to sign this.

    Attributes:
        data: Some hundred bytes.
        token: Tells answers apart; 16 hexadecimal digits.
    """

    data: bytes
    token: str

    @property
    def signature_name(self) -> str:
        """Name of the file that the signature is put into."""
        return f"signature-{self.token}"

    @property
    def refusal_name(self) -> str:
        """Name of the file that says that there will be none."""
        return f"refused-{self.token}"


def no_answer(seconds: float) -> SignerError:
    """The signing service is silent."""
    return SignerError(
        message("The signing service did not answer within {seconds} seconds.", seconds=round(seconds)),
        message("The result waits and nothing is lost: try again, or sign it later."),
        kind="unreachable",
    )


@dataclass(frozen=True, slots=True)
class ReadCredentials:
    """Read and validate what a file says of itself. Replied to with ``domain.provenance.Credentials``.

    Task ``read_credentials``. Never connects to anything.

    Raises:
        InputRefused: The file is missing, a folder, empty or unreadable.

    Attributes:
        path: The file; what it is is told by its content.
        trust_pem: Certificates whose signers are trusted, one after the other; empty for none.
        own_roots_pem: Roots of this installation, now and before.
        sidecar_path: Where its credentials lie; empty to look beside the file where it has none of its own.
    """

    path: str
    trust_pem: bytes = b""
    own_roots_pem: bytes = b""
    sidecar_path: str = ""


@dataclass(frozen=True, slots=True)
class MakeIdentity:
    """Make an installation's certificate and key. Replied to with ``domain.signing.Identity``.

    Task ``make_identity``.
    """


@dataclass(frozen=True, slots=True)
class CheckIdentity:
    """Look whether a certificate and key of the user's will do. Replied to with ``CheckedIdentity``.

    Task ``check_identity``.

    Raises:
        SignerError: They will not do (kind ``certificate``), and why; kind ``passphrase`` where the key is encrypted
            and the passphrase is missing or wrong.

    Attributes:
        chain_pem: The content of the certificate's file.
        key_pem: The content of the key's file; empty to look at the certificate alone, for a remote signer.
        passphrase: Of an encrypted key; empty for none.
    """

    chain_pem: bytes
    key_pem: bytes = field(default=b"", repr=False)
    passphrase: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class CheckedIdentity:
    """A certificate that will do, and what it says.

    Attributes:
        identity: The key is no longer encrypted in it: it belongs in the keyring. With an empty key a
            ``RemoteIdentity``.
        facts: For showing.
    """

    identity: Identity | RemoteIdentity
    facts: CertificateFacts
