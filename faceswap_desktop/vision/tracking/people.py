"""Who is who: tracks put together to identities by their embeddings, across cuts and absences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from faceswap_desktop.domain.faces import SAME_PERSON_SIMILARITY, DetectedFace, Embedding
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks
from faceswap_desktop.domain.video import FrameTimes, Identity, IdentityId, LookAlike, TrackPart
from faceswap_desktop.vision.analyse import to_five_points
from faceswap_desktop.vision.arrays import Floats
from faceswap_desktop.vision.mesh import Mesh, five_points_of
from faceswap_desktop.vision.topology import SURFACE_COUNT
from faceswap_desktop.vision.tracking.link import Track
from faceswap_desktop.vision.tracking.slices import TrackedMesh

ALIKE_SIMILARITY: Final = 0.28
"""Cosine of two identities from which it is worth a look whether they are one person; others stay below 0.2."""
MOST_LOOK_ALIKES: Final = 12
_MOST_AT_ONCE: Final = 2000
"""Tracks compared each with each: time and memory grow with the square. More are put to those that they resemble."""
_POSITION_SECONDS: Final = 1.0
"""A face too small to be told apart is taken for one that was lost there so short a time before."""
_POSITION_SIDES: Final = 1.0
_POSITION_GROWTH: Final = (0.6, 1.67)
_BLOCKED: Final = -2.0


@dataclass(frozen=True, slots=True, eq=False)
class BestPicture:
    """The best picture of a track.

    Attributes:
        quality: How good, 0 to 1.
        face: The mesh there.
        score: The detector's.
    """

    quality: float
    face: TrackedMesh
    score: float


def identified(tracks: Sequence[Track], times: FrameTimes) -> list[list[Track]]:
    """Put tracks together that show one person.

    Two tracks that are seen in the same frame are never one person.

    Args:
        tracks: Numbered, as ``Linker.finish`` returns them.
        times: When frames are shown.

    Returns:
        Groups, most seen first, then by first frame; in each the tracks by first frame.
    """
    known = sorted((one for one in tracks if one.mean is not None), key=lambda one: (-one.seen, one.number))
    groups = _clustered(sorted(known[:_MOST_AT_ONCE], key=lambda one: one.number))
    for one in known[_MOST_AT_ONCE:]:
        _place_by_likeness(one, groups)
    for one in tracks:
        if one.mean is None:
            _place_by_position(one, groups, times)
    for group in groups:
        group.sort(key=lambda one: one.first)
    groups.sort(key=lambda group: (-sum(one.seen for one in group), group[0].first, group[0].number))
    return groups


def _clustered(tracks: Sequence[Track]) -> list[list[Track]]:
    """Join the two most similar groups again and again, until none are similar enough (mean of their embeddings)."""
    if not tracks:
        return []
    sums = np.stack([one.total for one in tracks])
    allowed = ~_together(tracks)
    members: list[list[int]] = [[place] for place in range(len(tracks))]
    means = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    likes = np.where(allowed, means @ means.T, _BLOCKED)
    np.fill_diagonal(likes, _BLOCKED)
    while likes.max() >= SAME_PERSON_SIMILARITY:
        pair = divmod(int(likes.argmax()), len(tracks))
        one, other = min(pair), max(pair)
        members[one] += members[other]
        members[other] = []
        sums[one] += sums[other]
        means[one] = sums[one] / max(float(np.linalg.norm(sums[one])), 1e-9)
        allowed[one] &= allowed[other]
        allowed[other] = False
        allowed[:, one], allowed[:, other] = allowed[one], False
        likes[other] = likes[:, other] = _BLOCKED
        likes[one] = np.where(allowed[one], means @ means[one], _BLOCKED)
        likes[one, one] = _BLOCKED
        likes[:, one] = likes[one]
    return [[tracks[place] for place in group] for group in members if group]


def _place_by_likeness(one: Track, groups: list[list[Track]]) -> None:
    """Add a track to the group it resembles most, if it is alike enough."""
    mean = one.mean
    assert mean is not None
    fitting = [
        (-float(mean @ other), number)
        for number, group in enumerate(groups)
        if (other := group_mean(group)) is not None and not any(one.frames.common(member.frames) for member in group)
    ]
    if fitting and -min(fitting)[0] >= SAME_PERSON_SIMILARITY:
        groups[min(fitting)[1]].append(one)
    else:
        groups.append([one])


def _together(tracks: Sequence[Track]) -> NDArray[np.bool_]:
    """Return which tracks are seen in the same frame, (n, n)."""
    first, end = np.array([one.first for one in tracks]), np.array([one.end for one in tracks])
    return np.asarray((first[:, None] < end[None]) & (first[None] < end[:, None]), dtype=np.bool_)


def _place_by_position(one: Track, groups: list[list[Track]], times: FrameTimes) -> None:
    """Add a track without an embedding to the group of one that was seen in its place just before or after."""
    near = [
        (_wait(one, other, times), number)
        for number, group in enumerate(groups)
        if not any(one.frames.common(member.frames) for member in group)
        for other in group
        if _wait(one, other, times) <= _POSITION_SECONDS and _is_in_place(one, other)
    ]
    if near:
        groups[min(near)[1]].append(one)
    else:
        groups.append([one])


def _wait(one: Track, other: Track, times: FrameTimes) -> float:
    earlier, later = (one, other) if one.first < other.first else (other, one)
    return max(0.0, times.of(later.first) - times.of(earlier.end))


def _is_in_place(one: Track, other: Track) -> bool:
    earlier, later = (one, other) if one.first < other.first else (other, one)
    (middle, side), (then, now) = earlier.places[-1], later.places[0]
    if earlier.scene != later.scene or not _POSITION_GROWTH[0] < now / max(side, 1.0) < _POSITION_GROWTH[1]:
        return False
    return float(np.hypot(*(middle - then))) < _POSITION_SIDES * max(side, now)


def group_mean(group: Sequence[Track]) -> Floats | None:
    """Return the mean embedding of an identity, L2-normalised; None where all its faces are too small."""
    total = sum((one.total for one in group), np.zeros_like(group[0].total))
    norm = float(np.linalg.norm(total))
    return np.asarray(total / norm, dtype=np.float32) if norm > 1e-9 else None


def to_identities(
    groups: Sequence[Sequence[Track]], best: Mapping[int, BestPicture], checkpoint: str
) -> tuple[Identity, ...]:
    """Describe groups of tracks as identities, numbered in their order.

    Args:
        groups: As ``identified`` returns them.
        best: Best picture of each track, by number; a track without one cannot be the best of its identity.
        checkpoint: Which one made the embeddings.
    """
    found: list[Identity] = []
    for group in groups:
        pictures = [best[one.number] for one in group if one.number in best]
        if not pictures:
            continue
        picture = max(pictures, key=lambda one: (one.quality, -one.face.frame))
        mean = group_mean(group)
        embedding = None if mean is None else Embedding(mean.tobytes(), checkpoint)
        index = len(found)
        parts = tuple(sorted(TrackPart(one.frames, one.number) for one in group))
        found.append(
            Identity(
                index=index,
                id=IdentityId(f"track-{parts[0].track}"),
                parts=parts,
                frames=sum(len(part.frames) for part in parts),
                best_frame=picture.face.frame,
                best_face=detected_face(picture.face, index=index, score=picture.score, embedding=embedding),
                embedding=embedding,
            )
        )
    return tuple(found)


def look_alikes(identities: Sequence[Identity]) -> tuple[LookAlike, ...]:
    """Return the pairs of identities worth a look, most alike first."""
    vectors = [
        (one.index, np.frombuffer(one.embedding.packed, np.float32)) for one in identities if one.embedding is not None
    ]
    pairs = [
        LookAlike(first, second, round(float(one @ other), 4))
        for place, (first, one) in enumerate(vectors)
        for second, other in vectors[place + 1 :]
        if float(one @ other) >= ALIKE_SIMILARITY
    ]
    pairs.sort(key=lambda pair: (-pair.similarity, pair.first, pair.second))
    return tuple(pairs[:MOST_LOOK_ALIKES])


def detected_face(face: TrackedMesh, *, index: int, score: float, embedding: Embedding | None = None) -> DetectedFace:
    """Describe a tracked face as a detected one; its box is that of its mesh."""
    surface = face.points[:SURFACE_COUNT, :2]
    (left, top), (right, bottom) = surface.min(axis=0), surface.max(axis=0)
    return DetectedFace(
        index=index,
        box=BoundingBox(float(left), float(top), float(right), float(bottom)),
        score=score,
        five_points=to_five_points(five_points_of(Mesh(face.points, face.score))),
        landmarks=Landmarks(np.ascontiguousarray(face.points[:, :2]).tobytes()),
        depths=np.ascontiguousarray(face.points[:, 2]).tobytes(),
        embedding=embedding,
        yaw_degrees=face.yaw_degrees,
    )
