"""Whose certificate signs: made once, kept safe, checked, and told of in words."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import SignerError, UsageError
from faceswap_desktop.domain.events import Event, Noticed
from faceswap_desktop.domain.provenance import SignerKind
from faceswap_desktop.domain.signing import Identity
from faceswap_desktop.provenance.certificate import make_identity
from faceswap_desktop.services.identities import PASSPHRASE_SECRET, TOKEN_SECRET, Identities
from faceswap_desktop.storage.identities import KEY_SECRET, IdentityStore
from faceswap_desktop.storage.secrets import SERVICE, Secrets


class Ring(KeyringBackend):
    """A keyring in memory."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


def another(program: Program) -> Identities:
    """The identities of another start of the program on the same home."""
    secrets = Secrets()
    return Identities(IdentityStore(program.home, secrets), secrets, program.settings, program.pool, program.bus)


async def use_files(program: Program, tmp_path: Path, identity: Identity) -> None:
    (tmp_path / "chain.pem").write_bytes(identity.chain_pem)
    (tmp_path / "key.pem").write_bytes(identity.key_pem)
    await program.settings.update(
        "credentials",
        signer=SignerKind.OWN,
        certificate=str(tmp_path / "chain.pem"),
        key=str(tmp_path / "key.pem"),
    )


async def test_two_that_make_it_at_once_agree(working: Program, events: list[Event]) -> None:
    first, second = await asyncio.gather(another(working).current(), another(working).current())
    assert first == second
    # And so does whoever comes later.
    assert await another(working).current() == first
    store = IdentityStore(working.home, Secrets())
    assert len(list((store.key_file.parent / "certificates").iterdir())) == 1
    if sys.platform != "win32":
        assert stat.S_IMODE(store.key_file.stat().st_mode) == 0o600
        assert stat.S_IMODE(store.key_file.parent.stat().st_mode) == 0o700
    said = [str(event.message) for event in events if isinstance(event, Noticed)]
    assert len(said) == 1
    assert "no keyring" in said[0]
    assert isinstance(first, Identity)
    assert first.key_pem.decode() not in repr(first)


async def test_with_a_keyring_the_key_is_in_no_file(working: Program, ring: Ring, events: list[Event]) -> None:
    made = await another(working).current()
    assert isinstance(made, Identity)
    assert made.key_pem.decode() in ring.kept[SERVICE, KEY_SECRET]
    assert not IdentityStore(working.home, Secrets()).key_file.exists()
    secret = made.key_pem.splitlines()[1]
    assert not [file for file in working.home.root.rglob("*") if file.is_file() and secret in file.read_bytes()]
    assert [event for event in events if isinstance(event, Noticed)] == []
    assert (await another(working).installation()).is_in_keyring


async def test_another_one_is_made_in_time_and_the_former_stays_known(working: Program) -> None:
    store = IdentityStore(working.home, Secrets())
    store.prepare()
    old = make_identity(datetime.now(UTC) - timedelta(days=6 * 365))
    await store.keep(old, "ab" * 32)
    new = await another(working).current()
    assert isinstance(new, Identity)
    assert new != old
    roots = await another(working).own_roots()
    assert old.root_pem.strip() in roots
    assert new.root_pem.strip() in roots


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
async def test_a_key_that_others_could_read_is_the_users_alone_again(working: Program) -> None:
    made = await another(working).current()
    store = IdentityStore(working.home, Secrets())
    store.key_file.chmod(0o644)
    assert await another(working).current() == made
    assert stat.S_IMODE(store.key_file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damage", [b"", b"\xff\xfe", b"certificate zz\nno key", b"certificate " + b"ab" * 32 + b"\nno key"]
)
async def test_a_damaged_key_is_replaced(working: Program, damage: bytes) -> None:
    store = IdentityStore(working.home, Secrets())
    store.prepare()
    await store.keep(make_identity(), "ab" * 32)
    store.key_file.write_bytes(damage)
    assert isinstance(await another(working).current(), Identity)
    state = await another(working).installation()
    assert state.key_file == str(store.key_file)
    assert not state.is_in_keyring


async def test_the_users_certificate(working: Program, tmp_path: Path) -> None:
    mine = make_identity()
    await use_files(working, tmp_path, mine)
    current = await working.signing.identities.current()
    assert isinstance(current, Identity)
    assert current.chain_pem.startswith(mine.chain_pem[:100])
    # It is looked at again when the file changes.
    await use_files(working, tmp_path, make_identity(datetime.now(UTC) - timedelta(days=11 * 365)))
    with pytest.raises(SignerError) as refused:
        await working.signing.identities.current()
    assert refused.value.kind == "certificate"
    assert "expired" in str(refused.value) or "ended" in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"certificate": ""}, "No certificate is chosen"),
        ({"key": ""}, "No private key is chosen"),
        ({"certificate": "/not/there.pem"}, "there.pem"),
    ],
)
async def test_what_is_missing_is_said(working: Program, tmp_path: Path, changes: dict[str, str], words: str) -> None:
    await use_files(working, tmp_path, make_identity())
    await working.settings.update("credentials", **changes)
    with pytest.raises(SignerError) as refused:
        await working.signing.identities.current()
    assert refused.value.kind == "certificate"
    assert words in str(refused.value)
    assert refused.value.hint is not None


async def test_secrets_are_kept_and_odd_tokens_refused(program: Program) -> None:
    identities = program.signing.identities
    await identities.set_secret(TOKEN_SECRET, "  abc ")
    await identities.set_secret(PASSPHRASE_SECRET, "tëst ")
    assert await identities.has_secret(TOKEN_SECRET)
    assert await identities.has_secret(PASSPHRASE_SECRET)
    await identities.set_secret(TOKEN_SECRET, "")
    assert not await identities.has_secret(TOKEN_SECRET)
    with pytest.raises(UsageError):
        await identities.set_secret(TOKEN_SECRET, "a\nb")
    with pytest.raises(ValueError, match="elsewhere"):
        await identities.set_secret("akool.api_key", "x")


async def test_the_certificate_can_be_handed_on(working: Program, tmp_path: Path) -> None:
    await working.signing.identities.export_certificate(tmp_path / "mine.pem")
    text = (tmp_path / "mine.pem").read_text()
    assert text.count("BEGIN CERTIFICATE") == 2
    assert "PRIVATE" not in text


async def test_the_trial_tells_each_step(working: Program, tmp_path: Path) -> None:
    report = await working.signing_trial.run()
    assert [step.name for step in report.steps] == ["certificate", "sign", "verify"]
    assert report.is_ok
    await use_files(working, tmp_path, make_identity(datetime.now(UTC) - timedelta(days=11 * 365)))
    bad = await working.signing_trial.run()
    assert [(step.name, step.is_ok) for step in bad.steps] == [("certificate", False)]
    # A certificate that ends soon is worth a word.
    await use_files(working, tmp_path, make_identity(datetime.now(UTC) - timedelta(days=3640)))
    soon = await working.signing_trial.run()
    assert [step.name for step in soon.steps] == ["certificate", "time", "sign", "verify"]
    assert soon.is_ok
    assert list(working.home.scratch_folder.glob("trial-*")) == []
