"""The visible label on what services made, and a sample of it for the settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.job import Job
from faceswap_desktop.domain.recipe import LabelOptions
from faceswap_desktop.domain.work import FetchedFile, VideoFiles
from faceswap_desktop.media.label_texts import languages
from faceswap_desktop.services.label_language import settled
from faceswap_desktop.services.settings import SettingsService
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.label_requests import DrawLabelSample, LabelFile, LabelledFile, LabelSample
from faceswap_desktop.workers.pool import Lane, WorkerPool

LABELLED: Final = "labelled-"
"""Put before the name of a file that has been given its label, in the same folder."""


def untouched(path: str) -> str:
    """Return where the file lies that a service sent, given the one that goes into the library.

    A labelled file stands beside the service's own, ``labelled-result.jpg`` beside ``result.jpg``; without a label they
    are one. The service's own bytes are there, in the job's scratch folder, until the job is over.
    """
    file = Path(path)
    if not file.name.startswith(LABELLED):
        return path
    # Another format may have been needed to hold the picture with its label.
    stem = file.stem.removeprefix(LABELLED)
    same = file.with_name(stem + file.suffix)
    others = sorted(one for one in file.parent.glob(f"{stem}.*") if one.is_file())
    return str(same if same.exists() or not others else others[0])


class Labelling:
    """Has the label drawn by the workers."""

    def __init__(self, home: Home, pool: WorkerPool, settings: SettingsService) -> None:
        self._home, self._pool, self._settings = home, pool, settings

    async def mark(self, job: Job, file: FetchedFile) -> FetchedFile:
        """Burn the label into a fetched file, where its recipe has one.

        The fetched file stays as it is; see ``untouched``. Called again after a kill, the same is done once more.

        Raises:
            InputRefused: The file cannot be read.
            StorageError: It cannot be written.
        """
        path = Path(file.path)
        if not job.recipe.label.is_on or path.name.startswith(LABELLED):
            return file
        request = LabelFile(
            file.path,
            str(path.with_name(LABELLED + path.stem)),
            str(path.with_name("labelling")),
            job.recipe,
            VideoFiles.of(str(self._home.videos_folder), job.recipe.media),
            self._settings.current.media.max_megapixels * 1_000_000,
        )
        made: LabelledFile = await self._pool.run("label_file", request, lane=Lane.JOBS, until_stopped=True)
        notes = tuple(dict.fromkeys((*file.notes, *made.notes)))
        if not made.path:
            return replace(file, notes=notes)
        return replace(
            file,
            path=made.path,
            width=made.width,
            height=made.height,
            format=made.format,
            size_bytes=made.size_bytes,
            sha256=made.sha256,
            notes=notes,
        )

    async def sample(self, label: LabelOptions, width: int, height: int) -> LabelSample:
        """Draw a plain picture of some pixels with a label on it, exactly as results have it.

        Raises:
            Cancelled: A newer call took its place.
            WorkerError: The worker crashed.
        """
        request = DrawLabelSample(settled(label), width, height)
        sample: LabelSample = await self._pool.run("draw_label_sample", request, key="label-sample")
        return sample

    @staticmethod
    def languages() -> tuple[str, ...]:
        """Return the codes of all languages in which it can be written."""
        return languages()
