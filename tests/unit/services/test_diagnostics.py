"""The file for support: enough to help, and nothing of the user in it."""

from __future__ import annotations

import getpass
import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web

from faceswap_desktop.compose import Program, set_up_log
from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.live import CameraKind
from faceswap_desktop.domain.recipe import OutputOptions
from faceswap_desktop.storage.settings_file import load_settings
from faceswap_desktop.transport.calls import ApiCall, DownloadRules
from tests.unit.services.conftest import COLLINS, a_recipe
from tests.unit.transport.servers import web_server

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


@contextmanager
def logged(program: Program) -> Iterator[logging.Logger]:
    """Have the program's log written, as from its start."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    set_up_log(program.home)
    try:
        yield logging.getLogger("faceswap_desktop.test")
    finally:
        for handler in set(root.handlers) - set(handlers):
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)


async def reported(program: Program, folder: Path) -> dict[str, str]:
    """Write the report and return the texts in it by their names."""
    report = await program.diagnostics.write_report(folder / "report.zip")
    with zipfile.ZipFile(report) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


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
    await working.settings.update("live", camera="/clips/Zoe on stage.mp4", camera_kind=CameraKind.FILE)
    with logged(working) as log:
        log.info("Authorization: Bearer sk-live-123456")
        log.info("answered {'client_secret': 's3cr3t-value', 'code': 7}")
        log.info("could not read /home/somebody/Pictures/Wedding of Zoe.jpg: input/output error")
        log.info("“Wedding of Zoe.jpg” has changed; source Zoe Quimby; user %s", getpass.getuser())
        log.info("“Zoe on stage” was played as camera")
        log.info("worker 3 ended with code 7")
    texts = await reported(working, tmp_path)
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
    assert json.loads(texts["settings.json"])["storage"]["library_folder"] == "(set)"
    checks = {check["name"]: check for check in json.loads(texts["self-test.json"])}
    assert checks["database"]["is_ok"]
    assert checks["workers"]["is_ok"]
    assert load_settings(working.home.settings_file).settings.swap.preset == "Zoe Quimby", "only the report is cleaned"


OWN_KEYS: Final = {
    "akool.api_key": "gX7+odd/key=",
    "aigs.token": "tokenthatlookslikeaword",
    "aifaceswap.api_key": "0987654321abcdef",
    "s3.secret_access_key": "wJalr/XUtn+FEMI",
    "webhook.relay_token": "a-token-of-the-relay",
}
OWN_PLACES: Final = (
    ("webhook", {"public_url": "https://hooks.quimby.example/faces", "relay_url": "https://relay.quimby.example/abc"}),
    ("hosting.s3", {"endpoint_url": "https://s3.quimby.example:9000", "bucket": "quimbys-bucket", "prefix": "of-zoe"}),
    ("providers.akool", {"base_url": "https://proxy.quimby.example/akool"}),
    ("cluster", {"address": "tcp://render.quimby.example:8786"}),
)


async def test_no_key_and_no_place_of_the_user_on_the_internet_is_in_the_report(
    working: Program, tmp_path: Path
) -> None:
    for name, value in OWN_KEYS.items():
        await working.accounts.set_secrets({name: value})
    for section, values in OWN_PLACES:
        await working.settings.update(section, **values)
    pasted = "https://pasted.quimby.example/private/of zoe/holiday?sig=s1gned"
    await working.queue.add([replace(a_recipe(), provider="akool", target_url=pasted)])

    async def handler(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"{}", content_type="application/json")

    async with web_server(handler) as base:
        client = working.cloud.client("aigs", lambda: base)
        with logged(working) as log:
            await client.call(ApiCall("GET", "/v1/faceswap", secret_query={"token": OWN_KEYS["aigs.token"]}))
            await client.download(f"{base}/unguessable/result.bin", str(tmp_path / "got"), DownloadRules(None))
            log.info("POST openapi.akool.com/api/open/v3/faceswap/live/close 200, 12 ms, 4 bytes, 1 tries, id r-1")
            log.info("fetched https://openapi.akool.com/api/open?key=%s as asked", OWN_KEYS["akool.api_key"])
            log.info("GET d21ksh0k4smeql.cloudfront.net/final_secret.jpg 200, 12 ms, 4 bytes, 1 tries, id r-2")
            log.info("announced at https://hooks.quimby.example/faces/secret-of-a-job and %s", pasted)
            log.info("hooks.quimby.example did not answer; quimbys-bucket is full; render.quimby.example went")
            for value in OWN_KEYS.values():
                log.info("it said <%s>", value)
                log.info("x%sx", value)
    texts = await reported(working, tmp_path)
    everything = "\n".join(texts.values()).casefold()
    private = ("quimby", "of-zoe", "of zoe", "unguessable", "final_secret", "secret-of-a-job", "s1gned", "cloudfront")
    for one in (*private, *OWN_KEYS.values()):
        assert one.casefold() not in everything, one
    assert "POST openapi.akool.com/api/open/v3/faceswap/live/close 200" in texts["log.txt"], "what helps is there"
    assert "GET <address> 200, " in texts["log.txt"]
    shown = json.loads(texts["settings.json"])
    assert shown["webhook"] == {"public_url": "(set)", "port": 8787, "relay_url": "(set)"}
    assert shown["hosting"]["s3"]["region"] == "us-east-1"
    assert shown["providers"]["akool"]["base_url"] == "(set)"
    assert shown["providers"]["akool"]["api"] == "v4-plus"
    assert shown["providers"]["aigs"]["base_url"] == "https://imageapi.ai-gs.cn/v1"


async def test_every_part_is_tried(working: Program) -> None:
    checks = {check.name: check for check in await working.diagnostics.self_test()}
    for name in ("python", "workers", "database", "format JPEG", "format PNG", "format WEBP", "provider on-device"):
        assert checks[name].is_ok, checks[name]
    assert all(check.is_ok for name, check in checks.items() if name.startswith("checkpoint "))
    assert not any(checks[name].is_needed for name in ("keyring", "live page", "live sessions"))
    assert checks["live sessions"].detail == "none is open"
    assert working.diagnostics.log_file == working.home.log_file


async def test_a_place_that_cannot_be_written_is_said(working: Program, tmp_path: Path) -> None:
    with pytest.raises(FaceSwapError) as caught:
        await working.diagnostics.write_report(tmp_path / "nowhere" / "report.zip")
    assert caught.value.hint is not None
