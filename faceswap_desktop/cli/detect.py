"""``detect``: find the faces of a picture."""

from __future__ import annotations

import argparse
from typing import Any

from faceswap_desktop.cli.arguments import some_text
from faceswap_desktop.cli.console import Console, file_name
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, InputRefused, UsageError
from faceswap_desktop.domain.faces import DetectedFace, Grade
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import box_to_json

HELP = "find the faces of a picture, largest first"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("file", metavar="FILE", type=some_text, help="a picture")
    parser.add_argument("--provider", metavar="ID", default="on-device", help="who detects (default: on-device)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Detect and print.

    Raises:
        InputRefused: The file will not do, or shows no face.
        UsageError: There is no such provider.
    """
    known = [provider.info.id for provider in program.providers]
    if options.provider not in known:
        raise UsageError(
            message("There is no provider called {provider}.", provider=options.provider),
            message("Known providers: {known}.", known=", ".join(known)),
        )
    await program.pool.start()
    media, faces = await program.detection.detect(options.file)
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
    for note in media.notes:
        console.say(note)
    if faces:
        console.result(data, "\n".join(lines))
        return ExitCode.DONE
    if console.is_json:
        console.result(data, "")
        console.say(f"No face was found in {file_name(options.file)}.")
        return ExitCode.REFUSED
    raise InputRefused(
        message("No face was found in {name}.", name=file_name(options.file)),
        message("Use a picture in which a face is at least 24 pixels high and not covered."),
        kind="no-face",
    )


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
