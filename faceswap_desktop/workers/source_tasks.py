"""Tasks around source faces: look at a photo, keep a crop of it, merge the crops of a person into an atlas."""

from __future__ import annotations

import base64
import io
import json
import secrets
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from PIL import Image

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import DetectedFace, Embedding
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import OutputFormat, OutputOptions
from faceswap_desktop.domain.recipe_json import box_from_json, box_to_json, five_points_from_json
from faceswap_desktop.domain.sensitive import Role
from faceswap_desktop.domain.sensitive_words import refused_picture
from faceswap_desktop.media.atomic_file import storage_error
from faceswap_desktop.media.colour import Pixels, convert_space, to_display
from faceswap_desktop.media.encode import flatten_on_white, write_picture
from faceswap_desktop.media.fingerprint import fingerprint, media_id
from faceswap_desktop.media.picture import Picture, open_upright
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.media.thumbnails import crop_with_margin, face_thumbnail
from faceswap_desktop.storage.atomic import write_atomically
from faceswap_desktop.vision.analyse import analyse, face_detection
from faceswap_desktop.vision.atlas import Atlas, build_atlas, load_atlas
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.workers.picture_looks import sightings_in
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.requests import (
    DEFAULT_MAX_PIXELS,
    BuildAtlas,
    BuiltAtlas,
    ExaminedSource,
    ExamineSource,
    KeepSourcePhoto,
    KeptPhoto,
)

CROP_MARGIN: Final = 0.6
CROP_EDGE_PX: Final = 1600
THUMBNAIL_EDGE_PX: Final = 192
NOTE_SUFFIX: Final = ".json"
_KEPT_ATLASES: Final = 8
_PNG: Final = OutputOptions(format=OutputFormat.PNG)


def media_of(path: str, picture: Picture) -> Media:
    """Describe a picture that has been opened.

    Raises:
        InputRefused: The file went away in the meantime.
    """
    known = fingerprint(path)
    return Media(
        id=media_id(path, known),
        path=str(Path(path).absolute()),
        kind=MediaKind.IMAGE,
        size=picture.size,
        format=picture.format,
        fingerprint=known,
        notes=picture.notes,
    )


def opaque(picture: Picture) -> Pixels:
    """Return the pixels as one sees them: transparent places are white."""
    return picture.pixels if picture.alpha is None else flatten_on_white(picture.pixels, picture.alpha)


def no_face(path: str) -> InputRefused:
    """Say that a picture has no face."""
    return InputRefused(
        message("No face was found in “{name}”.", name=shown_name(path)),
        message("Use a picture in which a face is at least 24 pixels high and not covered."),
        kind="no-face",
    )


# ------------------------------------------------------------------------------------------------------------- tasks


def examine_source(request: ExamineSource, context: TaskContext) -> ExaminedSource:
    """Find and grade the faces of a photo that may become a source.

    Raises:
        InputRefused: It cannot be opened, or has no (such) face.
    """
    set_threads(context.threads)
    picture = open_upright(request.path, max_pixels=request.max_pixels)
    context.report(0.4, "find faces")
    faces = analyse(opaque(picture))
    if request.face_index is not None:
        faces = [face for face in faces if face.index == request.face_index]
    if not faces:
        raise no_face(request.path)
    return ExaminedSource(media_of(request.path, picture), tuple(faces))


def keep_source_photo(request: KeepSourcePhoto, context: TaskContext) -> KeptPhoto:
    """Cut a face out of a photo and write crop and thumbnail; beside the crop lies a note of where its face is.

    Raises:
        InputRefused: The photo cannot be opened, or has no (such) face.
        SensitiveContent: The whole photo was looked at, and is refused; nothing is kept.
        StorageError: The library cannot be written.
    """
    set_threads(context.threads)
    picture = open_upright(request.path, max_pixels=request.max_pixels)
    context.report(0.4, "find faces")
    pixels = opaque(picture)
    faces = analyse(pixels)
    if not faces:
        raise no_face(request.path)
    face = next((face for face in faces if request.face_index in {None, face.index}), None)
    if face is None:
        raise InputRefused(
            message(
                "There is no face {index} in “{name}”.", index=request.face_index or 0, name=shown_name(request.path)
            ),
            message("It has {count} faces, numbered from 0.", count=len(faces)),
            kind="no-face",
        )
    # The crop alone would hide what the photo shows.
    if seen := sightings_in(picture, faces):
        raise refused_picture(shown_name(request.path), Role.SOURCE, seen)
    context.report(0.7, "write")
    cut, (left, top) = crop_with_margin(pixels, face.box, CROP_MARGIN)
    crop, ratio = _shrunk(to_display(cut, picture.icc_profile))
    kept = _moved(face, -left, -top, ratio)
    for path in (request.crop_path, request.thumbnail_path):
        _make_folder(Path(path).parent)
    write_picture(Picture(crop), request.crop_path, output=_PNG, source_format="PNG", numbered=False)
    thumbnail = face_thumbnail(pixels, face.box, THUMBNAIL_EDGE_PX, icc_profile=picture.icc_profile)
    write_atomically(Path(request.thumbnail_path), as_format(thumbnail, request.thumbnail_path))
    write_atomically(note_path(request.crop_path), json.dumps(_note_of(kept)).encode())
    return KeptPhoto(kept, crop.shape[1], crop.shape[0])


def build_person_atlas(request: BuildAtlas, context: TaskContext) -> BuiltAtlas:
    """Merge a person's crops into an atlas, unless that has been done.

    Raises:
        InputRefused: A crop is gone, or no face is found in it.
        StorageError: The cache cannot be written.
    """
    set_threads(context.threads)
    return BuiltAtlas(person_of(request.crop_paths, request.atlas_path).atlas.weights)


# ------------------------------------------------------------------------------------------------- people in memory


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """A source face ready for swapping.

    Attributes:
        atlas: In sRGB.
        embedding: Mean of the photos, normalised; None where no photo has one.
    """

    atlas: Atlas
    embedding: Embedding | None
    _converted: dict[bytes, Atlas] = field(default_factory=dict)

    def in_space(self, icc_profile: bytes | None) -> Atlas:
        """Return the atlas with its colours as numbers of a target's colour space; None is sRGB."""
        if icc_profile is None:
            return self.atlas
        if icc_profile not in self._converted:
            self._converted.clear()  # the pictures of one sitting have one profile
            texture = convert_space(self.atlas.texture, None, icc_profile)
            self._converted[icc_profile] = replace(self.atlas, texture=texture)
        return self._converted[icc_profile]


_people: OrderedDict[tuple[str, ...], Person] = OrderedDict()


def person_of(crop_paths: Sequence[str], atlas_path: str) -> Person:
    """Return a person's atlas: from memory, from the cache folder, or made of the crops.

    Raises:
        InputRefused: A crop is gone (kind ``source-missing``), or no face is found in it.
        StorageError: The cache cannot be written.
    """
    # The photos, not the atlas file, say who it is: the file may be cleared at any time.
    key = tuple(crop_paths)
    person = _people.get(key)
    if person is None:
        person = _load_or_build(crop_paths, Path(atlas_path))
        while len(_people) >= _KEPT_ATLASES:
            _people.popitem(last=False)
        _people[key] = person
    _people.move_to_end(key)
    return person


def _load_or_build(crop_paths: Sequence[str], atlas_path: Path) -> Person:
    faces = [(path, read_note(path)) for path in crop_paths]
    atlas: Atlas | None = None
    if atlas_path.is_file():
        try:
            atlas = load_atlas(atlas_path)
        except (OSError, ValueError):
            atlas = None  # damaged, or of another version of the program
        if atlas is not None and len(atlas.weights) != len(crop_paths):
            atlas = None
    photos: list[tuple[Pixels, Mesh]] = []
    known: list[DetectedFace] = []
    for path, noted in faces:
        face = noted
        if atlas is None or face is None:
            pixels = open_crop(path)
            face = face or _face_in_crop(path, pixels)
            if atlas is None:
                photos.append((pixels, _mesh_of(path, pixels, face)))
        known.append(face)
    if atlas is None:
        atlas = build_atlas(photos)
        _save(atlas, atlas_path)
    return Person(atlas, _mean([face.embedding for face in known]))


def open_crop(path: str) -> Pixels:
    """Open a crop of the library.

    Raises:
        InputRefused: It is gone (kind ``source-missing``) or damaged.
    """
    try:
        return open_upright(path, max_pixels=DEFAULT_MAX_PIXELS).pixels
    except InputRefused as error:
        if error.kind != "missing":
            raise
        raise InputRefused(
            message("A photo of a source face is no longer in the library."),
            message("Add the photo again and pair it."),
            kind="source-missing",
        ) from error


def _face_in_crop(path: str, pixels: Pixels) -> DetectedFace:
    """Find the face of a crop that has no note: the one nearest to the middle, where it was cut."""
    faces = analyse(pixels)
    if not faces:
        raise no_face(path)
    middle = np.array([pixels.shape[1], pixels.shape[0]]) / 2
    return min(faces, key=lambda face: float(np.hypot(*(np.array(face.box.center) - middle))))


def _mesh_of(path: str, pixels: Pixels, face: DetectedFace) -> Mesh:
    mesh = fit_mesh(pixels, face_detection(face))
    if mesh is None:
        raise no_face(path)
    return mesh


def _save(atlas: Atlas, path: Path) -> None:
    scratch = path.with_name(f".{path.stem}-{secrets.token_hex(4)}.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            atlas.save(scratch)
            scratch.replace(path)
        finally:
            scratch.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error


def _mean(embeddings: Sequence[Embedding | None]) -> Embedding | None:
    known = [embedding for embedding in embeddings if embedding is not None]
    if not known:
        return None
    total = np.sum([np.frombuffer(embedding.packed, np.float32) for embedding in known], axis=0)
    total = total / max(float(np.linalg.norm(total)), 1e-9)
    return Embedding(np.asarray(total, np.float32).tobytes(), known[0].checkpoint)


# ------------------------------------------------------------------------------------------------------------- notes


def note_path(crop_path: str) -> Path:
    """Return where the note of a crop lies."""
    return Path(crop_path).with_suffix(NOTE_SUFFIX)


def read_note(crop_path: str) -> DetectedFace | None:
    """Read where the face of a crop is; None where there is no note that can be read.

    Raises:
        InputRefused: Not even the crop is there (kind ``source-missing``).
    """
    if not Path(crop_path).is_file():
        open_crop(crop_path)
    try:
        data = json.loads(note_path(crop_path).read_bytes())
        embedding = data["embedding"]
        return DetectedFace(
            index=0,
            box=box_from_json(data["box"]),
            score=float(data["score"]),
            five_points=five_points_from_json(data["five_points"]),
            embedding=Embedding(base64.b64decode(embedding["packed"]), str(embedding["checkpoint"]))
            if embedding
            else None,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _note_of(face: DetectedFace) -> dict[str, Any]:
    embedding = face.embedding
    return {
        "box": box_to_json(face.box),
        "score": face.score,
        "five_points": [list(point) for point in face.five_points],
        "embedding": {"checkpoint": embedding.checkpoint, "packed": base64.b64encode(embedding.packed).decode()}
        if embedding
        else None,
    }


# ------------------------------------------------------------------------------------------------------ small things


def _shrunk(crop: Pixels) -> tuple[Pixels, float]:
    ratio = min(1.0, CROP_EDGE_PX / max(crop.shape[:2]))
    if ratio == 1.0:
        return crop, 1.0
    size = (max(1, round(crop.shape[1] * ratio)), max(1, round(crop.shape[0] * ratio)))
    return np.asarray(cv2.resize(crop, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), ratio


def _moved(face: DetectedFace, x: float, y: float, ratio: float) -> DetectedFace:
    """Return a face in the pixels of a crop: first shifted, then scaled."""

    def point(old: Point) -> Point:
        return Point((old.x + x) * ratio, (old.y + y) * ratio)

    first, second, third, fourth, fifth = (point(old) for old in face.five_points)
    corner, other = point(Point(face.box.left, face.box.top)), point(Point(face.box.right, face.box.bottom))
    return replace(
        face,
        index=0,
        box=BoundingBox(corner.x, corner.y, other.x, other.y),
        five_points=(first, second, third, fourth, fifth),
        landmarks=None if face.landmarks is None else Landmarks.from_points(point(old) for old in face.landmarks),
        depths=array("f", (depth * ratio for depth in np.frombuffer(face.depths, np.float32).tolist())).tobytes(),
    )


def as_format(encoded: bytes, path: str) -> bytes:
    """Return an encoded picture in the format that the extension of ``path`` promises, ``.png`` or ``.jpg``."""
    with Image.open(io.BytesIO(encoded)) as image:
        wanted = "PNG" if Path(path).suffix.lower() == ".png" else "JPEG"
        if image.format == wanted:
            return encoded
        shown: Image.Image = image
        if wanted == "JPEG" and image.mode != "RGB":
            shown = Image.new("RGB", image.size, (255, 255, 255))
            shown.paste(image, mask=image.getchannel("A") if "A" in image.getbands() else None)
        buffer = io.BytesIO()
        shown.save(buffer, format=wanted)
    return buffer.getvalue()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(folder, error) from error


TASKS: Final[dict[str, Task]] = {
    "examine_source": examine_source,
    "keep_source_photo": keep_source_photo,
    "build_atlas": build_person_atlas,
}
