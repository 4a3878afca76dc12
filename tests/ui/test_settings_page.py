"""Settings: applied at once, stored, and following what others change."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from faceswap_desktop.domain.recipe import OutputFormat, VideoCodec, VideoContainer, VideoQuality
from faceswap_desktop.domain.settings import Motion, Theme
from faceswap_desktop.ui.context import AppContext
from faceswap_desktop.ui.dialogs.questions import QuestionDialog
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.settings import SECTIONS
from faceswap_desktop.ui.widgets.forms import Choice
from tests.ui.conftest import until


def stored(context: AppContext) -> dict[str, dict[str, object]]:
    path = context.home.settings_file
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def pick(window: MainWindow, name: str, value: object) -> None:
    choice = window.findChild(Choice, name)
    assert isinstance(choice, Choice)
    row = choice.values().index(value)
    choice.setCurrentIndex(row)
    choice.activated.emit(row)


@pytest.mark.parametrize(
    ("place", "name", "value", "section", "key"),
    [
        ("appearance", "settings-theme", Theme.DARK, "appearance", "theme"),
        ("appearance", "settings-motion", Motion.REDUCED, "appearance", "motion"),
        ("output", "settings-format", OutputFormat.PNG, "output", "format"),
        ("output", "settings-codec", VideoCodec.AV1, "output", "video_codec"),
        ("output", "settings-video-quality", VideoQuality.SMALL, "output", "video_quality"),
        ("output", "settings-container", VideoContainer.MKV, "output", "video_container"),
    ],
)
async def test_a_choice_is_applied_and_stored(
    window: MainWindow, context: AppContext, place: str, name: str, value: object, section: str, key: str
) -> None:
    window.show_page("settings", place)
    pick(window, name, value)
    await until(lambda: getattr(getattr(context.settings.current, section), key) is value)
    await until(lambda: stored(context).get(section, {}).get(key) == value)


@pytest.mark.parametrize(
    ("place", "name", "section", "key"),
    [
        ("appearance", "settings-landmarks", "appearance", "show_landmarks"),
        ("appearance", "settings-numbers", "appearance", "show_numbers"),
        ("output", "settings-lossless", "output", "lossless_webp"),
        ("jobs", "settings-notify", "jobs", "notify_when_done"),
        ("jobs", "settings-awake", "jobs", "keep_awake"),
        ("privacy", "settings-gps", "output", "keep_gps"),
    ],
)
async def test_a_switch_is_applied_and_stored(
    window: MainWindow, context: AppContext, place: str, name: str, section: str, key: str
) -> None:
    window.show_page("settings", place)
    switch = window.findChild(QCheckBox, name)
    assert isinstance(switch, QCheckBox)
    before = getattr(getattr(context.settings.current, section), key)
    assert switch.isChecked() == before
    switch.click()
    await until(lambda: getattr(getattr(context.settings.current, section), key) is not before)
    await until(lambda: stored(context).get(section, {}).get(key) is (not before))


@pytest.mark.parametrize(
    ("place", "name", "number", "section", "key"),
    [
        ("jobs", "settings-workers", 3, "jobs", "workers"),
        ("storage", "settings-cache-limit", 512, "storage", "cache_limit_mb"),
        ("storage", "settings-undo", 60, "storage", "undo_seconds"),
        ("advanced", "settings-megapixels", 100, "media", "max_megapixels"),
        ("advanced", "settings-memory", 2048, "media", "worker_memory_mb"),
        ("advanced", "settings-patience", 60, "jobs", "task_limit_s"),
    ],
)
async def test_a_number_is_applied_and_stored(
    window: MainWindow, context: AppContext, place: str, name: str, number: int, section: str, key: str
) -> None:
    window.show_page("settings", place)
    field = window.findChild(QSpinBox, name)
    assert isinstance(field, QSpinBox)
    assert field.value() == getattr(getattr(context.settings.current, section), key)
    field.setValue(number)
    await until(lambda: getattr(getattr(context.settings.current, section), key) == number)
    await until(lambda: stored(context).get(section, {}).get(key) == number)


async def test_quality_is_one_change_per_gesture(window: MainWindow, context: AppContext, qtbot: QtBot) -> None:
    window.show_page("settings", "output")
    slider = window.findChild(QSlider, "settings-quality-slider")
    assert isinstance(slider, QSlider)
    slider.setSliderDown(True)
    for position in (90, 80, 70):
        slider.setValue(position)
    assert context.settings.current.output.quality == 95
    slider.setSliderDown(False)
    await until(lambda: context.settings.current.output.quality == 71)
    reset = window.findChild(QToolButton, "settings-quality-reset")
    assert isinstance(reset, QToolButton)
    reset.click()
    await until(lambda: context.settings.current.output.quality == 95)


async def test_controls_follow_what_others_change(window: MainWindow, context: AppContext) -> None:
    window.show_page("settings", "jobs")
    window.show_page("settings", "appearance")
    theme = window.findChild(QComboBox, "settings-theme")
    workers = window.findChild(QSpinBox, "settings-workers")
    assert isinstance(theme, QComboBox)
    assert isinstance(workers, QSpinBox)
    await context.settings.update("appearance", theme=Theme.HIGH_CONTRAST)
    await context.settings.update("jobs", workers=5)
    await until(lambda: theme.currentText() == "High contrast" and workers.value() == 5)
    assert workers.text() == "5"


async def test_a_name_that_will_not_do_is_not_taken(window: MainWindow, context: AppContext, qtbot: QtBot) -> None:
    window.show_page("settings", "output")
    field = window.findChild(QLineEdit, "settings-name-template")
    assert isinstance(field, QLineEdit)
    for text in ("{nobody}", "{name", "{name.x}", "  "):
        field.setText(text)
        field.editingFinished.emit()
        assert context.settings.current.output.name_template == "{name} as {source}"
        assert field.text() == "{name} as {source}"
    field.setText("{date}  {name}")
    field.editingFinished.emit()
    await until(lambda: context.settings.current.output.name_template == "{date} {name}")


async def test_the_disk_is_measured_and_caches_are_cleared(
    window: MainWindow, context: AppContext, notifications: Notifications
) -> None:
    thumbnail = context.home.thumbnails_folder / "a.png"
    thumbnail.parent.mkdir(parents=True, exist_ok=True)
    thumbnail.write_bytes(b"x" * 3_000_000)
    kept = context.home.results_folder / "result.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(b"y" * 10)
    window.show_page("settings", "storage")
    label = window.findChild(QLabel, "usage-thumbnails")
    clear = window.findChild(QPushButton, "settings-clear-caches")
    assert isinstance(label, QLabel)
    assert isinstance(clear, QPushButton)
    await until(lambda: label.text() == "2.9 MB")
    await until(clear.isEnabled)
    clear.click()
    await until(lambda: label.text() == "0 bytes")
    assert not thumbnail.exists()
    assert kept.exists()
    assert not clear.isEnabled()
    assert "Caches are cleared" in notifications.history[-1].text


async def test_reset_asks_first(window: MainWindow, context: AppContext) -> None:
    await context.settings.update("jobs", workers=7)
    await context.settings.update("output", quality=50)
    window.show_page("settings", "advanced")
    button = window.findChild(QPushButton, "settings-reset")
    assert isinstance(button, QPushButton)
    button.click()
    await until(lambda: window.findChild(QuestionDialog))
    dialog = window.findChild(QuestionDialog)
    assert isinstance(dialog, QuestionDialog)
    assert context.settings.current.jobs.workers == 7
    dialog.yes.click()
    await until(lambda: context.settings.current.jobs.workers == 0 and context.settings.current.output.quality == 95)


async def test_a_disk_that_cannot_be_written_is_said(
    window: MainWindow, context: AppContext, notifications: Notifications
) -> None:
    context.home.settings_file.mkdir()
    window.show_page("settings")
    pick(window, "settings-theme", Theme.DARK)
    await until(lambda: notifications.history)
    assert context.settings.current.appearance.theme is Theme.DARK, "it holds until the program ends"
    assert "settings.toml" in notifications.history[-1].text


async def test_the_menu_marks_the_theme_and_changes_it(window: MainWindow, context: AppContext) -> None:
    def marked() -> list[str]:
        themes = [one.id for one in window.table.specs() if one.id.startswith("view.theme-")]
        return [one for one in themes if window.table.action(one).isChecked()]

    assert marked() == ["view.theme-system"]
    window.table.trigger("view.theme-dark")
    await until(lambda: context.settings.current.appearance.theme is Theme.DARK)
    await until(lambda: marked() == ["view.theme-dark"])
    window.table.trigger("view.theme-dark")
    assert marked() == ["view.theme-dark"]


async def test_each_section_is_there(window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("settings")
    assert page is not None
    for section in (
        "appearance",
        "output",
        "accounts",
        "budget",
        "hosting",
        "webhook",
        "sandbox",
        "jobs",
        "storage",
        "privacy",
        "advanced",
    ):
        window.show_page("settings", section)
        area = page.findChild(QWidget, f"section-{section}")
        assert isinstance(area, QWidget)
        assert area.isVisible()


async def test_sections_are_listed_at_once_and_built_when_looked_at(window: MainWindow, context: AppContext) -> None:
    page = window.page("settings")
    assert page is not None
    listed = page.findChild(QListWidget, "settings-sections")
    assert isinstance(listed, QListWidget)
    assert [listed.item(row).text() for row in range(listed.count())] == [entry.title for entry in SECTIONS]

    def built() -> set[str]:
        return {entry.id for entry in SECTIONS if page.findChild(QWidget, f"section-{entry.id}") is not None}

    assert built() == set(), "nobody has looked at the page"
    window.show_page("settings")
    assert built() == {"appearance"}
    window.show_page("studio")
    await context.settings.update("jobs", workers=3)
    window.show_page("settings", "jobs")
    assert built() == {"appearance", "jobs"}
    workers = page.findChild(QSpinBox, "settings-workers")
    assert workers is not None
    assert workers.value() == 3, "what changed before it was built"
    listed.setCurrentRow(0)
    listed.setCurrentRow(1)
    assert built() == {"appearance", "jobs", "output"}
    window.show_page("settings", "jobs")
    assert page.findChildren(QSpinBox, "settings-workers") == [workers], "built once"


async def test_a_cluster_is_set_with_its_files_and_taken_back(
    window: MainWindow, context: AppContext, tmp_path: Path
) -> None:
    window.show_page("settings", "advanced")
    field = window.findChild(QLineEdit, "settings-cluster")
    choose = window.findChild(QPushButton, "settings-tls_ca-choose")
    assert field is not None
    assert choose is not None
    assert not choose.isVisible(), "tcp:// needs no certificates"
    field.setText("  tls://render.example:8786 ")
    field.editingFinished.emit()
    await until(lambda: context.settings.current.cluster.address == "tls://render.example:8786")
    await until(choose.isVisible)
    pem = tmp_path / "ca.pem"
    pem.touch()
    choose.click()
    await until(lambda: window.findChild(QFileDialog) is not None)
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    name = dialog.findChild(QLineEdit)
    assert name is not None
    name.setText(str(pem))
    asyncio.get_running_loop().call_soon(dialog.accept)
    await until(lambda: context.settings.current.cluster.tls_ca == str(pem))
    # It is in force before it is in the file.
    kept = {"address": "tls://render.example:8786", "tls_ca": str(pem)}
    await until(lambda: stored(context).get("cluster") == kept)
    clear = window.findChild(QToolButton, "settings-tls_ca-clear")
    assert clear is not None
    clear.click()
    await until(lambda: not context.settings.current.cluster.tls_ca)


async def test_what_to_expect_of_a_quality_is_said(window: MainWindow, context: AppContext) -> None:
    window.show_page("settings", "output")
    pick(window, "settings-video-quality", VideoQuality.LOSSLESS)
    await until(lambda: any("thirty times" in label.text() for label in window.findChildren(QLabel)))
    pick(window, "settings-codec", VideoCodec.PRORES)
    await until(lambda: any(label.text().startswith("ProRes is large") for label in window.findChildren(QLabel)))
