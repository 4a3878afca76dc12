"""How jobs and results are put into words."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from faceswap_desktop.domain.job import Hold, Job, JobResult, JobState
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.ui.texts import duration_text, percent_text, size_text, text_of


def tr(text: str) -> str:
    """Translate a text of the Gallery."""
    return QCoreApplication.translate("Gallery", text)


def media_name(recipe: Recipe) -> str:
    """Return the file name of the original."""
    return PurePath(recipe.media.path).name


def source_names(recipe: Recipe) -> str:
    """Return the names of the source faces, each once."""
    return recipe.cast


def date_text(seconds: float) -> str:
    """Return a time as people say it: today and yesterday by name, else as this system writes a date."""
    when = QDateTime.fromSecsSinceEpoch(int(seconds))
    days = when.date().daysTo(QDate.currentDate())
    if days not in {0, 1}:
        return QLocale().toString(when, QLocale.FormatType.ShortFormat)
    time = QLocale().toString(when.time(), QLocale.FormatType.ShortFormat)
    return tr("today {time}").format(time=time) if days == 0 else tr("yesterday {time}").format(time=time)


def likeness_text(similarity: float | None) -> str:
    """Return the measured likeness, or that it was not measured."""
    return tr("not measured") if similarity is None else f"{similarity:.2f}"


def describe_result(result: JobResult) -> str:
    """Describe a card in one line, for a screen reader and the tool tip."""
    parts = [
        result.title or PurePath(result.path).name,
        tr("{media} as {source}").format(media=media_name(result.recipe), source=source_names(result.recipe)),
        tr("{width} × {height} pixels").format(width=result.width, height=result.height),
        date_text(result.created_at),
    ]
    if result.is_favourite:
        parts.append(tr("favourite"))
    return " · ".join(parts)


def result_facts(result: JobResult, provider_title: str = "") -> list[tuple[str, str]]:
    """Return what is known of a result as pairs of a word and its value."""
    options = result.recipe.options
    facts = [
        (tr("Original"), media_name(result.recipe)),
        (tr("Source"), source_names(result.recipe)),
        (tr("Faces swapped"), str(result.faces)),
        (tr("Size"), tr("{width} × {height} pixels").format(width=result.width, height=result.height)),
        (tr("File"), size_text(result.size_bytes)),
        (tr("Made"), date_text(result.created_at)),
        (tr("Took"), duration_text(result.seconds) if result.seconds >= 1 else tr("less than 1 s")),
        (tr("Likeness"), likeness_text(result.similarity)),
        (tr("Blend"), percent_text(options.blend)),
        (tr("Colour match"), percent_text(options.colour_match)),
        (tr("Edge softness"), percent_text(options.edge_softness)),
        (tr("Kept"), _kept(result.recipe)),
        (tr("Provider"), provider_title or result.recipe.provider),
    ]
    if result.recipe.consent_note:
        facts.append((tr("Consent"), result.recipe.consent_note))
    return facts


def job_title(job: Job) -> str:
    """Return what a job makes."""
    return tr("{media} as {source}").format(media=media_name(job.recipe), source=source_names(job.recipe))


def job_state_text(job: Job, step: str = "", fraction: float = 0.0, seconds_left: float | None = None) -> str:
    """Say where a job stands, in words.

    Args:
        job: The job.
        step: What its worker does now, English.
        fraction: How far it is, 0 to 1.
        seconds_left: How long it will take, if that can be told.
    """
    if job.cancel_requested and not job.state.is_final:
        return tr("Cancelling")
    if job.hold is not None:
        return _hold_text(job.hold)
    if job.state is JobState.FAILED and job.failure is not None:
        return " ".join(filter(None, (text_of(job.failure.message), text_of(job.failure.hint))))
    if not job.state.is_active:
        return _resting_text(job)
    if not fraction:
        return tr("Preparing")
    parts = [_step_text(step), percent_text(fraction)]
    if seconds_left is not None and seconds_left >= 1:
        parts.append(tr("{time} left").format(time=duration_text(seconds_left)))
    return " · ".join(part for part in parts if part)


def _resting_text(job: Job) -> str:
    if job.state is JobState.QUEUED:
        return tr("Tried once more, waiting") if job.attempt else tr("Waiting")
    return {
        JobState.FAILED: tr("Failed"),
        JobState.CANCELLED: tr("Cancelled"),
        JobState.SUCCEEDED: tr("Done"),
        JobState.UNCONFIRMED: tr("Not confirmed: the provider may or may not have done the work"),
        JobState.DISMISSED: tr("Dismissed"),
    }[job.state]


def _step_text(step: str) -> str:
    return {
        "open": tr("Opening the picture"),
        "find faces": tr("Finding the faces"),
        "swap": tr("Swapping"),
        "write": tr("Writing the file"),
        "": tr("Working"),
    }.get(step, tr("Working"))


def _hold_text(hold: Hold) -> str:
    return {
        Hold.PAUSED: tr("Paused"),
        Hold.CONSENT: tr("Waits for consent"),
        Hold.BUDGET: tr("Waits: the budget is used up"),
        Hold.HOSTING: tr("Waits for hosting"),
        Hold.NETWORK: tr("Waits for the network"),
        Hold.DISK: tr("Waits: the disk is full. Free some space, then resume."),
        Hold.SIGNER: tr("Waits for the signer"),
    }[hold]


def _kept(recipe: Recipe) -> str:
    kept = [
        word
        for is_kept, word in ((recipe.options.keep_mouth, tr("mouth")), (recipe.options.keep_eyes, tr("eyes")))
        if is_kept
    ]
    return ", ".join(kept) or tr("nothing")
