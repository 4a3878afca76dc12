"""Each page, light and dark, empty, full and with an error, as it was when somebody last looked at it."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.settings import Theme
from faceswap_desktop.services.studio import PictureStatus
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Tone
from faceswap_desktop.ui.pages.faces import FacesPage
from faceswap_desktop.ui.pages.studio import StudioPage
from faceswap_desktop.ui.theme.manager import ThemeManager
from tests.ui import content
from tests.ui.conftest import until
from tests.visual.conftest import Compare

THEMES: Final = (Theme.LIGHT, Theme.DARK)
SECTIONS: Final = ("accounts", "webhook")
"""Of the settings, those that have parts of their own; the others are made of the same."""
LONG_AGO: Final = 1_700_000_000.0
"""Results are from then, so that the date on their cards is the same every day."""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with something in it that does not depend on the day, nor on how well faces are put in."""
    folder = tmp_path_factory.mktemp("visual")
    root = folder / "home"
    content.fill(root, content.two_officers(folder / "two officers.png"), results=3)
    home = Home(root)
    shutil.rmtree(home.cache_root or root / "cache", ignore_errors=True)
    with closing(sqlite3.connect(home.database)) as connection:
        # By title: which of the jobs was done first is another each time.
        rows = connection.execute("SELECT seq, path FROM result_details ORDER BY title").fetchall()
        for number, (seq, path) in enumerate(rows):
            shutil.copy((content.COLLINS, content.HOPPER)[number % 2], path)
            then = LONG_AGO + 60 * number
            connection.execute("UPDATE results SET created_at = ?, similarity = 0.5 WHERE seq = ?", (then, seq))
        connection.commit()
    return folder


@pytest.fixture
def filled_home(home: Home, filled: Path) -> Home:
    """Put that content into the home; has to come before the program."""
    shutil.copytree(filled / "home", home.root, dirs_exist_ok=True)
    return home


async def picture_of(window: MainWindow, compare: Compare, theme: ThemeManager, name: str) -> None:
    """Compare the window at rest, in both themes; without a caret, which blinks."""
    for shade in THEMES:
        theme.apply(shade.value, "reduced")
        if (focused := QApplication.focusWidget()) is not None:
            focused.clearFocus()
        compare(f"{name}-{shade.value}", await at_rest(window))


async def at_rest(window: MainWindow) -> QImage:
    """Return a picture of the window as soon as it has looked the same for a while."""
    before, same = QImage(), 0
    for _ in range(300):
        await asyncio.sleep(0.03)
        now = window.grab().toImage()
        same = same + 1 if now == before else 0
        before = now
        if same == 6:
            return now
    raise AssertionError("the window never comes to rest")


async def settle(window: MainWindow) -> None:
    """End what the pages do: pytest-qt lets events pass after a test, when no loop runs that could take them."""
    page = window.page("studio")
    if isinstance(page, StudioPage):
        await until(lambda: not page.preflight.is_due and not page.stage.preview.is_busy, 30)
    for entry in window.entries:
        if (built := window.page(entry.id)) is not None:
            await built.tasks.close()
    await at_rest(window)


async def test_empty_pages(window: MainWindow, theme: ThemeManager, compare: Compare, differences: list[str]) -> None:
    for page in ("studio", "gallery", "faces", "live", "settings", "help"):
        window.show_page(page)
        await picture_of(window, compare, theme, f"{page}-empty" if page in {"studio", "gallery", "faces"} else page)
    await settle(window)
    assert not differences, "\n".join(differences)


async def test_settings_of_services(
    window: MainWindow, theme: ThemeManager, compare: Compare, differences: list[str]
) -> None:
    for section in SECTIONS:
        window.show_page("settings", section)
        page = window.page("settings")
        assert page is not None
        await until(lambda page=page: not page.tasks._running)  # type: ignore[misc]
        await picture_of(window, compare, theme, f"settings-{section}")
    await settle(window)
    assert not differences, "\n".join(differences)


async def test_full_pages(
    filled_home: Home,
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
) -> None:
    await program.start()
    await program.studio.restore()
    window.show_page("studio")
    page = window.page("studio")
    assert isinstance(page, StudioPage)
    await until(lambda: all(one.status is PictureStatus.READY for one in program.studio.pictures), 60)
    await until(lambda: page.stage.preview.shown is not None and not page.stage.preview.is_busy, 60)
    # The preview shows how well faces are put in, which has measures of its own.
    page.panel.canvas.canvas.set_patches(())
    await picture_of(window, compare, theme, "studio-full")
    for name in ("gallery", "faces"):
        window.show_page(name)
        shown = window.page(name)
        assert shown is not None
        # Painting asks for thumbnails, and they come a moment later.
        window.grab()
        await until(lambda shown=shown: not shown.tasks._running, 60)  # type: ignore[misc]
        await picture_of(window, compare, theme, f"{name}-full")
    await settle(window)
    assert not differences, "\n".join(differences)


async def test_pages_with_an_error(
    filled_home: Home,
    window: MainWindow,
    program: Program,
    theme: ThemeManager,
    compare: Compare,
    differences: list[str],
    tmp_path: Path,
) -> None:
    await program.start()
    broken = tmp_path / "holiday.jpg"
    broken.write_bytes(content.HOPPER.read_bytes()[:20_000])
    window.show_page("studio")
    program.studio.open([broken])
    await until(lambda: any(one.status is PictureStatus.FAILED for one in program.studio.pictures), 60)
    await picture_of(window, compare, theme, "studio-error")

    [job] = (await program.queue.all())[:1]
    gone = replace(job.recipe, media=replace(job.recipe.media, path=str(tmp_path / "gone.png")))
    await program.swapping.wait([job.id for job in await program.swapping.submit([gone])])
    window.show_page("gallery")
    await picture_of(window, compare, theme, "gallery-error")

    nobody = tmp_path / "sky.png"
    sky = QImage(640, 480, QImage.Format.Format_RGB32)
    sky.fill(0xFF88AACC)
    assert sky.save(str(nobody))
    window.show_page("faces")
    faces = window.page("faces")
    assert isinstance(faces, FacesPage)
    faces.receive_files([nobody])
    await until(lambda: any(one.tone in {Tone.WARNING, Tone.ERROR} for one in window.notifications.history), 60)
    await picture_of(window, compare, theme, "faces-error")
    await settle(window)
    assert not differences, "\n".join(differences)


def test_every_reference_belongs_to_a_picture(request: pytest.FixtureRequest) -> None:
    from tests.visual import test_cloud_parts, test_consent, test_refusals, test_verify, test_video_parts
    from tests.visual.conftest import REFERENCES

    pages = [f"{page}-{state}" for page in ("studio", "gallery", "faces") for state in ("empty", "full", "error")]
    pages += ["live", "settings", "help", *(f"settings-{section}" for section in SECTIONS)]
    wanted = {f"{page}-{theme.value}.png" for page in pages for theme in THEMES}
    wanted |= {
        f"{part}-{theme.value}.png"
        for part in (*test_video_parts.PARTS, *test_cloud_parts.PARTS, *test_refusals.PARTS)
        for theme in test_video_parts.THEMES
    }
    wanted |= {f"{part}-{theme.value}.png" for part in (*test_consent.PARTS, *test_verify.PARTS) for theme in THEMES}
    wanted |= {
        f"timeline-{theme}.png" for theme in ("light", "dark", "high-contrast", "zoomed-high-contrast", "focused-light")
    }
    assert {path.name for path in REFERENCES.glob("*.png")} == wanted
    assert sum(path.stat().st_size for path in REFERENCES.glob("*.png")) < 7_000_000
