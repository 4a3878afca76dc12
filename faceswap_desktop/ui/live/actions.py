"""What can be done on the Live page; every one has a place in the menu, and most have a key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.live.words import tr


@dataclass(frozen=True, slots=True)
class LiveCommands:
    """What the actions do."""

    run: Callable[[], object]
    freeze: Callable[[bool], object]
    mirror: Callable[[bool], object]
    beside: Callable[[bool], object]
    record: Callable[[bool], object]
    snapshot: Callable[[], object]
    to_studio: Callable[[], object]
    use_file: Callable[[], object]
    add_sources: Callable[[], object]
    leave: Callable[[], object]
    as_everyone: Callable[[], object]


def live_actions(do: LiveCommands, *, is_mirrored: bool) -> list[ActionSpec]:
    """Return the actions of the page; what needs a picture is disabled until there is one."""
    menu = Menu.LIVE
    return [
        ActionSpec(
            id="live.run",
            text=tr("Start or stop"),
            run=do.run,
            shortcut="Ctrl+Return; Ctrl+Enter",
            menu=menu,
            icon="live",
        ),
        ActionSpec(id="live.use-file", text=tr("Use a video or a picture as camera…"), run=do.use_file, menu=menu),
        ActionSpec(
            id="live.freeze",
            text=tr("Freeze"),
            run=do.freeze,
            shortcut="F",
            menu=menu,
            group=20,
            icon="pause",
            checkable=True,
            is_enabled=False,
            tip=tr("The picture stands, for everybody"),
        ),
        ActionSpec(
            id="live.mirror",
            text=tr("Mirror"),
            run=do.mirror,
            shortcut="M",
            menu=menu,
            group=20,
            icon="mirror",
            checkable=True,
            is_checked=is_mirrored,
            tip=tr("Left and right swapped, for everybody"),
        ),
        ActionSpec(
            id="live.beside",
            text=tr("Show the camera beside"),
            run=do.beside,
            shortcut="B",
            menu=menu,
            group=20,
            icon="side-by-side",
            checkable=True,
            tip=tr("Camera and swapped picture side by side, in this window only"),
        ),
        ActionSpec(
            id="live.snapshot",
            text=tr("Snapshot"),
            run=do.snapshot,
            shortcut="S",
            menu=menu,
            group=30,
            icon="snapshot",
            is_enabled=False,
            tip=tr("This picture goes to the Gallery"),
        ),
        ActionSpec(
            id="live.record",
            text=tr("Record"),
            run=do.record,
            shortcut="R",
            menu=menu,
            group=30,
            icon="record",
            checkable=True,
            is_enabled=False,
            tip=tr("Record what others see; it goes to the Gallery"),
        ),
        ActionSpec(
            id="live.to-studio",
            text=tr("Use this frame in the Studio"),
            run=do.to_studio,
            menu=menu,
            group=30,
            icon="studio",
            is_enabled=False,
            tip=tr("Open the camera's picture of this moment, unswapped, in the Studio"),
        ),
        ActionSpec(
            id="live.add-sources",
            text=tr("Add source faces…"),
            run=do.add_sources,
            shortcut="Ctrl+Shift+A",
            menu=Menu.FACES,
            icon="person-add",
        ),
        ActionSpec(id="live.leave", text=tr("Leave the chosen person as is"), run=do.leave, menu=Menu.FACES, group=10),
        ActionSpec(
            id="live.as-everyone",
            text=tr("Give the chosen person no part of their own"),
            run=do.as_everyone,
            menu=Menu.FACES,
            group=10,
        ),
    ]
