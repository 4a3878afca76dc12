"""What the self-test says of Live."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from faceswap_desktop.domain.live_cloud import Session, SessionId, SessionState
from faceswap_desktop.services.live_checks import camera_checks, page_check, session_check
from faceswap_desktop.services.virtual_camera import virtual_camera_need
from faceswap_desktop.storage.database import Database
from faceswap_desktop.storage.live_sessions import LiveSessionStore
from tests.unit.storage.live_rows import booking_of


@pytest_asyncio.fixture
async def store(tmp_path: Path) -> AsyncIterator[LiveSessionStore]:
    database = await Database.open(tmp_path / "faceswap.sqlite3")
    yield LiveSessionStore(database)
    await database.close()


async def said_of_sessions(store: LiveSessionStore) -> tuple[bool, str]:
    check = await session_check(store)
    assert not check.is_needed
    return check.is_ok, check.detail


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux lists its cameras as files")
def test_cameras_are_counted_and_not_named(tmp_path: Path) -> None:
    [none] = camera_checks(tmp_path / "missing")
    assert (none.is_ok, none.detail) == (False, "none: a file or a picture can stand in")
    for name in ("video1", "video0", "v4l-subdev0"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "name").write_text("Zoe's phone\n", encoding="utf-8")
    [some] = camera_checks(tmp_path)
    assert (some.is_ok, some.detail) == (True, "video0, video1 (a file or a picture can stand in)")


def test_what_keeps_the_page_from_being_shown_is_said() -> None:
    assert page_check("json").detail == "QtWebEngine can be loaded"
    wrong = page_check("json.nowhere")
    assert not wrong.is_ok
    assert "not possible: ModuleNotFoundError: No module named 'json.nowhere'" in wrong.detail


def test_what_the_virtual_camera_needs_goes_where_the_program_is(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    found = {"pip": find("json")}
    monkeypatch.setattr(importlib.util, "find_spec", found.get)
    need = virtual_camera_need()
    assert need is not None
    assert f'Install it with: "{sys.executable}" -m pip install pyvirtualcam' in need.text()
    found.clear()
    need = virtual_camera_need()
    assert need is not None
    assert f'uv pip install --python "{sys.executable}" pyvirtualcam' in need.text()


@pytest.mark.skipif(sys.platform != "linux", reason="the driver of Linux")
def test_that_a_driver_is_needed_too_is_said_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("faceswap_desktop.services.virtual_camera._LOOPBACK", tmp_path)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    need = virtual_camera_need()
    assert need is not None
    assert "pyvirtualcam" in need.text()
    assert "sudo modprobe v4l2loopback" in need.text()
    (tmp_path / "video0").touch()
    need = virtual_camera_need()
    assert need is not None
    assert "pyvirtualcam" in need.text()
    assert "modprobe" not in need.text(), "the driver is there"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (SessionState.OPEN, "one is open, and costs until it is closed, at akool"),
        (SessionState.CLOSING, "one is open, and costs until it is closed, at akool"),
        (SessionState.UNCONFIRMED, "one may be open, as no answer came when it was begun, at akool"),
        (SessionState.CREATING, "one may be open, as no answer came when it was begun, at akool"),
        (SessionState.CLOSED, "none is open"),
        (SessionState.REFUSED, "none is open"),
        (SessionState.DISMISSED, "none is open"),
    ],
)
async def test_sessions_left_open_are_told(store: LiveSessionStore, state: SessionState, words: str) -> None:
    session = Session(SessionId("one"), "akool", state, remote_id="abc", created_at=1.0)
    await store.begin(session, booking_of(session))
    assert await said_of_sessions(store) == (words == "none is open", words)


async def test_the_sandboxs_sessions_cost_nobody_anything(store: LiveSessionStore) -> None:
    session = Session(SessionId("one"), "akool", SessionState.OPEN, created_at=1.0, in_sandbox=True)
    await store.begin(session, booking_of(session))
    assert await said_of_sessions(store) == (True, "none is open")
