from __future__ import annotations

from collections.abc import Iterator

import keyring
import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from faceswap_desktop.storage.secrets import SERVICE, Secrets, environment_name


class Remembering(KeyringBackend):
    """A keyring that works, in memory."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.kept:
            raise PasswordDeleteError("there is none")
        del self.kept[service, username]


class Locked(KeyringBackend):
    """A keyring that nobody unlocks; counts how often it was asked."""

    priority = 5.0

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.asked = 0

    def get_password(self, service: str, username: str) -> str | None:
        self.asked += 1
        raise KeyringLocked("s3cret must not be shown")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.asked += 1
        raise KeyringLocked(f"could not keep {password}")


class Unusable(keyring.backends.fail.Keyring):
    """What keyring puts where there is nothing."""

    __module__ = "keyring.backends.fail"

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]


@pytest.fixture(autouse=True)
def own_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def use(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)


async def test_a_keyring_keeps_secrets() -> None:
    backend = Remembering()
    use(backend)
    secrets = Secrets()
    assert secrets.is_persistent
    assert secrets.notice is None
    assert await secrets.get("akool.api_key") is None
    assert await secrets.set("akool.api_key", "s3cret")
    assert backend.kept == {(SERVICE, "akool.api_key"): "s3cret"}
    assert await Secrets().get("akool.api_key") == "s3cret"
    await secrets.delete("akool.api_key")
    await secrets.delete("akool.api_key")
    assert await secrets.get("akool.api_key") is None
    assert backend.kept == {}


@pytest.mark.parametrize("backend", [keyring.backends.fail.Keyring, keyring.backends.null.Keyring])
async def test_without_a_keyring_secrets_last_for_the_session(backend: type[KeyringBackend]) -> None:
    use(backend())
    secrets = Secrets()
    assert not secrets.is_persistent
    assert not await secrets.set("akool.api_key", "s3cret")
    assert await secrets.get("akool.api_key") == "s3cret"
    assert await Secrets().get("akool.api_key") is None
    assert secrets.notice is not None
    assert "until the program ends" in secrets.notice.text()
    assert secrets.backend_name == "memory of this session (none is installed)"
    await secrets.delete("akool.api_key")
    assert await secrets.get("akool.api_key") is None


async def test_a_locked_keyring_is_asked_once_and_tells_nothing() -> None:
    backend = Locked()
    use(backend)
    secrets = Secrets()
    assert not await secrets.set("akool.api_key", "s3cret")
    assert await secrets.get("akool.api_key") == "s3cret"
    assert await secrets.get("other") is None
    assert backend.asked == 1
    assert secrets.notice is not None
    for text in (secrets.notice.text(), secrets.backend_name, repr(secrets)):
        assert "KeyringLocked" in text
        assert "s3cret" not in text


async def test_files_that_ask_for_a_password_on_the_terminal_are_never_used() -> None:
    class CryptFileKeyring(Remembering):
        __module__ = "keyrings.cryptfile.cryptfile"

    class PlaintextKeyring(Remembering):
        __module__ = "keyrings.alt.file"

    for backend in (CryptFileKeyring(), PlaintextKeyring()):
        use(backend)
        secrets = Secrets()
        assert not await secrets.set("akool.api_key", "s3cret")
        assert backend.kept == {}


async def test_of_several_the_first_good_one_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    good, other = Remembering(), Remembering()
    chainer = keyring.backends.chainer.ChainerBackend()  # type: ignore[no-untyped-call]
    chain = [Unusable(), good, other]
    monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", chain)
    use(chainer)
    assert await Secrets().set("akool.api_key", "s3cret")
    assert good.kept
    assert not other.kept


async def test_the_environment_wins_over_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    backend = Remembering()
    use(backend)
    secrets = Secrets()
    await secrets.set("akool.client_secret", "from the keyring")
    monkeypatch.setenv("FACESWAP_AKOOL_CLIENT_SECRET", "from outside")
    assert await secrets.get("akool.client_secret") == "from outside"
    monkeypatch.setenv("FACESWAP_AKOOL_CLIENT_SECRET", "")
    assert await secrets.get("akool.client_secret") == "from the keyring"


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("akool.api_key", "FACESWAP_AKOOL_API_KEY"),
        ("aigs.token", "FACESWAP_AIGS_TOKEN"),
        ("s3.access_key_id", "FACESWAP_S3_ACCESS_KEY_ID"),
    ],
)
def test_names_in_the_environment(name: str, variable: str) -> None:
    assert environment_name(name) == variable
