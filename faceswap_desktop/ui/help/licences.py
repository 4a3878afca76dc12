"""Whose work is in the program, and under which licence."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from faceswap_desktop.resources import resource_root

PROGRAM: Final = "faceswap-desktop"
_TEXT_NAME: Final = re.compile(r"(?i)^(licen[cs]e|copying|notice|authors|ofl)")
_REQUIREMENT_NAME: Final = re.compile(r"^[A-Za-z0-9._-]+")
_LONGEST_TEXT: Final = 400_000


@dataclass(frozen=True, slots=True)
class Licence:
    """One work.

    Attributes:
        title: Its name and version.
        terms: The short name of its licence; empty where the package does not say.
        text: The whole text, as the package carries it.
    """

    title: str
    terms: str
    text: str


def read_licences() -> list[Licence]:
    """Collect the program's own licence and notice, and those of what it needs; takes some tenths of a second."""
    found = [*_own(), *(_licence_of(one) for one in _needed())]
    return [licence for licence in found if licence.text or licence.terms]


def _own() -> Iterator[Licence]:
    for name, title in (("LICENSE", "Faceswap Desktop"), ("NOTICE", "Checkpoints, samples and fonts (NOTICE)")):
        text = _own_text(name)
        if text:
            yield Licence(title, "Apache-2.0" if name == "LICENSE" else "", text)
    font = resource_root() / "fonts" / "OFL.txt"
    if font.is_file():
        yield Licence("Inter (font)", "OFL-1.1", _read(font))


def _own_text(name: str) -> str:
    beside = resource_root().parent / name
    if beside.is_file():
        return _read(beside)
    try:
        files = metadata.distribution(PROGRAM).files or []
    except metadata.PackageNotFoundError:
        return ""
    return next((_read(Path(str(file.locate()))) for file in files if file.name == name), "")


def _needed() -> list[metadata.Distribution]:
    waiting, seen = list(_direct_requirements()), dict[str, metadata.Distribution]()
    while waiting:
        name = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in seen or key == PROGRAM:
            continue
        try:
            distribution = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            # Needed on another system only.
            continue
        seen[key] = distribution
        waiting += _names(distribution.requires or [])
    return [seen[key] for key in sorted(seen)]


def _direct_requirements() -> list[str]:
    project = resource_root().parent / "pyproject.toml"
    if project.is_file():
        data = tomllib.loads(project.read_text(encoding="utf-8"))
        return _names(data.get("project", {}).get("dependencies", []))
    try:
        return _names(metadata.requires(PROGRAM) or [])
    except metadata.PackageNotFoundError:
        return []


def _names(requirements: list[str]) -> list[str]:
    names = []
    for requirement in requirements:
        found = _REQUIREMENT_NAME.match(requirement)
        if found and "extra ==" not in requirement:
            names.append(found.group())
    return names


def _licence_of(distribution: metadata.Distribution) -> Licence:
    about = distribution.metadata
    texts = [
        f"{file.name}\n\n{_read(Path(str(file.locate())))}"
        for file in distribution.files or []
        if _TEXT_NAME.match(file.name) and ".dist-info" in file.as_posix()
    ]
    said, exact = str(about.json.get("license", "")), str(about.json.get("license_expression", ""))
    terms = exact or _classified(distribution) or _short(said)
    text = "\n\n".join(texts or [said])[:_LONGEST_TEXT]
    return Licence(f"{about['Name']} {distribution.version}", terms, text)


def _classified(distribution: metadata.Distribution) -> str:
    classifiers = distribution.metadata.get_all("Classifier") or []
    ends = [one.rsplit(" :: ", 1)[-1] for one in classifiers if one.startswith("License :: ") and one.count(" :: ") > 1]
    return ", ".join(ends)


def _short(terms: str) -> str:
    return terms if len(terms) <= 60 and "\n" not in terms else ""


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
