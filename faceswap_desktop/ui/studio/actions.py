"""The Studio's lines in the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.ui.actions import ActionSpec, Menu


@dataclass(frozen=True, kw_only=True)
class StudioCommands:
    """What the actions do."""

    run: Callable[[], object]
    paste_address: Callable[[], object]
    samples: Callable[[], object]
    next_picture: Callable[[], object]
    previous_picture: Callable[[], object]
    close_picture: Callable[[], object]
    close_all: Callable[[], object]
    zoom_in: Callable[[], object]
    zoom_out: Callable[[], object]
    zoom_fit: Callable[[], object]
    zoom_actual: Callable[[], object]
    show_landmarks: Callable[[bool], object]
    show_numbers: Callable[[bool], object]
    add_sources: Callable[[], object]
    paste_sources: Callable[[], object]
    put_together: Callable[[], object]
    pair_picture: Callable[[], object]
    pair_main: Callable[[], object]
    pair_like: Callable[[], object]
    clear_picture: Callable[[], object]
    clear_all: Callable[[], object]


def studio_actions(do: StudioCommands, *, landmarks: bool, numbers: bool) -> list[ActionSpec]:
    """Make the specs.

    Args:
        do: What they do.
        landmarks: Whether landmarks are shown at first.
        numbers: Whether numbers are shown at first.
    """
    return [*_picture_actions(do), *_view_actions(do, landmarks=landmarks, numbers=numbers), *_face_actions(do)]


def _picture_actions(do: StudioCommands) -> list[ActionSpec]:
    return [
        ActionSpec(
            id="studio.run",
            text=_tr("Swap the paired faces"),
            run=do.run,
            shortcut="Ctrl+Return; Ctrl+Enter",
            menu=Menu.JOBS,
            icon="play",
        ),
        ActionSpec(
            id="studio.open-samples",
            text=_tr("Open the sample pictures"),
            run=do.samples,
            menu=Menu.FILE,
            group=10,
            icon="picture",
        ),
        ActionSpec(
            id="studio.paste-address",
            text=_tr("Paste the web address of this picture"),
            run=do.paste_address,
            menu=Menu.FILE,
            group=10,
            icon="paste",
            tip=_tr("For providers that fetch the file where it lies on the internet already"),
        ),
        ActionSpec(
            id="studio.close-picture",
            text=_tr("Close picture"),
            run=do.close_picture,
            shortcut="Ctrl+W",
            menu=Menu.FILE,
            group=20,
            icon="close",
        ),
        ActionSpec(id="studio.close-all", text=_tr("Close all pictures"), run=do.close_all, menu=Menu.FILE, group=20),
        ActionSpec(
            id="studio.next-picture",
            text=_tr("Next picture"),
            run=do.next_picture,
            shortcut="Ctrl+PgDown",
            menu=Menu.GO,
            group=20,
            icon="chevron-right",
        ),
        ActionSpec(
            id="studio.previous-picture",
            text=_tr("Previous picture"),
            run=do.previous_picture,
            shortcut="Ctrl+PgUp",
            menu=Menu.GO,
            group=20,
            icon="chevron-left",
        ),
    ]


def _view_actions(do: StudioCommands, *, landmarks: bool, numbers: bool) -> list[ActionSpec]:
    return [
        ActionSpec(
            id="studio.zoom-in",
            text=_tr("Zoom in"),
            run=do.zoom_in,
            shortcut="+; =; Ctrl++; Ctrl+=",
            menu=Menu.VIEW,
            icon="zoom-in",
        ),
        ActionSpec(
            id="studio.zoom-out",
            text=_tr("Zoom out"),
            run=do.zoom_out,
            shortcut="-; Ctrl+-",
            menu=Menu.VIEW,
            icon="zoom-out",
        ),
        ActionSpec(
            id="studio.zoom-fit",
            text=_tr("Fit the picture"),
            run=do.zoom_fit,
            shortcut="F; Ctrl+0",
            menu=Menu.VIEW,
            icon="fit",
        ),
        ActionSpec(
            id="studio.zoom-actual",
            text=_tr("Show at 100 %"),
            run=do.zoom_actual,
            shortcut="Z; Ctrl+Alt+0",
            menu=Menu.VIEW,
            icon="actual-size",
        ),
        ActionSpec(
            id="studio.show-landmarks",
            text=_tr("Show landmarks"),
            run=do.show_landmarks,
            shortcut="L",
            menu=Menu.VIEW,
            group=10,
            icon="landmarks",
            checkable=True,
            is_checked=landmarks,
        ),
        ActionSpec(
            id="studio.show-numbers",
            text=_tr("Show numbers"),
            run=do.show_numbers,
            shortcut="N",
            menu=Menu.VIEW,
            group=10,
            icon="numbers",
            checkable=True,
            is_checked=numbers,
        ),
    ]


def _face_actions(do: StudioCommands) -> list[ActionSpec]:
    return [
        ActionSpec(
            id="studio.add-sources",
            text=_tr("Add source faces…"),
            run=do.add_sources,
            shortcut="Ctrl+Shift+A",
            menu=Menu.FACES,
            icon="person-add",
        ),
        ActionSpec(
            id="studio.paste-sources",
            text=_tr("Paste onto the shelf"),
            run=do.paste_sources,
            shortcut="Ctrl+Shift+V",
            menu=Menu.FACES,
            icon="paste",
        ),
        ActionSpec(
            id="studio.put-together",
            text=_tr("Put the chosen source faces together as one person"),
            run=do.put_together,
            shortcut="Ctrl+M",
            menu=Menu.FACES,
            icon="merge",
        ),
        ActionSpec(
            id="studio.pair-picture",
            text=_tr("Put the chosen source face on all faces of this picture"),
            run=do.pair_picture,
            menu=Menu.FACES,
            group=10,
            icon="pair",
        ),
        ActionSpec(
            id="studio.pair-like",
            text=_tr("Put the chosen source face on every face like this one"),
            run=do.pair_like,
            menu=Menu.FACES,
            group=10,
        ),
        ActionSpec(
            id="studio.pair-main",
            text=_tr("Put the chosen source face on the main face of every picture"),
            run=do.pair_main,
            menu=Menu.FACES,
            group=10,
        ),
        ActionSpec(
            id="studio.clear-picture",
            text=_tr("Clear the pairings of this picture"),
            run=do.clear_picture,
            menu=Menu.FACES,
            group=20,
            icon="unpair",
        ),
        ActionSpec(id="studio.clear-all", text=_tr("Clear all pairings"), run=do.clear_all, menu=Menu.FACES, group=20),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("StudioActions", text)
