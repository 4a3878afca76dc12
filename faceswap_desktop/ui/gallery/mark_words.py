"""How a result was marked, in words. Results from before results were marked say nothing of it."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.provenance import ResultMark, SignerKind


def tr(text: str) -> str:
    """Translate a text of the Gallery."""
    return QCoreApplication.translate("Gallery", text)


def badge_of(mark: ResultMark | None) -> tuple[str, str] | None:
    """Return icon and words of a card's badge; None for no badge."""
    if mark is None:
        return None
    return ("unsigned", tr("Not signed yet")) if mark.signer is None else ("verify", tr("Content Credentials"))


def mark_facts(mark: ResultMark | None, signed: str) -> list[tuple[str, str]]:
    """Return what is known of a result's marks as pairs of a word and its value.

    Args:
        mark: The result's.
        signed: When it was signed, as people say it; empty for not.
    """
    if mark is None:
        return []
    return [
        (tr("Credentials"), _credentials(mark, signed)),
        (tr("Visible label"), tr("yes") if mark.has_label else tr("no")),
    ]


def _credentials(mark: ResultMark, signed: str) -> str:
    if mark.signer is None:
        return tr("Not signed yet")
    who = {
        SignerKind.INSTALLATION: tr("with this program's certificate"),
        SignerKind.OWN: tr("with your certificate"),
        SignerKind.REMOTE: tr("by a signing service"),
    }[mark.signer]
    words = tr("Valid when signed, {when}, {who}").format(when=signed, who=who)
    return tr("{words}. They are in a file beside it.").format(words=words) if mark.sidecar else words
