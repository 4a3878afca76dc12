import numpy as np
import pytest

from faceswap_desktop.vision.arrays import Picture
from faceswap_desktop.vision.detect import detect
from faceswap_desktop.vision.mesh import fit_mesh
from faceswap_desktop.vision.pose import Pose, head_pose
from tests.unit.vision.scenes import Person, rolled, turned


def _pose(picture: Picture) -> Pose:
    mesh = fit_mesh(picture, detect(picture)[0])
    assert mesh is not None
    return head_pose(mesh)


def test_the_samples_look_into_the_camera(someone: Person) -> None:
    pose = head_pose(someone.mesh)
    assert abs(pose.yaw_degrees) < 5
    assert abs(pose.pitch_degrees) < 6
    assert abs(pose.roll_degrees) < 6


@pytest.mark.parametrize("yaw", [-45, -30, -15, 15, 30, 45])
def test_a_turned_head_is_read_with_its_side_and_short_by_half_at_most(someone: Person, yaw: int) -> None:
    read = _pose(turned(someone, yaw)).yaw_degrees - _pose(turned(someone, 0)).yaw_degrees
    assert 0.5 * abs(yaw) < read * np.sign(yaw) < 1.15 * abs(yaw)


def test_a_larger_turn_reads_larger(someone: Person) -> None:
    reads = [_pose(turned(someone, yaw)).yaw_degrees for yaw in (-40, -20, 0, 20, 40)]
    assert reads == sorted(reads)


@pytest.mark.parametrize("pitch", [-25, -12, 12, 25])
def test_a_nodding_head_is_read_within_six_degrees(someone: Person, pitch: int) -> None:
    read = _pose(turned(someone, 0, pitch)).pitch_degrees
    assert read == pytest.approx(pitch, abs=6)


@pytest.mark.parametrize("degrees", [-60, -20, 20, 60, 110])
def test_roll_is_clockwise_and_leaves_the_yaw_alone(someone: Person, degrees: int) -> None:
    level, pose = head_pose(someone.mesh), _pose(rolled(someone, degrees)[0])
    assert pose.roll_degrees - level.roll_degrees == pytest.approx(degrees, abs=3)
    assert pose.yaw_degrees == pytest.approx(level.yaw_degrees, abs=5)


def test_a_mirrored_head_looks_the_other_way(someone: Person) -> None:
    looking_right = turned(someone, 30)
    flipped = np.ascontiguousarray(looking_right[:, ::-1])
    assert _pose(flipped).yaw_degrees == pytest.approx(-_pose(looking_right).yaw_degrees, abs=5)
