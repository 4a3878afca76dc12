"""Making the copies that are sent in the place of the user's files."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, TypeVar

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.faces import DetectedFace, GradeLevel, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.work import SourceFiles, VideoFiles, WorkContext
from faceswap_desktop.providers.facts import ProviderFacts
from faceswap_desktop.providers.fitting.placement import Copies, FileCopy, Placement
from faceswap_desktop.providers.fitting.regions import region_around, region_of, scale_for, wanted_scale, whole_pixels
from faceswap_desktop.providers.tools import CloudTools
from faceswap_desktop.workers.copy_requests import CopiedPicture, CopiedVideo, MakeCopy, MakeVideoCopy
from faceswap_desktop.workers.pool import Lane
from faceswap_desktop.workers.requests import ExaminedSource, ExamineSource
from faceswap_desktop.workers.wire import Update

_PUT_BACK_MARGIN: Final = 0.8
_MEDIA_TYPES: Final = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_TARGET_SHARE: Final = 0.8
"""Of the time that copies take, the target's."""


async def make_copies(context: WorkContext, tools: CloudTools, facts: ProviderFacts) -> Copies:
    """Make what is sent, within a service's limits; what an earlier start of the program made is used again.

    Files are named ``copy-target`` and ``copy-source-1``, ``-2`` …, in the job's scratch folder. Metadata stay behind.

    Raises:
        InputRefused: The original or a source face is missing, has changed or cannot be read.
        StorageError: There is no room.
        WorkerError: A worker crashed.
    """
    maker = _Maker(context, tools, facts)
    context.report(0.0, "copy")
    target, placement = await maker.target()
    sources = await maker.sources()
    context.report(1.0, "copy")
    return Copies(target, placement, sources)


async def copy_source(
    files: SourceFiles, target_path: str, tools: CloudTools, facts: ProviderFacts, max_pixels: int
) -> FileCopy:
    """Make what is sent of one source face: of the photo that serves best, and of that the part with one face only.

    Args:
        files: The source face.
        target_path: Where to write; the extension is added.
        tools: For workers.
        facts: The service's limits.
        max_pixels: Larger pictures are refused.

    Raises:
        InputRefused: No photo of it can be used.
        StorageError: There is no room.
        WorkerError: A worker crashed.
    """
    request = await _copy_of_source(files, target_path, tools, facts, max_pixels)
    made: CopiedPicture = await tools.pool.run("make_copy", request)
    return _file_of(made)


async def _copy_of_source(
    files: SourceFiles, target_path: str, tools: CloudTools, facts: ProviderFacts, max_pixels: int
) -> MakeCopy:
    path, crop, enlarge = await _best_photo(files.crop_paths, tools, facts, max_pixels)
    limits = facts.source
    return MakeCopy(
        path=path,
        target_path=target_path,
        max_edge=limits.max_edge,
        max_bytes=limits.max_bytes,
        formats=limits.formats,
        crop=crop,
        min_edge=limits.min_edge,
        enlarge=enlarge,
        max_pixels=max_pixels,
    )


async def _best_photo(
    paths: Sequence[str], tools: CloudTools, facts: ProviderFacts, max_pixels: int
) -> tuple[str, BoundingBox | None, float]:
    """Return the photo that serves best, the part of it that holds one face only, and how far to enlarge that."""
    looked: list[tuple[tuple[float, ...], str, ExaminedSource]] = []
    refused: InputRefused | None = None
    for path in paths:
        try:
            seen: ExaminedSource = await tools.pool.run(
                "examine_source", ExamineSource(path, max_pixels), lane=Lane.JOBS
            )
        except InputRefused as error:
            refused = error
            continue
        looked.append((_merit(seen.faces[0]), path, seen))
    if not looked:
        raise refused or InputRefused(message("The source face has no photo."), kind="source-missing")
    _, path, seen = max(looked, key=lambda row: row[0])
    face, *others = seen.faces
    crop = region_around(face.box, [one.box for one in others], seen.media.size) if others else None
    return path, crop, scale_for(min(face.box.width, face.box.height), facts)


_T = TypeVar("_T", CopiedPicture, CopiedVideo)


class _Maker:
    """Makes the copies of one job."""

    def __init__(self, context: WorkContext, tools: CloudTools, facts: ProviderFacts) -> None:
        self._context = context
        self._tools = tools
        self._pool = tools.pool
        self._facts = facts
        self._folder = Path(context.scratch_folder)

    async def target(self) -> tuple[FileCopy | None, Placement]:
        recipe = self._context.recipe
        parts = tuple(whole_pixels(one.box.expanded(_PUT_BACK_MARGIN), recipe.media.size) for one in recipe.targets)
        if recipe.target_url:
            width, height = recipe.media.size
            return None, Placement(0, 0, width, height, width, height, width, height, parts=parts)
        return await (self._video(parts) if recipe.is_video else self._picture(parts))

    async def _picture(self, parts: tuple[BoundingBox, ...]) -> tuple[FileCopy, Placement]:
        recipe, limits = self._context.recipe, self._facts.target
        request = MakeCopy(
            path=recipe.media.path,
            target_path=str(self._folder / "copy-target"),
            max_edge=limits.max_edge,
            max_bytes=limits.max_bytes,
            formats=limits.formats,
            crop=region_of(recipe, self._facts),
            min_edge=limits.min_edge,
            enlarge=wanted_scale(recipe.targets, self._facts),
            max_pixels=self._context.max_pixels,
            fingerprint=recipe.media.fingerprint,
        )
        copied = await self._copied("make_copy", request, CopiedPicture, (0.0, _TARGET_SHARE))
        placement = Placement(
            copied.left,
            copied.top,
            copied.crop_width,
            copied.crop_height,
            copied.width,
            copied.height,
            *recipe.media.size,
            parts=parts,
        )
        return _file_of(copied), placement

    async def _video(self, parts: tuple[BoundingBox, ...]) -> tuple[FileCopy, Placement]:
        recipe, limits = self._context.recipe, self._facts.video
        if limits is None:
            raise InputRefused(message("{provider} takes no videos.", provider=self._facts.title))
        request = MakeVideoCopy(
            media=recipe.media,
            files=VideoFiles.of(self._context.video_cache, recipe.media),
            target_path=str(self._folder / "copy-target"),
            max_edge=limits.max_edge,
            max_bytes=limits.max_bytes,
            max_seconds=limits.max_seconds,
            frames=recipe.trim,
            min_edge=limits.min_edge,
        )
        copied = await self._copied("make_video_copy", request, CopiedVideo, (0.0, _TARGET_SHARE))
        width, height = recipe.media.size
        placement = Placement(
            0,
            0,
            width,
            height,
            copied.width,
            copied.height,
            width,
            height,
            first_frame=copied.first_frame,
            start_s=copied.start_s,
            parts=parts,
        )
        return _file_of(copied), placement

    async def sources(self) -> Mapping[SourceFaceId, FileCopy]:
        wanted = tuple(dict.fromkeys(pairing.source.id for pairing in self._context.recipe.pairings))
        files = await self._context.source_files() if wanted else {}
        made: dict[SourceFaceId, FileCopy] = {}
        for number, source in enumerate(wanted):
            share = (1.0 - _TARGET_SHARE) / len(wanted)
            start = _TARGET_SHARE + share * number
            made[source] = await self._source(f"copy-source-{number + 1}", files[source], (start, start + share))
        return made

    async def _source(self, name: str, files: SourceFiles, span: tuple[float, float]) -> FileCopy:
        found = await asyncio.to_thread(_kept, self._folder / f"{name}.json", repr(files.crop_paths), CopiedPicture)
        if found is not None:
            return _file_of(found)
        request = await _copy_of_source(
            files, str(self._folder / name), self._tools, self._facts, self._context.max_pixels
        )
        return _file_of(await self._copied("make_copy", request, CopiedPicture, span, key=repr(files.crop_paths)))

    async def _copied(
        self, task: str, request: MakeCopy | MakeVideoCopy, kind: type[_T], span: tuple[float, float], *, key: str = ""
    ) -> _T:
        """Have a copy made, unless it is there from before."""
        note, key = Path(f"{request.target_path}.json"), key or repr(request)
        found = await asyncio.to_thread(_kept, note, key, kind)
        if found is not None:
            return found

        def pass_on(update: Update) -> None:
            self._context.report(span[0] + (span[1] - span[0]) * update.fraction, "copy")

        made: _T = await self._pool.run(task, request, lane=Lane.JOBS, on_update=pass_on, until_stopped=True)
        await asyncio.to_thread(_keep, note, key, made)
        return made


def _merit(face: DetectedFace) -> tuple[float, ...]:
    """Say how well a photo serves, the greater the better: what is wrong with it, how far it turns, how large it is."""
    weights = {GradeLevel.POOR: 2, GradeLevel.FAIR: 1}
    faults = sum(weights.get(one.level, 0) for one in face.grade.findings)
    return (-faults, -round(abs(face.grade.yaw_degrees) + abs(face.grade.pitch_degrees)), face.grade.eye_distance_px)


def _file_of(copied: CopiedPicture | CopiedVideo) -> FileCopy:
    kind, seconds = "video/mp4", 0.0
    if isinstance(copied, CopiedVideo):
        seconds = copied.seconds
    else:
        kind = _MEDIA_TYPES[copied.format]
    return FileCopy(copied.path, kind, copied.width, copied.height, copied.size_bytes, copied.sha256, seconds)


def _kept(note: Path, key: str, kind: type[_T]) -> _T | None:
    """Return what was made before for the same key, if its file is still whole."""
    try:
        known = json.loads(note.read_bytes())
        if known["key"] != _digest(key):
            return None
        copied = kind(**known["copied"])
        with Path(copied.path).open("rb") as stream:
            whole = hashlib.file_digest(stream, "sha256").hexdigest()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return copied if whole == copied.sha256 else None


def _keep(note: Path, key: str, copied: CopiedPicture | CopiedVideo) -> None:
    # A note that is not whole is not believed, and made anew.
    note.write_text(json.dumps({"key": _digest(key), "copied": asdict(copied)}), encoding="utf-8")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
