"""Signs files with Content Credentials: what was done, with what, to what."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final
from uuid import uuid4

import c2pa

from faceswap_desktop import __version__
from faceswap_desktop.domain.errors import SignerError
from faceswap_desktop.domain.messages import foreign, message
from faceswap_desktop.domain.provenance import Credentials, Validity
from faceswap_desktop.domain.signing import Deed, Identity, RemoteIdentity, SigningAlgorithm
from faceswap_desktop.provenance.reading import NO_CREDENTIALS, Readers, read
from faceswap_desktop.provenance.sdk import carries, make_context, mime_type
from faceswap_desktop.provenance.signatures import signature_fits

GENERATOR: Final = "Faceswap Desktop"
TARGET: Final = "Target"
SERVICE_RESULT: Final = "Result of the service"
LABEL_ACTION: Final = "c2pa.addedText"
"""The action that tells of a visible label."""

_TARGET_ID: Final = "target"
_ALGORITHMS: Final = {
    SigningAlgorithm.ES256: c2pa.C2paSigningAlg.ES256,
    SigningAlgorithm.ES384: c2pa.C2paSigningAlg.ES384,
    SigningAlgorithm.ES512: c2pa.C2paSigningAlg.ES512,
    SigningAlgorithm.PS256: c2pa.C2paSigningAlg.PS256,
    SigningAlgorithm.PS384: c2pa.C2paSigningAlg.PS384,
    SigningAlgorithm.PS512: c2pa.C2paSigningAlg.PS512,
    SigningAlgorithm.ED25519: c2pa.C2paSigningAlg.ED25519,
}

Ask = Callable[[bytes], bytes]
"""Has the remote signer sign these bytes. Raises ``SignerError`` where it does not, ``Cancelled`` when told to stop."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file and its format as ``media.sniff`` calls it."""

    stream: BinaryIO
    kind: str


def sign(
    result: Source,
    out: BinaryIO,
    deed: Deed,
    identity: Identity | RemoteIdentity,
    *,
    original: Source | None = None,
    keep_own: bool = False,
    as_sent: Source | None = None,
    ask: Ask | None = None,
) -> bytes:
    """Write a signed copy of a file.

    Args:
        result: The finished file; it is only read.
        out: Gets the copy; open for writing and reading.
        deed: What was done.
        identity: Who signs.
        original: The target that the result was made from; None where it cannot be had.
        keep_own: The result comes from a service: its own credentials become part of the new ones.
        as_sent: What the service sent, where the result was made from that; None where it is the result itself.
        ask: Reaches the remote signer; needed with a ``RemoteIdentity``.

    Returns:
        The credentials. Where the format carries none, they are nowhere else, and ``out`` got nothing.

    Raises:
        SignerError: The signer does not answer, refuses, or the certificate will not do.
        InputRefused: The file cannot take credentials.
    """
    sent = as_sent if as_sent is not None else result
    own = sent if keep_own and _has_credentials(sent) else None
    target = original if original is not None and _has_credentials(original) else None
    embeds = carries(result.kind)
    asked = _Asked(identity, ask)
    try:
        with (
            c2pa.Builder.from_json(json.dumps(_manifest(deed, own, target)), make_context()) as builder,
            asked.signer() as signer,
        ):
            if deed.recorded is None:
                builder.set_intent(c2pa.C2paBuilderIntent.EDIT)
            if own is not None:
                _add(builder, {"relationship": "parentOf", "title": SERVICE_RESULT}, own)
            if target is not None:
                relation = "parentOf" if own is None else "inputTo"
                _add(builder, {"relationship": relation, "title": TARGET, "label": _TARGET_ID}, target)
            if not embeds:
                builder.set_no_embed()
            result.stream.seek(0)
            store: bytes = builder.sign(signer, mime_type(result.kind), result.stream, out)
    except c2pa.C2paError as error:
        raise asked.failure or _refusal(error) from error
    return store


def check(result: Source, identity: Identity | RemoteIdentity, store: bytes | None) -> Credentials:
    """Read back what was signed, as any reader would.

    Args:
        result: The signed copy.
        identity: Who signed.
        store: The credentials where they lie beside it.

    Raises:
        SignerError: They are not valid; such a file is never handed out.
    """
    roots = identity.root_pem if isinstance(identity, Identity) else b""
    found = read(result.stream, result.kind, Readers(own_roots_pem=roots), store)
    if found.validity not in {Validity.VALID, Validity.TRUSTED}:
        raise SignerError(
            message(
                "The credentials were written, but are not valid when they are read again: {codes}.",
                codes=", ".join(found.problems) or found.validity.value,
            ),
            message("The file itself is as it was. Try again, or sign with this installation's certificate."),
        )
    return found


def try_identity(identity: Identity) -> None:
    """Sign a few bytes with a certificate: what its profile does not tell, this does.

    Raises:
        SignerError: C2PA refuses it.
    """
    import io

    trial = Source(io.BytesIO(b"trial"), "")
    deed = Deed("trial", (), GENERATOR, on_this_computer=True, has_label=False, at=0.0)
    store = sign(trial, io.BytesIO(), deed, identity)
    found = read(trial.stream, "MKV", Readers(), store)
    if found.validity is not Validity.VALID:
        raise SignerError(
            message(
                "Readers of Content Credentials refuse this certificate: {codes}.", codes=", ".join(found.problems)
            ),
            kind="certificate",
        )


# ---------------------------------------------------------------------------------------------------- the manifest


def _manifest(deed: Deed, own: Source | None, target: Source | None) -> dict[str, Any]:
    # Nothing of the target's name, nor what metadata it may have, gets in: where it has no credentials of its own, all
    # that is told is that there was one. Its id is random; else the SDK would take that out of the target's XMP.
    manifest: dict[str, Any] = {
        "claim_generator_info": [{"name": GENERATOR, "version": __version__}],
        "vendor": "faceswap-desktop",
        "title": deed.title,
        "assertions": [{"label": "c2pa.actions.v2", "created": True, "data": {"actions": _actions(deed, own, target)}}],
    }
    if target is None and deed.recorded is None:
        manifest["ingredients"] = [
            {
                "title": TARGET,
                "relationship": "parentOf" if own is None else "inputTo",
                "instance_id": _new_id(),
                "label": _TARGET_ID,
            }
        ]
    return manifest


def _actions(deed: Deed, own: Source | None, target: Source | None) -> list[dict[str, Any]]:
    del target
    when = datetime.fromtimestamp(deed.at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    where = " on this computer" if deed.on_this_computer else f" by {deed.provider}, an online service"
    ours = {"name": GENERATOR, "version": __version__}
    agent: dict[str, Any] = ours if deed.on_this_computer else {"name": deed.provider}
    actions: list[dict[str, Any]] = []
    if deed.recorded is not None:
        # There was no file before: it is this that says where the picture comes from.
        created = {"action": "c2pa.created", "when": when, "softwareAgent": ours, "description": "Recorded live"}
        actions.append({**created, "digitalSourceType": deed.recorded.uri})
    for edit in deed.edits:
        action: dict[str, Any] = {
            "action": edit.action,
            "when": when,
            "softwareAgent": agent,
            "description": edit.description + where,
        }
        if edit.source_type is not None:
            action["digitalSourceType"] = edit.source_type.uri
        actions.append(action)
    if own is not None and actions:
        actions[0]["parameters"] = {"ingredientIds": [_TARGET_ID]}
    if deed.has_label:
        label = {"action": LABEL_ACTION, "when": when, "softwareAgent": ours, "description": "Visible label added"}
        actions.append(label)
    return actions or [{"action": "c2pa.edited", "when": when, "softwareAgent": ours}]


def _new_id() -> str:
    return f"xmp:iid:{uuid4()}"


def _has_credentials(source: Source) -> bool:
    """Tell whether credentials can be taken over; broken ones cannot, changed ones can, and are told as such."""
    found = read(source.stream, source.kind, Readers())
    return found.validity is not NO_CREDENTIALS.validity and found.claim is not None


def _add(builder: c2pa.Builder, ingredient: dict[str, Any], source: Source) -> None:
    source.stream.seek(0)
    builder.add_ingredient({**ingredient, "instance_id": _new_id()}, mime_type(source.kind), source.stream)


# ------------------------------------------------------------------------------------------------------ the signer


class _Asked:
    """Makes the SDK's signer, and keeps why the remote one failed: the SDK would only say that it did."""

    def __init__(self, identity: Identity | RemoteIdentity, ask: Ask | None) -> None:
        self._identity = identity
        self._ask = ask
        self.failure: Exception | None = None

    def signer(self) -> c2pa.Signer:
        algorithm = _ALGORITHMS[self._identity.algorithm]
        if isinstance(self._identity, Identity):
            info = c2pa.C2paSignerInfo(algorithm, self._identity.chain_pem, self._identity.key_pem, None)
            return c2pa.Signer.from_info(info)
        if self._ask is None:
            raise ValueError("a remote signer needs somebody who asks it")
        return c2pa.Signer.from_callback(self._answered, algorithm, self._identity.chain_pem.decode("ascii"))

    def _answered(self, data: bytes) -> bytes:
        assert self._ask is not None
        try:
            signature = self._ask(data)
        except Exception as error:  # noqa: BLE001 - it has to pass through C; it is raised again behind that
            self.failure = error
            return b""
        if not signature_fits(self._identity.chain_pem, self._identity.algorithm, signature, data):
            self.failure = SignerError(
                message("The signing service answered what is no signature of the chosen certificate."),
                message("Is it set up for this certificate, and for {algorithm}?", algorithm=self._identity.algorithm),
            )
            return b""
        return signature


def _refusal(error: c2pa.C2paError) -> SignerError:
    words = foreign(error)
    if "certificate" in words.lower():
        return SignerError(
            message("The certificate does not do for Content Credentials: {words}.", words=words),
            message("Choose another, or this installation's own."),
            kind="certificate",
        )
    return SignerError(message("The file could not be signed: {words}.", words=words))
