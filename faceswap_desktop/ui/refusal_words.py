"""What is said of refusals: why, how sure that is, and when in a video. Plain, and accusing nobody."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.sensitive import NUDITY_BAR, RefusedMedia, Role, Sighting, moments
from faceswap_desktop.ui.texts import clock_text

_QUITE_SURE = 0.9
_RATHER_SURE = 0.75
_MOST_TIMES = 4


def why_words(sightings: Sequence[Sighting]) -> str:
    """Say what it looks like, and how sure the check is."""
    young = [one for one in sightings if one.looks_young]
    if young and max((one.score for one in young), default=0.0) < NUDITY_BAR:
        return _tr(
            "It seems to show somebody who looks young and wears very little. Where somebody looks young, "
            "less is enough."
        )
    score = max((one.score for one in sightings), default=0.0)
    if score >= _QUITE_SURE:
        sure = _tr("The check is quite sure.")
    elif score >= _RATHER_SURE:
        sure = _tr("The check is fairly sure.")
    else:
        sure = _tr("The check is not very sure.")
    return f"{_tr('It looks like nudity.')} {sure}"


def way_out_words(*, is_video: bool) -> str:
    """Say what helps, and that nothing was told to anybody."""
    if is_video:
        return _tr("The check can be wrong. Choose a part without these moments. Nothing about it is sent anywhere.")
    return _tr("The check can be wrong. Crop it, or choose another picture. Nothing about it is sent anywhere.")


def moment_words(moment: tuple[Sighting, Sighting]) -> str:
    """Return when a moment of a video is: "0:12", or "0:12–0:15"."""
    first, last = clock_text(moment[0].seconds), clock_text(moment[1].seconds)
    return first if first == last else f"{first}–{last}"


def times_words(sightings: Sequence[Sighting]) -> str:
    """Return the moments of a video: "0:12, 0:20–0:24"; of many the first few."""
    found = moments(tuple(sightings))
    shown = ", ".join(moment_words(one) for one in found[:_MOST_TIMES])
    return f"{shown} …" if len(found) > _MOST_TIMES else shown


def title_words(refused: RefusedMedia) -> str:
    """Say which file was refused, and as what."""
    words = {
        Role.TARGET: _tr("“{name}” was refused"),
        Role.SOURCE: _tr("“{name}” was refused as a source face"),
        Role.RESULT: _tr("The result of “{name}” was refused"),
    }[refused.role]
    return words.format(name=refused.name)


def is_of_video(sightings: Sequence[Sighting]) -> bool:
    """Say whether these can only be of a video; of a picture there is one, at its very beginning."""
    return len(sightings) > 1 or any(one.frame or one.seconds for one in sightings)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Refusals", text)
