"""``detect``: find the faces of a picture, or the people in a video."""

from __future__ import annotations

import argparse
from typing import Any

from faceswap_desktop.cli.arguments import clock_time, plain_path, some_text
from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.making import check_capability
from faceswap_desktop.cli.services import ask, chosen
from faceswap_desktop.cli.spending import amount_words, check_money
from faceswap_desktop.cli.targets import Target, no_face, open_target, people_lines
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.domain.faces import DetectedFace, Grade
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.recipe_json import box_to_json
from faceswap_desktop.domain.video import Identity
from faceswap_desktop.media.kind import kind_of
from faceswap_desktop.providers.protocol import Capability, ProviderInfo

HELP = "find the faces of a picture, largest first, or the people in a video, most seen first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("file", metavar="FILE", type=some_text, help="a picture or video")
    parser.add_argument("--provider", metavar="ID", default="on-device", help="who detects (default: on-device)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Detect and print.

    Raises:
        InputRefused: The file will not do, or shows no face.
        UsageError: There is no such provider.
    """
    info = chosen(program, options.provider)
    check_capability(info, Capability.DETECT, "detect faces")
    await program.pool.start()
    if not info.is_local:
        return await _remote(program, info, options, console)
    target = await open_target(program, options.file, console)
    data, lines = _video(target) if target.is_video else _picture(target)
    if target.faces:
        console.result(data, "\n".join(lines))
        return ExitCode.DONE
    if console.is_json:
        console.result(data, "")
        console.say(no_face(target).message)
        return ExitCode.REFUSED
    raise no_face(target)


async def _remote(program: Program, info: ProviderInfo, options: argparse.Namespace, console: Console) -> ExitCode:
    """Have a service look for the faces; boxes and points are in pixels of the file, numbers are the service's own."""
    path = str(plain_path(options.file))
    if cost := program.accounts.detect_credits(info.id):
        limit, is_agreed = getattr(options, "max_credits", None), getattr(options, "yes", False)
        check_money(program, info, cost, max_credits=limit, is_agreed=is_agreed)
        console.say(
            f"This costs about {amount_words(cost, info.unit)}, unless the same picture was asked about before."
        )
    await ask(program, console)
    is_video = kind_of(path) is MediaKind.VIDEO
    media = await program.videos.probe(path) if is_video else (await program.detection.detect(path))[0]
    cleared = await program.clearance.media(media)
    found = await program.accounts.detect(options.provider, cleared)
    faces = [
        {
            "index": face.index,
            "box": {side: round(value, 2) for side, value in box_to_json(face.box).items()},
            "points": [[round(point.x, 2), round(point.y, 2)] for point in face.points],
            "seconds": round(face.seconds, 3),
            "frame": face.frame,
        }
        for face in found
    ]
    lines = [f"{len(found)} face{'s' if len(found) != 1 else ''}, as {info.title} sees"]
    lines += [
        f"  {face.index}: {face.box.left:.0f},{face.box.top:.0f} to {face.box.right:.0f},{face.box.bottom:.0f}"
        + (f" at {clock_time(face.seconds)}" if face.seconds else "")
        for face in found
    ]
    console.result({"provider": options.provider, "faces": faces}, "\n".join(lines))
    return ExitCode.DONE if found else ExitCode.REFUSED


def _picture(target: Target) -> tuple[dict[str, Any], list[str]]:
    media, faces = target.media, target.faces
    data = {
        "media": {"kind": media.kind.value, "width": media.size.width, "height": media.size.height},
        "faces": [face_to_json(face) for face in faces],
    }
    lines = [f"{media.size.width} × {media.size.height} pixels, {len(faces)} face{'s' if len(faces) != 1 else ''}"]
    for face in faces:
        box = face.box
        lines.append(
            f"  {face.index}: {box.left:.0f},{box.top:.0f} to {box.right:.0f},{box.bottom:.0f}"
            f"  score {face.score:.2f}  yaw {face.yaw_degrees:+.0f}°  {face.grade.level.value} as a source"
        )
        lines += [f"     {finding.problem} {finding.advice}" for finding in face.grade.findings]
    return data, lines


def _video(target: Target) -> tuple[dict[str, Any], list[str]]:
    media, facts, analysis = target.media, target.media.video, target.analysis
    assert facts is not None
    assert analysis is not None
    data = {
        "media": {
            "kind": media.kind.value,
            "width": media.size.width,
            "height": media.size.height,
            "seconds": round(facts.seconds, 6),
            "frames_per_second": round(facts.frames_per_second, 6),
            "frames": facts.frames,
        },
        "faces": [face_to_json(face) for face in target.faces],
        "identities": [_identity_to_json(identity, target) for identity in analysis.identities],
        "cuts": [round(target.seconds_at(frame), 6) for frame in analysis.cuts],
        "look_alikes": [
            {"identities": [pair.first, pair.second], "similarity": round(pair.similarity, 4)}
            for pair in analysis.look_alikes
        ],
    }
    people = len(analysis.identities)
    lines = [
        f"{media.size.width} × {media.size.height} pixels, {facts.frames:,} frames, {facts.seconds:.2f} s,"
        f" {facts.frames_per_second:.3g} frames per second, {people} {'person' if people == 1 else 'people'}",
        *people_lines(target),
    ]
    lines += [f"  {pair.first} and {pair.second} look alike." for pair in analysis.look_alikes]
    return data, lines


def _identity_to_json(identity: Identity, target: Target) -> dict[str, Any]:
    """Write a person in a video; times are counted from its first frame, and ``end`` is no longer part of a span."""
    return {
        "index": identity.index,
        "name": identity.name,
        "frames": identity.frames,
        "spans": [
            {
                "start": round(target.seconds_at(span.first), 6),
                "end": round(target.seconds_at(span.end), 6),
                "first_frame": span.first,
                "end_frame": span.end,
            }
            for span in identity.spans
        ],
        "best_time": round(target.seconds_at(identity.best_frame), 6),
        "best_frame": identity.best_frame,
        "box": {side: round(value, 2) for side, value in box_to_json(identity.best_face.box).items()},
    }


def face_to_json(face: DetectedFace) -> dict[str, Any]:
    """Write a face as ``detect --json`` prints it."""
    return {
        "index": face.index,
        "box": {side: round(value, 2) for side, value in box_to_json(face.box).items()},
        "score": round(face.score, 4),
        "five_points": [[round(point.x, 2), round(point.y, 2)] for point in face.five_points],
        "landmarks": [[round(point.x, 2), round(point.y, 2)] for point in face.landmarks or ()],
        "yaw_degrees": round(face.yaw_degrees, 1),
        "grade": grade_to_json(face.grade),
    }


def grade_to_json(grade: Grade) -> dict[str, Any]:
    """Write a grade: its level and what was found."""
    return {
        "level": grade.level.value,
        "findings": [
            {
                "kind": finding.kind.value,
                "level": finding.level.value,
                "value": round(finding.value, 2),
                "problem": finding.problem.text(),
                "advice": finding.advice.text(),
            }
            for finding in grade.findings
        ],
    }
