"""Jobs at services, from the command line: what is said, asked and returned, with a real sandbox at the other end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from faceswap_desktop.storage.lease import Lease
from faceswap_desktop.storage.paths import Home
from tests.unit.cli.conftest import House

KEYS_OF_A_JOB = {
    "job", "state", "hold", "output", "provider", "faces", "seconds", "charge", "charge_is_estimate", "error",
}  # fmt: skip


def lines_in_order(text: str, *parts: str) -> bool:
    """Say whether lines with these parts come in this order."""
    lines = iter(text.splitlines())
    return all(any(part in line for line in lines) for part in parts)


def test_two_faces_at_akool_from_the_estimate_to_what_is_deleted_there(house: House) -> None:
    output = house.home.parent / "out.png"
    hopper, before = house.picture("hopper"), house.paid()
    ended = house.run(
        "swap", "--consent", "hers",
        "--target", house.picture("two"), "--pair", f"all={hopper}", "--provider", "akool", "--output", output,
        "--max-credits", "4", "--json",
    )  # fmt: skip
    assert ended.code == 0, ended.err
    made = ended.json
    assert set(made) == KEYS_OF_A_JOB
    assert (made["state"], made["provider"], made["faces"], made["charge"]) == ("succeeded", "akool", 2, 4.0)
    assert (made["output"], made["charge_is_estimate"], made["error"]) == (str(output), False, None)
    with Image.open(output) as picture:
        assert picture.format == "PNG", "in the format of its extension, whatever the service made"
    assert lines_in_order(
        ended.err,
        "will leave this computer for 127.0.0.1, kept there for 7 days",
        "About 4 credits by the table of prices",
        "upload",
        "detect",
        "download",
        "100% done",
        "Charged: 4 credits",
        "Left: ",
    ), ended.err
    assert house.paid() == before + 1

    shown = house.run("jobs", "show", made["job"], "--json").json
    [there] = shown["remote"]
    assert (there["step"], there["provider"], there["deleted"]) == ("swap", "akool", None)
    assert there["id"]
    assert there["expires"] > shown["ended"]
    assert "kept until" in house.run("jobs", "show", made["job"]).out
    deleted = house.run("jobs", "delete", made["job"], "--remote", "--json")
    assert (deleted.code, deleted.json) == (0, {"deleted": [made["job"]], "deleted_remote": 1})
    assert output.is_file(), "results stay"
    assert house.run("jobs", "list", "--json").json == {"jobs": []}


def test_an_answer_that_is_dropped_is_unconfirmed_until_the_user_chooses(house: House) -> None:
    before = house.paid()
    house.box.faults(akool=["dropped-answer:1"])
    ended = house.swap("--json")
    assert ended.code == 6
    job = ended.json
    assert (job["state"], job["error"]["kind"], job["charge_is_estimate"]) == ("unconfirmed", "unconfirmed", True)
    assert f"jobs retry {job['job']} --yes" in job["error"]["hint"]
    assert f"jobs dismiss {job['job']}" in ended.err
    assert house.run("jobs", "resume").code == 6, "it is never sent again by itself"
    assert house.paid() == before + 1

    refused = house.run("jobs", "retry", job["job"], "--json")
    assert (refused.code, refused.json["error"]["kind"]) == (2, "unconfirmed")
    assert house.run("jobs", "delete", job["job"]).code == 2, "it is not over"
    agreed = house.run("jobs", "retry", job["job"], "--yes", "--json")
    assert (agreed.code, agreed.json["jobs"][0]["state"]) == (0, "queued")
    assert house.paid() == before + 1, "retry does not run it"
    again = house.run("jobs", "resume", "--json")
    assert (again.code, again.json["jobs"][0]["state"]) == (0, "succeeded"), again.err
    assert again.json["jobs"][0]["charge"] == 8.0, "what may have been charged stays booked"
    assert house.paid() == before + 2
    refused = house.run("jobs", "dismiss", job["job"])
    assert refused.code == 2
    assert "is not unconfirmed" in refused.err


def test_dismissing_ends_it(house: House) -> None:
    house.box.faults(akool=["lost-request:1"])
    job = house.swap("--json").json["job"]
    assert "unconfirmed" in house.run("jobs").out
    dismissed = house.run("jobs", "dismiss", job, "--json")
    assert (dismissed.code, dismissed.json["jobs"][0]["state"]) == (0, "dismissed")
    assert house.run("jobs", "resume", "--json").json == {"jobs": []}
    assert house.run("jobs", "delete", job).code == 0


def test_a_wrong_key_holds_the_job_and_the_right_one_lets_it_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACESWAP_AKOOL_API_KEY", "wrong")
    tested = house.run("accounts", "test", "akool", "--json")
    assert (tested.code, tested.json["is_valid"]) == (4, False)
    held = house.swap("--json")
    assert held.code == 4
    assert (held.json["state"], held.json["hold"], held.json["error"]["kind"]) == ("queued", "account", "account")
    assert "accounts set akool" in held.err
    assert "AKOOL does not take the key" in held.err
    assert "wrong" not in held.out + held.err, "a key is never shown"
    assert "State:    waits for a key that is taken" in house.run("jobs", "show", held.json["job"]).out
    monkeypatch.setenv("FACESWAP_AKOOL_API_KEY", "sandbox-key")
    went_on = house.run("jobs", "resume", "--json")
    assert (went_on.code, went_on.json["jobs"][0]["state"]) == (0, "succeeded"), went_on.err


def test_what_would_pass_the_monthly_cap_waits(house: House) -> None:
    before = house.paid()
    held = house.swap("--set", "budget.monthly_cap=3", "--json")
    assert (held.code, held.json["hold"], held.json["error"]["kind"]) == (4, "budget", "budget")
    assert "exceed the monthly cap" in held.err
    assert "budget.monthly_cap" in held.json["error"]["hint"]
    assert house.paid() == before
    # Nobody runs jobs now, so this is done here.
    cancelled = house.run("jobs", "cancel", held.json["job"], "--json").json["jobs"]
    assert [job["state"] for job in cancelled] == ["cancelled"]


def test_content_that_a_service_refuses(house: House) -> None:
    house.box.faults(aigs=["forbidden:1"])
    ended = house.swap("--json", provider="aigs")
    assert (ended.code, ended.json["state"], ended.json["error"]["kind"]) == (5, "failed", "sensitive"), ended.err
    assert ended.json["error"]["message"] in house.run("jobs").out


def test_results_that_are_delivered_could_be_lost_and_that_is_said_before(house: House) -> None:
    ended = house.swap(provider="aifaceswap")
    assert ended.code == 0, ended.err
    assert lines_in_order(ended.err, "About 2 points", "no relay keeps them", "wait for the delivery", "download")
    assert ended.err.count("no relay keeps them") == 1


def test_an_address_of_the_very_target_takes_the_place_of_hosting(house: House) -> None:
    there = house.box.host(house.picture("one").read_bytes())
    another = house.box.host(house.picture("hopper").read_bytes())
    refused = house.swap("--set", "hosting.s3.bucket=", "--target-url", another, "--json")
    assert (refused.code, refused.json["error"]["kind"]) == (3, "changed")
    assert another not in refused.out + refused.err, "its signature is a secret"
    ended = house.swap("--set", "hosting.s3.bucket=", "--target-url", there)
    assert ended.code == 0, ended.err


@pytest.mark.parametrize(
    ("arguments", "missing", "provider", "code", "kind", "words"),
    [
        ((), "FACESWAP_AKOOL_API_KEY", "akool", 4, "account", "accounts set akool"),
        (("--set", "hosting.s3.bucket="), "", "akool", 4, "hosting", "hosting test"),
        (("--set", "webhook.public_url="), "", "aifaceswap", 4, "webhook", "webhook test"),
        (("--set", "providers.accepted_terms="), "", "aigs", 4, "terms", "accounts accept aigs"),
        (("--max-credits", "3"), "", "akool", 2, "credits", "--max-credits is 3"),
        (("--set", "budget.confirm_above=3"), "", "akool", 2, "credits", "--yes"),
        (("--no-wait", "--set", "providers.akool.api=v3"), "", "akool", 2, "settings", "--set holds for this command"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_sent(
    house: House, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], missing: str, provider: str, code: int,
    kind: str, words: str,
) -> None:  # fmt: skip
    if missing:
        monkeypatch.delenv(missing)
    before: Any = house.box.state()["calls"]
    ended = house.swap(*arguments, "--json", provider=provider)
    assert (ended.code, ended.json["error"]["kind"]) == (code, kind), ended.err
    assert words in ended.err
    assert house.box.state()["calls"] == before
    assert house.run("jobs", "--json").json == {"jobs": []}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("reage", "--years", "5", "--provider", "aigs"), "ai-gs cannot change ages in pictures"),
        (("swap", "--source", "x.jpg", "--provider", "aigs", "--enhance"), "ai-gs cannot enhance"),
        (("swap", "--source", "x.jpg", "--provider", "aifaceswap", "--age", "0=5"), "cannot change ages"),
        (("swap", "--source", "x.jpg", "--provider", "nobody"), "no provider called nobody"),
    ],
)
def test_what_a_provider_cannot_do_is_refused_before_anything_is_looked_for(
    house: House, arguments: tuple[str, ...], words: str
) -> None:
    ended = house.run(arguments[0], "--target", house.picture("one"), *arguments[1:])
    assert ended.code == 2
    assert words in ended.err


def test_what_is_set_for_this_command_is_not_left_to_another_process(house: House) -> None:
    other = Lease(Home(house.home).lease_file)
    assert other.acquire()
    try:
        ended = house.swap("--set", "providers.akool.api=v3")
    finally:
        other.release()
    assert ended.code == 2
    assert "--set holds for this command only" in ended.err
    assert "There are no jobs" in house.run("jobs").out


def test_left_to_others_it_is_committed_and_can_be_called_off(house: House) -> None:
    ended = house.swap("--no-wait", "--json")
    assert (ended.code, ended.json["state"]) == (0, "queued")
    assert "Nobody runs jobs right now" in ended.err
    assert house.run("jobs", "cancel", ended.json["job"]).code == 0
    assert house.run("jobs", "retry", ended.json["job"]).code == 0
    assert "queued" in house.run("jobs").out


def test_without_consent_nothing_is_made_or_ordered(house: House) -> None:
    pictures = ("--target", house.picture("one"), "--source", house.picture("hopper"))
    arguments: tuple[str | Path, ...] = ("swap", *pictures, "--provider", "akool")
    # The sandbox serves other tests too.
    paid, hosted = house.paid(), house.box.state()["hosted"]
    ended = house.run(*arguments, "--json")
    assert (ended.code, ended.json["error"]["kind"]) == (5, "consent")
    assert "--consent" in ended.json["error"]["hint"]
    assert house.paid() == paid
    assert house.box.state()["hosted"] == hosted
    assert house.run("jobs", "list", "--json").json["jobs"] == []
    assert house.run(*arguments, "--consent", " ").code == 2
    # Said once, it is remembered.
    assert house.run(*arguments, "--consent", "She agreed.").code == 0
    assert house.run(*arguments).code == 0
