"""What Live needs beyond the rest of the program, and whether a session at a service was left open."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Final

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.live_cloud import SessionState
from faceswap_desktop.services.checks import Check
from faceswap_desktop.services.virtual_camera import virtual_camera_need
from faceswap_desktop.storage.live_sessions import LiveSessionStore

_CAMERAS: Final = Path("/sys/class/video4linux")
_BROWSER: Final = "PySide6.QtWebEngineCore"
_LIMIT_S: Final = 60.0
_UNCERTAIN: Final = (SessionState.CREATING, SessionState.UNCONFIRMED)
_LEFT_OPEN: Final = (SessionState.OPEN, SessionState.CLOSING)
_COSTS: Final = "one is open, and costs until it is closed,"
_MAY: Final = "one may be open, as no answer came when it was begun,"


async def live_checks(sessions: LiveSessionStore) -> list[Check]:
    """Try what Live needs; the rest of the program does without all of it."""
    checks = camera_checks()
    need = await asyncio.to_thread(virtual_camera_need)
    checks.append(Check("virtual camera", need is None, str(need or "can be started"), is_needed=False))
    checks.append(await asyncio.to_thread(page_check))
    checks.append(await session_check(sessions))
    return checks


def camera_checks(folder: Path = _CAMERAS) -> list[Check]:
    """Count the cameras where the system lists them as files (Linux). Elsewhere only the window can tell."""
    if not sys.platform.startswith("linux"):
        return []
    # Their names may be those of people ("Zoe's phone"), and what is said here goes into reports.
    found = sorted(path.name for path in folder.glob("video*")) if folder.is_dir() else []
    told = (
        f"{', '.join(found)} (a file or a picture can stand in)" if found else "none: a file or a picture can stand in"
    )
    return [Check("camera", bool(found), told, is_needed=False)]


def page_check(module: str = _BROWSER) -> Check:
    """Tell whether the page for Live at a service can be shown. It takes a second, and is not to hold a loop.

    It is tried in a process of its own: what the browser loads takes a hundred megabytes, and stays.
    """
    if not _has(module.partition(".")[0]):
        return _page("the window's toolkit is not installed")
    if getattr(sys, "frozen", False):
        return _page("" if _has(module) else "it is not in this bundle")
    try:
        done = subprocess.run(
            [sys.executable, "-c", f"import {module}"], capture_output=True, text=True, timeout=_LIMIT_S, check=False
        )
    except (OSError, subprocess.SubprocessError) as error:
        return _page(str(error))
    said = "".join(done.stderr.strip().splitlines()[-1:]) or f"exit code {done.returncode}"
    return _page(said if done.returncode else "")


def _has(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _page(wrong: str) -> Check:
    told = f"Live at a service is not possible: {wrong}" if wrong else "QtWebEngine can be loaded"
    return Check("live page", not wrong, told, is_needed=False)


async def session_check(sessions: LiveSessionStore) -> Check:
    """Tell whether a session at a service was left open, or may have been."""
    try:
        known = await sessions.in_states(*_LEFT_OPEN, *_UNCERTAIN)
    except FaceSwapError as error:
        return Check("live sessions", False, str(error), is_needed=False)
    told = [f"{_COSTS if one.state in _LEFT_OPEN else _MAY} at {one.provider}" for one in known if not one.in_sandbox]
    return Check("live sessions", not told, "; ".join(told) or "none is open", is_needed=False)
