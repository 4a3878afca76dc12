"""Documents that say something about the source say it of the source as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGE, ROOT, modules_in

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _rows(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]


def test_the_glossary_names_what_is_in_the_code() -> None:
    source = "\n".join(module.text for module in modules_in(PACKAGE))
    names = {name for row in _rows(ROOT / "docs" / "glossary.md")[1:] for name in re.findall(r"`(\w+)`", row[1])}
    assert len(names) > 25
    assert [name for name in sorted(names) if not re.search(rf"\b{name}\b", source)] == []


@pytest.mark.parametrize("folder", ["checkpoints", "fonts", "live_page/agora", "samples"])
def test_the_notice_names_every_bundled_file_of_others(folder: str) -> None:
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    files = {path.name for path in (ROOT / "resources" / folder).iterdir()} - {"SHA256SUMS", "SOURCE.txt"}
    assert files
    assert [name for name in sorted(files) if name not in notice] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)]+)\)", text)]
    local = [target for target in targets if target and "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_every_room_stands_in_the_architecture() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert [room for room in sorted(rooms - {"__init__", "__main__"}) if room not in page] == []


def test_the_version_is_in_the_list_of_changes() -> None:
    from faceswap_desktop import __version__

    assert f"\n## {__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
