"""What the command line says: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.events import Event, JobChanged, JobProgressed, Noticed
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.messages import Message

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_STEP = 0.25
"""Without a terminal a line is written each time a job has got on by this share."""


class Console:
    """Prints results, sentences and progress.

    Attributes:
        is_json: Whether standard output carries JSON and nothing else.
    """

    def __init__(self, *, is_json: bool) -> None:
        self.is_json = is_json
        self._watched: dict[JobId, str] = {}
        self._shown: dict[JobId, float] = {}
        self._bars: dict[JobId, TaskID] = {}
        self._progress: Progress | None = None

    def result(self, data: Any, text: str) -> None:
        """Print a result: the data as JSON, or the text."""
        print(json.dumps(data, ensure_ascii=False) if self.is_json else text)
        sys.stdout.flush()

    def say(self, sentence: Message | str) -> None:
        """Say something by the way."""
        print(str(sentence), file=sys.stderr, flush=True)

    def error(self, error: FaceSwapError) -> None:
        """Say what went wrong and what helps; with JSON the object on standard output says it too."""
        self.close()
        print(f"Error: {error.message}", file=sys.stderr)
        if error.hint is not None:
            print(f"       {error.hint}", file=sys.stderr)
        if self.is_json:
            print(json.dumps({"error": error_to_json(error.kind, error.message, error.hint)}, ensure_ascii=False))

    def bug(self, error: Exception) -> None:
        """Say that the program is at fault."""
        self.close()
        text = f"Something went wrong in the program: {type(error).__name__}: {error}"
        print(
            f"Error: {text}\n       The log has the details; `faceswap-desktop doctor` tries every part.",
            file=sys.stderr,
        )
        if self.is_json:
            print(json.dumps({"error": {"kind": "bug", "message": text, "hint": None}}, ensure_ascii=False))

    def watch(self, jobs: list[Job]) -> None:
        """Show the progress of these jobs from now on."""
        for job in jobs:
            self._watched[job.id] = job.recipe.media.path.replace("\\", "/").rsplit("/", 1)[-1]

    def on_event(self, event: Event) -> None:
        """Show what happens (an ``EventBus`` subscriber)."""
        match event:
            case JobProgressed() if event.job in self._watched:
                self._show(event.job, event.fraction, event.step)
            case JobChanged() if event.job.id in self._watched and event.job.state is JobState.SUCCEEDED:
                self._show(event.job.id, 1.0, "done")
            case Noticed():
                self.say(event.message)

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _show(self, job: JobId, fraction: float, step: str) -> None:
        if not sys.stderr.isatty():
            if fraction >= 1.0 > self._shown.get(job, 0.0) or fraction - self._shown.get(job, -1.0) >= _LINE_STEP:
                self._shown[job] = fraction
                print(f"{self._watched[job]}: {fraction:4.0%} {step}", file=sys.stderr, flush=True)
            return
        if self._progress is None:
            from rich.console import Console as RichConsole
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[step]}", markup=False),
                TimeElapsedColumn(),
                console=RichConsole(stderr=True),
            )
            self._progress.start()
        if job not in self._bars:
            self._bars[job] = self._progress.add_task(self._watched[job], total=1.0, step=step)
        self._progress.update(self._bars[job], completed=fraction, step=step)


def error_to_json(kind: str, text: Message, hint: Message | None) -> dict[str, str | None]:
    """Write an error as ``swap --json`` prints it."""
    return {"kind": kind, "message": text.text(), "hint": hint.text() if hint is not None else None}
