"""Every test is strict: nothing of this computer is touched, and whatever is left over fails it.

A test may loosen one rule in the open: ``caplog`` or ``expect_log`` for log records (or the mark ``allow_logs``).
"""

from __future__ import annotations

import asyncio
import asyncio.runners
import logging
import multiprocessing
import os
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import settings

from tests import no_network, without_qt

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

# Read by Qt, keyring and time once, so they are set before anything is imported. Child processes inherit them.
os.environ["QT_QPA_PLATFORM"] = os.environ.get("FACESWAP_TEST_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"
# As in the program's workers: threads that wait for each other's crumbs cost more than they bring.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
os.environ["TZ"] = "UTC"
os.environ["LC_ALL"] = "C.UTF-8"
os.environ["LANGUAGE"] = "en"
for _name in ("DISPLAY", "WAYLAND_DISPLAY", "FACESWAP_HOME", "QT_SCALE_FACTOR", "QT_STYLE_OVERRIDE", "XDG_RUNTIME_DIR"):
    os.environ.pop(_name, None)
if hasattr(time, "tzset"):
    time.tzset()

# A busy computer is slow now and then, and no test is about time.
settings.register_profile("faceswap", deadline=None)
settings.load_profile("faceswap")

QT_FOLDERS: Final = frozenset({"ui", "visual"})
"""Folders under tests/ whose tests run in Qt's event loop; everything else runs without Qt."""

GRACE_S: Final = 5.0
"""How long a thread or a process that is ending may take; a healthy one is gone at once."""


def _needs_qt(path: Path) -> bool:
    parts = path.relative_to(Path(__file__).parent).parts if path.is_relative_to(Path(__file__).parent) else ()
    return bool(parts) and parts[0] in QT_FOLDERS


# ----------------------------------------------------------------------------------------------------------- Qt or not


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add ``--without-qt``: run as on a computer where PySide6 and qasync are not installed; ``--update-snapshots``."""
    parser.addoption("--update-snapshots", action="store_true", help="make what tests/visual sees the references")
    parser.addoption("--without-qt", action="store_true", help="hide PySide6 and qasync (give -p no:pytest-qt as well)")
    if not pluginmanager.hasplugin("pytest-qt"):
        # Known to pytest-qt only; declared here so that --strict-config lets them pass when it is switched off.
        parser.addini("qt_api", "pytest-qt's")
        parser.addini("qt_log_level_fail", "pytest-qt's")


def pytest_configure(config: pytest.Config) -> None:
    """Hide Qt where that was asked for."""
    if config.getoption("--without-qt"):
        if config.pluginmanager.hasplugin("pytest-qt"):
            raise pytest.UsageError("--without-qt needs -p no:pytest-qt: that plugin loads Qt by itself")
        without_qt.hide()


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give the window's tests the window's loop, and all others the plain one."""
    if _needs_qt(item.path):
        return {"qt": _qt_loop}
    return {"asyncio": asyncio.new_event_loop}


def _qt_loop() -> asyncio.AbstractEventLoop:
    import qasync
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)  # else the first closed window ends the loop under the test
    loop: asyncio.AbstractEventLoop = qasync.QEventLoop(app)
    return loop


# ----------------------------------------------------------------------------------------------------------- isolation


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put every folder that belongs to the user under ``tmp_path``, and keep sockets on this computer."""
    home = tmp_path / "user"
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "AppData" / "Roaming",
        "LOCALAPPDATA": home / "AppData" / "Local",
        "XDG_CONFIG_HOME": home / ".config",
        "XDG_DATA_HOME": home / ".local" / "share",
        "XDG_CACHE_HOME": home / ".cache",
        "XDG_STATE_HOME": home / ".local" / "state",
        "FACESWAP_HOME": home / "faceswap",
    }
    home.mkdir()
    for name, folder in folders.items():
        monkeypatch.setenv(name, str(folder))
    no_network.block(monkeypatch)


@pytest.fixture(scope="session")
def _bundled_fonts(qapp: QApplication) -> None:
    """Draw with the bundled fonts only, so that pictures do not depend on what a computer has."""
    from PySide6.QtGui import QFont, QFontDatabase

    from faceswap_desktop.resources import resource_path

    for path in sorted(resource_path("fonts").glob("*.otf")):
        assert QFontDatabase.addApplicationFont(str(path)) >= 0, f"{path} cannot be loaded"
    qapp.setStyle("Fusion")
    qapp.setFont(QFont("Inter", 10))


@pytest.fixture(autouse=True)
def _qt_isolated(request: pytest.FixtureRequest, _isolated: None) -> Iterator[None]:
    """For the window's tests: fonts, QSettings in ``tmp_path``, and no window left open."""
    if not _needs_qt(request.path):
        yield
        return
    request.getfixturevalue("_bundled_fonts")
    from PySide6.QtCore import QSettings
    from PySide6.QtWidgets import QApplication

    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    for scope in (QSettings.Scope.UserScope, QSettings.Scope.SystemScope):
        QSettings.setPath(QSettings.Format.IniFormat, scope, os.environ["XDG_CONFIG_HOME"])
    yield
    modal = QApplication.activeModalWidget()
    assert modal is None, f"a modal dialog was left open: {modal!r}"


# ------------------------------------------------------------------------------------------------------------ leftovers

_tasks_left: list[str] = []
_cancel_all_tasks = asyncio.runners._cancel_all_tasks  # type: ignore[attr-defined]


def _note_tasks(loop: asyncio.AbstractEventLoop) -> None:
    # asyncio's runner cancels what is left without a word; this is the last moment at which it can be seen.
    _tasks_left.extend(repr(task) for task in asyncio.all_tasks(loop))
    _cancel_all_tasks(loop)


asyncio.runners._cancel_all_tasks = _note_tasks  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that leaves asyncio tasks behind after all its fixtures are closed."""
    _tasks_left.clear()
    result = yield
    if _tasks_left:
        pytest.fail("asyncio tasks left over:\n" + "\n".join(_tasks_left), pytrace=False)
    return result


@pytest.fixture(autouse=True)
def _nothing_left_running() -> Iterator[None]:
    """Fail a test that leaves threads or worker processes behind."""
    before = set(threading.enumerate())
    children = set(multiprocessing.active_children())
    yield
    deadline = time.monotonic() + GRACE_S
    while True:
        threads = [thread for thread in threading.enumerate() if thread not in before and not _is_harmless(thread)]
        processes = [child for child in multiprocessing.active_children() if child not in children]
        if not threads and not processes:
            return
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    pytest.fail(f"left running: {threads} {processes}", pytrace=False)


def _is_harmless(thread: threading.Thread) -> bool:
    # A foreign thread (Qt's) that ran Python once; execnet's belong to pytest-xdist.
    return isinstance(thread, threading._DummyThread) or thread.name.startswith(("execnet", "pydevd"))


# ------------------------------------------------------------------------------------------------------------------ log


class _LogWatch(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []
        self.expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def surprises(self) -> list[str]:
        texts = [f"{one.levelname} {one.name}: {one.getMessage()}" for one in self.records]
        return [text for text in texts if not any(re.search(pattern, text) for pattern in self.expected)]

    def missing(self) -> list[str]:
        texts = [one.getMessage() for one in self.records]
        return [pattern for pattern in self.expected if not any(re.search(pattern, text) for text in texts)]


@pytest.fixture(autouse=True)
def _log_watch(request: pytest.FixtureRequest) -> Iterator[_LogWatch]:
    """Fail a test in whose time something is logged at WARNING or above, unless the test expects it."""
    watch = _LogWatch()
    root = logging.getLogger()
    root.addHandler(watch)
    yield watch
    root.removeHandler(watch)
    looks_itself = "caplog" in request.fixturenames or request.node.get_closest_marker("allow_logs") is not None
    if not looks_itself and (surprises := watch.surprises()):
        pytest.fail("unexpected log records:\n" + "\n".join(surprises), pytrace=False)
    if missing := watch.missing():
        pytest.fail(f"expected log records that never came: {missing}", pytrace=False)


@pytest.fixture
def expect_log(_log_watch: _LogWatch) -> Callable[[str], None]:
    """Return a function that announces a log record: ``expect_log("regular expression")``. It has to come."""
    return _log_watch.expected.append
