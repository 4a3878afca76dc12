"""The file for support: enough to help, and nothing of the user in it."""

from __future__ import annotations

import getpass
import json
import logging
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from faceswap_desktop.compose import Program, set_up_log
from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.storage.settings_file import load_settings
from tests.unit.services.conftest import COLLINS, a_recipe

PRIVATE = (
    "sk-live-123456",
    "s3cr3t-value",
    "Wedding of Zoe",
    "zoe_portrait",
    "Zoe Quimby",
    "My library of faces",
    "agreed by Zoe",
    "wanted-place",
)


async def test_nothing_of_the_user_is_in_the_report(working: Program, tmp_path: Path) -> None:
    photo = tmp_path / "zoe_portrait.png"
    photo.write_bytes(COLLINS.read_bytes())
    [face] = (await working.library.add_photos([photo])).added
    await working.library.rename(face.id, "Zoe Quimby")
    recipe = replace(
        a_recipe("/home/somebody/Pictures/Wedding of Zoe.jpg", "Zoe Quimby"),
        consent_note="agreed by Zoe on Monday",
        output=OutputOptions(requested_path="/home/somebody/wanted-place.png", name_template="Zoe Quimby {n}"),
    )
    await working.queue.add([recipe])
    await working.settings.update("storage", library_folder=str(tmp_path / "My library of faces"))
    await working.settings.update("swap", preset="Zoe Quimby")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    set_up_log(working.home)
    try:
        log = logging.getLogger("faceswap_desktop.test")
        log.info("Authorization: Bearer sk-live-123456")
        log.info("answered {'client_secret': 's3cr3t-value', 'code': 7}")
        log.info("could not read /home/somebody/Pictures/Wedding of Zoe.jpg: input/output error")
        log.info("“Wedding of Zoe.jpg” has changed; source Zoe Quimby; user %s", getpass.getuser())
        log.info("worker 3 ended with code 7")
    finally:
        for handler in set(root.handlers) - set(handlers):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
    report = await working.diagnostics.write_report(tmp_path / "report.zip")
    with zipfile.ZipFile(report) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(texts) == {"about.json", "self-test.json", "settings.json", "jobs.json", "log.txt"}
    everything = "\n".join(texts.values())
    for private in (*PRIVATE, str(tmp_path), str(Path.home()), str(working.home.root)):
        assert private not in everything, private
    assert "Zoe" not in everything
    assert "worker 3 ended with code 7" in texts["log.txt"], "what helps is still there"
    assert "input/output error" not in texts["log.txt"] or "<path>" in texts["log.txt"]
    [job] = json.loads(texts["jobs.json"])
    assert job["state"] == "queued"
    assert job["size"] == [10, 10]
    assert json.loads(texts["settings.json"])["storage"]["library_folder"] is True
    checks = {check["name"]: check for check in json.loads(texts["self-test.json"])}
    assert checks["database"]["is_ok"]
    assert checks["workers"]["is_ok"]
    assert load_settings(working.home.settings_file).settings.swap.preset == "Zoe Quimby", "only the report is cleaned"


async def test_every_part_is_tried(working: Program) -> None:
    checks = {check.name: check for check in await working.diagnostics.self_test()}
    for name in ("python", "workers", "database", "format JPEG", "format PNG", "format WEBP", "provider on-device"):
        assert checks[name].is_ok, checks[name]
    assert all(check.is_ok for name, check in checks.items() if name.startswith("checkpoint "))
    assert not checks["keyring"].is_needed
    assert working.diagnostics.log_file == working.home.log_file


async def test_a_place_that_cannot_be_written_is_said(working: Program, tmp_path: Path) -> None:
    with pytest.raises(FaceSwapError) as caught:
        await working.diagnostics.write_report(tmp_path / "nowhere" / "report.zip")
    assert caught.value.hint is not None
