"""What AKOOL's paid calls are given, as values. Who is put in and what is edited has another name in each.

====================  ==============================  ====================================================
call                  source faces (are put in)       target (is edited)
====================  ==============================  ====================================================
v3 ``specifyimage``   ``sourceImage[]``               ``targetImage[]`` = its faces, ``modifyImage`` = whole
v3 ``specifyvideo``   ``sourceImage[]``               ``targetImage[]`` = its faces, ``modifyVideo`` = whole
v4 Pro                ``sourceImage[]``               ``targetImage[]`` = the whole picture
v4 Plus               ``source_url``                  ``target_url``
reage                 (none)                          ``targetImage[]`` = its faces, ``modifyImage``/``Video``
live                  ``sourceImage[]``               the camera
====================  ==============================  ====================================================

Texts of AKOOL from before the 24th of June 2024 have v3's two the other way round.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from faceswap_desktop.domain.recipe import MOST_YEARS
from faceswap_desktop.providers.akool.faces import Corners, FaceAt

PRO_CHECKPOINT: Final = "akool_faceswap_image_hq"
"""The only value of ``model_name``."""


@dataclass(frozen=True, slots=True)
class SwapV3:
    """``specifyimage`` or ``specifyvideo``.

    Attributes:
        target_faces: Faces in what is edited; ``targetImage``.
        source_faces: Who is put in, one per target face in the same order; ``sourceImage``.
        media_url: What is edited, whole; ``modifyImage`` or ``modifyVideo``.
        is_video: Which of the two.
        enhance: ``face_enhance``, here 0 or 1.
    """

    target_faces: tuple[FaceAt, ...]
    source_faces: tuple[FaceAt, ...]
    media_url: str
    is_video: bool
    enhance: bool

    def __post_init__(self) -> None:
        if not self.target_faces or len(self.target_faces) != len(self.source_faces):
            raise ValueError("every target face has one source face")

    def body(self) -> dict[str, Any]:
        """Return the JSON that is sent."""
        return {
            "targetImage": [face.item() for face in self.target_faces],
            "sourceImage": [face.item() for face in self.source_faces],
            "face_enhance": int(self.enhance),
            "modifyVideo" if self.is_video else "modifyImage": self.media_url,
        }

    def to_json(self) -> dict[str, Any]:
        """Write it for the ledger."""
        return {
            "target_faces": [face.to_json() for face in self.target_faces],
            "source_faces": [face.to_json() for face in self.source_faces],
            "media_url": self.media_url,
            "is_video": self.is_video,
            "enhance": self.enhance,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(
            _faces(data["target_faces"]),
            _faces(data["source_faces"]),
            data["media_url"],
            data["is_video"],
            data["enhance"],
        )


@dataclass(frozen=True, slots=True)
class Reage:
    """``imgreage`` or ``vidreage``: one number of years for all its faces.

    Attributes:
        target_faces: Faces in what is edited; ``targetImage``.
        years: ``face_reage``, from -30 to 30. AKOOL's texts give neither the unit nor which sign is older; positive is
            taken for older, as everywhere in this program.
        media_url: What is edited, whole; ``modifyImage`` or ``modifyVideo``.
        is_video: Which of the two.
    """

    target_faces: tuple[FaceAt, ...]
    years: int
    media_url: str
    is_video: bool

    def __post_init__(self) -> None:
        if not self.target_faces or not -MOST_YEARS <= self.years <= MOST_YEARS:
            raise ValueError("reage takes a face and -30 to 30 years")

    def body(self) -> dict[str, Any]:
        """Return the JSON that is sent."""
        return {
            "targetImage": [face.item() for face in self.target_faces],
            "face_reage": self.years,
            "modifyVideo" if self.is_video else "modifyImage": self.media_url,
        }

    def to_json(self) -> dict[str, Any]:
        """Write it for the ledger."""
        return {
            "target_faces": [face.to_json() for face in self.target_faces],
            "years": self.years,
            "media_url": self.media_url,
            "is_video": self.is_video,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(_faces(data["target_faces"]), data["years"], data["media_url"], data["is_video"])


@dataclass(frozen=True, slots=True)
class SwapPro:
    """v4 Pro, ``faceswapByImage``: one face, pictures only.

    Attributes:
        source_face: Who is put in; ``sourceImage``.
        target_face: In the whole picture that is edited; ``targetImage``.
        enhance: ``face_enhance``, here true or false.
        is_only_face: ``single_face_mode``.
    """

    source_face: FaceAt
    target_face: FaceAt
    enhance: bool
    is_only_face: bool

    def __post_init__(self) -> None:
        if self.target_face.is_crop:
            raise ValueError("Pro edits the whole picture, so the face has to be in that")

    def body(self) -> dict[str, Any]:
        """Return the JSON that is sent."""
        return {
            "sourceImage": [self.source_face.item()],
            "targetImage": [self.target_face.item()],
            "model_name": PRO_CHECKPOINT,
            "face_enhance": self.enhance,
            "single_face_mode": self.is_only_face,
        }

    def to_json(self) -> dict[str, Any]:
        """Write it for the ledger."""
        return {
            "source_face": self.source_face.to_json(),
            "target_face": self.target_face.to_json(),
            "enhance": self.enhance,
            "is_only_face": self.is_only_face,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        return cls(
            FaceAt.from_json(data["source_face"]),
            FaceAt.from_json(data["target_face"]),
            data["enhance"],
            data["is_only_face"],
        )


@dataclass(frozen=True, slots=True)
class PlusFace:
    """A face as v4 Plus takes it: a crop of the detector's, or a picture and where the face is in it.

    Attributes:
        url: ``face_url``.
        corners: ``bbox``, in pixels of that picture; None for a crop, which needs none.
    """

    url: str
    corners: Corners | None = None

    @classmethod
    def of(cls, face: FaceAt) -> Self:
        """Take a face of a detector."""
        return cls(face.path, face.corners)

    def info(self) -> dict[str, Any]:
        """Return ``{face_url, bbox}``."""
        return {"face_url": self.url, **({"bbox": self.corners.as_list()} if self.corners is not None else {})}

    @classmethod
    def from_info(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``info`` wrote."""
        return cls(data["face_url"], Corners.read(data["bbox"], "bbox") if "bbox" in data else None)


@dataclass(frozen=True, slots=True)
class SwapPlus:
    """v4 Plus, ``faceswapPlusByImage``: pictures and videos.

    Attributes:
        source_url: Picture of who is put in; of several the first.
        target_url: What is edited.
        pairs: Who is put in, and the face in what is edited; ``face_mapping``. Empty for ``single_face_mode``: there is
            one face only.
        enhance: ``face_enhance``, here true or false.
        style: ``model_style``: ``realistic``, ``beautify`` or ``lossless``.
    """

    source_url: str
    target_url: str
    pairs: tuple[tuple[PlusFace, PlusFace], ...]
    enhance: bool
    style: str = "realistic"

    def body(self) -> dict[str, Any]:
        """Return the JSON that is sent."""
        body: dict[str, Any] = {
            "source_url": self.source_url,
            "target_url": self.target_url,
            "single_face_mode": not self.pairs,
            "face_enhance": self.enhance,
            "model_style": self.style,
        }
        if self.pairs:
            body["face_mapping"] = [
                {"source_face_info": source.info(), "target_face_info": target.info()} for source, target in self.pairs
            ]
        return body

    def to_json(self) -> dict[str, Any]:
        """Write it for the ledger."""
        return {
            "source_url": self.source_url,
            "target_url": self.target_url,
            "pairs": [[source.info(), target.info()] for source, target in self.pairs],
            "enhance": self.enhance,
            "style": self.style,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        pairs = tuple((PlusFace.from_info(source), PlusFace.from_info(target)) for source, target in data["pairs"])
        return cls(data["source_url"], data["target_url"], pairs, data["enhance"], data["style"])


PaidRequest = SwapV3 | Reage | SwapPro | SwapPlus

_KINDS: Final[Mapping[str, type[PaidRequest]]] = {one.__name__: one for one in (SwapV3, Reage, SwapPro, SwapPlus)}


def request_to_text(request: PaidRequest) -> str:
    """Write a request as one line, for the ledger."""
    return json.dumps({"kind": type(request).__name__, **request.to_json()})


def request_from_text(line: str) -> PaidRequest:
    """Read what ``request_to_text`` wrote.

    Raises:
        ValueError: It is something else.
    """
    try:
        data = json.loads(line)
        return _KINDS[data["kind"]].from_json(data)
    except (KeyError, TypeError) as error:
        raise ValueError("no request to AKOOL") from error


def _faces(data: list[Mapping[str, Any]]) -> tuple[FaceAt, ...]:
    return tuple(FaceAt.from_json(one) for one in data)
