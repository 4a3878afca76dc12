"""``verify``: what is printed, and which exit code goes with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from faceswap_desktop.cli.verify import exit_code_of, report_lines, report_to_json
from faceswap_desktop.domain.errors import ExitCode
from faceswap_desktop.domain.job import ResultId
from faceswap_desktop.domain.media import MediaKind
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.provenance import Action, Claim, Credentials, Ingredient, Validity
from faceswap_desktop.domain.verdicts import verdict_of
from faceswap_desktop.domain.verification import FileFacts, HowKnown, LabelFact, MadeHere, Report

CAMERA = Claim(signer="Camera", generator="Camera 1", actions=(Action("c2pa.created", source_type="digitalCapture"),))
SWAPPED = Action("c2pa.edited", "Face swapped", "Faceswap Desktop 0.4.0", "compositeCapture", "2026-11-21T12:00:00")
CLAIM = Claim(
    title="party.mkv",
    generator="Faceswap Desktop 0.4.0",
    signer="Ada",
    issuer="Trust Us",
    signed_at="not a time",
    algorithm="Es256",
    actions=(
        Action("c2pa.edited", "Face swapped", "Faceswap Desktop 0.4.0", "compositeCapture", "2026-11-21T12:00:00"),
    ),
    ingredients=(Ingredient("holiday.jpg", "parentOf", Validity.VALID, CAMERA),),
)


def a_report(validity: Validity, claim: Claim | None = CLAIM, made_here: MadeHere | None = None) -> Report:
    credentials = Credentials(validity, claim, sidecar="/videos/party.c2pa", problems=("some.code",))
    return Report(
        FileFacts("/videos/party.mkv", "party.mkv", 1_234_567, "MKV", MediaKind.VIDEO),
        credentials,
        "compositeCapture",
        "Faceswap Desktop 0.4.0",
        LabelFact.YES,
        made_here,
        verdict_of(credentials, made_here, ""),
        (message("It is late."),),
    )


def test_the_object_has_everything() -> None:
    made_here = MadeHere(HowKnown.LIKENESS, ResultId("r1"), "party")
    told = report_to_json(a_report(Validity.TAMPERED, made_here=made_here))
    assert told["file"] == {"path": "/videos/party.mkv", "size_bytes": 1_234_567, "format": "MKV", "kind": "video"}
    assert (told["validity"], told["label"], told["problems"]) == ("tampered", "yes", ["some.code"])
    assert (told["made_here"], told["made_here_by"], told["result"]) == (True, "likeness", "r1")
    assert (told["digital_source_type"], told["sidecar"]) == ("compositeCapture", "/videos/party.c2pa")
    assert told["verdict"]["headline"] == "The file was changed after it was signed."
    story = told["credentials"]
    assert (story["signer"], story["signed_at"]) == ("Ada", "not a time")
    assert story["actions"][0]["description"] == "Face swapped"
    [parent] = story["ingredients"]
    assert (parent["validity"], parent["credentials"]["signer"]) == ("valid", "Camera")
    nothing = report_to_json(a_report(Validity.NONE, None))
    assert (nothing["credentials"], nothing["made_here"], nothing["made_here_by"], nothing["result"]) == (
        None,
        False,
        None,
        None,
    )


def test_people_read_the_verdict_first_and_then_the_story() -> None:
    lines = list(report_lines(a_report(Validity.TRUSTED)))
    assert lines[0] == "Trusted. Not changed since Ada signed it."
    story = lines[lines.index("What the credentials tell:") :]
    assert story[1:5] == [
        "  - Opened “holiday.jpg” (Its own credentials were valid)",
        "      - Made (With Camera 1; Taken with a digital camera)",
        "      - Signed by Camera (Credentials made with Camera 1)",
        "  - 2026-11-21 12:00  Face swapped (With Faceswap Desktop 0.4.0; Put together from photos or recordings)",
    ]
    assert story[5].startswith("  - not a time  Signed by Ada")
    assert "  File           party.mkv, MKV, 1.2 MB" in lines
    assert "  Credentials    read from party.c2pa" in lines
    assert lines[-1] == "It is late."
    copy = MadeHere(HowKnown.LIKENESS, ResultId("r1"), "party")
    lines = list(report_lines(a_report(Validity.NONE, None, copy)))
    assert "  Visible label  yes, when it was made" in lines
    assert "  Made here      it looks like a result (party, result r1)" in lines


def test_what_was_changed_since_is_told_as_made_here_and_changed() -> None:
    plain = a_report(Validity.TAMPERED)
    ours = replace(plain, credentials=replace(plain.credentials, is_ours=True))
    assert "  Made here      nothing says so" in list(report_lines(plain))
    assert "  Made here      signed here, changed since" in list(report_lines(ours))
    assert (report_to_json(ours)["made_here"], report_to_json(ours)["signed_here"]) == (False, True)
    alike = replace(ours, made_here=MadeHere(HowKnown.LIKENESS, ResultId("r1"), "party"))
    assert "  Made here      signed here, changed since; it looks like a result (party, result r1)" in list(
        report_lines(alike)
    )


def test_what_is_no_picture_is_refused() -> None:
    report = a_report(Validity.NONE, None)
    unknown = replace(report, file=FileFacts("/x.jpg", "x.jpg", 5000))
    assert (exit_code_of(report), exit_code_of(unknown)) == (ExitCode.DONE, ExitCode.REFUSED)


@pytest.mark.parametrize(
    ("validity", "code"),
    [
        (Validity.NONE, ExitCode.DONE),
        (Validity.VALID, ExitCode.DONE),
        (Validity.TRUSTED, ExitCode.DONE),
        (Validity.TAMPERED, ExitCode.REFUSED),
        (Validity.BROKEN, ExitCode.REFUSED),
        (Validity.EXPIRED, ExitCode.REFUSED),
    ],
)
def test_exit_codes(validity: Validity, code: ExitCode) -> None:
    assert exit_code_of(a_report(validity)) is code
