"""Homes with one job on a video in them, made through the program's own services, and what is seen of such a job."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from faceswap_desktop import compose
from faceswap_desktop.domain.job import Job, JobId
from faceswap_desktop.domain.recipe import (
    FaceAge,
    FacePairing,
    OutputOptions,
    Recipe,
    TargetFace,
    VideoQuality,
)
from faceswap_desktop.domain.video import CHUNK_SECONDS, Identity
from faceswap_desktop.storage.ledger import Ledger
from faceswap_desktop.storage.paths import Home
from tests.clips import Scene, Sound, crossing, make_clip, one_person, two_people
from tests.e2e.program import COLLINS, HOPPER

JOB: Final = JobId("thejob")
RATE: Final = 10.0
LONG, SHORT = 9, 4
"""Chunks of two seconds."""


def long_clip(folder: Path) -> Path:
    """Make a clip of nine chunks: two people side by side, crossing, then one of them alone."""
    scenes = [two_people(6.0, 0.45), crossing(4.0, 0.4), one_person(LONG * CHUNK_SECONDS - 10.0, "hopper")]
    return _clip(folder / "two people.mp4", scenes)


def short_clip(folder: Path) -> Path:
    """Make a clip of four chunks with one person."""
    return _clip(folder / "one person.mp4", [one_person(SHORT * CHUNK_SECONDS, "hopper")])


def _clip(path: Path, scenes: list[Scene]) -> Path:
    sound = (Sound(440.0), Sound(660.0, language="deu"))
    return make_clip(path, scenes, size=(320, 180), rate=RATE, sound=sound).path


def target_of(identity: Identity) -> TargetFace:
    """Return an identity as a recipe keeps it."""
    best = identity.best_face
    return TargetFace(identity.index, best.box, best.five_points, frame=identity.best_frame, parts=identity.parts)


async def add_job(home: Home, clip: Path) -> Recipe:
    """Analyse a clip, pair the first person with a source face, make others older, and put that into the ledger.

    Nobody runs it; what is known of the video is removed, so that whoever does has to analyse it, too.
    """
    program = await compose.build(home)
    try:
        await program.pool.start(warm=False)
        await program.library.add_photos([COLLINS, HOPPER])
        face = min(await program.library.faces(), key=lambda one: one.name)
        await program.consents.state_on_command_line("hers", [face])
        media = await program.videos.probe(clip)
        media = (await program.videos.index(media)).media
        analysis = await program.videos.analyse(media, lambda _: None)
        first, *others = analysis.identities
        recipe = Recipe(
            "on-device",
            media,
            (FacePairing(target_of(first), program.library.source_ref(face)),),
            output=OutputOptions(video_quality=VideoQuality.LOSSLESS),
            ages=tuple(FaceAge(target_of(other), 20) for other in others[:1]),
        )
        now = time.time()
        await Ledger(program.database).add(Job(JOB, recipe, created_at=now, priority=now))
    finally:
        await program.close()
    # What is known of an unfinished job's video is kept; here it has to go all the same.
    await asyncio.to_thread(shutil.rmtree, home.videos_folder)
    return recipe


def make_home(root: Path, clip: Path) -> Recipe:
    """Do ``add_job`` in an event loop of its own."""
    return asyncio.run(add_job(Home(root), clip))


def frames_of(path: str | Path) -> list[str]:
    """Return a digest of every decoded frame of the first picture track, as ffmpeg sees them."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v:0", "-f", "framemd5", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    rows = [line.split(",") for line in done.stdout.splitlines() if not line.startswith("#")]
    return [f"{int(row[2])} {row[5].strip()}" for row in rows]


def sound_of(path: str | Path) -> str:
    """Return the digests of all sound tracks' packets."""
    done = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "streamhash", "-"],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


@dataclass
class Pieces:
    """Which files of finished pieces there were at any time; a piece that was made again has more than one life."""

    lives: dict[str, set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))

    def look(self, home: Path) -> None:
        """Write down what is there now."""
        cache = home / "cache"
        for path in (*cache.glob(f"scratch/jobs/{JOB}/chunk-*.fsc"), *cache.glob("videos/*/tracks-*/found-*.trk")):
            try:
                status = path.stat()
            except FileNotFoundError:
                continue
            self.lives[f"{path.parent.name}/{path.name}"].add((status.st_ino, status.st_mtime_ns))

    def rendered(self) -> int:
        """How many rendered chunks there have been."""
        return sum(name.endswith(".fsc") and name.startswith(f"{JOB}/") for name in self.lives)

    def analysed(self) -> int:
        """How many analysed chunks there have been."""
        return len(self.lives) - self.rendered()

    def made_again(self) -> list[str]:
        """Which pieces were made more than once."""
        return [name for name, lives in self.lives.items() if len(lives) > 1]


@contextmanager
def watched(home: Path) -> Iterator[Pieces]:
    """Look at the pieces all the time, also at those of the last moments before they are removed."""
    pieces, is_over = Pieces(), threading.Event()

    def look() -> None:
        while not is_over.wait(0.01):
            pieces.look(home)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield pieces
    finally:
        is_over.set()
        thread.join()
