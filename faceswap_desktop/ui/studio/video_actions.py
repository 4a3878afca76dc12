"""What can be done with a video, as lines in the table of actions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.ui.actions import ActionSpec, Menu


@dataclass(frozen=True, kw_only=True)
class VideoCommands:
    """What the actions do."""

    play: Callable[[], object]
    play_preview: Callable[[], object]
    step: Callable[[int], object]
    jump: Callable[[float], object]
    next_mark: Callable[[], object]
    previous_mark: Callable[[], object]
    go_in: Callable[[], object]
    go_out: Callable[[], object]
    set_in: Callable[[], object]
    set_out: Callable[[], object]
    clear_points: Callable[[], object]
    loop: Callable[[bool], object]
    mute: Callable[[bool], object]
    zoom_in: Callable[[], object]
    zoom_out: Callable[[], object]
    best: Callable[[], object]
    appearance: Callable[[int], object]
    rename: Callable[[], object]
    hide: Callable[[], object]
    merge: Callable[[], object]
    split: Callable[[], object]
    show_hidden: Callable[[], object]


def video_actions(do: VideoCommands, *, is_muted: bool) -> list[ActionSpec]:
    """Make the specs; all of them wait for a video.

    Args:
        do: What they do.
        is_muted: Whether the sound is off at first.
    """
    return [*_play_actions(do, is_muted=is_muted), *_go_actions(do), *_point_actions(do), *_people_actions(do)]


def _spec(action_id: str, text: str, run: Callable[..., object], keys: str, icon: str, group: int) -> ActionSpec:
    return ActionSpec(
        id=f"playback.{action_id}",
        text=text,
        run=run,
        shortcut=keys,
        menu=Menu.PLAYBACK,
        group=group,
        icon=icon,
        is_enabled=False,
    )


def _play_actions(do: VideoCommands, *, is_muted: bool) -> list[ActionSpec]:
    return [
        _spec("play", _tr("Play or pause"), do.play, "Space", "play", 0),
        _spec("play-preview", _tr("Play with the faces swapped"), do.play_preview, "Shift+Space", "play-preview", 0),
        ActionSpec(
            id="playback.loop",
            text=_tr("Play again and again"),
            run=do.loop,
            shortcut="R",
            menu=Menu.PLAYBACK,
            group=0,
            icon="loop",
            checkable=True,
            is_enabled=False,
        ),
        ActionSpec(
            id="playback.mute",
            text=_tr("Mute"),
            run=do.mute,
            shortcut="M",
            menu=Menu.PLAYBACK,
            group=0,
            icon="sound-off",
            checkable=True,
            is_checked=is_muted,
            is_enabled=False,
        ),
    ]


def _go_actions(do: VideoCommands) -> list[ActionSpec]:
    return [
        _spec("step", _tr("Next frame"), lambda: do.step(1), ".", "step-forward", 10),
        _spec("step-back", _tr("Previous frame"), lambda: do.step(-1), ",", "step-back", 10),
        _spec("second", _tr("One second on"), lambda: do.jump(1.0), "Shift+.; >", "", 10),
        _spec("second-back", _tr("One second back"), lambda: do.jump(-1.0), "Shift+,; <", "", 10),
        _spec("next-mark", _tr("Next cut or person"), do.next_mark, "]; Alt+Right", "to-end", 10),
        _spec("previous-mark", _tr("Previous cut or person"), do.previous_mark, "[; Alt+Left", "to-start", 10),
        _spec("zoom-in", _tr("Show less of the timeline, larger"), do.zoom_in, "Alt++; Alt+=", "", 40),
        _spec("zoom-out", _tr("Show more of the timeline"), do.zoom_out, "Alt+-", "", 40),
    ]


def _point_actions(do: VideoCommands) -> list[ActionSpec]:
    return [
        _spec("set-in", _tr("Begin at this frame (in point)"), do.set_in, "I", "", 20),
        _spec("set-out", _tr("End with this frame (out point)"), do.set_out, "O", "", 20),
        _spec("go-in", _tr("Go to the in point"), do.go_in, "Shift+I", "", 20),
        _spec("go-out", _tr("Go to the out point"), do.go_out, "Shift+O", "", 20),
        _spec("clear-points", _tr("Clear the in and out points"), do.clear_points, "Alt+X", "", 20),
    ]


def _people_actions(do: VideoCommands) -> list[ActionSpec]:
    return [
        _spec("best", _tr("Best frame of the chosen person"), do.best, "B", "", 30),
        _spec("appearance", _tr("Next appearance of the person"), lambda: do.appearance(1), "Ctrl+Right", "", 30),
        _spec(
            "appearance-back", _tr("Previous appearance of the person"), lambda: do.appearance(-1), "Ctrl+Left", "", 30
        ),
        _spec("rename", _tr("Rename the chosen person…"), do.rename, "", "edit", 30),
        _spec("hide", _tr("Hide the chosen person"), do.hide, "", "eye-off", 30),
        _spec("merge", _tr("Make one person of the chosen lanes"), do.merge, "Ctrl+Shift+M", "merge", 30),
        _spec("split", _tr("Split the person at this frame"), do.split, "", "split", 30),
        _spec("show-hidden", _tr("Show hidden people"), do.show_hidden, "", "eye", 30),
    ]


def _tr(text: str) -> str:
    return QCoreApplication.translate("VideoActions", text)
