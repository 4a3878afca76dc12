"""Keys, what is agreed to, and jobs that wait for either; on the program as it is composed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.job import Hold, Job, JobState
from faceswap_desktop.services.accounts import S3_SECRETS, Accounts
from faceswap_desktop.storage.ledger import Ledger
from tests.unit.services.conftest import a_recipe

KEY = "not-a-real-key-0123"


async def held(program: Program, provider: str, hold: Hold) -> Job:
    """Commit a job of a provider that waits for something."""
    [job] = await program.queue.add([replace(a_recipe(), provider=provider)])
    return await Ledger(program.database).set_hold(job.id, hold)


async def test_everyone_on_the_internet_has_accounts(program: Program) -> None:
    assert [info.id for info in program.accounts.providers] == ["akool", "aifaceswap", "aigs"]
    for info in program.accounts.providers:
        about = program.accounts.info(info.id)
        assert about.key_page.startswith("https://")
        assert all(field.title.template and field.help.template for fields in about.alternatives for field in fields)


async def test_either_way_to_sign_in_is_enough(program: Program) -> None:
    accounts = program.accounts
    assert not (await accounts.state("akool")).is_complete
    await accounts.set("akool", {"akool.client_id": "me"})
    assert not (await accounts.state("akool")).is_complete, "half of a pair opens nothing"
    await accounts.set("akool", {"akool.client_secret": KEY})
    state = await accounts.state("akool")
    assert (state.is_complete, state.set_fields) == (True, frozenset({"akool.client_id", "akool.client_secret"}))
    await accounts.forget("akool")
    assert not (await accounts.state("akool")).set_fields
    await accounts.set("akool", {"akool.api_key": KEY})
    assert (await accounts.state("akool")).is_complete


async def test_a_key_is_never_handed_out_and_a_pasted_one_loses_its_blanks(program: Program) -> None:
    await program.accounts.set("aigs", {"aigs.token": f"  {KEY}\n"})
    assert KEY not in repr(await program.accounts.state("aigs"))
    assert await program.cloud.secret("aigs.token") == KEY
    assert KEY not in program.home.settings_file.read_text() if program.home.settings_file.exists() else True


async def test_without_a_keyring_it_is_said_that_keys_are_kept_for_the_session(program: Program) -> None:
    notice = await program.accounts.set("aigs", {"aigs.token": KEY})
    assert notice is not None
    assert "until the program ends" in notice.text()


@pytest.mark.parametrize("value", ["two\nlines", "tab\tbed", "schlüssel"])
async def test_what_no_key_looks_like_is_refused_whole(program: Program, value: str) -> None:
    with pytest.raises(UsageError):
        await program.accounts.set("akool", {"akool.client_id": "me", "akool.client_secret": value})
    assert not (await program.accounts.state("akool")).set_fields


async def test_unknown_names_are_usage_errors(program: Program) -> None:
    with pytest.raises(UsageError, match="no key called"):
        await program.accounts.set("aigs", {"akool.api_key": KEY})
    for provider in ("on-device", "nobody"):
        with pytest.raises(UsageError):
            program.accounts.info(provider)


async def test_a_missing_key_is_said_before_anybody_is_asked(program: Program) -> None:
    status = await program.accounts.test("akool")
    assert (status.is_valid, status.message.text(), status.credits) == (False, "No key is set.", None)
    assert await program.accounts.credits("akool") is None


async def test_a_key_frees_the_jobs_that_wait_for_it_and_no_others(program: Program) -> None:
    mine = await held(program, "akool", Hold.ACCOUNT)
    others = await held(program, "aigs", Hold.ACCOUNT)
    poor = await held(program, "akool", Hold.CREDITS)
    await program.accounts.set("akool", {"akool.api_key": KEY})
    holds = {job.id: job.hold for job in await program.queue.open_jobs()}
    assert holds == {mine.id: None, others.id: Hold.ACCOUNT, poor.id: Hold.CREDITS}


async def test_what_is_agreed_to_is_asked_once_and_frees_jobs(program: Program) -> None:
    job = await held(program, "aigs", Hold.TERMS)
    terms = program.accounts.terms("aigs")
    assert terms is not None
    assert "entertainment" in terms.text()
    await program.accounts.accept_terms("aigs")
    await program.accounts.accept_terms("aigs")
    assert program.accounts.terms("aigs") is None
    assert len(program.settings.current.providers.accepted_terms.split()) == 1
    assert [(one.id, one.state, one.hold) for one in await program.queue.open_jobs()] == [
        (job.id, JobState.QUEUED, None)
    ]
    for provider in ("akool", "on-device", "nobody"):
        assert program.accounts.terms(provider) is None


async def test_other_secrets_are_kept_in_the_same_manner(program: Program) -> None:
    accounts: Accounts = program.accounts
    assert not await accounts.has_secrets(S3_SECRETS)
    await accounts.set_secrets({S3_SECRETS[0]: "id", S3_SECRETS[1]: KEY})
    assert await accounts.has_secrets(S3_SECRETS)
    await accounts.set_secrets({S3_SECRETS[1]: ""})
    assert not await accounts.has_secrets(S3_SECRETS)
