"""This installation's certificates and its private key.

The certificates of all identities that this installation ever had are kept, so that what it signed is known for ever.
The key lies in the keyring, or where there is none in a file that the user alone can read. It begins with a line that
names the certificate it goes with, so that writing it is what makes a new identity count: all or nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock

from faceswap_desktop.domain.signing import Identity, SigningAlgorithm
from faceswap_desktop.storage.atomic import sync_folder, write_atomically
from faceswap_desktop.storage.failures import mapped_errors, refuse_other_than_file
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.storage.secrets import Secrets

logger = logging.getLogger(__name__)

KEY_SECRET: Final = "credentials.key"  # noqa: S105 - its name
"""Name of the private key among the secrets."""

_OTHERS: Final = 0o077
_END: Final = b"-----END CERTIFICATE-----"
_FIRST_LINE: Final = re.compile(r"certificate ([0-9a-f]{64})")


class IdentityStore:
    """Keeps identities. Safe to use from several processes at once."""

    def __init__(self, home: Home, secrets: Secrets) -> None:
        self._folder = home.root / "credentials"
        self._secrets = secrets

    @property
    def key_file(self) -> Path:
        """Where the key lies if it is in no keyring."""
        return self._folder / "key.pem"

    @property
    def lock(self) -> FileLock:
        """A lock, new each time, that one process at a time holds while it looks for the identity or makes one."""
        return FileLock(self._folder / "lock", thread_local=False, fallback_to_soft=False)

    def prepare(self) -> None:
        """Make the folder.

        Raises:
            StorageError: It cannot be made.
        """
        with mapped_errors(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def is_in_keyring(self) -> bool:
        """Say whether the key in use does not lie in a file."""
        return await self._secrets.get(KEY_SECRET) is not None

    async def current(self) -> Identity | None:
        """Return the identity in use; None where there is none yet, or a part of it is gone.

        Raises:
            StorageError: It is there and cannot be read.
        """
        kept = await self._secrets.get(KEY_SECRET)
        if kept is None:
            kept = await asyncio.to_thread(self._read_key_file)
        return await asyncio.to_thread(self._identity, kept) if kept else None

    async def keep(self, identity: Identity, sha256: str) -> bool:
        """Keep an identity as the one in use. Those from before stay known.

        Args:
            identity: Made by this installation.
            sha256: Of its certificate, hexadecimal.

        Returns:
            Whether the key is in the keyring; else it is in a file.

        Raises:
            StorageError: It could not be kept; the one from before is still in use.
        """
        with mapped_errors(self._folder):
            await asyncio.to_thread(write_atomically, self._certificate_file(sha256), identity.chain_pem)
        text = f"certificate {sha256}\n{identity.key_pem.decode('ascii')}"
        if await asyncio.to_thread(lambda: self._secrets.is_persistent):
            if await self._secrets.set(KEY_SECRET, text):
                return True
            # It did not answer after all, and what it did not take is kept for this session: the file lasts longer.
            await self._secrets.delete(KEY_SECRET)
        await asyncio.to_thread(self._write_key_file, text)
        return False

    async def roots(self) -> bytes:
        """Return the roots of all identities that this installation ever had, one after the other."""
        return await asyncio.to_thread(self._roots)

    def _identity(self, kept: str) -> Identity | None:
        first, _, key = kept.partition("\n")
        found = _FIRST_LINE.fullmatch(first.strip())
        if found is None:
            return None
        try:
            chain = self._certificate_file(found[1]).read_bytes()
        except OSError:
            return None
        return Identity(chain, key.encode("ascii", "replace"), SigningAlgorithm.ES256, _last_certificate(chain))

    def _roots(self) -> bytes:
        found = b""
        with suppress(OSError):
            for file in sorted((self._folder / "certificates").glob("*.pem")):
                with suppress(OSError):
                    found += _last_certificate(file.read_bytes())
        return found

    def _certificate_file(self, sha256: str) -> Path:
        folder = self._folder / "certificates"
        with mapped_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{sha256}.pem"

    def _read_key_file(self) -> str | None:
        with mapped_errors(self.key_file):
            refuse_other_than_file(self.key_file)
            try:
                _for_owner_again(self.key_file)
                return self.key_file.read_text("ascii")
            except FileNotFoundError:
                return None
            except UnicodeDecodeError:
                return None

    def _write_key_file(self, text: str) -> None:
        """Write the key so that nobody else could read it at any moment."""
        with mapped_errors(self.key_file), _private_file(self.key_file) as handle:
            os.write(handle, text.encode("ascii"))
            os.fsync(handle)


@contextmanager
def _private_file(path: Path) -> Iterator[int]:
    # Files of mkstemp are made for their owner alone, on POSIX; on Windows they inherit the folder's rights.
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".key.")
    try:
        try:
            if sys.platform == "win32":
                _for_owner_alone(scratch)
            yield handle
        finally:
            os.close(handle)
        Path(scratch).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(scratch).unlink()
        raise
    sync_folder(path.parent)


def _for_owner_again(path: Path) -> None:
    """Take back what others were allowed: a copy of the home folder may have lost it."""
    if sys.platform != "win32" and path.stat().st_mode & _OTHERS:
        with suppress(PermissionError):
            path.chmod(0o600)
            logger.info("%s could be read by others", path.name)


def _for_owner_alone(path: str) -> None:
    """Take away from others what they inherit; where that cannot be done the user's own folder has to do."""
    user = os.environ.get("USERNAME", "")
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(
            ["icacls", path, "/inheritance:r", "/grant:r", f"{user}:F"],
            check=True,
            capture_output=True,
            timeout=10,
        )


def _last_certificate(chain: bytes) -> bytes:
    parts = [part for part in chain.split(_END) if part.strip()]
    return parts[-1].lstrip() + _END + b"\n" if parts else b""
