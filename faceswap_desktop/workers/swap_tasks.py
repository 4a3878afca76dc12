"""Tasks that put faces in and change ages: for the screen, and to a file."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import numpy as np

from faceswap_desktop.domain.errors import FaceSwapError, InputRefused
from faceswap_desktop.domain.faces import Embedding, FivePoints
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import FaceAge, Recipe, SwapOptions, TargetFace
from faceswap_desktop.domain.sensitive import Role
from faceswap_desktop.domain.sensitive_words import refused_picture
from faceswap_desktop.media.colour import to_display
from faceswap_desktop.media.encode import write_picture
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.media.label import boxes_of, laid_over
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.media.picture import Picture as Opened
from faceswap_desktop.media.picture import open_upright
from faceswap_desktop.media.refusals import shown_name
from faceswap_desktop.vision import embed as embedding
from faceswap_desktop.vision.analyse import MIN_EMBEDDED_EYES_PX
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.checkpoints import set_threads
from faceswap_desktop.vision.detect import Detection
from faceswap_desktop.vision.mesh import Mesh, fit_mesh
from faceswap_desktop.vision.reage.face import reage_face, render_reage
from faceswap_desktop.vision.swap import Prepared, SwapPatch, prepare, render, swap_face
from faceswap_desktop.workers.label_work import labelled_picture, picture_label, recipe_boxes
from faceswap_desktop.workers.photo_ages import age_note, apparent_age, around, prepared_age
from faceswap_desktop.workers.picture_looks import sightings_in_result
from faceswap_desktop.workers.pictures import PictureKey, open_kept
from faceswap_desktop.workers.process import Task, TaskContext
from faceswap_desktop.workers.requests import (
    AgeRequest,
    PairingRequest,
    PreviewPatch,
    PreviewReply,
    RenderPreview,
    SwappedFile,
    SwapToFile,
)
from faceswap_desktop.workers.source_tasks import Person, person_of

KEPT_PREPARED_BYTES: Final = 256 * 2**20
"""Previews of many faces, or of large ones, prepare some of them anew each time."""

_OPENED: Final = 0.2
_FOUND: Final = 0.35
_SWAPPED: Final = 0.75


def render_preview(request: RenderPreview, context: TaskContext) -> PreviewReply:
    """Change the faces of a picture and return the changed rectangles for the screen.

    Faces are painted one after the other, swaps first, then ages, so that neighbours that overlap come out as in the
    file. One that cannot be done is skipped and said; the others are done.

    Raises:
        InputRefused: The picture cannot be opened.
    """
    set_threads(context.threads)
    picture, key = open_kept(request.path, max_pixels=request.max_pixels)
    total = len(request.pairings) + len(request.ages)
    canvas = _Canvas(picture, request.path, is_copied=total > 1)
    for number, pairing in enumerate(request.pairings):
        context.report(number / total, "swap")
        canvas.paint(pairing.face_index, partial(_swapped, canvas, key, pairing, request.options))
    # What was painted before is part of what a prepared age is kept under: only its own slider leaves it as it is.
    painted: tuple[object, ...] = (key, request.pairings, request.options if request.pairings else None)
    for number, age in enumerate(request.ages, start=len(request.pairings)):
        context.report(number / total, "reage")
        canvas.paint(age.face_index, partial(_reaged, canvas, (*painted, len(canvas.patches)), age))
        painted = (*painted, age)
    patches = [*canvas.patches, *_label_patch(canvas, request)]
    return PreviewReply(tuple(_shown(patch, picture.icc_profile) for patch in patches), tuple(canvas.skipped))


def _label_patch(canvas: _Canvas, request: RenderPreview) -> list[SwapPatch]:
    changes = Changes(bool(request.pairings), bool(request.ages))
    label, spot = picture_label(request.label, canvas.picture.size, changes, boxes_of(request.faces))
    if label is None or spot is None:
        return []
    part = canvas.part(spot.left, spot.top, label.width, label.height)
    return [SwapPatch(spot.left, spot.top, laid_over(part, label, canvas.picture.icc_profile))]


class _Canvas:
    """A picture that is painted face by face."""

    def __init__(self, picture: Opened, path: str, *, is_copied: bool) -> None:
        self.picture = picture
        self.pixels = picture.pixels.copy() if is_copied else picture.pixels
        self.patches: list[SwapPatch] = []
        self.skipped: list[tuple[int, Message]] = []
        self._path = path

    def part(self, left: int, top: int, width: int, height: int) -> Picture:
        """Return a rectangle of the picture as it is painted by now."""
        found = self.pixels[top : top + height, left : left + width].copy()
        if self.pixels is self.picture.pixels:
            for patch in self.patches:
                _lay_part(found, patch, left, top)
        return found

    def paint(self, index: int, make: Callable[[], SwapPatch | None]) -> None:
        """Lay on what ``make`` returns; note why not where it cannot."""
        try:
            patch = make()
        except FaceSwapError as error:
            self.skipped.append((index, error.message))
            return
        if patch is None:
            self.skipped.append((index, _lost_face(index, self._path)))
            return
        if self.pixels is not self.picture.pixels:
            _lay(self.pixels, patch)
        self.patches.append(patch)


def _swapped(canvas: _Canvas, key: PictureKey, pairing: PairingRequest, options: SwapOptions) -> SwapPatch | None:
    prepared = _prepared(canvas.picture, key, canvas.pixels, pairing, canvas.patches)
    return None if prepared is None else render(prepared, options)


def _reaged(canvas: _Canvas, painted: tuple[object, ...], age: AgeRequest) -> SwapPatch | None:
    prepared = prepared_age(
        (*painted, age.box, age.five_points),
        canvas.pixels,
        lambda: find_again(canvas.picture.pixels, age.box, age.five_points),
    )
    return None if prepared is None else render_reage(prepared, age.years)


def swap_to_file(request: SwapToFile, context: TaskContext) -> SwappedFile:
    """Do what a recipe says and write the result into the scratch folder.

    Raises:
        InputRefused: The original is missing or has changed, a source face is gone, or a face is not found again.
        SensitiveContent: The result is refused; nothing is written.
        StorageError: The result cannot be written.
    """
    set_threads(context.threads)
    watch = _Watch()
    recipe = request.recipe
    context.report(0.0, "open")
    check_unchanged(recipe)
    picture = open_upright(recipe.media.path, max_pixels=request.max_pixels)
    watch.lap("open")
    context.report(_OPENED, "find faces")
    meshes = {target.index: _found(recipe, picture.pixels, target) for target in recipe.targets}
    watch.lap("find faces")
    people = [
        person_of(request.sources[pairing.source.id].crop_paths, request.sources[pairing.source.id].atlas_path)
        for pairing in recipe.pairings
    ]
    watch.lap("sources")
    # What is outside the faces stays identical: only their regions of this copy are written.
    pixels = picture.pixels.copy()
    steps = len(recipe.pairings) + len(recipe.ages)
    for number, (pairing, person) in enumerate(zip(recipe.pairings, people, strict=True)):
        context.report(_FOUND + (_SWAPPED - _FOUND) * number / steps, "swap")
        mesh = meshes[pairing.target.index]
        patch = swap_face(pixels, mesh, person.in_space(picture.icc_profile), recipe.options)
        if patch is None:
            raise _cannot_follow(recipe, pairing.target.index)
        _lay(pixels, patch)
    watch.lap("swap")
    ages: list[str] = []
    for number, age in enumerate(recipe.ages, start=len(recipe.pairings)):
        context.report(_FOUND + (_SWAPPED - _FOUND) * number / steps, "reage")
        ages += _aged(pixels, recipe, age, meshes[age.target.index], picture.icc_profile)
    watch.lap("reage")
    similarity = _similarity(pixels, recipe, people, lambda part: to_display(part, picture.icc_profile))
    watch.lap("compare")
    changed = [_detection_of(target) for target in recipe.targets]
    if seen := sightings_in_result(picture.with_pixels(pixels), changed):
        raise refused_picture(shown_name(recipe.media.path), Role.RESULT, seen)
    watch.lap("look")
    context.report(_SWAPPED, "write")
    finished, said = labelled_picture(
        picture.with_pixels(pixels), recipe.label, Changes.of(recipe), recipe_boxes(recipe)
    )
    watch.lap("label")
    written = write_picture(finished, request.scratch_path, output=recipe.output, source_format=picture.format)
    watch.lap("write")
    return SwappedFile(
        path=str(written.path),
        width=written.width,
        height=written.height,
        format=written.format,
        size_bytes=written.size,
        sha256=written.sha256,
        faces=len(recipe.targets),
        similarity=similarity,
        seconds=watch.total(),
        notes=tuple(dict.fromkeys((*ages, *said, *picture.notes, *written.notes))),
        timings=watch.laps,
    )


def check_unchanged(recipe: Recipe) -> None:
    """Refuse an original that is no longer the file that the recipe was made for; its time alone does not count.

    Raises:
        InputRefused: Kind ``missing`` or ``changed``.
    """
    known, now = recipe.media.fingerprint, fingerprint(recipe.media.path)
    if (now.size_bytes, now.quick_digest) != (known.size_bytes, known.quick_digest):
        raise InputRefused(
            message("“{name}” has changed since its faces were found.", name=shown_name(recipe.media.path)),
            message("Open it again and pair its faces anew."),
            kind="changed",
        )


def find_again(pixels: Picture, box: BoundingBox, five_points: FivePoints) -> Mesh | None:
    """Fit the mesh to a face whose place is known; None where there is no face."""
    return fit_mesh(pixels, _detection(box, five_points))


def _detection_of(target: TargetFace) -> Detection:
    return _detection(target.box, target.five_points)


def _detection(box: BoundingBox, five_points: FivePoints) -> Detection:
    edges = np.array([box.left, box.top, box.right, box.bottom], np.float32)
    return Detection(edges, 1.0, np.array(five_points, np.float32))


def _found(recipe: Recipe, pixels: Picture, target: TargetFace) -> Mesh:
    mesh = find_again(pixels, target.box, target.five_points)
    if mesh is None:
        raise _cannot_follow(recipe, target.index)
    return mesh


def _aged(pixels: Picture, recipe: Recipe, age: FaceAge, mesh: Mesh, icc_profile: bytes | None) -> list[str]:
    """Change one face's age in the picture; return what is worth saying of it."""

    def look() -> float | None:
        return apparent_age(pixels, mesh, age.target.box, lambda part: to_display(part, icc_profile))

    before = look()
    patch = reage_face(pixels, mesh, age.years)
    if patch is None:
        raise _cannot_follow(recipe, age.target.index)
    _lay(pixels, patch)
    note = age_note(age.target.index + 1 if len(recipe.ages) > 1 else None, before, look())
    return [] if note is None else [note.text()]


def _cannot_follow(recipe: Recipe, index: int) -> InputRefused:
    return InputRefused(
        _lost_face(index, recipe.media.path),
        message("Leave this face out, or open the picture again and pair its faces anew."),
        kind="no-face",
    )


def _lost_face(index: int, path: str) -> Message:
    return message(
        "Face {number} of “{name}” could not be followed: it is too small or covered.",
        number=index + 1,
        name=shown_name(path),
    )


def _similarity(
    pixels: Picture, recipe: Recipe, people: Sequence[Person], convert: Callable[[Picture], Picture]
) -> float | None:
    """Return the mean cosine between the faces as they are now and their source faces."""
    cosines = []
    for pairing, person in zip(recipe.pairings, people, strict=True):
        points = np.array(pairing.target.five_points, np.float32)
        if person.embedding is None or float(np.hypot(*(points[1] - points[0]))) < MIN_EMBEDDED_EYES_PX:
            continue
        part, offset = around(pixels, pairing.target.box)
        vector = embedding.embed(convert(part), points - offset)
        cosines.append(Embedding(vector.tobytes(), embedding.CHECKPOINT).similarity(person.embedding))
    return float(np.mean(cosines)) if cosines else None


def _lay(canvas: Picture, patch: SwapPatch) -> None:
    height, width = patch.pixels.shape[:2]
    canvas[patch.top : patch.top + height, patch.left : patch.left + width] = patch.pixels


def _lay_part(part: Picture, patch: SwapPatch, left: int, top: int) -> None:
    """Lay what a patch covers of a rectangle that begins at ``left`` and ``top`` into it."""
    height, width = patch.pixels.shape[:2]
    rows = slice(max(top, patch.top), min(top + part.shape[0], patch.top + height))
    columns = slice(max(left, patch.left), min(left + part.shape[1], patch.left + width))
    if rows.start < rows.stop and columns.start < columns.stop:
        part[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = patch.pixels[
            rows.start - patch.top : rows.stop - patch.top, columns.start - patch.left : columns.stop - patch.left
        ]


def _shown(patch: SwapPatch, icc_profile: bytes | None) -> PreviewPatch:
    height, width = patch.pixels.shape[:2]
    return PreviewPatch(patch.left, patch.top, width, height, to_display(patch.pixels, icc_profile).tobytes())


# ------------------------------------------------------------- what a preview keeps while the user moves a slider

_Key = tuple[object, ...]
_kept: OrderedDict[_Key, Prepared] = OrderedDict()


def _prepared(
    picture: Opened, key: PictureKey, canvas: Picture, pairing: PairingRequest, before: Sequence[SwapPatch]
) -> Prepared | None:
    """Return what does not hang on the options: from memory, unless a face painted before reaches into this one."""
    whole: _Key = (key, pairing.box, pairing.five_points, pairing.crop_paths)
    kept = _kept.get(whole)
    if kept is None:
        person = person_of(pairing.crop_paths, pairing.atlas_path)
        mesh = find_again(picture.pixels, pairing.box, pairing.five_points)
        kept = None if mesh is None else prepare(picture.pixels, mesh, person.in_space(picture.icc_profile))
        if kept is None:
            return None
        _kept[whole] = kept
        while len(_kept) > 1 and sum(_bytes_of(one) for one in _kept.values()) > KEPT_PREPARED_BYTES:
            _kept.popitem(last=False)
    _kept.move_to_end(whole)
    if not any(_touch(kept, patch) for patch in before):
        return kept
    person = person_of(pairing.crop_paths, pairing.atlas_path)
    mesh = find_again(picture.pixels, pairing.box, pairing.five_points)
    return None if mesh is None else prepare(canvas, mesh, person.in_space(picture.icc_profile))


def _bytes_of(prepared: Prepared) -> int:
    return int(prepared.target.nbytes + prepared.warped.nbytes)


def _touch(prepared: Prepared, patch: SwapPatch) -> bool:
    height, width = prepared.target.shape[:2]
    other_height, other_width = patch.pixels.shape[:2]
    return bool(
        prepared.left < patch.left + other_width
        and patch.left < prepared.left + width
        and prepared.top < patch.top + other_height
        and patch.top < prepared.top + height
    )


class _Watch:
    """Measures the steps of a task."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._began = self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = now - self._last
        self._last = now

    def total(self) -> float:
        return time.perf_counter() - self._began


TASKS: Final[dict[str, Task]] = {"render_preview": render_preview, "swap_to_file": swap_to_file}
