"""What the command line says: results on standard output, everything else on standard error."""

from __future__ import annotations

import codecs
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TextIO

from faceswap_desktop.cli.holds import next_try
from faceswap_desktop.domain.errors import FaceSwapError, SensitiveContent, StorageError
from faceswap_desktop.domain.events import Event, JobChanged, JobProgressed, Noticed
from faceswap_desktop.domain.job import Job, JobId, JobState
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.sensitive import Sighting
from faceswap_desktop.domain.sensitive_words import seconds_of
from faceswap_desktop.media.refusals import shown_name

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_LINE_STEP: Final = 0.25
"""Without a terminal a line is written each time a job has got on by this share."""

_STAGES: Final = {
    "copy": ("make a copy", "copy"),
    "upload": ("upload", "upload"),
    "queue": ("wait for its turn there", "queue"),
    "process": ("process", "process"),
    "deliver": ("wait for the delivery", "deliver"),
    "download": ("download", "download"),
}
"""Steps of services in words; how far each is is told from 0 on."""

_NAMES: Final = "faceswap-names"
"""How characters are written that the terminal's encoding lacks."""


def prepare_streams() -> None:
    """Make sure that saying something cannot fail over a character or over a stream that is closed.

    A name that is no text goes out as the bytes it has on the disk, so that scripts can use it; other characters
    that the encoding lacks as escapes.
    """
    codecs.register_error(_NAMES, _as_on_disk)
    if sys.stdout is None:
        sys.stdout = _nowhere()
    if sys.stderr is None:
        sys.stderr = _nowhere()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_NAMES)


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - stands in for a stream to the very end


def _as_on_disk(error: UnicodeError) -> tuple[bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return b"".join(_byte_or_escape(character) for character in lacking), error.end


def _byte_or_escape(character: str) -> bytes:
    # Python's stand-ins for the bytes of a file name that are no text (PEP 383).
    if 0xDC80 <= ord(character) <= 0xDCFF:
        return bytes([ord(character) - 0xDC00])
    return character.encode("ascii", "backslashreplace")


class Console:
    """Prints results, sentences and progress.

    Attributes:
        is_json: Whether standard output carries JSON and nothing else.
    """

    def __init__(self, *, is_json: bool) -> None:
        self.is_json = is_json
        self._has_result = False
        self._watched: dict[JobId, str] = {}
        self._noted: set[str] = set()
        self._shown: dict[str, tuple[str, float]] = {}
        self._bars: dict[str, TaskID] = {}
        self._progress: Progress | None = None
        self._has_status = False

    def result(self, data: Any, text: str) -> None:
        """Print a result: the data as JSON, or the text.

        Raises:
            StorageError: It could not be written, for example because the disk of a redirection is full.
        """
        self._has_result = True
        try:
            print(_as_json(data) if self.is_json else text)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read the output has left (``| head``): nothing is wrong, and nothing can be said any more.
            _let_go(sys.stdout)
        except OSError as error:
            _let_go(sys.stdout)
            raise StorageError(
                message("The output could not be written: {reason}.", reason=error.strerror or str(error)),
                message("What was asked for has been done; `jobs list` shows it."),
                kind="output",
            ) from error

    def say(self, sentence: Message | str) -> None:
        """Say something by the way; where it cannot be written, the work goes on without it."""
        try:
            print(str(sentence), file=sys.stderr, flush=True)
        except OSError:
            _let_go(sys.stderr)

    def note(self, sentence: Message | str) -> None:
        """Say something once: what was said before a job need not be said after it again."""
        if str(sentence) not in self._noted:
            self._noted.add(str(sentence))
            self.say(sentence)

    def error(self, error: FaceSwapError) -> None:
        """Say what went wrong and what helps; with JSON the object on standard output says it too."""
        self.close()
        self.say(f"Error: {error.message}")
        if error.hint is not None:
            self.say(f"       {error.hint}")
        seen = error.sightings if isinstance(error, SensitiveContent) else ()
        self._fail(error_to_json(error.kind, error.message, error.hint, seen))

    def bug(self, error: Exception) -> None:
        """Say that the program is at fault."""
        self.close()
        text = f"Something went wrong in the program: {type(error).__name__}: {error}"
        self.say(f"Error: {text}\n       The log has the details; `faceswap-desktop doctor` tries every part.")
        self._fail({"kind": "bug", "message": text, "hint": None})

    def cancelled(self) -> None:
        """Say that the command was broken off before it had a result."""
        self.close()
        if not self._has_result:
            self.say("Cancelled.")
            self._fail({"kind": "cancelled", "message": "Cancelled.", "hint": None})

    def _fail(self, error: Mapping[str, Any]) -> None:
        # Standard output is one object, whatever happens; what stands there already is not followed by another.
        if self.is_json and not self._has_result:
            with suppress(StorageError):
                self.result({"error": error}, "")

    def watch(self, jobs: list[Job]) -> None:
        """Show the progress of these jobs from now on."""
        for job in jobs:
            self._watched[job.id] = target_words(job.recipe)

    def on_event(self, event: Event) -> None:
        """Show what happens (an ``EventBus`` subscriber)."""
        match event:
            case JobProgressed() if event.job in self._watched:
                words, stage = _STAGES.get(event.step, (event.step, ""))
                self.progress(event.job, self._watched[event.job], event.fraction, _with_counts(event, words), stage)
            case JobChanged() if event.job.id in self._watched:
                self._on_change(event.job, self._watched[event.job.id])
            case Noticed():
                self.say(event.message)

    def _on_change(self, job: Job, name: str) -> None:
        if job.state is JobState.SUCCEEDED:
            stage = self._shown.get(job.id, ("", 0.0))[0]
            self.progress(job.id, name, 1.0, "done", "done" if stage else "")
        elif (left := next_try(job)) is not None:
            self.say(f"{name}: waiting, next try in {clock(left)}")

    def progress(self, key: str, name: str, fraction: float, step: str, stage: str = "") -> None:
        """Show how far something is: a bar on a terminal, else a line now and then.

        Args:
            key: What tells it from others that go on at the same time.
            name: What people call it.
            fraction: 0 to 1.
            step: What is being done.
            stage: Of which part of the work the fraction is told; empty for all of it.
        """
        if not _is_terminal():
            before, shown = self._shown.get(key, ("", -1.0))
            if before != stage:
                shown = -1.0
            if fraction >= 1.0 > max(shown, 0.0) or fraction - shown >= _LINE_STEP:
                self._shown[key] = (stage, fraction)
                self.say(f"{name}: {fraction:4.0%} {step}")
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
        if key not in self._bars:
            self._bars[key] = self._progress.add_task(name, total=1.0, step=step)
        self._progress.update(self._bars[key], completed=fraction, step=step)

    def status(self, sentence: str) -> None:
        """Say how it stands: on a terminal in the place of what was said so before, else in a line of its own."""
        if not _is_terminal():
            self.say(sentence)
            return
        with suppress(OSError):
            # To the beginning of the line, and away with what stands there.
            print(f"\r\x1b[K{sentence}", end="", file=sys.stderr, flush=True)
            self._has_status = True

    def close(self) -> None:
        """Leave the terminal as it was."""
        if self._has_status:
            self._has_status = False
            self.say("")
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
            self._bars.clear()


def clock(seconds: float) -> str:
    """Write a duration for people: ``8 s``, ``3 min``, ``1 h 20 min``."""
    whole = max(1, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def _with_counts(event: JobProgressed, words: str) -> str:
    """Say what a job does, how many bytes have gone or come, and of a video how many frames are done and how fast."""
    if event.transfer is not None:
        done, total = event.transfer.done, event.transfer.total
        return f"{words}, {_size(done)} of {_size(total)}" if total else f"{words}, {_size(done)}"
    if event.frames is None or not event.frames.total:
        return words
    words = f"{words}, {event.frames.rendered:,} of {event.frames.total:,} frames"
    if event.frames.per_second > 0:
        words += f", {event.frames.per_second:.1f} per second"
    return f"{words}, {clock(event.seconds_left)} left" if event.seconds_left is not None else words


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"


def _is_terminal() -> bool:
    return sys.stderr.isatty()


def error_to_json(kind: str, text: Message, hint: Message | None, sightings: Sequence[Sighting] = ()) -> dict[str, Any]:
    """Write an error as ``swap --json`` prints it.

    Args:
        kind: Its stable name.
        text: What went wrong.
        hint: What helps.
        sightings: What makes a video refused; ``times`` then tells when, in seconds.
    """
    said: dict[str, Any] = {"kind": kind, "message": text.text(), "hint": hint.text() if hint is not None else None}
    times = seconds_of(text, sightings)
    return {**said, "times": times} if times else said


def target_words(recipe: Recipe) -> str:
    """Return what is worked on, short: the name of a file, or that it was taken live."""
    return file_name(recipe.media.path) if recipe.take is None else "live picture"


def file_name(path: str) -> str:
    """Return the last part of a path as a terminal can show it: nothing in it breaks the line or colours it."""
    return shown_name(path.replace("\\", "/"))


def _as_json(data: Any) -> str:
    text = json.dumps(data, ensure_ascii=False)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(data)
    return text


def _let_go(stream: TextIO) -> None:
    """Point a stream that takes nothing any more to nowhere, so that its flush at the end cannot fail either."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)
    with suppress(OSError, ValueError):
        stream.flush()
