"""A swap whose signer will not do waits in the real program, nothing is lost, and it is signed when that is mended."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.program import COLLINS, HOPPER, run


def test_it_waits_and_is_signed_when_that_is_mended(tmp_path: Path) -> None:
    home, output = tmp_path / "home", tmp_path / "made.jpg"
    swap = ("swap", "--target", COLLINS, "--source", HOPPER, "--consent", "a sample", "--output", output)
    ended = run(home, "--set", "credentials.signer=own", *swap)
    assert ended.code == 4, ended.err
    assert "No certificate is chosen." in ended.err
    assert not output.exists()
    assert list((home / "results").iterdir()) == []
    [job] = run(home, "jobs", "--json").json["jobs"]
    assert (job["state"], job["hold"]) == ("finishing", "signer")
    # With this installation's certificate it goes on from there.
    assert run(home, "jobs", "resume").code == 0
    told = run(home, "verify", output, "--json").json
    assert (told["validity"], told["made_here"]) == ("valid", True)
