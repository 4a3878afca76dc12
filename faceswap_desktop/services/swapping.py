"""Swapping: the preview on the canvas, and recipes handed over as jobs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from faceswap_desktop.domain.errors import InputRefused, UsageError
from faceswap_desktop.domain.faces import DetectedFace, SourceFace, SourceFaceId
from faceswap_desktop.domain.geometry import BoundingBox
from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.domain.media import Media, MediaKind
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import (
    MOST_YEARS,
    FaceAge,
    FacePairing,
    LabelOptions,
    OutputOptions,
    Recipe,
    SwapOptions,
    TargetFace,
)
from faceswap_desktop.domain.video import FrameRange, VideoAnalysis
from faceswap_desktop.jobs.queue import JobQueue
from faceswap_desktop.media.naming import result_name
from faceswap_desktop.providers.protocol import Provider, Quote
from faceswap_desktop.services.clearance import Clearance
from faceswap_desktop.services.label_language import settled
from faceswap_desktop.services.library import Library
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.workers.pool import Lane, WorkerPool
from faceswap_desktop.workers.requests import AgeRequest, PairingRequest, PreviewPatch, PreviewReply, RenderPreview


@dataclass(frozen=True, slots=True)
class Preview:
    """The swapped regions of a picture, to be laid over it.

    Attributes:
        patches: Where they lie in pixels of the upright picture, and their sRGB pixels.
        skipped: Faces that could not be swapped, by index, with the reason.
    """

    patches: tuple[PreviewPatch, ...]
    skipped: tuple[tuple[int, Message], ...]


class Swapping:
    """Makes previews and jobs out of pairings."""

    def __init__(
        self,
        library: Library,
        queue: JobQueue,
        pool: WorkerPool,
        providers: Sequence[Provider],
        settings: SettingsService,
        clearance: Clearance,
    ) -> None:
        self._clearance = clearance
        self._library = library
        self._queue = queue
        self._pool = pool
        self._providers = {provider.info.id: provider for provider in providers}
        self._settings = settings
        self._is_warm = False

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Everyone who can do the work."""
        return tuple(self._providers.values())

    async def preview(
        self,
        media: Media,
        faces: Sequence[DetectedFace],
        pairings: Mapping[int, SourceFaceId],
        options: SwapOptions,
        *,
        ages: Mapping[int, int] | None = None,
        label: LabelOptions | None = None,
    ) -> Preview:
        """Render the faces of one picture that are paired or change their age.

        A newer call takes the place of one that still waits, which then raises ``Cancelled``.

        Args:
            media: The picture.
            faces: Its faces.
            pairings: Source face by face index.
            options: How they are put in.
            ages: By how many years faces become older or younger, by face index.
            label: The visible label; the settings' if None.

        Raises:
            Cancelled: A newer call took its place.
            InputRefused: The picture or a source face is gone.
            SensitiveContent: The picture is refused.
            WorkerError: The worker crashed twice.
        """
        by_index = {face.index: face for face in faces}
        requests = []
        for index, source_id in pairings.items():
            face, source = by_index.get(index), await self._library.face(source_id)
            if face is None or source is None:
                continue
            files = self._library.files_of(self._library.source_ref(source))
            requests.append(PairingRequest(index, face.box, face.five_points, files.crop_paths, files.atlas_path))
        aged = tuple(
            AgeRequest(index, by_index[index].box, by_index[index].five_points, years)
            for index, years in sorted((ages or {}).items())
            if years and index in by_index
        )
        if not requests and not aged:
            return Preview((), ())
        if not self._is_warm:
            # Whoever looks at a preview presses Run next; the job's worker is ready by then.
            self._is_warm = True
            self._pool.warm(Lane.JOBS)
        reply: PreviewReply = await self._pool.run(
            "render_preview",
            RenderPreview(
                await self._clearance.media(media),
                self._settings.current.media.max_megapixels * 1_000_000,
                tuple(requests),
                options,
                aged,
                settled(label or self._settings.current.label),
                tuple(face.box for face in faces),
            ),
            key="preview",
        )
        return Preview(reply.patches, reply.skipped)

    async def make_recipe(
        self,
        media: Media,
        faces: Sequence[DetectedFace],
        pairings: Mapping[int, SourceFaceId],
        options: SwapOptions,
        *,
        ages: Mapping[int, int] | None = None,
        analysis: VideoAnalysis | None = None,
        trim: FrameRange | None = None,
        output: OutputOptions | None = None,
        provider: str = "",
        consent_note: str = "",
        enhance: bool = False,
        target_url: str = "",
        label: LabelOptions | None = None,
    ) -> Recipe:
        """Write down everything that is needed to make the result.

        Args:
            media: The picture or video.
            faces: Its faces; of a video the best one of each identity, by the identity's number.
            pairings: Source face by face index; faces that are not named stay as they are.
            options: How source faces are put in.
            ages: By how many years each face becomes older or younger, by face index; None for nobody.
            analysis: Of a video: who is followed where.
            trim: Only these frames of a video; None for all.
            output: How the result is written; the settings' if None.
            provider: Who does it; the settings' if empty.
            consent_note: What the user says of the consent of the source faces.
            enhance: Have the provider sharpen the faces, where it can.
            target_url: Where the very media lies on the internet already; empty for nowhere.
            label: The visible label; the settings' if None.

        Raises:
            UsageError: Unknown provider, nothing to do, a face that is not there, or too many years.
            InputRefused: A source face is no longer in the library.
        """
        provider = provider or self._settings.current.swap.provider
        if provider not in self._providers:
            known = ", ".join(self._providers)
            raise UsageError(
                message("There is no provider called {provider}.", provider=provider),
                message("Known providers: {known}.", known=known),
            )
        targets = _Targets(media, faces, analysis)
        pairings_made = tuple(
            [
                FacePairing(targets.of(index), self._library.source_ref(await self._existing(source_id)))
                for index, source_id in sorted(pairings.items())
            ]
        )
        ages_made = tuple(
            FaceAge(targets.of(index), _checked_years(years)) for index, years in sorted((ages or {}).items()) if years
        )
        if not pairings_made and not ages_made:
            raise UsageError(
                message("No face of {name} is paired.", name=_name_of(media)),
                message("Drag a source face onto a face, or change a face's age."),
            )
        return Recipe(
            provider=provider,
            media=media,
            pairings=pairings_made,
            options=options,
            output=output or self._settings.current.output,
            consent_note=consent_note,
            ages=ages_made,
            trim=trim,
            bystanders=_bystanders(media, faces, {*pairings, *(age.target.index for age in ages_made)}),
            enhance=enhance,
            target_url=target_url,
            label=settled(label or self._settings.current.label),
        )

    def planned_name(self, recipe: Recipe) -> str:
        """Return the name that the result's file would get now, without extension.

        Raises:
            UsageError: The name template has an unknown place.
        """
        now = time.localtime()
        return result_name(
            recipe.name_template,
            name=Path(recipe.media.path).stem,
            source=recipe.cast,
            date=time.strftime("%Y-%m-%d", now),
            time=time.strftime("%H.%M.%S", now),
            n=1,
        )

    async def quote(self, recipe: Recipe) -> Quote:
        """Say what a recipe will take before it runs."""
        return await self._providers[recipe.provider].quote(recipe)

    async def submit(self, recipes: Sequence[Recipe]) -> list[Job]:
        """Hand recipes over; they are committed to the ledger when this returns."""
        return await self._queue.add(recipes)

    def at(self, recipe: Recipe, provider: str) -> Recipe:
        """Return the same recipe for another provider, so that the two can be compared.

        Raises:
            UsageError: There is no such provider, or the recipe is of a live picture (kind ``live``).
        """
        if provider not in self._providers:
            raise UsageError(
                message("There is no provider called {provider}.", provider=provider),
                message("Known providers: {known}.", known=", ".join(self._providers)),
            )
        _check_can_be_made_again([recipe])
        # A place that the command line named was written to by the first.
        return replace(recipe, provider=provider, output=replace(recipe.output, requested_path=""))

    async def run_again(self, recipe: Recipe, options: SwapOptions | None = None) -> list[Job]:
        """Run a recipe once more, with other options if given ("change one thing and run again")."""
        if options is not None:
            recipe = recipe.with_options(**{name: getattr(options, name) for name in SwapOptions.__dataclass_fields__})
        return await self.run_all_again([recipe])

    async def run_all_again(self, recipes: Sequence[Recipe]) -> list[Job]:
        """Run recipes once more as they are. A place that the command line named then is not written to again.

        Raises:
            UsageError: One is of a live picture (kind ``live``).
        """
        _check_can_be_made_again(recipes)
        return await self._queue.add([replace(one, output=replace(one.output, requested_path="")) for one in recipes])

    async def wait(self, jobs: Sequence[JobId]) -> list[Job]:
        """Wait until jobs are over, whichever process runs them, and return them in order."""
        return await self._queue.wait(jobs)

    async def _existing(self, source_id: SourceFaceId) -> SourceFace:
        source = await self._library.face(source_id)
        if source is None:
            raise InputRefused(
                message("A paired source face is no longer in the library."),
                message("Pair the face again."),
                kind="source-missing",
            )
        return source


@dataclass(frozen=True, slots=True)
class _Targets:
    """Makes what a recipe remembers of a face."""

    media: Media
    faces: Sequence[DetectedFace]
    analysis: VideoAnalysis | None

    def of(self, index: int) -> TargetFace:
        face = next((face for face in self.faces if face.index == index), None)
        if face is None:
            numbers = ", ".join(str(face.index) for face in self.faces) or "-"
            raise UsageError(
                message("There is no face {index} in {name}.", index=index, name=_name_of(self.media)),
                message("It has {count} faces: {numbers}.", count=len(self.faces), numbers=numbers),
            )
        return target_of(face, self.analysis)


def _check_can_be_made_again(recipes: Sequence[Recipe]) -> None:
    if not all(one.can_be_made_again for one in recipes):
        raise UsageError(
            message("A live picture cannot be made again: there is no original of it."),
            message("Record it anew on the Live page."),
            kind="live",
        )


def target_of(face: DetectedFace, analysis: VideoAnalysis | None) -> TargetFace:
    """Return what a recipe remembers of a face; of a video's with its identity's parts and best frame."""
    identity = analysis.identity(face.index) if analysis is not None else None
    if identity is None:
        return TargetFace(face.index, face.box, face.five_points)
    return TargetFace(
        face.index,
        face.box,
        face.five_points,
        frame=identity.best_frame,
        parts=identity.parts,
        name=identity.name,
    )


def _checked_years(years: int) -> int:
    if not -MOST_YEARS <= years <= MOST_YEARS:
        raise UsageError(
            message("{years} years is out of range.", years=years),
            message("An age can be changed by -{most} to {most} years.", most=MOST_YEARS),
        )
    return years


def _bystanders(media: Media, faces: Sequence[DetectedFace], changed: Set[int]) -> tuple[BoundingBox, ...]:
    # In a video who is in sight changes from frame to frame.
    if media.kind is MediaKind.VIDEO:
        return ()
    return tuple(face.box for face in faces if face.index not in changed)


def _name_of(media: Media) -> str:
    return media.path.replace("\\", "/").rsplit("/", 1)[-1]
