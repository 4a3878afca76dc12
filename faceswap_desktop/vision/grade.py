"""How well a photo serves as a source, and in words what is wrong with it and what would do instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from faceswap_desktop.domain.faces import Finding, FindingKind, Grade, GradeLevel
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.vision import quality
from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.detect import Detection
from faceswap_desktop.vision.mesh import Mesh
from faceswap_desktop.vision.pose import head_pose


@dataclass(frozen=True, slots=True)
class Limits:
    """From which value on a measure is worth a word, and from which on the photo will not do.

    ``poor`` None means that this alone never spoils a photo.
    """

    fair: float
    poor: float | None

    def above(self, value: float) -> GradeLevel:
        """Judge a measure that is worse the larger it is."""
        if self.poor is not None and value >= self.poor:
            return GradeLevel.POOR
        return GradeLevel.FAIR if value >= self.fair else GradeLevel.GOOD

    def below(self, value: float) -> GradeLevel:
        """Judge a measure that is worse the smaller it is."""
        if self.poor is not None and value < self.poor:
            return GradeLevel.POOR
        return GradeLevel.FAIR if value < self.fair else GradeLevel.GOOD


YAW: Final = Limits(17.0, 28.0)
"""Degrees as ``pose`` reads them, a fifth short. From about 20 one cheek is foreshortened and is completed from the
other; three-quarter views (35 and more) kept a quarter of the identity (cosine 0.27) in the trial of the method."""
PITCH: Final = Limits(22.0, 35.0)
"""Degrees. The forehead or the underside of the chin begins to hide the rest."""
EYES: Final = Limits(36.0, 18.0)
"""Pixels between the eyes. Recognition wants 35, and the texture has four times that; at half of it the
result is a blur on any target."""
SHARPNESS: Final = Limits(0.25, 0.15)
"""See ``quality.sharpness``. The sample photos give 0.34 and 0.46; a blur of 2.5 % of the distance of the eyes
takes them under 0.25 (seen when looked for), one of 4 % under 0.15 (lashes and pores are gone)."""
UNEVEN: Final = Limits(2.5, 5.5)
"""Light on the brighter cheek against the darker. 1.7 is a studio's soft side light; from 5 one half is in shadow."""
DARK: Final = Limits(70.0, 40.0)
"""Level, 0 to 255, that the brightest tenth reaches. Dark skin in good light has highlights well above 100."""
BLOWN: Final = Limits(0.08, 0.3)
"""Share of the face that is burnt out: shine on nose and forehead stays under 0.05."""
GLASSES: Final = Limits(16.0, None)
"""Contrast of a bar across the bridge of the nose (``quality.bridge_contrast``): bare skin 3 to 8, a thin frame
from 20. It is not asked in a turned head, where the nose itself stands out. A frame is carried into the result, but
the rest of the face is fine, so this alone is never poor."""
CUT: Final = Limits(0.03, 0.2)
"""Share of the face beyond the picture's edge; what is missing is completed from the other half, up to a fifth."""
MOUTH: Final = Limits(0.35, None)
"""Gap between the lips against the distance of the eyes. A broad smile reads 0.15; a jaw dropped by 0.3 and more
reads 0.37 to 0.54. The gap is filled from the target, but lips and cheeks stay stretched."""


def grade(image: Picture, mesh: Mesh | None, detection: Detection) -> Grade:
    """Judge one face of a photo as a source; no findings means good.

    Args:
        image: uint8 (height, width, 3), RGB.
        mesh: The fitted mesh; None where none could be fitted, which alone makes the photo poor.
        detection: Where the face was found.
    """
    if mesh is None:
        eyes = quality.eye_distance_of(detection)
        return Grade(findings=(_no_mesh(eyes),), eye_distance_px=eyes)
    pose = head_pose(mesh)
    eyes = quality.eye_distance(mesh, pose)
    chip = quality.chip(image, mesh, pose)
    sharpness = quality.sharpness(chip)
    findings = (
        _yaw(pose.yaw_degrees),
        _pitch(pose.pitch_degrees),
        _size(eyes),
        _sharpness(sharpness),
        _light(quality.light(chip)),
        _glasses(quality.bridge_contrast(chip) if abs(pose.yaw_degrees) < YAW.fair else 0.0),
        _cut(quality.cut_share(image, mesh)),
        _mouth(quality.mouth_opening(mesh, eyes)),
    )
    return Grade(
        findings=tuple(finding for finding in findings if finding is not None),
        yaw_degrees=pose.yaw_degrees,
        pitch_degrees=pose.pitch_degrees,
        roll_degrees=pose.roll_degrees,
        sharpness=sharpness,
        eye_distance_px=eyes,
    )


def _finding(kind: FindingKind, level: GradeLevel, value: float, problem: Message, advice: Message) -> Finding | None:
    return None if level is GradeLevel.GOOD else Finding(kind, level, value, problem, advice)


def _yaw(degrees: float) -> Finding | None:
    if degrees < 0:
        problem = message("The face is turned {degrees}° to the left.", degrees=round(-degrees))
    else:
        problem = message("The face is turned {degrees}° to the right.", degrees=round(degrees))
    advice = message("Use a photo that looks into the camera, or add one from the other side.")
    return _finding(FindingKind.YAW, YAW.above(abs(degrees)), degrees, problem, advice)


def _pitch(degrees: float) -> Finding | None:
    if degrees < 0:
        problem = message("The face looks down by {degrees}°.", degrees=round(-degrees))
    else:
        problem = message("The face looks up by {degrees}°.", degrees=round(degrees))
    advice = message("Use a photo taken at the height of the eyes.")
    return _finding(FindingKind.PITCH, PITCH.above(abs(degrees)), degrees, problem, advice)


def _size(eyes_px: float) -> Finding | None:
    problem = message("The face is small: {pixels} pixels between the eyes.", pixels=round(eyes_px))
    advice = message(
        "Use a larger or closer photo, with at least {pixels} pixels between the eyes.", pixels=_eyes_wanted()
    )
    return _finding(FindingKind.SIZE, EYES.below(eyes_px), eyes_px, problem, advice)


def _eyes_wanted() -> int:
    return round(EYES.fair)


def _sharpness(value: float) -> Finding | None:
    level = SHARPNESS.below(value)
    problem = (
        message("The face is very blurred.") if level is GradeLevel.POOR else message("The face is a little blurred.")
    )
    advice = message("Use a photo that is in focus and was held still.")
    return _finding(FindingKind.SHARPNESS, level, value, problem, advice)


def _light(light: quality.Light) -> Finding | None:
    """Report the worst of three things that can be wrong with the light."""
    advice = message("Use a photo with soft, even light on the whole face.")
    candidates = (
        (DARK.below(light.highlight), light.highlight, message("The face is too dark.")),
        (BLOWN.above(light.blown_share), light.blown_share, message("Parts of the face are burnt out to white.")),
        (UNEVEN.above(light.unevenness), light.unevenness, message("One side of the face is in shadow.")),
    )
    order = (GradeLevel.POOR, GradeLevel.FAIR, GradeLevel.GOOD)
    level, value, problem = min(candidates, key=lambda candidate: order.index(candidate[0]))
    return _finding(FindingKind.LIGHT, level, value, problem, advice)


def _glasses(contrast: float) -> Finding | None:
    problem = message("There seem to be glasses; the frame would be carried along.")
    advice = message("Use a photo of the person without glasses.")
    return _finding(FindingKind.GLASSES, GLASSES.above(contrast), contrast, problem, advice)


def _cut(share: float) -> Finding | None:
    problem = message("About {percent} % of the face is cut off by the edge of the photo.", percent=round(share * 100))
    advice = message("Use a photo that shows the whole face, with some room around it.")
    return _finding(FindingKind.CUT, CUT.above(share), share, problem, advice)


def _mouth(opening: float) -> Finding | None:
    problem = message("The mouth is wide open.")
    advice = message("Use a photo with the mouth closed or smiling.")
    return _finding(FindingKind.MOUTH, MOUTH.above(opening), opening, problem, advice)


def _no_mesh(eyes_px: float) -> Finding:
    if EYES.below(eyes_px) is GradeLevel.POOR:
        problem = message("The face is too small: {pixels} pixels between the eyes.", pixels=round(eyes_px))
    else:
        problem = message("Eyes, nose and mouth cannot be made out.")
    advice = message("Use a larger, sharper photo that looks into the camera.")
    return Finding(FindingKind.SIZE, GradeLevel.POOR, eyes_px, problem, advice)
