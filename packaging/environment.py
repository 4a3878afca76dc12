"""The virtual environment in .venv: made, filled from the locks, and made again when it no longer works."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import system_packages

TRIES: Final = 3
WAIT_S: Final = 3
STAMP: Final = "faceswap-desktop.json"
LINK: Final = "faceswap_desktop_source.pth"

ASK: Final = "import json, sys, sysconfig; print(json.dumps([sys.version, sys.prefix, sysconfig.get_path('purelib')]))"


class SetUpError(Exception):
    """A sentence for the person who started it."""


def say(text: str) -> None:
    """Tell what is being done; on standard error, because standard output belongs to the program."""
    print(text, file=sys.stderr, flush=True)


class Environment:
    """The virtual environment of one source folder.

    Attributes:
        folder: ``.venv`` in the source folder.
        python: Its interpreter.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / ".venv"
        self.python = self.folder.joinpath(*(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
        self._stamp = self.folder / STAMP

    def set_up(self, kind: str) -> None:
        """Make everything in requirements/KIND.txt importable (``runtime`` or ``dev``, which holds both).

        Returns at once if that is so already.

        Raises:
            SetUpError: Something could not be made or installed; says what and what helps.
        """
        facts = self._facts()
        digests = {name: self._digest(name) for name in ("runtime", "dev")}
        if facts is not None and self._is_ready(kind, facts, digests):
            return
        if facts is None:
            self._make()
            facts = self._facts()
            if facts is None:
                raise SetUpError(f"the virtual environment in {self.folder} was made but does not run.")
        self._stamp.unlink(missing_ok=True)
        self._install(kind)
        packages = Path(facts[2])
        # Found from every folder, and by every process that the program starts.
        # Python reads such a file in the system's encoding up to 3.12.
        is_utf8 = tuple(int(part) for part in facts[0].split(".")[:2]) >= (3, 13)
        (packages / LINK).write_text(f"{self._root}\n", encoding="utf-8" if is_utf8 else "locale")
        self._compile(packages)
        installed = [kind] if kind == "runtime" else ["runtime", "dev"]
        stamp = {"python": facts[0], "prefix": facts[1], "locks": {name: digests[name] for name in installed}}
        self._stamp.write_text(json.dumps(stamp, indent=1), encoding="utf-8")

    def _facts(self) -> list[str] | None:
        """Return version, prefix and package folder as its interpreter tells them; None if it will not do."""
        if not self.python.exists():
            return None
        try:
            answer = subprocess.run(
                [str(self.python), "-I", "-c", ASK], capture_output=True, text=True, timeout=60, check=True
            )
            facts: list[str] = json.loads(answer.stdout)
        except (OSError, subprocess.SubprocessError, ValueError):
            return None
        version = tuple(int(part) for part in facts[0].split()[0].split(".")[:2])
        same_place = Path(facts[1]).resolve() == self.folder.resolve() and self._stands_where_made(facts[1])
        return facts if version >= (3, 11) and same_place else None

    def _stands_where_made(self, prefix: str) -> bool:
        # The scripts in an environment carry its path; after a move they would start something else, or nothing.
        recorded = self._read_stamp().get("prefix", prefix)
        return recorded == prefix

    def _read_stamp(self) -> dict[str, object]:
        try:
            content = json.loads(self._stamp.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _is_ready(self, kind: str, facts: Sequence[str], digests: dict[str, str]) -> bool:
        stamp = self._read_stamp()
        locks = stamp.get("locks")
        return stamp.get("python") == facts[0] and isinstance(locks, dict) and locks.get(kind) == digests[kind]

    def _digest(self, name: str) -> str:
        return hashlib.sha256((self._root / "requirements" / f"{name}.txt").read_bytes()).hexdigest()

    def _make(self) -> None:
        if self.folder.is_symlink() or self.folder.is_file():
            raise SetUpError(f"{self.folder} is in the way: please move it elsewhere.")
        if self.folder.exists():
            say("The virtual environment in .venv was moved, or its Python is gone: making it again.")
            shutil.rmtree(self.folder, ignore_errors=True)
        version = ".".join(str(part) for part in sys.version_info[:3])
        say(f"Making a virtual environment in {self.folder} (Python {version}) …")
        if (uv := shutil.which("uv")) and self._run([uv, "venv", "--quiet", "--python", sys.executable, self.folder]):
            return
        system_packages.install_venv_module()
        if not self._run([sys.executable, "-m", "venv", str(self.folder)]):
            raise SetUpError(
                f"Python could not make a virtual environment in {self.folder}. On Debian and Ubuntu it needs the "
                f"package python3-venv (sudo apt-get install python3-venv); the folder has to be writable too."
            )

    def _install(self, kind: str) -> None:
        lock = str(self._root / "requirements" / f"{kind}.txt")
        size = "about 600 MB on disk" if kind == "runtime" else "about 800 MB on disk"
        say(f"Installing the locked requirements ({kind}, {size}) …")
        ways: list[Callable[[], bool]] = []
        if uv := shutil.which("uv"):
            command: list[str | Path] = [
                uv,
                "pip",
                "install",
                "--quiet",
                "--python",
                self.python,
                "--require-hashes",
                "-r",
                lock,
            ]
            ways.append(lambda: self._run_uv(command))
        ways.append(lambda: self._run_pip(lock))
        for attempt in range(1, TRIES + 1):
            if any(way() for way in ways):
                return
            if attempt < TRIES:
                say(f"That did not work; trying again in {WAIT_S * attempt} s ({attempt + 1} of {TRIES}) …")
                time.sleep(WAIT_S * attempt)
        raise SetUpError(
            "the requirements could not be installed; the lines above say why. An internet connection and about 1 GB "
            "of free disk are needed. Starting again goes on from here."
        )

    def _run_uv(self, command: Sequence[str | Path]) -> bool:
        # What uv says of a missing certificate or a proxy frightens; pip follows and usually succeeds.
        if self._run(command, is_quiet=True):
            return True
        say("uv could not install them; pip tries …")
        return False

    def _run_pip(self, lock: str) -> bool:
        # An environment that uv made holds no pip.
        if not self._run([self.python, "-m", "pip", "--version"], is_quiet=True):
            system_packages.install_venv_module()
            if not self._run([self.python, "-m", "ensurepip", "--default-pip"], is_quiet=True):
                return False
        options = ["-qq", "--disable-pip-version-check", "--no-input", "--only-binary", ":all:", "--require-hashes"]
        return self._run([self.python, "-m", "pip", "install", *options, "-r", lock])

    def _compile(self, packages: Path) -> None:
        # Some surroundings forbid Python to write bytecode; then every start would translate every module again.
        say("Preparing the modules for a quick start …")
        workers = str(min(os.cpu_count() or 1, 8))
        command = [str(self.python), "-m", "compileall", "-qq", "-j", workers, str(packages)]
        command.append(str(self._root / "faceswap_desktop"))
        # Packages carry files for other versions of Python that do not compile; that is no failure.
        self._run(command, is_quiet=True)

    def _run(self, command: Sequence[str | Path], *, is_quiet: bool = False) -> bool:
        output = subprocess.DEVNULL if is_quiet else sys.stderr
        variables = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "PYTHONPATH"}}
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        variables.pop("VIRTUAL_ENV", None)
        words = [str(part) for part in command]
        try:
            done = subprocess.run(words, cwd=self._root, env=variables, stdout=output, stderr=output, check=False)
        except OSError as error:
            say(f"{command[0]} could not be started: {error.strerror or error}.")
            return False
        return done.returncode == 0
