"""How large copies are. Light enough for the window's process."""

from __future__ import annotations


def copy_scale(width: float, height: float, *, min_edge: int, max_edge: int, enlarge: float = 1.0) -> float:
    """Return a copy's pixels per original pixel: as near to 1 as the limits and ``enlarge`` allow.

    Args:
        width: Of what is copied, in pixels.
        height: Likewise.
        min_edge: Shortest side of the copy; what cannot have both has the longest side right.
        max_edge: Longest side of the copy.
        enlarge: What is wanted where there is room.
    """
    return min(max(1.0, enlarge, min_edge / min(width, height)), max_edge / max(width, height))
