"""What a video would become, and what may go wrong in it, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.video import FrameRange, HardFrame, HardReason, VideoAnalysis
from faceswap_desktop.ui.studio.identities import numbered_name, person_name
from faceswap_desktop.ui.texts import video_length_text
from faceswap_desktop.ui.video_words import CODEC_NAMES

_SAID_FROM: Final = 0.4
"""Severity from which something is worth a sentence."""
_FADES_FROM: Final = 0.75
"""Severity from which the swap fades out, so that the original shows through."""
_FADING: Final = frozenset({HardReason.POSE, HardReason.COVERED})


def tr(text: str) -> str:
    """Translate a text about videos."""
    return QCoreApplication.translate("VideoPlan", text)


@dataclass(frozen=True)
class VideoOutlook:
    """What one video would become.

    Attributes:
        frames, seconds: Of the trimmed part.
        is_trimmed: Whether it is only a part.
        becomes: Container, codec and sound: "MP4, H.264, sound kept as it is".
        lost: What the result cannot carry and what else to mind, in sentences.
        changing, staying: How many people change, and how many stay as they are.
        hard: How many hard frames of them were found.
    """

    frames: int
    seconds: float
    is_trimmed: bool
    becomes: str
    lost: tuple[str, ...] = ()
    changing: int = 0
    staying: int = 0
    hard: int = 0

    @classmethod
    def of(cls, recipe: Recipe, container: str, lost: Sequence[str]) -> VideoOutlook:
        """Make one of what a recipe says and a plan adds."""
        facts = recipe.media.video
        frames, seconds = _length_of(recipe)
        has_sound = facts is not None and bool(facts.audio)
        parts = [container, CODEC_NAMES[recipe.output.video_codec]]
        parts.append(tr("sound kept as it is") if has_sound else tr("no sound"))
        return cls(frames, seconds, recipe.trim is not None, ", ".join(parts), tuple(lost))

    @classmethod
    def of_service(cls, recipe: Recipe, title: str) -> VideoOutlook:
        """Make one of a video that a service on the internet writes: nobody knows before how."""
        frames, seconds = _length_of(recipe)
        return cls(frames, seconds, recipe.trim is not None, tr("kept as {provider} returns it").format(provider=title))

    def with_people(self, recipe: Recipe, analysis: VideoAnalysis | None) -> VideoOutlook:
        """Return the same with how many people change and stay, and in how many frames that is hard."""
        if analysis is None:
            return self
        people = {target.index for target in recipe.targets}
        hard = len(hard_in(analysis, people, recipe.trim))
        staying = max(0, len(analysis.identities) - len(people))
        return replace(self, changing=len(people), staying=staying, hard=hard)

    def length_words(self) -> str:
        """Return "1,250 frames, 0:50", "18 frames, 0.6 s"."""
        words = tr("1 frame") if self.frames == 1 else tr("{n} frames").format(n=f"{self.frames:,}")
        return f"{words}, {video_length_text(self.seconds)}"

    def people_words(self) -> str:
        """Return who stays as it is; empty where everybody changes."""
        if not self.staying:
            return ""
        if self.staying == 1:
            return tr("1 stays as it is")
        return tr("{n} stay as they are").format(n=self.staying)


def _length_of(recipe: Recipe) -> tuple[int, float]:
    """Return frames and seconds of the trimmed part."""
    facts = recipe.media.video
    frames = facts.frames if facts is not None else 0
    seconds = facts.seconds if facts is not None else 0.0
    if recipe.trim is not None and frames:
        seconds *= len(recipe.trim) / frames
        frames = len(recipe.trim)
    return frames, seconds


def reason_words(reason: HardReason) -> str:
    """Return what is hard about a face: "turned far away"."""
    return {
        HardReason.POSE: tr("turned far away"),
        HardReason.BLUR: tr("blurred"),
        HardReason.SMALL: tr("very small"),
        HardReason.DARK: tr("very dark"),
        HardReason.UNLIKE: tr("hard to recognise"),
        HardReason.TOUCHING: tr("touching another face"),
        HardReason.COVERED: tr("covered"),
    }[reason]


def hard_in(analysis: VideoAnalysis, people: Collection[int], trim: FrameRange | None) -> tuple[HardFrame, ...]:
    """Return the hard frames of some people within a part of a video, hardest first."""
    found = [one for one in analysis.hard_frames if one.identity in people and (trim is None or one.frame in trim)]
    return tuple(sorted(found, key=lambda one: -one.severity))


def hard_words(
    analysis: VideoAnalysis, people: Collection[int], trim: FrameRange | None, *, can_fade: bool = True
) -> list[str]:
    """Say of each person what is hard, once: "Person 2 is turned far away in places: the swap fades out there.".

    Args:
        analysis: Of the video.
        people: Of whom, by number.
        trim: Within this part; None for all.
        can_fade: Whether whoever does the work fades the swap out where it cannot hold.
    """
    reasons: dict[int, dict[HardReason, float]] = {}
    for one in hard_in(analysis, people, trim):
        if one.severity < _SAID_FROM:
            continue
        of_person = reasons.setdefault(one.identity, {})
        of_person[one.reason] = max(of_person.get(one.reason, 0.0), one.severity)
    sentences = []
    for index, found in sorted(reasons.items()):
        identity = analysis.identity(index)
        name = person_name(identity) if identity is not None else numbered_name(index)
        words = ", ".join(reason_words(reason) for reason in found)
        fades = can_fade and any(reason in _FADING and severity >= _FADES_FROM for reason, severity in found.items())
        sentence = (
            tr("{name} is {what} in places: the swap fades out there.") if fades else tr("{name} is {what} in places.")
        )
        sentences.append(sentence.format(name=name, what=words))
    return sentences
