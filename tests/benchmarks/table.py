"""Figures beside their budgets."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

MINUTES: Final = "FACESWAP_BENCHMARK_MINUTES"
"""How long a live session is measured, for the processes that do it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure.

    Attributes:
        name: What was measured.
        measured: The figure.
        budget: The most it may be; None where there is none and the figure only informs.
        unit: Of both.
        remark: How it was measured, where the name does not say it.
    """

    name: str
    measured: float
    budget: float | None
    unit: str
    remark: str = ""

    @property
    def is_met(self) -> bool:
        """Whether the budget is kept."""
        return self.budget is None or self.measured <= self.budget


def median(values: Sequence[float]) -> float:
    """Return the middle value."""
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` (0 to 1) of all values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def as_markdown(rows: Sequence[Row]) -> str:
    """Write a table, with the machine and the day above it."""
    lines = [
        " · ".join(
            (
                date.today().isoformat(),
                f"{os.cpu_count()} cores",
                f"{platform.system()} {platform.machine()}",
                f"Python {platform.python_version()}",
            )
        ),
        "",
        "| what | measured | budget | kept | how |",
        "|---|---:|---:|---|---|",
    ]
    for row in rows:
        budget = "–" if row.budget is None else f"{row.budget:g} {row.unit}"
        kept = "" if row.budget is None else ("yes" if row.is_met else "**no**")
        lines.append(f"| {row.name} | {row.measured:.3g} {row.unit} | {budget} | {kept} | {row.remark} |")
    return "\n".join(lines)
