"""What is said while something is tried out: one line for each step of a trial, or for each part of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from faceswap_desktop.domain.messages import Message


@dataclass(frozen=True, slots=True)
class CheckStep:
    """One step of a trial.

    Attributes:
        name: Stable, for scripts: ``settings``, ``upload`` …
        is_ok: It went as it should.
        message: What was done, or what went wrong.
        hint: What helps; None where nothing has to.
    """

    name: str
    is_ok: bool
    message: Message
    hint: Message | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the self-test.

    Attributes:
        name: What was tried.
        is_ok: Whether it works.
        detail: What was found.
        is_needed: Whether the program cannot do its main job without it.
    """

    name: str
    is_ok: bool
    detail: str
    is_needed: bool = True


OnStep = Callable[[CheckStep], None]
"""Told of each step as soon as it is done."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """A trial's steps in order; it ends with the first that makes the others pointless."""

    steps: tuple[CheckStep, ...]

    @property
    def is_ok(self) -> bool:
        """Whether every step went as it should."""
        return bool(self.steps) and all(step.is_ok for step in self.steps)


class CheckNotes:
    """Collects steps and tells of them.

    Args:
        on_step: Told of each; None for nobody.
    """

    def __init__(self, on_step: OnStep | None) -> None:
        self._on_step = on_step
        self._steps: list[CheckStep] = []

    def good(self, name: str, text: Message) -> None:
        """Note a step that went as it should."""
        self._add(CheckStep(name, True, text))

    def bad(self, name: str, text: Message, hint: Message | None = None) -> None:
        """Note a step that did not."""
        self._add(CheckStep(name, False, text, hint))

    def report(self) -> CheckReport:
        """Return what was noted."""
        return CheckReport(tuple(self._steps))

    def _add(self, step: CheckStep) -> None:
        self._steps.append(step)
        if self._on_step is not None:
            self._on_step(step)
