"""Knows people again by their faces, and gives each a number that stays theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from faceswap_desktop.vision.arrays import Floats

SAME: Final = 0.34
"""Cosine from which two pictures show one person: the same stays above 0.36 nearly always, others below 0.2."""
_MOST_VIEWS: Final = 6
"""Pictures of a person that are remembered: from ahead, from both sides, in this light and that."""
_NEW_VIEW: Final = 0.8
"""A picture less like all remembered ones than this shows something new."""
_MOST_PEOPLE: Final = 64


@dataclass(slots=True)
class _Person:
    """One person.

    Attributes:
        views: Embeddings and how good each picture was.
        is_kept: Given a part: never forgotten.
        seen: Count of the last meeting.
    """

    views: list[tuple[Floats, float]] = field(default_factory=list)
    is_kept: bool = False
    seen: int = 0

    def likeness(self, vector: Floats) -> float:
        return max((float(known @ vector) for known, _ in self.views), default=-1.0)


class Acquaintances:
    """Everybody who was seen in a session."""

    def __init__(self) -> None:
        self._people: dict[int, _Person] = {}
        self._meetings = 0

    def introduce(self, cast: Mapping[int, Floats]) -> None:
        """Make people known who were given a part, by their numbers; they are not forgotten while they have one."""
        for person in self._people.values():
            person.is_kept = False
        for number, vector in cast.items():
            person = self._people.setdefault(number, _Person())
            person.is_kept = True
            if not person.views:
                person.views.append((vector, 0.0))

    def who(self, vector: Floats, others: Collection[int] = ()) -> int | None:
        """Return whose face this is; None for a stranger.

        Args:
            vector: float32 (128,), L2-normalised.
            others: Numbers of people who are somewhere else in the picture.
        """
        known = [(person.likeness(vector), number) for number, person in self._people.items() if number not in others]
        best, number = max(known, default=(-1.0, 0))
        return number if best >= SAME else None

    def likeness(self, number: int, vector: Floats) -> float | None:
        """Return the cosine of a face to what is remembered of a person; None where nothing is."""
        person = self._people.get(number)
        return None if person is None or not person.views else person.likeness(vector)

    def free_number(self, taken: Collection[int] = ()) -> int:
        """Return the lowest number that nobody has."""
        number = 1
        while number in self._people or number in taken:
            number += 1
        return number

    def meet(self, number: int, vector: Floats, quality: float) -> None:
        """Remember what somebody looks like.

        Args:
            number: Who it is.
            vector: float32 (128,), L2-normalised.
            quality: How good the picture is, 0 to 1.
        """
        self._meetings += 1
        person = self._people.setdefault(number, _Person())
        person.seen = self._meetings
        likest = max(range(len(person.views)), key=lambda at: float(person.views[at][0] @ vector), default=None)
        if likest is None or (float(person.views[likest][0] @ vector) < _NEW_VIEW and len(person.views) < _MOST_VIEWS):
            person.views.append((vector, quality))
        elif quality > person.views[likest][1]:
            person.views[likest] = (vector, quality)
        self._forget_strangers()

    def embedding(self, number: int) -> Floats | None:
        """Return what stands for a person, float32 (128,), L2-normalised; None while nothing is known."""
        person = self._people.get(number)
        if person is None or not person.views:
            return None
        total = np.sum([vector for vector, _ in person.views], axis=0)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-9), dtype=np.float32)

    def _forget_strangers(self) -> None:
        while len(self._people) > _MOST_PEOPLE:
            passing = [(person.seen, number) for number, person in self._people.items() if not person.is_kept]
            if not passing:
                return
            del self._people[min(passing)[1]]
