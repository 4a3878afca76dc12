"""Take pictures of every page and state of the window, from the real program with the sample pictures.

    .venv/bin/python packaging/take_pictures.py [FOLDER]        all of them, into docs/pictures by default
    .venv/bin/python packaging/take_pictures.py FOLDER SCENE    one scene at the scale that QT_SCALE_FACTOR says

Every scene runs in a process of its own on a home folder of its own, offscreen with the bundled font, so that the
pictures are the same on every computer. In one scene all themes are put on one after the other.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PIL import Image
from PySide6.QtWidgets import QDialog, QWidget

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from faceswap_desktop.app.picture import come_to_rest, drive  # noqa: E402
from faceswap_desktop.domain.gallery import GalleryQuery  # noqa: E402
from faceswap_desktop.domain.settings import Theme  # noqa: E402
from faceswap_desktop.domain.video import FrameRange  # noqa: E402
from faceswap_desktop.storage.paths import Home  # noqa: E402
from faceswap_desktop.ui.canvas.compare_view import CompareMode  # noqa: E402
from tests.clips import Sound, crossing, make_clip, one_person, two_people  # noqa: E402
from tests.signed_files import flip  # noqa: E402
from tests.ui.cloud_content import add_rival, tell_of_jobs  # noqa: E402

SAMPLES: Final = ROOT / "resources" / "samples"
COLLINS: Final = SAMPLES / "eileen_collins.png"
HOPPER: Final = SAMPLES / "grace_hopper.jpg"
SCREEN: Final = (1280, 800)
LIMIT_S: Final = 300
QUALITY: Final = 90

Scene = Callable[[Any, Any, "Camera"], Awaitable[None]]


class Camera:
    """Saves the window in every theme, as WebP: a third of the size of PNG at no loss that shows."""

    def __init__(self, start: Any, session: Any, folder: Path, suffix: str) -> None:
        self._start = start
        self._session = session
        self._folder = folder
        self._suffix = suffix

    async def take(self, name: str, *, rest: bool = True, widget: QWidget | None = None) -> None:
        """Save ``name-theme[@2x].webp`` for light, dark and high contrast: the window, or one of its dialogs."""
        for theme in (Theme.LIGHT, Theme.DARK, Theme.HIGH_CONTRAST):
            await self._session.program.settings.update("appearance", theme=theme)
            if rest:
                await come_to_rest(self._start)
            else:
                await asyncio.sleep(0.15)
            path = self._folder / f"{name}-{theme.value}{self._suffix}.webp"
            (widget or self._start.window).grab().save(str(path), quality=QUALITY)
            print(path.name, flush=True)


async def empty(start: Any, _session: Any, camera: Camera) -> None:
    """Every page of a fresh installation."""
    for page in ("studio", "gallery", "faces", "live", "settings", "help"):
        start.window.show_page(page)
        await camera.take(f"{page}-empty" if page in {"studio", "gallery", "faces"} else page)


async def studio(start: Any, session: Any, camera: Camera) -> None:
    """Two pictures, two source faces, everybody paired; then a file that is none."""
    program = session.program
    faces = [
        await program.library.add_face(COLLINS, name="Eileen"),
        await program.library.add_face(HOPPER, name="Grace"),
    ]
    await program.consents.give_samples(faces)
    broken = Path(tempfile.mkdtemp()) / "holiday.jpg"
    broken.write_bytes(HOPPER.read_bytes()[:20_000])
    start.window.show_page("studio")
    program.studio.open([HOPPER, COLLINS])
    await _until(lambda: all(picture.status == "ready" for picture in program.studio.pictures))
    await camera.take("studio-open")
    board = program.studio.board
    board = board.paired(program.studio.targets_of_all_faces(str(HOPPER)), faces[0].id)
    board = board.paired(program.studio.targets_of_all_faces(str(COLLINS)), faces[1].id)
    program.studio.set_board(board)
    await _preview_stands(start)
    await camera.take("studio-paired")
    program.studio.open([broken])
    await _until(lambda: any(picture.status == "failed" for picture in program.studio.pictures))
    await camera.take("studio-error")


async def crowd(start: Any, session: Any, camera: Camera) -> None:
    """Two faces in one picture, different people for each."""
    program = session.program
    path = two_officers(Path(tempfile.mkdtemp()) / "two officers.png")
    # The larger face is Grace Hopper's and comes first; each becomes the other.
    faces = [
        await program.library.add_face(COLLINS, name="Eileen"),
        await program.library.add_face(HOPPER, name="Grace"),
    ]
    await program.consents.give_samples(faces)
    start.window.show_page("studio")
    program.studio.open([path])
    await _until(lambda: all(picture.status == "ready" for picture in program.studio.pictures))
    board = program.studio.board
    for face, target in zip(faces, program.studio.targets_of_all_faces(str(path)), strict=True):
        board = board.paired([target], face.id)
    program.studio.set_board(board)
    await _preview_stands(start)
    await camera.take("studio-two-faces")


async def cloud(start: Any, session: Any, camera: Camera) -> None:
    """Two faces for a service that takes one, services without accounts, and the sandbox in their place."""
    program, settings = session.program, session.program.settings
    faces = [
        await program.library.add_face(COLLINS, name="Eileen"),
        await program.library.add_face(HOPPER, name="Grace"),
    ]
    await program.consents.give_samples(faces)
    path = two_officers(Path(tempfile.mkdtemp()) / "two officers.png")
    start.window.show_page("studio")
    program.studio.open([path])
    await _until(lambda: all(picture.status == "ready" for picture in program.studio.pictures))
    board = program.studio.board
    for face, target in zip(faces, program.studio.targets_of_all_faces(str(path)), strict=True):
        board = board.paired([target], face.id)
    program.studio.set_board(board)
    await _preview_stands(start)
    for provider in ("akool", "aifaceswap", "aigs"):
        await settings.update("swap", provider=provider)
        # The key is looked for, and what stands in the way is said, a moment later.
        await asyncio.sleep(0.5)
        await camera.take(f"studio-cloud-{provider}")
    await settings.update("swap", provider="akool")
    await settings.update("budget", monthly_cap=100.0)
    await settings.update("sandbox", is_on=True)
    await program.cloud.ready()
    await camera.take("studio-cloud-sandbox")
    await settings.update("budget", confirm_above=1.0)
    start.window.page("studio").running.run()
    await _until(lambda: start.window.findChild(QWidget, "question") is not None)
    await camera.take("studio-cloud-question", rest=False, widget=start.window.findChild(QWidget, "question"))


async def video(start: Any, session: Any, camera: Camera) -> None:
    """Two people who cross, a cut, sound: being looked through, found, paired and aged."""
    program = session.program
    scenes = [two_people(2.0, 0.5), crossing(2.0, 0.42), one_person(1.0, "hopper")]
    clip = make_clip(Path(tempfile.mkdtemp()) / "two officers.mp4", scenes, size=(1280, 720), sound=[Sound()])
    faces = [
        await program.library.add_face(COLLINS, name="Eileen"),
        await program.library.add_face(HOPPER, name="Grace"),
    ]
    await program.consents.give_samples(faces)
    start.window.show_page("studio")
    program.studio.open([clip.path])
    await _until(lambda: program.studio.current is not None and program.studio.current.times is not None)
    await camera.take("video-analysing", rest=False)
    await _until(lambda: program.studio.current.analysis_status == "done")
    await camera.take("video-found")
    shown = program.studio.current
    who = {one.index: one for one in shown.analysis.identities}
    board, ages = program.studio.board, {}
    for target in program.studio.targets_of_all_faces(shown.key):
        # Each becomes the other.
        face = min(faces, key=lambda one: one.embedding.similarity(who[target.face].embedding))
        board = board.paired([target], face.id)
        ages[target] = 10 * target.face
    program.studio.set_board(board)
    program.studio.set_ages(ages)
    program.studio.set_trim(shown.key, FrameRange(15, 120))
    await _preview_stands(start)
    await camera.take("video-paired")


async def gallery(start: Any, session: Any, camera: Camera) -> None:
    """Jobs at work, waiting, paused and failed; a full gallery; a result large, compared in three ways."""
    program = session.program
    source = {HOPPER: await program.library.add_face(COLLINS, name="Eileen")}
    await program.consents.give_samples([*source.values()])
    source[COLLINS] = await program.library.add_face(HOPPER, name="Grace")
    recipes = []
    for target, face in source.items():
        media, faces = await program.detection.detect(target)
        for blend in (1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4):
            made = await program.swapping.make_recipe(
                media, faces, {faces[0].index: face.id}, replace(program.studio.options, blend=blend)
            )
            recipes.append(made)
    await program.swapping.wait([job.id for job in await program.swapping.submit(recipes)])
    start.window.show_page("gallery")
    page = start.window.page("gallery")
    await camera.take("gallery-full")
    gone = replace(recipes[0], media=replace(recipes[0].media, path=str(ROOT / "gone.jpg")))
    jobs = await program.swapping.submit([gone, *recipes, *recipes])
    await program.queue.pause([job.id for job in jobs[-3:]])
    await asyncio.sleep(1.0)
    await camera.take("gallery-working", rest=False)
    await program.queue.cancel([job.id for job in jobs])
    await program.swapping.wait([job.id for job in jobs[:-3]])
    ids = await program.gallery.find(GalleryQuery())
    [result] = await program.gallery.results(ids[-1:])
    page.open_result(result)
    for mode in CompareMode:
        page.set_compare_mode(mode)
        await camera.take(f"gallery-compare-{mode.value}")
    page.close_viewer()
    start.window.show_page("faces")
    await camera.take("faces-full")
    await program.library.put_together([face.id for face in source.values()])
    await camera.take("faces-merged")


def two_officers(path: Path) -> Path:
    """Write a picture with both sample persons side by side."""
    one, other = Image.open(COLLINS).convert("RGB"), Image.open(HOPPER).convert("RGB").resize((437, 512))
    both = Image.new("RGB", (one.width + other.width, 512))
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    both.save(path)
    return path


async def gallery_cloud(start: Any, session: Any, camera: Camera) -> None:
    """Jobs at services with what they wait for; what a provider keeps of a result; the same at two providers."""
    program = session.program
    face = await program.library.add_face(HOPPER, name="Grace")
    media, faces = await program.detection.detect(COLLINS)
    make, options = program.swapping.make_recipe, program.studio.options
    recipe = await make(media, faces, {faces[0].index: face.id}, options)
    paler = await make(media, faces, {faces[0].index: face.id}, replace(options, blend=0.6))
    jobs = await program.swapping.wait([job.id for job in await program.swapping.submit([recipe, paler])])
    here, other = [await program.gallery.result_of(job.id) for job in jobs]
    there = await add_rival(program, other)
    start.window.show_page("gallery")
    page = start.window.page("gallery")
    await come_to_rest(start)
    tell_of_jobs(program, recipe)
    await _until(lambda: len(page.jobs_panel.troubles.lines) == 3)
    await camera.take("gallery-cloud", rest=False)
    page.open_result(there)
    await _until(page.viewer.remote.isVisible)
    await camera.take("gallery-cloud-result")
    page.open_duel(here, there)
    await camera.take("gallery-cloud-duel")
    page.close_viewer()
    page.cards.setCurrentIndex(page.results.index(page.results.row_of(here.id)))
    start.window.table.trigger("results.send")
    await _until(lambda: bool(_dialogs(start)))
    [dialog] = _dialogs(start)
    await camera.take("gallery-cloud-send", rest=False, widget=dialog)
    dialog.reject()


async def services(start: Any, _session: Any, camera: Camera) -> None:
    """The settings of services on the internet."""
    for section in ("accounts", "hosting", "webhook", "budget", "sandbox"):
        start.window.show_page("settings", section)
        await camera.take(f"settings-{section}")


async def verify(start: Any, session: Any, camera: Camera) -> None:
    """The first step; a result, a copy of it that was changed, one without its credentials, and a file of nobody's."""
    program = session.program
    start.window.show_page("verify")
    await camera.take("verify-empty")
    face = await program.library.add_face(COLLINS, name="Eileen")
    await program.consents.give_samples([face])
    media, faces = await program.detection.detect(HOPPER)
    recipe = await program.swapping.make_recipe(media, faces, {faces[0].index: face.id}, program.studio.options)
    [job] = await program.swapping.wait([job.id for job in await program.swapping.submit([recipe])])
    result = await program.gallery.result_of(job.id)
    assert result is not None
    folder, made = Path(tempfile.mkdtemp()), Path(result.path)
    whole, changed, copy = folder / "party.jpg", folder / "changed.jpg", folder / "from the net.jpg"
    whole.write_bytes(made.read_bytes())
    with Image.open(made) as picture:
        picture.convert("RGB").save(copy, quality=80)
    flip(made, changed, 0.95)
    start.window.strip.dismiss()
    page = start.window.page("verify")
    shown = {"result": [whole], "changed": [changed, whole, copy, HOPPER], "copy": [copy], "none": [HOPPER]}
    for name, files in shown.items():
        start.window.show_page("verify", files)
        await _until(lambda: page.report is not None and not page.tasks.is_running("picture"))
        await camera.take(f"verify-{name}")


async def live_empty(start: Any, _session: Any, camera: Camera) -> None:
    """Live on a computer without a camera."""
    start.window.show_page("live")
    await camera.take("live-empty")


async def live(start: Any, session: Any, camera: Camera) -> None:
    """A still with two people as camera: each becomes the other; then the panic key, seen from another page."""
    program = session.program
    faces = [
        await program.library.add_face(COLLINS, name="Eileen"),
        await program.library.add_face(HOPPER, name="Grace"),
    ]
    await program.consents.give_samples(faces)
    path = two_officers(Path(tempfile.mkdtemp()) / "two officers.png")
    start.window.show_page("live")
    page = start.window.page("live")
    page.receive_files([path])
    await _until(lambda: page.cameras.camera is not None and page.cameras.camera.id == str(path))
    await camera.take("live-ready")
    start.window.table.trigger("live.run")
    await _until(lambda: program.live.state.phase == "running" and len(program.live.state.people) == 2)
    await _until(lambda: all(one.embedding is not None for one in program.live.state.people))
    await camera.take("live-no-face", rest=False)
    left, right = sorted(program.live.state.people, key=lambda one: one.box.left)
    # Mirrored: each becomes the other.
    for person, face in ((left, faces[0]), (right, faces[1])):
        page.shelf.put(person.number, face.id)
    await _until(lambda: len(program.live.state.parts) == 2)
    await _until(lambda: all(one.is_changed for one in program.live.state.people))
    page.inspector.people.choose(left.number)
    page.inspector.face.show_person(left.number)
    await asyncio.sleep(2.5)
    await camera.take("live", rest=False)
    start.window.table.trigger("live.beside")
    await camera.take("live-beside", rest=False)
    start.window.table.trigger("live.panic")
    await camera.take("live-panic", rest=False)
    start.window.show_page("gallery")
    await camera.take("live-panic-elsewhere", rest=False)
    await program.live.stop()


async def live_akool(start: Any, session: Any, camera: Camera) -> None:
    """Live at a service: what it costs and does not do, and what is asked before."""
    program = session.program
    await program.settings.update("live", provider="akool")
    await program.settings.update("sandbox", is_on=True)
    await program.cloud.ready()
    face = await program.library.add_face(COLLINS, name="Eileen")
    await program.consents.give_samples([face])
    start.window.show_page("live")
    page = start.window.page("live")
    page.receive_files([HOPPER])
    page.shelf.put(0, face.id)
    await _until(lambda: program.live.state.everyone.source == face.id)
    await camera.take("live-akool")
    start.window.table.trigger("live.run")
    await _until(lambda: bool(_dialogs(start)))
    [sheet] = _dialogs(start)
    await camera.take("live-akool-question", rest=False, widget=sheet)
    sheet.reject()


def _dialogs(start: Any) -> list[QDialog]:
    return [one for one in start.window.findChildren(QDialog) if one.isVisible()]


async def _preview_stands(start: Any) -> None:
    # Comparing is possible from the moment that there is something to compare.
    button = start.window.page("studio").findChild(QWidget, "compare")
    await _until(button.isEnabled)


async def _until(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


SCENES: Final[dict[str, Scene]] = {
    "empty": empty,
    "studio": studio,
    "crowd": crowd,
    "cloud": cloud,
    "video": video,
    "gallery": gallery,
    "gallery-cloud": gallery_cloud,
    "services": services,
    "verify": verify,
    "live-empty": live_empty,
    "live": live,
    "live-akool": live_akool,
}


def shoot(folder: Path, scene: str) -> int:
    """Play one scene in this process and save its pictures."""
    scale = os.environ.get("QT_SCALE_FACTOR", "1")
    suffix = "" if scale == "1" else f"@{scale}x"

    async def arrange(start: Any, session: Any) -> bool:
        await SCENES[scene](start, session, Camera(start, session, folder, suffix))
        return True

    with tempfile.TemporaryDirectory() as home:
        return 0 if drive(arrange, Home.find(home)) else 1


def main() -> int:
    """Play every scene at 100 % and 200 %."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "pictures"
    folder.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 2:
        return shoot(folder, sys.argv[2])
    with tempfile.TemporaryDirectory() as scratch:
        for scale in ("1", "2"):
            config = Path(scratch) / f"screen-{scale}.json"
            width, height = (edge * int(scale) for edge in SCREEN)
            screen = {"name": "screen", "x": 0, "y": 0, "width": width, "height": height}
            screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
            config.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
            for scene in SCENES:
                environment = {
                    **os.environ,
                    "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
                    "QT_SCALE_FACTOR": scale,
                    "LC_ALL": "C.UTF-8",
                }
                command = [sys.executable, str(Path(__file__)), str(folder), scene]
                done = subprocess.run(command, env=environment, check=False, timeout=LIMIT_S)
                if done.returncode:
                    return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
