import numpy as np
import pytest

from faceswap_desktop.domain.faces import Finding, FindingKind, Grade, GradeLevel
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.grade import grade
from faceswap_desktop.vision.mesh import fit_mesh
from tests.unit.vision.scenes import (
    Person,
    blurred,
    darkened,
    half_in_shadow,
    shrunk,
    turned,
    with_glasses,
    with_open_mouth,
)

FAIR, POOR = GradeLevel.FAIR, GradeLevel.POOR


def _grade(picture: Picture) -> Grade:
    detection = detect(picture)[0]
    return grade(picture, fit_mesh(picture, detection), detection)


def _found(picture: Picture) -> dict[FindingKind, Finding]:
    return {finding.kind: finding for finding in _grade(picture).findings}


def test_a_studio_portrait_is_good(collins: Person) -> None:
    verdict = _grade(collins.image)
    assert verdict.findings == ()
    assert verdict.level is GradeLevel.GOOD
    assert verdict.eye_distance_px == pytest.approx(42, abs=4)
    assert verdict.sharpness > 0.3


def test_glasses_are_the_only_thing_said_of_the_other(hopper: Person) -> None:
    (finding,) = _grade(hopper.image).findings
    assert finding.kind is FindingKind.GLASSES
    assert finding.level is FAIR


@pytest.mark.parametrize(
    ("colour", "thickness"),
    [((30, 25, 25), 0.03), ((190, 160, 90), 0.03), ((150, 40, 40), 0.05), ((240, 240, 240), 0.05)],
)
def test_drawn_glasses_are_seen(collins: Person, colour: tuple[int, int, int], thickness: float) -> None:
    assert set(_found(with_glasses(collins, colour, thickness))) == {FindingKind.GLASSES}


@pytest.mark.parametrize("yaw", [-45, -35, 30, 45])
def test_a_turned_face_is_named_with_its_side(someone: Person, yaw: int) -> None:
    finding = _found(turned(someone, yaw))[FindingKind.YAW]
    side = "right" if yaw > 0 else "left"
    assert finding.problem.text() == f"The face is turned {round(abs(finding.value))}° to the {side}."
    assert "looks into the camera" in finding.advice.text()


def test_a_three_quarter_view_to_the_right_is_poor(someone: Person) -> None:
    assert _found(turned(someone, 45))[FindingKind.YAW].level is POOR


def test_a_slight_turn_is_not_worth_a_word(someone: Person) -> None:
    for yaw in (-12, 12):
        assert FindingKind.YAW not in _found(turned(someone, yaw))


@pytest.mark.parametrize(("pitch", "words"), [(-32, "looks down"), (32, "looks up")])
def test_a_nodding_face_is_named(someone: Person, pitch: int, words: str) -> None:
    assert words in _found(turned(someone, 0, pitch))[FindingKind.PITCH].problem.text()


@pytest.mark.parametrize(("sigma", "level"), [(0.03, FAIR), (0.06, POOR)])
def test_a_blurred_face_is_graded_by_how_much(someone: Person, sigma: float, level: GradeLevel) -> None:
    assert _found(blurred(someone, sigma))[FindingKind.SHARPNESS].level is level


def test_neither_noise_nor_shrinking_is_taken_for_blur(someone: Person) -> None:
    noise = np.random.default_rng(3).normal(0, 10, someone.image.shape)
    noisy = (someone.image + noise).clip(0, 255).astype(np.uint8)
    for picture in (noisy, shrunk(someone.image, 0.5), darkened(someone.image, 0.5)):
        assert FindingKind.SHARPNESS not in _found(picture)


def test_an_enlarged_thumbnail_is_blurred(someone: Person) -> None:
    eyes = _grade(someone.image).eye_distance_px
    tiny = shrunk(someone.image, 12 / eyes)
    large = tiny.repeat(4, axis=0).repeat(4, axis=1)
    softened = blurred(Person(large, someone.detection, someone.mesh), 2.5 / eyes)
    assert FindingKind.SHARPNESS in _found(softened)


@pytest.mark.parametrize(("eyes_px", "level"), [(28, FAIR), (12, POOR)])
def test_a_small_face_is_graded_by_its_size(someone: Person, eyes_px: int, level: GradeLevel) -> None:
    finding = _found(shrunk(someone.image, eyes_px / _grade(someone.image).eye_distance_px))[FindingKind.SIZE]
    assert finding.level is level
    assert finding.value == pytest.approx(eyes_px, rel=0.15)
    assert str(round(finding.value)) in finding.problem.text()


@pytest.mark.parametrize(
    ("factor", "level", "words"), [(0.25, FAIR, "too dark"), (0.12, POOR, "too dark"), (2.0, POOR, "burnt out")]
)
def test_wrong_exposure_is_named(someone: Person, factor: float, level: GradeLevel, words: str) -> None:
    finding = _found(darkened(someone.image, factor))[FindingKind.LIGHT]
    assert finding.level is level
    assert words in finding.problem.text()


def test_dark_skin_in_good_light_is_not_too_dark(collins: Person) -> None:
    # Skin at a third of the level, while the catchlights and the teeth stay bright.
    levels = collins.image.astype(np.float64) / 255
    darker = (255 * np.where(levels > 0.93, levels, levels**1.8 * 0.62)).astype(np.uint8)
    assert FindingKind.LIGHT not in _found(darker)


@pytest.mark.parametrize(("darkest", "level"), [(0.45, FAIR), (0.2, POOR)])
def test_half_a_face_in_shadow_is_named(collins: Person, darkest: float, level: GradeLevel) -> None:
    finding = _found(half_in_shadow(collins, darkest))[FindingKind.LIGHT]
    assert finding.level is level
    assert "shadow" in finding.problem.text()


@pytest.mark.parametrize(("share", "level"), [(0.12, FAIR), (0.4, POOR)])
def test_a_face_cut_by_the_edge_is_graded_by_how_much(someone: Person, share: float, level: GradeLevel) -> None:
    left, _, right, _ = someone.detection.box
    part = np.ascontiguousarray(someone.image[:, round(float(left + share * (right - left))) :])
    finding = _found(part)[FindingKind.CUT]
    assert finding.level is level
    assert "cut off" in finding.problem.text()


def test_a_wide_open_mouth_is_named(someone: Person) -> None:
    assert FindingKind.MOUTH in _found(with_open_mouth(someone, 0.4))
    assert FindingKind.MOUTH not in _found(someone.image)


def test_without_a_mesh_a_photo_is_poor(someone: Person) -> None:
    verdict = grade(someone.image, None, someone.detection)
    assert verdict.level is POOR
    assert verdict.findings[0].problem.text() == "Eyes, nose and mouth cannot be made out."
    small = shrunk(someone.image, 0.15)
    verdict = grade(small, None, detect(small)[0])
    assert "too small" in verdict.findings[0].problem.text()


def test_every_finding_says_what_and_what_instead(someone: Person) -> None:
    worst = darkened(blurred(Person(turned(someone, 40, scale=1), someone.detection, someone.mesh), 0.04), 0.1)
    findings = _grade(worst).findings
    assert len(findings) >= 3
    for finding in findings:
        for sentence in (finding.problem.text(), finding.advice.text()):
            assert sentence[0].isupper()
            assert sentence.endswith(".")
