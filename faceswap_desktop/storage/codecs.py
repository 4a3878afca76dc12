"""Domain values to and from what a column holds: JSON text, and paths whose names may be no text."""

from __future__ import annotations

import json
import os
from typing import Any

from faceswap_desktop.domain.faces import Finding, FindingKind, Grade, GradeLevel
from faceswap_desktop.domain.job import Failure
from faceswap_desktop.domain.messages import Message


def to_text(value: Any) -> str:
    """Write JSON; ASCII only, so that file names with undecodable bytes survive as escapes."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def from_text(text: str) -> Any:
    """Read what ``to_text`` wrote."""
    return json.loads(text)


def path_in(path: str) -> str | bytes:
    """Return a path for an ``ANY`` column: text, or the system's bytes where it is no valid text."""
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return os.fsencode(path)
    return path


def path_out(value: str | bytes) -> str:
    """Return the path that ``path_in`` was given."""
    return os.fsdecode(value)


def message_to_json(value: Message) -> dict[str, Any]:
    """Write a message with its values apart, so that it can be translated later."""
    return {"template": value.template, "values": dict(value.values)}


def message_from_json(data: dict[str, Any]) -> Message:
    """Read a message."""
    return Message(data["template"], data["values"])


def failure_to_json(failure: Failure) -> dict[str, Any]:
    """Write why a job failed."""
    return {
        "kind": failure.kind,
        "message": message_to_json(failure.message),
        "hint": message_to_json(failure.hint) if failure.hint else None,
        "exit_code": failure.exit_code,
    }


def failure_from_json(data: dict[str, Any]) -> Failure:
    """Read why a job failed."""
    hint = message_from_json(data["hint"]) if data["hint"] else None
    return Failure(data["kind"], message_from_json(data["message"]), hint, data["exit_code"])


def grade_to_json(grade: Grade) -> dict[str, Any]:
    """Write a photo's grade."""
    return {
        "findings": [
            {
                "kind": finding.kind.value,
                "level": finding.level.value,
                "value": finding.value,
                "problem": message_to_json(finding.problem),
                "advice": message_to_json(finding.advice),
            }
            for finding in grade.findings
        ],
        "yaw_degrees": grade.yaw_degrees,
        "pitch_degrees": grade.pitch_degrees,
        "roll_degrees": grade.roll_degrees,
        "sharpness": grade.sharpness,
        "eye_distance_px": grade.eye_distance_px,
    }


def grade_from_json(data: dict[str, Any]) -> Grade:
    """Read a photo's grade."""
    findings = tuple(
        Finding(
            FindingKind(item["kind"]),
            GradeLevel(item["level"]),
            item["value"],
            message_from_json(item["problem"]),
            message_from_json(item["advice"]),
        )
        for item in data["findings"]
    )
    measures = {name: value for name, value in data.items() if name != "findings"}
    return Grade(findings=findings, **measures)
