"""Homes whose services are a sandbox's: the program and the sandbox are processes of their own, with sockets between.

A ``Kind`` is what can be ordered; each is made from drawn pictures or a clip of one second, so that it is quick.
"""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
from PIL import Image

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.job import JobId
from faceswap_desktop.domain.recipe import LabelCorner, LabelOptions, Recipe, SwapOptions
from faceswap_desktop.media.label import draw_label, spot_in
from faceswap_desktop.media.label_texts import Changes
from faceswap_desktop.services.label_language import settled
from faceswap_desktop.storage.paths import Home
from tests.clips import Actor, Place, Scene, draw_frame, make_clip, one_person, still
from tests.e2e.program import LIMIT_S, ROOT, Ended, run
from tests.unit.sandbox.conftest import Box

CLEARING_S: Final = 60.0
SIZE: Final = (480, 320)
_TWO: Final = Scene(
    1.0, (Actor("collins", still(Place(0.28, 0.5, 0.5))), Actor("hopper", still(Place(0.74, 0.5, 0.38))))
)
"""The left face is the larger one, and so the first."""
KEYS: Final = {
    "FACESWAP_AKOOL_API_KEY": "sandbox-key",
    "FACESWAP_AIFACESWAP_API_KEY": "sandbox-key",
    "FACESWAP_AIGS_TOKEN": "sandbox-token",
    "FACESWAP_S3_ACCESS_KEY_ID": "an-id",
    "FACESWAP_S3_SECRET_ACCESS_KEY": "a-secret",
    "FACESWAP_WEBHOOK_RELAY_TOKEN": "a-token-of-the-tests",
    "FACESWAP_RELAY_TOKEN": "a-token-of-the-tests",
}
"""For the environment of every process: the sandbox takes them."""

_SETTINGS: Final = """
[budget]
confirm_above = 1000
[providers]
accepted_terms = "aigs:1"
[providers.akool]
base_url = "{akool}"
detect_url = "{akool_detect}"
[providers.aifaceswap]
base_url = "{aifaceswap}"
[providers.aigs]
base_url = "{aigs}"
[hosting.s3]
endpoint_url = "{s3}"
bucket = "{bucket}"
[webhook]
public_url = "{public_url}"
port = 0
relay_url = "{relay_url}"
"""


@dataclass(frozen=True)
class Kind:
    """Something to order.

    Attributes:
        name: For the test's name.
        provider: At whom.
        endpoints: The paid calls that it takes, in order.
        credits: What they cost together.
        sources: Who is put in, by the place of the face, counted from the left.
        years: By how many years the first face changes; 0 for none.
        is_video: It is done to a clip.
    """

    name: str
    provider: str
    endpoints: tuple[str, ...]
    credits: float
    sources: tuple[str, ...] = ("hopper",)
    years: int = 0
    is_video: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def paid(self) -> dict[str, int]:
        """Its paid calls, as ``House.paid`` counts them."""
        return {f"{self.provider}/{endpoint}": 1 for endpoint in sorted(self.endpoints)}

    @property
    def faces(self) -> int:
        """How many faces there are."""
        return max(1, len(self.sources))


PLUS: Final = "faceswapPlusByImage"
AKOOL_SWAP: Final = Kind("akool-swap", "akool", (PLUS,), 4)
AKOOL_TWO: Final = Kind("akool-two-faces", "akool", (PLUS,), 4, ("hopper", "collins"))
AKOOL_REAGE: Final = Kind("akool-reage", "akool", ("imgreage",), 4, (), -20)
AKOOL_BOTH: Final = Kind("akool-swap-and-reage", "akool", (PLUS, "imgreage"), 8, ("hopper",), 20)
AKOOL_VIDEO: Final = Kind("akool-video", "akool", (PLUS,), 10, ("hopper",), is_video=True)
ONE_FACE: Final = Kind("aifaceswap-swap", "aifaceswap", ("faceswap",), 2)
TWO_FACES: Final = Kind("aifaceswap-two-faces", "aifaceswap", ("extract_face", "multi_faceswap"), 7, AKOOL_TWO.sources)
AIGS: Final = Kind("aigs-swap", "aigs", ("faceswap",), 1)
KINDS: Final = (AKOOL_SWAP, AKOOL_TWO, AKOOL_REAGE, AKOOL_BOTH, AKOOL_VIDEO, ONE_FACE, TWO_FACES, AIGS)


@dataclass(frozen=True)
class House:
    """A home folder, pictures beside it, and the sandbox that its settings point at.

    Attributes:
        home: The home folder.
        folder: Where pictures lie.
        box: The sandbox.
        before: What was paid there before this home was.
        hosted_before: What lay in its bucket then.
    """

    home: Path
    folder: Path
    box: Box
    before: Counter[tuple[str, str]] = field(default_factory=Counter)
    hosted_before: frozenset[str] = frozenset()

    @classmethod
    def make(cls, folder: Path, box: Box, *, relay: str = "", akool: str = "") -> House:
        """Make a home whose services are the sandbox's.

        Args:
            folder: Where all of it goes.
            box: The sandbox.
            relay: Address of a relay's channel; where there is none, results are delivered to a port of this computer.
            akool: AKOOL's base address, if it is another than the sandbox's own.
        """
        house = cls(folder / "home", folder, box, _paid_at(box), frozenset(box.state()["hosted"]))
        house.home.mkdir()
        where = {**box.where, **({"akool": akool} if akool else {})}
        text = _SETTINGS.format(**where, public_url="" if relay else "http://127.0.0.1", relay_url=relay)
        (house.home / "settings.toml").write_text(text, encoding="utf-8")
        return house

    # ---------------------------------------------------------------------------------------------------- as processes

    def order(self, kind: Kind) -> list[str | Path]:
        """Return the command that orders something."""
        target = self.target(kind)
        if kind.sources:
            pairs = [
                part for place, who in enumerate(kind.sources) for part in ("--pair", f"{place}={self.person(who)}")
            ]
            ages = ["--age", f"0={kind.years}"] if kind.years else []
            said = ("--consent", "both agreed")
            return ["swap", *said, "--target", target, *pairs, *ages, "--provider", kind.provider, "--json"]
        return ["reage", "--target", target, f"--years={kind.years}", "--provider", kind.provider, "--json"]

    def run(self, *arguments: str | Path) -> Ended:
        """Run a command to its end."""
        return run(self.home, *arguments)

    def resume(self) -> Ended:
        """Start the program again, and wait until no job gets on any more."""
        return self.run("jobs", "resume", "--json")

    def die_at(self, state: str, *arguments: str | Path) -> None:
        """Run a command that dies, as by ``kill -9``, once a job's new state is on the disk."""
        done = subprocess.run(
            [sys.executable, "-m", "tests.e2e.test_killed", state, "--home", str(self.home), *map(str, arguments)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        assert done.returncode == -9, (done.returncode, done.stdout, done.stderr)
        assert self.states() == [state]

    def rows(self) -> list[dict[str, Any]]:
        """Read the jobs past the program, as any reader of the file could."""
        database = self.home / "faceswap.sqlite3"
        if not database.exists():
            return []
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
        try:
            found = connection.execute("SELECT id, state, hold FROM jobs ORDER BY created_at").fetchall()
            return [{"id": job, "state": state, "hold": hold} for job, state, hold in found]
        except sqlite3.OperationalError:
            return []
        finally:
            connection.close()

    def states(self) -> list[str]:
        """Return the states of all jobs, oldest first."""
        return [row["state"] for row in self.rows()]

    def results(self) -> list[Path]:
        """Return the files in the gallery's folder."""
        return sorted(path for path in (self.home / "results").rglob("*") if path.is_file())

    # ------------------------------------------------------------------------------------------------ in this process

    @asynccontextmanager
    async def program(self) -> AsyncIterator[Program]:
        """Start the program without a window, and close it."""
        program = await build(Home(self.home))
        try:
            await program.start()
            yield program
        finally:
            await program.close()

    async def recipe(self, program: Program, kind: Kind) -> Recipe:
        """Find faces and pair them."""
        target = str(self.target(kind))
        analysis = None
        if kind.is_video:
            media = (await program.videos.index(await program.videos.probe(target))).media
            analysis = await program.videos.analyse(media, lambda _: None)
            faces = tuple(identity.best_face for identity in analysis.identities)
        else:
            media, faces = await program.detection.detect(target)
        places = sorted(faces, key=lambda face: face.box.left)
        assert len(places) == kind.faces
        paired = {
            places[place].index: (await program.library.add_face(self.person(who))).id
            for place, who in enumerate(kind.sources)
        }
        return await program.swapping.make_recipe(
            media,
            faces,
            paired,
            SwapOptions(),
            ages={places[0].index: kind.years} if kind.years else {},
            analysis=analysis,
            provider=kind.provider,
        )

    async def submit(self, program: Program, *kinds: Kind) -> list[JobId]:
        """Order something; more of a kind than one are the very same."""
        made = {kind: await self.recipe(program, kind) for kind in dict.fromkeys(kinds)}
        unknown = await program.consents.missing(made.values())
        await program.consents.state_on_command_line("both agreed", unknown)
        return [job.id for job in await program.swapping.submit([made[kind] for kind in kinds])]

    # ---------------------------------------------------------------------------------------------------- the pictures

    def target(self, kind: Kind) -> Path:
        """Return what is changed: one person or two, in a picture or a clip."""
        if kind.is_video:
            path = self.folder / "clip.mp4"
            if not path.exists():
                make_clip(path, [one_person(1.0, "collins")], size=(320, 240), rate=12)
            return path
        path = self.folder / ("two.jpg" if kind.faces == 2 else "one.jpg")
        if not path.exists():
            _draw(path, _TWO if kind.faces == 2 else one_person(1.0, "collins"))
        return path

    def person(self, who: str) -> Path:
        """Return a picture of one person."""
        path = self.folder / f"{who}.jpg"
        if not path.exists():
            _draw(path, one_person(1.0, who))
        return path

    # --------------------------------------------------------------------------------------------------- what is there

    def check_result(self, kind: Kind, path: str | Path) -> None:
        """See that a result is whole, and that its faces, and nothing else, were changed."""
        before, after = _pictures(self.target(kind)), _pictures(path)
        assert len(after) == len(before)
        assert after[0].shape == before[0].shape
        for one, other in zip(before, after, strict=True):
            away = np.abs(one - other).mean(axis=2)
            height, width = away.shape
            for place in range(kind.faces):
                left, right = place * width // kind.faces, (place + 1) * width // kind.faces
                face = away[3 * height // 8 : 5 * height // 8, (3 * left + right) // 4 : (left + 3 * right) // 4]
                assert face.mean() > (15 if kind.sources else 1.5), "a face was not changed"
            assert np.median(away) < 4, "it is another picture"
        for other in (after[0], after[-1]):
            assert _has_label(other, kind), "the label is missing"

    def paid(self) -> dict[str, int]:
        """Return how often each call was paid at the sandbox, as ``provider/endpoint``."""
        made = _paid_at(self.box) - self.before
        return {f"{service}/{endpoint}": count for (service, endpoint), count in sorted(made.items())}

    def calls(self, kind: Kind, endpoint: str) -> int:
        """Return how often a call has arrived at the sandbox."""
        return int(self.box.state()["calls"][kind.provider].get(endpoint, 0))

    def hosted(self) -> set[str]:
        """Return what lies in the bucket since this home is there."""
        return set(self.box.state()["hosted"]) - self.hosted_before

    def check_nothing_left(self) -> None:
        """See that nothing is hosted any more, and no scratch file is left."""
        assert _comes_true(lambda: not self.hosted()), "something stays in the bucket"
        assert [path for path in (self.home / "cache" / "scratch").rglob("*") if path.is_file()] == []


def _has_label(pixels: np.ndarray[Any, Any], kind: Kind) -> bool:
    """Say whether the visible label, as the settings have it at first, can be read in one of the corners."""
    height, width = pixels.shape[:2]
    size = Size(width, height)
    label = draw_label(settled(LabelOptions()), size, Changes(bool(kind.sources), bool(kind.years)))
    assert label is not None
    cover, grey = label.shares[..., 0], label.colours[..., 0]
    letters, plate = (cover > 0.95) & (grey > 200), (cover > 0.5) & (grey < 40)
    for corner in set(LabelCorner) - {LabelCorner.AUTO}:
        spot = spot_in(corner, size, label)
        part = pixels[spot.top : spot.top + label.height, spot.left : spot.left + label.width].mean(axis=2)
        if part[letters].mean() - part[plate].mean() > 100:
            return True
    return False


def _comes_true(condition: Callable[[], bool]) -> bool:
    # A job has succeeded a moment before all is cleared away.
    deadline = time.monotonic() + CLEARING_S
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def switched_on(folder: Path) -> Path:
    """Make a home in which the sandbox is switched on, and nothing else is set."""
    home = folder / "home"
    home.mkdir()
    (home / "settings.toml").write_text('[sandbox]\nis_on = true\n[providers]\naccepted_terms = "aigs:1"\n', "utf-8")
    return home


def _paid_at(box: Box) -> Counter[tuple[str, str]]:
    made: Counter[tuple[str, str]] = Counter()
    for service, endpoints in box.state()["paid"].items():
        for endpoint, calls in endpoints.items():
            made[service, endpoint] = len(calls)
    return made


def _draw(path: Path, scene: Scene) -> None:
    stream = io.BytesIO()
    Image.fromarray(draw_frame(scene, 0.0, SIZE)[0]).save(stream, "JPEG", quality=92)
    path.write_bytes(stream.getvalue())


def _pictures(path: str | Path) -> list[Any]:
    """Return the frames of a clip, or a picture as the only one; all of it is decoded."""
    if Path(path).suffix == ".mp4":
        with av.open(str(path)) as container:
            return [frame.to_ndarray(format="rgb24").astype(np.int16) for frame in container.decode(video=0)]
    with Image.open(path) as picture:
        return [np.asarray(picture.convert("RGB"), dtype=np.int16)]
