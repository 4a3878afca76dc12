"""Commands run in this process, on a home whose services are a sandbox's, which is a process of its own."""

from __future__ import annotations

import io
import json
import logging
import shutil
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from PIL import Image

from faceswap_desktop.cli.main import main
from tests.clips import Actor, Place, Scene, draw_frame, one_person, still
from tests.unit.sandbox.conftest import Box, end_sandbox, start_sandbox

SIZE: Final = (480, 320)
TWO: Final = Scene(
    1.0, (Actor("collins", still(Place(0.28, 0.5, 0.5))), Actor("hopper", still(Place(0.74, 0.5, 0.38))))
)
KEYS: Final = {
    "FACESWAP_AKOOL_API_KEY": "sandbox-key",
    "FACESWAP_AIFACESWAP_API_KEY": "sandbox-key",
    "FACESWAP_AIGS_TOKEN": "sandbox-key",
    "FACESWAP_S3_ACCESS_KEY_ID": "an-id",
    "FACESWAP_S3_SECRET_ACCESS_KEY": "a-secret",
}
_SETTINGS: Final = """
[providers]
accepted_terms = "aigs:1"
[providers.akool]
base_url = "{akool}"
detect_url = "{akool_detect}"
[providers.aifaceswap]
base_url = "{aifaceswap}"
[providers.aigs]
base_url = "{aigs}"
[hosting.s3]
endpoint_url = "{s3}"
bucket = "{bucket}"
[webhook]
public_url = "http://127.0.0.1"
port = 0
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON value that it has to be."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class House:
    """A home, pictures beside it, and the sandbox that its settings point at."""

    home: Path
    folder: Path
    box: Box

    def run(self, *arguments: str | Path, typed: str = "") -> Ended:
        """Run a command to its end, with this as its standard input."""
        return run(*arguments, home=self.home, typed=typed)

    def swap(self, *arguments: str | Path, provider: str = "akool") -> Ended:
        """Swap the one face of a picture."""
        return self.run(
            "swap", "--target", self.picture("one"), "--source", self.picture("hopper"), "--provider", provider,
            "--consent", "They agreed.", *arguments,
        )  # fmt: skip

    def picture(self, name: str) -> Path:
        """Return ``one`` (one face), ``two`` (two faces), or somebody's picture."""
        return self.folder / f"{name}.jpg"

    def paid(self, service: str = "akool") -> int:
        """Return how many calls the sandbox has charged since the faults were last set."""
        return sum(len(calls) for calls in self.box.state()["paid"][service].values())


def run(*arguments: str | Path, home: Path | None = None, typed: str = "") -> Ended:
    """Run a command to its end; streams are ones without a terminal."""
    before = list(logging.getLogger().handlers)
    out, err, old = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(typed)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            code = main([*(("--home", str(home)) if home is not None else ()), *map(str, arguments)])
    finally:
        sys.stdin = old
        # The log's file belongs to the command.
        for handler in [one for one in logging.getLogger().handlers if one not in before]:
            logging.getLogger().removeHandler(handler)
            handler.close()
    return Ended(code, out.getvalue(), err.getvalue())


def draw(path: Path, scene: Scene) -> None:
    Image.fromarray(draw_frame(scene, 0.0, SIZE)[0]).save(path, quality=92)


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[dict[str, str]]:
    process, where = start_sandbox()
    yield where
    end_sandbox(process)


@pytest.fixture(scope="session")
def _seen_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with pictures, and a home that knows their faces, so that not every test looks for them."""
    folder = tmp_path_factory.mktemp("cli")
    for name, scene in (("one", one_person(1.0, "collins")), ("hopper", one_person(1.0, "hopper")), ("two", TWO)):
        draw(folder / f"{name}.jpg", scene)
    return folder


@pytest.fixture
def house(
    _sandbox: dict[str, str], _seen_before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    """A home of the test's own with all keys set, whose services are the sandbox's."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("FACESWAP_HOME")
    home = tmp_path / "home"
    if (known := _seen_before / "home").is_dir():
        shutil.copytree(known, home)
    else:
        home.mkdir()
        for name in ("one", "two"):
            assert run("detect", _seen_before / f"{name}.jpg", home=home).code == 0
        shutil.copytree(home, known)
    (home / "settings.toml").write_text(_SETTINGS.format(**_sandbox), encoding="utf-8")
    with httpx.Client(trust_env=False, timeout=60) as client:
        box = Box(_sandbox, client)
        box.faults(all=[])
        yield House(home, _seen_before, box)
        box.faults(all=[])
