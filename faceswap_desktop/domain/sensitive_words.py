"""The sentences with which something is refused as sensitive: plain, and accusing nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from faceswap_desktop.domain.errors import SensitiveContent
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.sensitive import Role, Sighting

_MOST_TIMES: Final = 6


def refused_picture(name: str, role: Role, sightings: Sequence[Sighting]) -> SensitiveContent:
    """Refuse a picture.

    Args:
        name: As it is shown (``media.refusals.shown_name``).
        role: What it was to be.
        sightings: What was seen.
    """
    return SensitiveContent(_of_picture(name, role, _is_young(sightings)), _help(role), sightings=tuple(sightings))


def refused_video(name: str, role: Role, sightings: Sequence[Sighting]) -> SensitiveContent:
    """Refuse a video, or stop the job that makes one.

    Args:
        name: As it is shown.
        role: What it was to be.
        sightings: What was seen, and when.
    """
    return SensitiveContent(
        _of_video(name, role, times_of(sightings), _is_young(sightings)),
        message(
            "Choose a frame range without these times, or another video. The check can be wrong. "
            "Nothing about it was sent anywhere."
        ),
        sightings=tuple(sightings),
    )


def times_of(sightings: Sequence[Sighting]) -> str:
    """Return when something was seen, as ``m:ss`` or ``h:mm:ss``, ascending; of many times the first few."""
    whole = sorted({int(one.seconds + 1e-6) for one in sightings})
    shown = ", ".join(clock(seconds) for seconds in whole[:_MOST_TIMES])
    return f"{shown} …" if len(whole) > _MOST_TIMES else shown


def seconds_of(said: Message, sightings: Sequence[Sighting]) -> list[float]:
    """Return when something was seen in a video, for scripts; empty where a sentence speaks of no times."""
    if "times" not in said.values:
        return []
    return sorted({round(one.seconds, 3) for one in sightings})


def clock(seconds: float) -> str:
    """Return a time as ``m:ss``, from an hour on ``h:mm:ss``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _is_young(sightings: Sequence[Sighting]) -> bool:
    return any(one.looks_young for one in sightings)


def _of_picture(name: str, role: Role, is_young: bool) -> Message:
    if role is Role.RESULT:
        return message("The result of “{name}” was not kept: it seems to show nudity.", name=name)
    if is_young:
        return message(
            "“{name}” is refused: it seems to show somebody who looks young and wears very little.", name=name
        )
    return message("“{name}” is refused: it seems to show nudity.", name=name)


def _of_video(name: str, role: Role, times: str, is_young: bool) -> Message:
    if role is Role.RESULT:
        return message(
            "The work on “{name}” was stopped: at {times} the result seems to show nudity.", name=name, times=times
        )
    if is_young:
        return message(
            "“{name}” is refused: at {times} it seems to show somebody who looks young and wears very little.",
            name=name,
            times=times,
        )
    return message("“{name}” is refused: at {times} it seems to show nudity.", name=name, times=times)


def _help(role: Role) -> Message:
    match role:
        case Role.SOURCE:
            return message(
                "Choose another picture, or crop it so that only the face is left. The check can be wrong. "
                "Nothing about it was sent anywhere."
            )
        case Role.TARGET:
            return message(
                "Crop it, or choose another picture. The check can be wrong. Nothing about it was sent anywhere."
            )
        case Role.RESULT:
            return message("Choose another picture, or other faces. The check can be wrong. Nothing was kept or sent.")
