"""Where a finished file goes, as a value that is committed before anything is moved."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from faceswap_desktop.domain.job import Job, JobResult, ResultId
from faceswap_desktop.domain.provenance import ResultMark, SignerKind
from faceswap_desktop.domain.work import FetchedFile
from faceswap_desktop.storage.failures import mapped_errors

SIDECAR: Final = ".c2pa"
"""Extension of the file beside a result that holds its credentials, in the place of the result's own."""

_CHUNK: Final = 2**20


@dataclass(frozen=True, slots=True)
class Converted:
    """A file that was made of the fetched one: in the format that the user asked for, or signed, or a sidecar.

    Attributes:
        path: In the scratch folder.
        size_bytes: Length.
        sha256: Hexadecimal digest of it.
    """

    path: str
    size_bytes: int
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Converted:
        """Measure a file.

        Raises:
            StorageError: It cannot be read.
        """
        with mapped_errors(path):
            return cls(str(path), path.stat().st_size, digest_of(path))


@dataclass(frozen=True, slots=True)
class Signed:
    """A file with its credentials.

    Attributes:
        file: The signed file.
        sidecar: The file with the credentials, where they are not in the file itself; else None.
        mark: How it was marked; without the place of a sidecar.
    """

    file: Converted
    sidecar: Converted | None
    mark: ResultMark

    def to_json(self) -> dict[str, Any]:
        """Write it as plain values."""
        return {**asdict(self), "mark": {**asdict(self.mark), "marks": self.mark.marks.hex()}}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Signed:
        """Read what ``to_json`` wrote."""
        mark, signer = data["mark"], data["mark"]["signer"]
        fields = {
            **mark,
            "signer": SignerKind(signer) if signer is not None else None,
            "marks": bytes.fromhex(mark["marks"]),
        }
        return cls(Converted(**data["file"]), _read_converted(data["sidecar"]), ResultMark(**fields))


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a finished file goes; committed before anything is moved, so that a crash can be mended.

    Attributes:
        result: Id of the result to be.
        path: Its file in the results folder.
        file: What was fetched, in the scratch folder; it stays there, unsigned, until the job has ended.
        converted: The same for the copy that the user asked for, where that is in another format; else None.
        signed: The file as it goes into the library; None while it is not signed, or where nobody signs.
        signed_copy: Likewise of ``converted``.
    """

    result: ResultId
    path: str
    file: FetchedFile
    converted: Converted | None = None
    signed: Signed | None = None
    signed_copy: Signed | None = None

    @property
    def placed(self) -> FetchedFile | Converted:
        """What goes into the library."""
        return self.signed.file if self.signed is not None else self.file

    @property
    def sidecar(self) -> Converted | None:
        """What goes beside it; None for nothing."""
        return self.signed.sidecar if self.signed is not None else None

    @property
    def sidecar_path(self) -> str:
        """Where that goes."""
        return str(sidecar_beside(self.path))

    @property
    def copied(self) -> FetchedFile | Converted:
        """What the copy that the user asked for is made of."""
        if self.converted is None:
            return self.placed
        return self.signed_copy.file if self.signed_copy is not None else self.converted

    @property
    def copied_sidecar(self) -> Converted | None:
        """What goes beside that copy; None for nothing."""
        if self.converted is None:
            return self.sidecar
        return self.signed_copy.sidecar if self.signed_copy is not None else None

    def to_json(self) -> dict[str, Any]:
        """Write it as plain values."""
        return {
            "result": self.result,
            "path": self.path,
            "file": asdict(self.file),
            "converted": asdict(self.converted) if self.converted is not None else None,
            "signed": self.signed.to_json() if self.signed is not None else None,
            "signed_copy": self.signed_copy.to_json() if self.signed_copy is not None else None,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Placement:
        """Read what ``to_json`` wrote, also before files were signed."""
        fields = {**data["file"], "notes": tuple(data["file"]["notes"])}
        signed, copy = data.get("signed"), data.get("signed_copy")
        return cls(
            ResultId(data["result"]),
            data["path"],
            FetchedFile(**fields),
            _read_converted(data.get("converted")),
            Signed.from_json(signed) if signed is not None else None,
            Signed.from_json(copy) if copy is not None else None,
        )

    def result_of(self, job: Job, created_at: float) -> JobResult:
        """Return the result that stands once the file is in its place."""
        file, mark = self.file, None
        if self.signed is not None:
            mark = replace(self.signed.mark, sidecar=self.sidecar_path if self.sidecar is not None else "")
        return JobResult(
            id=self.result,
            job=job.id,
            path=self.path,
            recipe=job.recipe,
            width=file.width,
            height=file.height,
            size_bytes=self.placed.size_bytes,
            created_at=created_at,
            seconds=file.seconds,
            faces=file.faces,
            similarity=file.similarity,
            digest=self.placed.sha256,
            title=Path(self.path).stem,
            notes=file.notes,
            mark=mark,
        )


def sidecar_beside(path: str | Path) -> Path:
    """Return where the credentials of a file lie that cannot hold them."""
    return Path(path).with_suffix(SIDECAR)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def _read_converted(data: Mapping[str, Any] | None) -> Converted | None:
    return Converted(**data) if data is not None else None
