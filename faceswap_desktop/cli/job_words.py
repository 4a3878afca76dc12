"""How ``jobs`` puts jobs into words."""

from __future__ import annotations

import time
from typing import Any

from faceswap_desktop.cli.arguments import clock_time
from faceswap_desktop.cli.console import clock, target_words
from faceswap_desktop.cli.holds import WAITS_FOR, next_try
from faceswap_desktop.domain.job import Job, JobState
from faceswap_desktop.domain.recipe import OutputOptions, Recipe, TargetFace
from faceswap_desktop.media.refusals import shown_line

INTERRUPTED = "interrupted: `jobs resume` takes it up"


def job_line(job: Job, *, is_anyone_running: bool) -> str:
    """Describe a job in a line of the list, with the reason under it where it failed."""
    state = job.state.value if job.hold is None else f"{job.state.value} ({job.hold.value})"
    if _is_interrupted(job, is_anyone_running=is_anyone_running):
        state = INTERRUPTED
    line = f"{job.id}  {state:<20}  {target_words(job.recipe)}"
    if job.recipe.cast:
        line += f" as {shown_line(job.recipe.cast)}"
    if job.state in {JobState.FAILED, JobState.UNCONFIRMED} and job.failure is not None:
        line += f"\n            {job.failure.message}"
    return line


def job_text(job: Job, data: dict[str, Any], *, is_anyone_running: bool) -> str:
    """Describe a job for people, a fact a line.

    Args:
        job: The job.
        data: The same as ``jobs show --json`` prints it.
        is_anyone_running: Whether some process runs jobs.
    """
    recipe, trouble = job.recipe, data["error"]
    facts = [
        ("Job", str(job.id)),
        ("State", _state_words(job, is_anyone_running=is_anyone_running)),
        ("Step", "" if job.state.is_final else job.step),
        ("Why", f"{trouble['message']} {trouble['hint'] or ''}".strip() if trouble else ""),
        ("Target", shown_line(recipe.media.path)),
        ("Camera", shown_line(recipe.take.camera) if recipe.take is not None else ""),
        *[
            ("Swap", f"{_face_words(one.target, recipe)} becomes {shown_line(one.source.name)}")
            for one in recipe.pairings
        ],
        *[("Age", f"{_face_words(one.target, recipe)}, {_years_words(one.years)}") for one in recipe.ages],
        ("Part", _part_words(recipe)),
        ("Output", _output_words(recipe.output, is_video=recipe.is_video)),
        ("Provider", recipe.provider),
        ("Charge", _charge_words(data)),
        *[("There", _remote_words(one)) for one in data.get("remote", ())],
        ("Attempt", str(max(1, job.attempt))),
        ("Created", _time_words(job.created_at)),
        ("Started", _time_words(job.started_at)),
        ("Ended", _time_words(job.ended_at)),
        ("Result", shown_line(str(data["output"])) if data["output"] else ""),
    ]
    return "\n".join(f"{name + ':':<10}{value}" for name, value in facts if value)


def _is_interrupted(job: Job, *, is_anyone_running: bool) -> bool:
    return job.state.is_active and job.hold is None and not is_anyone_running


def _state_words(job: Job, *, is_anyone_running: bool) -> str:
    if _is_interrupted(job, is_anyone_running=is_anyone_running):
        return INTERRUPTED
    if job.hold is not None:
        left = next_try(job)
        return WAITS_FOR[job.hold] + (f", next try in {clock(left)}" if left is not None else "")
    return {JobState.QUEUED: "waits for its turn", JobState.SUCCEEDED: "done"}.get(job.state, job.state.value)


def _charge_words(data: dict[str, Any]) -> str:
    charge = data.get("charge")
    if not charge:
        return ""
    return f"about {charge:g}, by the table of prices" if data.get("charge_is_estimate") else f"{charge:g}"


def _remote_words(made: dict[str, Any]) -> str:
    """Say what a provider has of a job, for its support and for whoever wants it deleted there."""
    words = [f"{made['step']} {shown_line(made['id'] or '')}".strip()]
    if made["deleted"]:
        words.append("deleted there")
    elif made["expires"]:
        words.append(f"kept until {made['expires']}")
    return ", ".join(words)


def _face_words(target: TargetFace, recipe: Recipe) -> str:
    kind = "person" if recipe.is_video else "face"
    return f"{kind} {target.index}" + (f" ({shown_line(target.name)})" if target.name else "")


def _years_words(years: int) -> str:
    return f"{abs(years)} year{'' if abs(years) == 1 else 's'} {'older' if years > 0 else 'younger'}"


def _part_words(recipe: Recipe) -> str:
    """Say which part of a video is wanted; of one with a varying rate the times are near."""
    facts, trim = recipe.media.video, recipe.trim
    if trim is None or facts is None or not facts.frames:
        return ""
    start, end = (frame * facts.seconds / facts.frames for frame in (trim.first, trim.end))
    near = "about " if facts.is_variable else ""
    return f"{near}{clock_time(start)} to {clock_time(end)}, {len(trim):,} frame{'' if len(trim) == 1 else 's'}"


def _output_words(output: OutputOptions, *, is_video: bool) -> str:
    if is_video:
        container = output.video_container.value
        words = ["container as the original" if container == "same" else container.upper()]
        words += [output.video_codec.value, f"quality {output.video_quality.value}"]
    else:
        words = ["format as the original" if output.format.value == "same" else output.format.value]
        words.append(f"quality {output.quality}")
    return ", ".join(words)


def _time_words(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else ""
