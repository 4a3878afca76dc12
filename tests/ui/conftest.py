"""The window's parts on a real program whose workers are not started: tests that need workers start them."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from faceswap_desktop.compose import Program, build
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.bridge import EngineSignals
from faceswap_desktop.ui.context import AppContext, Navigator
from faceswap_desktop.ui.main_window import MainWindow
from faceswap_desktop.ui.notifications import Notifications
from faceswap_desktop.ui.theme.manager import ThemeManager
from faceswap_desktop.ui.window_state import WindowState
from tests.agreeing import everyone_agrees

_UNAVOIDABLE = (
    "This plugin does not support propagateSizeHints",
    "pipewire-0.3",
    "pa_context_connect",
    "Using Qt multimedia",
    "ALSA",
    "No RHI backend",
)
"""What Qt's offscreen platform says: of every window that has a smallest size, without sound, and without graphics."""


_OF_SERVICES = {"deliveries", "jobs let go", "sandbox switch"}
"""Short tasks that a change of the settings starts below the window."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what Qt's offscreen platform always says not fail a test, and let every test end at rest."""
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.qt_log_ignore(*_UNAVOIDABLE, extend=True))
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = _ends_at_rest(item, item.obj)


def _ends_at_rest(item: pytest.Function, test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., Any]:
    """Wait after a test until its window has nothing to do: pytest-qt passes events when no loop runs any more."""

    @functools.wraps(test)
    async def at_rest(*args: Any, **fixtures: Any) -> None:
        await test(*args, **fixtures)
        if isinstance(window := item.funcargs.get("window"), MainWindow):
            await rest(window)

    return at_rest


async def rest(window: MainWindow) -> None:
    """Wait until nothing is under way in a window, nor was for a moment."""
    quiet = 0
    while quiet < 4:
        owners = [window.tasks(), *(page.tasks for page in window._pages.values())]
        is_busy = any(owner._running for owner in owners) or any(
            task.get_name() in _OF_SERVICES for task in asyncio.all_tasks()
        )
        quiet = 0 if is_busy else quiet + 1
        await asyncio.sleep(0.005)


@pytest.fixture(scope="session", autouse=True)
def _modules_are_for_ever() -> Iterator[None]:
    """Keep what is imported out of every collection, which makes one a matter of a millisecond."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _collect_on_this_thread(_modules_are_for_ever: None) -> Iterator[None]:
    """Collect garbage as the program does: only here, because widgets must not die in another thread."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Return a home folder of the test's own."""
    return Home(tmp_path / "home")


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[ThemeManager]:
    """Return a theme manager; light, so that pictures do not depend on the system."""
    manager = ThemeManager(qapp)
    manager.apply("light", "reduced")
    yield manager
    manager.close()


@pytest.fixture
def notifications(qapp: QApplication) -> Notifications:
    """Return notifications without a window."""
    return Notifications()


@pytest.fixture
async def program(home: Home) -> AsyncIterator[Program]:
    """Return the composed program, not started; who is added to its library has agreed."""
    built = await everyone_agrees(await build(home))
    yield built
    await built.close()


@pytest.fixture
async def context(
    program: Program, notifications: Notifications, theme: ThemeManager, home: Home
) -> AsyncIterator[AppContext]:
    """Return what pages receive."""
    signals = EngineSignals(program.bus)
    yield AppContext.of(
        program,
        signals=signals,
        notifications=notifications,
        navigator=Navigator(),
        theme=theme,
        window_state=WindowState(home.window_state_file),
    )
    signals.close()


@pytest.fixture
async def window(context: AppContext, notifications: Notifications) -> AsyncIterator[MainWindow]:
    """Return the whole window, shown, with its context."""
    context.window_state.page = "help"
    made = MainWindow(notifications, context.window_state)
    made.resize(1280, 800)
    made.show()
    made.take_context(context)
    await activate(made)
    await rest(made)
    yield made
    await made.close_pages()
    notifications.detach()
    made.close()
    made.deleteLater()


async def until(condition: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is so; an assertion error names it if it never is, even where the computer is very busy."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        assert loop.time() < end, f"never came true: {condition}"
        await asyncio.sleep(0.005)


async def activate(widget: QWidget) -> None:
    """Make a widget's window the one that has the keyboard: shortcuts work in no other, and it comes a turn later."""
    window = widget.window()
    if QApplication.activePopupWidget() is None and QApplication.activeWindow() is not window:
        window.activateWindow()
        await until(window.isActiveWindow)
