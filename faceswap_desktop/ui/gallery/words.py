"""How jobs and results are put into words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from faceswap_desktop.domain.job import Job, JobResult, JobState
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.domain.work import FrameProgress, Transfer
from faceswap_desktop.ui.gallery.cloud_words import NOBODY, Who, hold_words, next_try_words, state_words, step_words
from faceswap_desktop.ui.gallery.mark_words import badge_of, mark_facts
from faceswap_desktop.ui.item_models.face_list import years_words
from faceswap_desktop.ui.texts import clock_text, duration_text, percent_text, size_text, text_of
from faceswap_desktop.ui.video_words import output_summary


def tr(text: str) -> str:
    """Translate a text of the Gallery."""
    return QCoreApplication.translate("Gallery", text)


def media_name(recipe: Recipe) -> str:
    """Return the file name of the original; a live picture has none."""
    return PurePath(recipe.media.path).name if recipe.take is None else tr("Live")


def source_names(recipe: Recipe) -> str:
    """Return the names of the source faces, each once; where only ages change, by how many years."""
    return recipe.cast if recipe.pairings else age_steps(recipe)


def age_steps(recipe: Recipe) -> str:
    """Return by how many years faces change, each figure once: "5 years younger, 20 years older"."""
    return ", ".join(years_words(years) for years in sorted({one.years for one in recipe.ages}))


def cast_words(recipe: Recipe) -> str:
    """Return who is put in and by how many years faces change: "Grace, 20 years older"."""
    names = recipe.cast if recipe.pairings else ""
    return ", ".join(part for part in (names, age_steps(recipe)) if part)


def changes_words(recipe: Recipe) -> str:
    """Return what is done to a media: "holiday.jpg as Grace, 20 years older", "holiday.jpg, 20 years older"."""
    if not recipe.pairings and not recipe.ages:
        return media_name(recipe)
    if not recipe.pairings:
        return tr("{media}, {years}").format(media=media_name(recipe), years=cast_words(recipe))
    return tr("{media} as {source}").format(media=media_name(recipe), source=cast_words(recipe))


def ages_words(recipe: Recipe) -> str:
    """Return whose age changes and how: "Person 1: 20 years older"; empty for nobody's."""
    words = []
    for one in recipe.ages:
        number = one.target.index + 1
        plain = tr("Person {n}").format(n=number) if recipe.is_video else tr("Face {n}").format(n=number)
        words.append(f"{one.target.name or plain}: {years_words(one.years)}")
    return ", ".join(words)


def length_of(recipe: Recipe) -> float:
    """Return how many seconds a video result is long."""
    facts = recipe.media.video
    if facts is None:
        return 0.0
    if recipe.trim is None or not facts.frames:
        return facts.seconds
    return facts.seconds * len(recipe.trim) / facts.frames


def length_text(seconds: float) -> str:
    """Return a length as "12.4 s", or "1:02" from a minute on."""
    return tr("{s} s").format(s=f"{seconds:.1f}") if seconds < 60 else clock_text(seconds)


def card_words(result: JobResult) -> str:
    """Return the second line of a card: who and when; of a video its length, kind and faces."""
    if not result.recipe.is_video:
        return f"{cast_words(result.recipe)} · {date_text(result.created_at)}"
    faces = len(result.recipe.targets)
    counted = tr("1 face") if faces == 1 else tr("{n} faces").format(n=faces)
    return " · ".join((length_text(length_of(result.recipe)), file_kind(result), counted))


def file_kind(result: JobResult) -> str:
    """Return what kind of file a result is: "MP4"."""
    return PurePath(result.path).suffix.removeprefix(".").upper()


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
        changes_words(result.recipe),
        tr("{width} × {height} pixels").format(width=result.width, height=result.height),
        date_text(result.created_at),
    ]
    if result.recipe.is_video:
        parts.insert(1, tr("video"))
        parts.insert(3, card_words(result))
    if (badge := badge_of(result.mark)) is not None:
        parts.append(badge[1])
    if result.is_favourite:
        parts.append(tr("favourite"))
    return " · ".join(parts)


def result_facts(result: JobResult, who: Who = NOBODY) -> list[tuple[str, str]]:
    """Return what is known of a result as pairs of a word and its value.

    Args:
        result: The result.
        who: Who made it; services follow no options of ours.
    """
    recipe, options = result.recipe, result.recipe.options
    facts = [(tr("Original"), media_name(recipe))] if recipe.take is None else [(tr("Camera"), recipe.take.camera)]
    if recipe.pairings:
        facts += [(tr("Source"), source_names(recipe)), (tr("Faces swapped"), str(len(recipe.pairings)))]
    if recipe.ages:
        # Of a live picture nobody kept who was who.
        facts.append((tr("Ages"), ages_words(recipe) if recipe.take is None else age_steps(recipe)))
    facts.append((tr("Size"), tr("{width} × {height} pixels").format(width=result.width, height=result.height)))
    if recipe.is_video:
        facts += _video_facts(recipe)
    facts += [
        (tr("File"), f"{file_kind(result)}, {size_text(result.size_bytes)}"),
        (tr("Made"), date_text(result.created_at)),
    ]
    if recipe.take is None:
        # How long a recording took is its length; that its file was finished quickly would be taken for that.
        facts.append((tr("Took"), duration_text(result.seconds) if result.seconds >= 1 else tr("less than 1 s")))
    if recipe.pairings and recipe.take is None:
        facts.append((tr("Likeness"), likeness_text(result.similarity)))
    if recipe.pairings and recipe.take is None and who.is_local:
        facts += [
            (tr("Blend"), percent_text(options.blend)),
            (tr("Colour match"), percent_text(options.colour_match)),
            (tr("Edge softness"), percent_text(options.edge_softness)),
            (tr("Kept"), _kept(recipe)),
        ]
    facts.append((tr("Provider"), who.title or recipe.provider))
    facts += mark_facts(result.mark, date_text(result.mark.signed_at) if result.mark is not None else "")
    if result.recipe.consent_note:
        facts.append((tr("Consent"), result.recipe.consent_note))
    return facts


def _video_facts(recipe: Recipe) -> list[tuple[str, str]]:
    facts = recipe.media.video
    frames = len(recipe.trim) if recipe.trim is not None else (facts.frames if facts is not None else 0)
    length = f"{length_text(length_of(recipe))}, " + tr("{n} frames").format(n=f"{frames:,}")
    found = [(tr("Length"), length), (tr("Picture"), output_summary(recipe.output))]
    if recipe.trim is not None and facts is not None and facts.frames_per_second:
        rate = facts.frames_per_second
        found.insert(1, (tr("Part"), f"{clock_text(recipe.trim.first / rate)}–{clock_text(recipe.trim.end / rate)}"))
    return found


def job_title(job: Job) -> str:
    """Return what a job makes."""
    return changes_words(job.recipe)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a job beside its row in the ledger.

    Attributes:
        step: What is being done now, as its worker or its provider calls it.
        fraction: How far it is, 0 to 1.
        seconds_left: How long it will take, if that can be told.
        frames: How many frames of a video are done.
        transfer: How many bytes have gone or come.
        who: Its provider.
        cost: What it costs, in words; empty for nothing.
    """

    step: str = ""
    fraction: float = 0.0
    seconds_left: float | None = None
    frames: FrameProgress | None = None
    transfer: Transfer | None = None
    who: Who = NOBODY
    cost: str = ""


_NOTHING_KNOWN: Final = Standing()


def job_state_text(job: Job, standing: Standing = _NOTHING_KNOWN) -> str:
    """Say where a job stands, in words: of one at a service with its provider's name and what it costs."""
    words = _where_it_stands(job, standing)
    if standing.who.is_local:
        return words
    title = "" if standing.who.title in words else standing.who.title
    sandbox = tr("sandbox") if job.recipe.in_sandbox else ""
    return " · ".join(part for part in (title, words, standing.cost, sandbox) if part)


def _where_it_stands(job: Job, standing: Standing) -> str:
    if job.cancel_requested and not job.state.is_final:
        return tr("Cancelling")
    if job.hold is not None and job.state is not JobState.UNCONFIRMED:
        kept = _kept_frames(standing.frames) if standing.frames is not None else ""
        title = standing.who.title or job.recipe.provider
        words = hold_words(job.hold, title, in_sandbox=job.recipe.in_sandbox)
        parts = (words, next_try_words(job), kept)
        return " · ".join(part for part in parts if part)
    if job.state in {JobState.FAILED, JobState.UNCONFIRMED} and job.failure is not None:
        return " ".join(filter(None, (text_of(job.failure.message), text_of(job.failure.hint))))
    if not job.state.is_active:
        return " · ".join(part for part in (_resting_text(job), next_try_words(job)) if part)
    return _work_text(standing) if standing.who.is_local else _remote_work_text(job, standing)


def _work_text(standing: Standing) -> str:
    if not standing.fraction:
        return tr("Preparing")
    frames = standing.frames
    parts = [_step_text(standing.step), *(_frames_text(frames) if frames else [percent_text(standing.fraction)])]
    return " · ".join(part for part in (*parts, _time_left(standing)) if part)


def _remote_work_text(job: Job, standing: Standing) -> str:
    title = standing.who.title
    words = step_words(standing.step, title, standing.transfer)
    if not words:
        return state_words(job.state, title)
    share = percent_text(standing.fraction) if standing.fraction and standing.transfer is None else ""
    return " · ".join(part for part in (words, share, _time_left(standing)) if part)


def _time_left(standing: Standing) -> str:
    left = standing.seconds_left
    return tr("{time} left").format(time=duration_text(left)) if left is not None and left >= 1 else ""


def _frames_text(frames: FrameProgress) -> list[str]:
    words = [tr("{done} of {total} frames").format(done=f"{frames.rendered:,}", total=f"{frames.total:,}")]
    if frames.per_second:
        words.append(tr("{n} a second").format(n=f"{frames.per_second:.1f}"))
    return words


def _kept_frames(frames: FrameProgress) -> str:
    return tr("{done} of {total} frames are done").format(done=f"{frames.done:,}", total=f"{frames.total:,}")


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
        "index": tr("Counting the frames"),
        "analyse": tr("Looking for people"),
        "render": tr("Rendering"),
        "join": tr("Putting the file together"),
        "": tr("Working"),
    }.get(step, tr("Working"))


def _kept(recipe: Recipe) -> str:
    kept = [
        word
        for is_kept, word in ((recipe.options.keep_mouth, tr("mouth")), (recipe.options.keep_eyes, tr("eyes")))
        if is_kept
    ]
    return ", ".join(kept) or tr("nothing")
