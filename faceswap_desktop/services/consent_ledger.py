"""The ledger of consent: everything that was said of faces, and every result that used one, and why it may."""

from __future__ import annotations

import asyncio
import html
import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Final

from faceswap_desktop.domain.consent import Basis, Consent
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.faces import SourceFace, SourceFaceId
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobResult, ResultId
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.domain.recipe import SourceRef
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.storage.consents import ConsentStore
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.footprints import Footprints
from faceswap_desktop.storage.results import ResultStore

Words = Callable[[Message], str]
"""Puts a message into the reader's language."""

LEDGER_SUFFIXES: Final = ("csv", "html")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What begins a formula in programs for tables, also as letters of full width."""

_BASES: Final = {
    Basis.MYSELF: message("The user's own face"),
    Basis.AGREED: message("The person agreed"),
    Basis.LICENSED: message("Licensed or public-domain picture"),
    Basis.SYNTHETIC: message("Synthetic person"),
    Basis.STATED: message("Stated on the command line"),
}


_SIGNERS: Final = {
    SignerKind.INSTALLATION: message("by this program"),
    SignerKind.OWN: message("with a certificate of the user's"),
    SignerKind.REMOTE: message("by a signing service"),
}


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A consent, or one face in one result with the consent that counted then; every value as it is written.

    Attributes:
        when: When the consent was given, or the result made, with the time zone.
        row: Which of the two it is, in a word.
        who: The person.
        basis: Why the face may be used; empty where nobody said so.
        given: When that was said.
        until: When the consent ends as agreed; empty for never.
        replaced: When another answer took its place.
        withdrawn: When it was withdrawn.
        note: The user's words, those of the command line too.
        document: What the kept document was called.
        file: Where the result lies.
        title: What it is called.
        target: File name of what was changed.
        source: What the source face was called.
        provider: Who did the work.
        done: What was done.
        label: Whether a visible label was burnt in.
        signed: Who signed its credentials.
        deleted: When the result was deleted; of a consent, when all results that were made with it were.
    """

    when: str
    row: str
    who: str = ""
    basis: str = ""
    given: str = ""
    until: str = ""
    replaced: str = ""
    withdrawn: str = ""
    note: str = ""
    document: str = ""
    file: str = ""
    title: str = ""
    target: str = ""
    source: str = ""
    provider: str = ""
    done: str = ""
    label: str = ""
    signed: str = ""
    deleted: str = ""


_HEADS: Final = {
    "when": message("When"),
    "row": message("What"),
    "who": message("Who"),
    "basis": message("Why the face may be used"),
    "given": message("Consent given"),
    "until": message("Until"),
    "replaced": message("Replaced by another answer"),
    "withdrawn": message("Withdrawn"),
    "note": message("Note"),
    "document": message("Document"),
    "file": message("Result"),
    "title": message("Title"),
    "target": message("Target"),
    "source": message("Source face"),
    "provider": message("Provider"),
    "done": message("What was done"),
    "label": message("Label"),
    "signed": message("Signed"),
    "deleted": message("Results deleted"),
}


class ConsentLedger:
    """Tells what was said of faces and which results used them, and writes it down for others."""

    def __init__(self, database: Database) -> None:
        self._results = ResultStore(database)
        self._consents = ConsentStore(database)
        self._footprints = Footprints(database)

    async def rows(self, faces: Sequence[SourceFace] | None = None, words: Words = str) -> list[LedgerRow]:
        """Return a row for every consent, and one for every face in every result, newest first.

        Args:
            faces: Only these; None for all.
            words: Puts into the reader's language what is not the user's own.
        """
        results = await self._results.get(await self._ids(faces))
        refs = [(result, source) for result in results for source in _sources_of(result, faces)]
        consents = await self._consents_of(faces)
        counted = await self._consents.of_photos({photo for _, source in refs for photo in source.photos})
        names = {face.id: face.name for face in faces or ()} | {source.id: source.name for _, source in refs}

        def told() -> list[LedgerRow]:
            rows = [(one.given_at, _consent_row(one, names.get(one.face, ""), words)) for one in consents]
            rows += [(result.created_at, _row(result, source, counted, words)) for result, source in refs]
            return [row for _, row in sorted(rows, key=lambda one: one[0], reverse=True)]

        return await asyncio.to_thread(told)

    async def export(self, path: Path, faces: Sequence[SourceFace] | None = None, words: Words = str) -> int:
        """Write the ledger as a table for programs (``.csv``), or as a page to read and print (``.html``).

        Args:
            path: Where; a file of that name is replaced.
            faces: Only these; None for all.
            words: Puts into the reader's language what is not the user's own.

        Returns:
            How many rows were written.

        Raises:
            UsageError: The extension is none of those (kind ``format``).
            StorageError: It could not be written.
        """
        suffix = path.suffix.lower().removeprefix(".")
        if suffix not in LEDGER_SUFFIXES:
            raise UsageError(
                message("The ledger is written as .csv or .html, not as “{name}”.", name=path.name), kind="format"
            )
        rows = await self.rows(faces, words)
        text = as_csv(rows, words) if suffix == "csv" else as_html(rows, words)
        # The mark at the start tells Excel that this is UTF-8.
        coding = "utf-8-sig" if suffix == "csv" else "utf-8"
        await asyncio.to_thread(write_atomically, path, text.encode(coding, "replace"))
        return len(rows)

    async def _consents_of(self, faces: Sequence[SourceFace] | None) -> list[Consent]:
        if faces is None:
            return await self._consents.all()
        found = await self._consents.of_photos({photo.id for face in faces for photo in face.photos})
        # What was said of a face stays its own, whatever became of its photos.
        for face in faces:
            found += await self._consents.of_face(face.id)
        return list({one.id: one for one in found}.values())

    async def _ids(self, faces: Sequence[SourceFace] | None) -> list[ResultId]:
        if faces is None:
            return await self._results.query(GalleryQuery(include_deleted=True))
        found: dict[ResultId, None] = {}
        for face in faces:
            for one in await self._footprints.results_with(face.id, {photo.id for photo in face.photos}):
                found[one] = None
        return list(found)


def as_csv(rows: Iterable[LedgerRow], words: Words = str) -> str:
    """Return rows as comma-separated values; no cell can be taken for a formula."""
    import csv

    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([words(_HEADS[item.name]) for item in fields(LedgerRow)])
    writer.writerows([[_plain(getattr(row, item.name)) for item in fields(LedgerRow)] for row in rows])
    return stream.getvalue()


def as_html(rows: Sequence[LedgerRow], words: Words = str) -> str:
    """Return rows as one page that needs nothing else, and prints well."""
    names = [item.name for item in fields(LedgerRow)]
    heads = "".join(f"<th>{html.escape(words(_HEADS[name]))}</th>" for name in names)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(getattr(row, name))}</td>" for name in names) + "</tr>" for row in rows
    )
    title = html.escape(words(message("Ledger of consent")))
    made = html.escape(words(message("Rows: {count}. Written {when}.", count=len(rows), when=_clock(time.time()))))
    return f"""<!DOCTYPE html>
<html>
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 14px/1.45 system-ui, sans-serif; margin: 24px; color: #1b1b1b; background: #ffffff; }}
h1 {{ font-size: 20px; margin: 0 0 4px; }}
p {{ color: #575757; margin: 0 0 16px; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ border: 1px solid #d2d2d2; padding: 4px 8px; text-align: left; vertical-align: top; }}
td {{ overflow-wrap: anywhere; }}
th {{ background: #f3f3f3; }}
@media print {{
  @page {{ size: landscape; margin: 10mm; }}
  body {{ margin: 0; font-size: 8pt; }}
  tr {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }}
}}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{made}</p>
<table>
<thead><tr>{heads}</tr></thead>
<tbody>
{body}
</tbody>
</table>
</body>
</html>
"""


def _sources_of(result: JobResult, faces: Sequence[SourceFace] | None) -> list[SourceRef]:
    sources = {pairing.source.id: pairing.source for pairing in result.recipe.pairings}
    if faces is None:
        return list(sources.values())
    wanted: set[SourceFaceId] = {face.id for face in faces}
    photos = {photo.id for face in faces for photo in face.photos}
    return [one for one in sources.values() if one.id in wanted or not photos.isdisjoint(one.photos)]


def _row(result: JobResult, source: SourceRef, consents: Sequence[Consent], words: Words) -> LedgerRow:
    consent = _consent_at(result.created_at, source, consents)
    mark = result.mark
    made = LedgerRow(
        when=_clock(result.created_at),
        row=words(message("Result")),
        note=result.recipe.consent_note,
        file=result.path,
        title=result.title or PurePath(result.path).stem,
        target=PurePath(result.recipe.media.path).name,
        source=source.name,
        provider=result.recipe.provider,
        done=_done(result, source, words),
        label=words(message("yes") if mark is not None and mark.has_label else message("no")),
        signed=words(_SIGNERS[mark.signer] if mark is not None and mark.signer is not None else message("no")),
        deleted=_clock(result.deleted_at),
    )
    return _with_consent(made, consent, words) if consent is not None else made


def _consent_row(consent: Consent, source: str, words: Words) -> LedgerRow:
    said = LedgerRow(
        when=_clock(consent.given_at),
        row=words(message("Consent")),
        source=source,
        deleted=_clock(consent.results_deleted_at),
    )
    return _with_consent(said, consent, words)


def _with_consent(row: LedgerRow, consent: Consent, words: Words) -> LedgerRow:
    return replace(
        row,
        who=consent.who,
        basis=words(_BASES[consent.basis]),
        given=_clock(consent.given_at),
        until=_clock(consent.until),
        replaced=_clock(consent.replaced_at),
        withdrawn=_clock(consent.withdrawn_at),
        note=" / ".join(dict.fromkeys(note for note in (consent.note, row.note) if note)),
        document=consent.document_name,
    )


def _consent_at(moment: float, source: SourceRef, consents: Sequence[Consent]) -> Consent | None:
    """Return what counted when a result was made: the newest that had been said by then, else the newest of all."""
    own = [one for one in consents if not one.photos.isdisjoint(source.photos)]
    return next((one for one in own if one.given_at <= moment), next(iter(own), None))


def _done(result: JobResult, source: SourceRef, words: Words) -> str:
    swapped = sum(pairing.source.id == source.id for pairing in result.recipe.pairings)
    said = words(message("faces swapped: {count}", count=swapped))
    if result.recipe.ages:
        said = f"{said}; {words(message('ages changed: {count}', count=len(result.recipe.ages)))}"
    return said


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _clock(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S %z", time.localtime(seconds)) if seconds else ""
