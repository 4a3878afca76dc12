"""What the Studio shows of refusals, with verdicts put where the classifier's would be; the workers are real."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from faceswap_desktop import compose
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.geometry import Size
from faceswap_desktop.domain.pairing import TargetFaceRef
from faceswap_desktop.domain.sensitive import Sighting, Verdict
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.storage.looks import LookStore
from faceswap_desktop.ui.canvas.picture_item import PictureLevels
from faceswap_desktop.ui.dialogs.crop import CropDialog
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.studio import refusing
from faceswap_desktop.ui.studio.refusal import clean_parts
from faceswap_desktop.workers.pool import WorkerPool
from tests.scripted_looks import REFUSED
from tests.ui.canvas.pictures import plain_levels
from tests.ui.conftest import until
from tests.ui.studio.conftest import COLLINS, HOPPER, Shown, by_hand
from tests.ui.studio.people import FPS, MEDIA, put_clip, three_people, times

SEEN = (Sighting(0.97),)


async def refuse(program: Program, path: Path) -> None:
    """Let the classifier have seen something in a file, before anybody opens it."""
    digest = fingerprint(path).quick_digest
    await LookStore(program.database).put(Verdict(digest, SEEN))


def at(*seconds: float, score: float = 0.8) -> tuple[Sighting, ...]:
    """Return sightings at times of the clip."""
    return tuple(Sighting(score, frame=round(one * FPS), seconds=one) for one in seconds)


def put_verdict(shown: Shown, *sightings: Sighting) -> None:
    """Let the clip have been looked at."""
    studio = shown.program.studio
    assert studio.current is not None
    studio.update(studio.current.key, verdict=Verdict("ab" * 32, sightings))


def button(page: StudioPage, name: str) -> QAbstractButton:
    """Return a button of the card."""
    found = page.inspector.refusal.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton), name
    return found


def shown_image(page: StudioPage) -> QImage:
    """Return what the canvas paints."""
    item = page.panel.canvas.canvas._picture
    assert item is not None
    return item.levels.levels[0]


def detail(image: QImage) -> int:
    """Return how many colours are left when a picture is made small: a blurred one has few."""
    small = image.scaled(QSize(64, 64)).convertToFormat(QImage.Format.Format_RGB888)
    steps = [
        abs(small.pixelColor(x, y).lightness() - small.pixelColor(x + 1, y).lightness())
        for x in range(63)
        for y in range(64)
    ]
    return sum(step > 40 for step in steps)


async def clip_on(shown: Shown, folder: Path) -> None:
    """Put a clip on the stage whose first frame is grey and whose others nobody decodes."""
    key = str((folder / "clip.mp4").absolute())
    shown.page.stage._pixels._keep(key, plain_levels(Size(320, 180)))
    put_clip(shown.program.studio, folder / "clip.mp4", three_people())
    await until(lambda: shown.page.video.timeline.view.clip is not None)


async def refused_picture(shown: Shown, path: Path = COLLINS) -> None:
    """Open a picture that is refused and wait for its card."""
    await refuse(shown.program, path)
    await shown.opened(path)
    await until(shown.page.inspector.refusal.isVisible)


async def test_a_refused_picture_is_shown_blurred_with_why_and_what_helps(working: Shown) -> None:
    page = working.page
    await refused_picture(working)
    card = page.inspector.refusal
    assert card.accessibleName() == "This picture is refused"
    assert "nudity" in card.accessibleDescription()
    assert "quite sure" in card.accessibleDescription()
    assert "Nothing about it is sent anywhere" in card.accessibleDescription()
    assert {one.text() for one in card.findChildren(QAbstractButton)} == {"Crop…", "Choose another…"}
    assert button(page, "refusal-other").accessibleName() == "Choose another picture"
    await until(lambda: card._view.picture is not None)
    blurred = card._view.picture
    assert blurred is not None
    plain = page.stage.levels
    assert isinstance(plain, PictureLevels)
    assert detail(plain.levels[0]) > 50
    assert detail(shown_image(page)) == detail(blurred.toImage()) == 0


async def test_nothing_refused_shows_no_card(working: Shown) -> None:
    await working.opened(COLLINS)
    await until(lambda: working.program.studio.pictures[0].verdict is not None)
    assert working.page.inspector.refusal.isHidden()
    assert detail(shown_image(working.page)) > 50


async def test_what_is_refused_is_not_run_and_the_button_says_why(working: Shown) -> None:
    page, studio = working.page, working.program.studio
    await working.with_sources(HOPPER)
    await refused_picture(working)
    targets = studio.targets_of_all_faces(str(COLLINS))
    page.pairing.pair(targets, page.shelf_model.faces[0].id)
    await until(lambda: not page.preflight.is_due and page.preflight.plan.sensitive)
    run = page.inspector.card.button
    assert not run.isEnabled()
    assert "refused" in run.toolTip()
    assert "refused" in run.accessibleDescription()
    assert page.stage.preview.shown is None
    working.window.table.trigger("studio.run")
    history = page.context.notifications.history
    await until(lambda: any(one.key == "run" for one in history))
    assert "refused" in history[-1].text
    assert not await working.program.queue.all()


async def test_one_refused_of_two_is_left_out(working: Shown) -> None:
    page, studio = working.page, working.program.studio
    await working.with_sources(HOPPER)
    await refuse(working.program, COLLINS)
    await working.opened(COLLINS, HOPPER)
    await until(lambda: all(one.verdict is not None for one in studio.pictures))
    targets = [*studio.targets_of_all_faces(str(COLLINS)), *studio.targets_of_all_faces(str(HOPPER))]
    page.pairing.pair(targets, page.shelf_model.faces[0].id)
    studio.show(str(HOPPER))
    await until(lambda: not page.preflight.is_due and len(page.preflight.plan.recipes) == 1)
    assert page.inspector.card.button.isEnabled()
    assert any(COLLINS.name in words for words in page.preflight.plan.warnings)
    assert page.inspector.refusal.isHidden()


async def crop_dialog(shown: Shown) -> CropDialog:
    """Wait for the dialog of the crop tool."""
    await until(lambda: shown.window.findChild(CropDialog) is not None)
    dialog = shown.window.findChild(CropDialog)
    assert isinstance(dialog, CropDialog)
    await until(dialog.isVisible)
    return dialog


async def test_a_part_takes_the_place_of_a_refused_picture_with_its_pairing(working: Shown) -> None:
    page, studio = working.page, working.program.studio
    await working.with_sources(HOPPER)
    await refused_picture(working)
    (target,) = studio.targets_of_all_faces(str(COLLINS))
    source = page.shelf_model.faces[0].id
    page.pairing.pair([target], source)
    await by_hand(button(page, "refusal-crop").click)
    dialog = await crop_dialog(working)
    assert not dialog.area.is_whole  # around the face already
    await by_hand(dialog.use.click)
    await until(lambda: len(studio.pictures) == 1 and studio.pictures[0].key != str(COLLINS))
    part = studio.pictures[0]
    assert Path(part.path).parent == working.program.home.parts_folder
    assert COLLINS.stem in part.name
    await until(lambda: studio.pictures[0].verdict is not None)
    await until(lambda: not page.inspector.refusal.isVisible())
    (found,) = studio.targets_of_all_faces(part.key)
    assert studio.board.source_of(found) == source
    await until(lambda: not page.preflight.is_due and page.preflight.plan.can_run)
    page._stack.undo()
    assert [one.key for one in studio.pictures] == [str(COLLINS)]
    assert studio.board.source_of(found) is None
    page._stack.redo()
    assert [one.key for one in studio.pictures] == [part.key]
    assert studio.board.source_of(found) == source


async def test_the_part_of_a_turned_photo_is_what_was_seen(working: Shown, tmp_path: Path) -> None:
    photo = tmp_path / "turned.jpg"
    upright = Image.new("RGB", (300, 200), "white")
    upright.paste((200, 0, 0), (200, 0, 300, 100))  # the upper right corner, as it is seen
    exif = Image.Exif()
    exif[0x0112] = 6  # stored turned by a quarter
    upright.transpose(Image.Transpose.ROTATE_90).save(photo, quality=100, subsampling=0, exif=exif)
    await working.opened(photo)
    await until(lambda: working.page.stage.levels is not None)
    working.window.table.trigger("studio.crop")
    dialog = await crop_dialog(working)
    assert dialog.area._whole.toRect().size() == QSize(300, 200)
    dialog.area.set_part(dialog.area._whole.adjusted(200, 0, 0, -100))
    await by_hand(dialog.use.click)
    studio = working.program.studio
    await until(lambda: studio.pictures[0].key != str(photo) and not working.page.tasks.is_running("crop"))
    with Image.open(studio.pictures[0].path) as part:
        assert part.size == (100, 100)
        red, green, blue = part.convert("RGB").getpixel((50, 50))  # type: ignore[misc]
    assert red > 180
    assert max(green, blue) < 40


async def test_the_crop_is_moved_and_sized_by_keys(working: Shown) -> None:
    await working.opened(HOPPER)
    working.window.table.trigger("studio.crop")
    dialog = await crop_dialog(working)
    area = dialog.area
    assert area.hasFocus()
    before, said = area.part, area.accessibleDescription()
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    await by_hand(lambda: QTest.keyClick(area, Qt.Key.Key_Right, ctrl))
    assert (area.part.left(), area.part.width()) == (before.left() + 1, before.width())
    await by_hand(lambda: QTest.keyClick(area, Qt.Key.Key_Down, ctrl | shift))
    assert (area.part.top(), area.part.height()) == (before.top(), before.height() + 1)
    await by_hand(lambda: QTest.keyClick(area, Qt.Key.Key_Left))
    assert area.part.left() < before.left()
    assert area.accessibleDescription() != said
    assert f"{round(area.part.width())} × {round(area.part.height())} pixels" in area.accessibleDescription()
    for _ in range(200):
        area._stretch(area.part, (1, 1), -50, -50)
    assert min(area.part.width(), area.part.height()) == 16
    area.choose_whole()
    assert not dialog.use.isEnabled()
    assert dialog.use.accessibleDescription()
    await by_hand(lambda: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    await until(lambda: not working.page.tasks.is_running("crop"))
    assert [one.key for one in working.program.studio.pictures] == [str(HOPPER)]


async def test_another_picture_takes_the_place(working: Shown, monkeypatch: pytest.MonkeyPatch) -> None:
    async def choose(*_: object) -> list[Path]:
        return [HOPPER]

    monkeypatch.setattr(refusing, "ask_for_media", choose)
    await refused_picture(working)
    await by_hand(button(working.page, "refusal-other").click)
    studio = working.program.studio
    await until(lambda: [one.key for one in studio.pictures] == [str(HOPPER)])
    await until(working.page.inspector.refusal.isHidden)
    working.page._stack.undo()
    assert [one.key for one in studio.pictures] == [str(COLLINS)]


async def test_moments_of_a_video_are_chips_and_marks_and_leaving_them_out_helps_at_once(
    shown: Shown, tmp_path: Path
) -> None:
    page, studio = shown.page, shown.program.studio
    await clip_on(shown, tmp_path)
    put_verdict(shown, *at(4.0, 4.5, 5.0, 8.0))
    card = page.inspector.refusal
    await until(card.isVisible)
    chips = [button(page, f"refusal-moment-{number}") for number in range(2)]
    assert [chip.text() for chip in chips] == ["0:04–0:05", "0:08"]
    assert chips[0].accessibleName() == "Refused at 0:04–0:05"
    view = page.video.timeline.view
    await until(lambda: view.clip is not None and view.clip.refused)
    assert view.clip is not None
    assert view.clip.refused == ((3.5, 5.5), (7.5, 8.5))
    assert (view.is_refused(round(4 * FPS)), view.is_refused(round(6.5 * FPS))) == (True, False)
    await by_hand(chips[1].click)
    assert page.video.player.state.frame == round(8 * FPS)
    await until(lambda: page.video.timeline.head.value_text().endswith("refused"))
    use = button(page, "refusal-part-0")
    assert use.text() == "Use 0:00–0:03"
    await by_hand(use.click)
    assert studio.trim_of(studio.pictures[0].key) == FrameRange(0, round(4 * FPS) - 13)
    await until(card.isHidden)
    page._stack.undo()
    await until(card.isVisible)
    studio.set_trim(studio.pictures[0].key, FrameRange(round(5.5 * FPS), round(9 * FPS)))
    await until(lambda: [one.text() for one in _chips(page)] == ["0:08"])


def _chips(page: StudioPage) -> list[QAbstractButton]:
    found = page.inspector.refusal._chips.findChildren(QAbstractButton)
    return [one for one in found if one.objectName().startswith("refusal-moment")]


async def test_a_run_of_a_refused_video_names_its_times(with_clip: Shown) -> None:
    page, studio = with_clip.page, with_clip.program.studio
    studio.set_ages({TargetFaceRef(MEDIA, 0): 10})
    put_verdict(with_clip, *at(4.0))
    await until(lambda: page.preflight.plan.sensitive and not page.preflight.is_due)
    assert "0:04" in page.inspector.card.button.accessibleDescription()
    assert not page.preflight.plan.recipes


async def test_every_control_of_the_card_can_be_reached_by_keys(with_clip: Shown) -> None:
    put_verdict(with_clip, *at(4.0, 8.0))
    card = with_clip.page.inspector.refusal
    await until(card.isVisible)
    controls = card.findChildren(QAbstractButton)
    assert len(controls) == 5
    for control in controls:
        assert control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    controls[2].setFocus(Qt.FocusReason.TabFocusReason)
    await by_hand(lambda: QTest.keyClick(controls[2], Qt.Key.Key_Space))
    await until(card.isHidden)
    focused: Callable[[], object] = QApplication.focusWidget
    await until(lambda: isinstance(now := focused(), QWidget) and not card.isAncestorOf(now))


def test_parts_keep_away_from_what_was_seen() -> None:
    found = clean_parts(times(), at(4.0, 9.8))
    assert [part.words for part in found] == ["0:04–0:09", "0:00–0:03"]
    for part in found:
        assert all(not part.frames.first <= one.frame < part.frames.end for one in at(3.5, 4.0, 4.5, 9.8))
    assert clean_parts(times(), at(*(number / 2 for number in range(20)))) == ()


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put scripted scores in the classifier's place; has to come before the program."""
    monkeypatch.setattr(compose, "WorkerPool", partial(WorkerPool, task_modules=("tests.scripted_looks",)))


@pytest.fixture
def beach(tmp_path: Path) -> Path:
    """Return the sample with a patch below the face that the scripted classifier takes for what is refused."""
    with Image.open(COLLINS) as opened:
        picture = opened.convert("RGB")
    picture.paste(REFUSED, (0, round(picture.height * 0.56), picture.width, picture.height))
    picture.save(tmp_path / "beach.png")
    return tmp_path / "beach.png"


async def test_a_picture_is_looked_at_when_it_is_opened_and_its_clean_part_passes(
    scripted: None, working: Shown, beach: Path
) -> None:
    page, studio = working.page, working.program.studio
    await working.opened(beach)
    await until(page.inspector.refusal.isVisible)
    await by_hand(button(page, "refusal-crop").click)
    dialog = await crop_dialog(working)
    whole = dialog.area._whole
    dialog.area.set_part(whole.adjusted(0, 0, 0, -whole.height() * 0.46))
    await by_hand(dialog.use.click)
    await until(lambda: studio.pictures[0].key != str(beach) and studio.pictures[0].verdict is not None)
    assert studio.pictures[0].verdict == Verdict(fingerprint(studio.pictures[0].path).quick_digest)
    assert studio.pictures[0].faces
    await until(page.inspector.refusal.isHidden)


async def test_a_refused_source_photo_is_told_and_can_be_cropped(scripted: None, working: Shown, beach: Path) -> None:
    page = working.page
    page.library.add([beach])
    history = page.context.notifications.history
    await until(lambda: any(one.key == "shelf-refused" for one in history))
    notice = next(one for one in history if one.key == "shelf-refused")
    assert notice.text == "“beach.png” is refused: it seems to show nudity."
    assert notice.hint.startswith("Choose another picture, or crop it so that only the face is left.")
    assert not page.shelf_model.faces
    assert (notice.button, notice.action is not None) == ("Open in the Studio", True)
    assert notice.action is not None
    await by_hand(notice.action)
    await until(page.inspector.refusal.isVisible)
