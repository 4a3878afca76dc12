"""What the SDK's report of a file becomes: a story of bounded length, with nothing in it that could be mistaken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from faceswap_desktop.domain.messages import foreign
from faceswap_desktop.domain.provenance import Action, Claim, Ingredient, Validity

MAX_DEPTH: Final = 8
"""How many generations of ingredients are told."""

MAX_INGREDIENTS: Final = 64
"""How many ingredients are told, all generations together."""

MAX_ACTIONS: Final = 64
"""How many actions of one claim are told."""

MAX_CODES: Final = 32

TRUSTED: Final = "signingCredential.trusted"
SIGNED: Final = "claimSignature.validated"
UNTRUSTED: Final = "signingCredential.untrusted"
_NO_FAULT: Final = frozenset({UNTRUSTED})
_TAMPERED: Final = frozenset(
    {
        "assertion.dataHash.mismatch",
        "assertion.bmffHash.mismatch",
        "assertion.boxesHash.mismatch",
        "assertion.boxHash.mismatch",
        "assertion.collectionHash.mismatch",
        "assertion.hashedURI.mismatch",
        "assertion.boxesHash.unknownBox",
        "claimSignature.mismatch",
        "hashedURI.mismatch",
    }
)
_EXPIRED: Final = frozenset({"signingCredential.expired", "claimSignature.outsideValidity"})


def claim_of(report: Mapping[str, Any]) -> Claim | None:
    """Return the newest claim of a report with what it was made from; None where there is none.

    Args:
        report: The SDK's JSON, read.
    """
    manifests = _mapping(report.get("manifests"))
    label = report.get("active_manifest")
    if not isinstance(label, str) or label not in manifests:
        return None
    return _Teller(manifests).claim(label, 1)


def codes_of(results: object) -> tuple[str, ...]:
    """Return the status codes of what failed in the newest claim, each once."""
    codes = [foreign(code) for code in _codes(results, "failure")]
    return tuple(dict.fromkeys(code for code in codes if code))[:MAX_CODES]


def passes_of(results: object) -> frozenset[str]:
    """Return the status codes of what was found right in the newest claim."""
    return frozenset(_codes(results, "success"))


def _codes(results: object, outcome: str) -> list[str]:
    listed = _list(_mapping(_mapping(results).get("activeManifest")).get(outcome))
    codes = [_mapping(one).get("code") for one in listed]
    return [code for code in codes if isinstance(code, str)]


def validity_of(codes: tuple[str, ...], *, is_trusted: bool) -> Validity:
    """Return what credentials with these faults are worth.

    A changed file is told as changed even if its certificate is over too: that is the graver news.
    """
    faults = set(codes) - _NO_FAULT
    if faults & _TAMPERED:
        return Validity.TAMPERED
    if faults and faults <= _EXPIRED:
        return Validity.EXPIRED
    if faults:
        return Validity.BROKEN
    return Validity.TRUSTED if is_trusted else Validity.VALID


class _Teller:
    """Tells one report; counts what it has told."""

    def __init__(self, manifests: Mapping[str, Any]) -> None:
        self._manifests = manifests
        self._told = 0

    def claim(self, label: str, depth: int) -> Claim:
        manifest = _mapping(self._manifests.get(label))
        signature = _mapping(manifest.get("signature_info"))
        return Claim(
            title=_text(manifest.get("title")),
            generator=_generator(manifest),
            signer=_text(signature.get("common_name")) or _text(signature.get("issuer")),
            issuer=_text(signature.get("issuer")),
            signed_at=_text(signature.get("time")),
            algorithm=_text(signature.get("alg")),
            actions=_actions(manifest),
            ingredients=self._ingredients(manifest, depth),
        )

    def _ingredients(self, manifest: Mapping[str, Any], depth: int) -> tuple[Ingredient, ...]:
        found = []
        for one in _list(manifest.get("ingredients")):
            if self._told >= MAX_INGREDIENTS:
                break
            self._told += 1
            ingredient = _mapping(one)
            label = ingredient.get("active_manifest")
            is_known = isinstance(label, str) and label in self._manifests
            found.append(
                Ingredient(
                    title=_text(ingredient.get("title")),
                    relationship=_text(ingredient.get("relationship")),
                    validity=_ingredient_validity(ingredient) if is_known else Validity.NONE,
                    claim=self.claim(str(label), depth + 1) if is_known and depth < MAX_DEPTH else None,
                )
            )
        return tuple(found)


def _ingredient_validity(ingredient: Mapping[str, Any]) -> Validity:
    """What an ingredient's credentials were worth when it was taken in, in the eyes of who did that.

    Whom they trusted is no matter here, so there is no ``TRUSTED``.
    """
    results = ingredient.get("validation_results")
    if results is not None:
        return validity_of(codes_of(results), is_trusted=False)
    # Older claims list their faults directly.
    codes = tuple(_text(_mapping(one).get("code")) for one in _list(ingredient.get("validation_status"))[:MAX_CODES])
    return validity_of(tuple(code for code in codes if code), is_trusted=False)


def _actions(manifest: Mapping[str, Any]) -> tuple[Action, ...]:
    found: list[Action] = []
    for one in _list(manifest.get("assertions")):
        assertion = _mapping(one)
        if not _text(assertion.get("label")).startswith("c2pa.actions"):
            continue
        for entry in _list(_mapping(assertion.get("data")).get("actions")):
            action = _mapping(entry)
            found.append(
                Action(
                    name=_text(action.get("action")),
                    description=_text(action.get("description")),
                    agent=_agent(action.get("softwareAgent")),
                    source_type=_text(action.get("digitalSourceType")).rpartition("/")[2],
                    when=_text(action.get("when")),
                )
            )
            if len(found) >= MAX_ACTIONS:
                return tuple(found)
    return tuple(found)


def _generator(manifest: Mapping[str, Any]) -> str:
    for one in _list(manifest.get("claim_generator_info")):
        if name := _agent(one):
            return name
    # The first version of the specification had a text like that of a browser.
    return _text(manifest.get("claim_generator"))


def _agent(value: object) -> str:
    if isinstance(value, str):
        return foreign(value)
    agent = _mapping(value)
    return f"{_text(agent.get('name'))} {_text(agent.get('version'))}".strip()


def _text(value: object) -> str:
    return foreign(value) if isinstance(value, str) else ""


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
