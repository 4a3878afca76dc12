import numpy as np

from faceswap_desktop.vision import topology


def test_triangles_use_every_surface_point_and_none_else() -> None:
    assert topology.TRIANGLES.shape == (880, 3)
    assert set(np.unique(topology.TRIANGLES).tolist()) == set(range(topology.SURFACE_COUNT))


def test_the_texture_is_symmetrical() -> None:
    twins = topology.mirrored_indices()
    assert (twins[twins] == np.arange(topology.POINT_COUNT)).all()
    flipped = topology.UV[twins[: topology.SURFACE_COUNT]]
    assert np.abs(flipped[:, 0] - (1 - topology.UV[:, 0])).max() < 0.01
    assert np.abs(flipped[:, 1] - topology.UV[:, 1]).max() < 0.01


def test_five_points_run_from_the_eye_at_the_left_of_a_picture() -> None:
    places = np.array([topology.UV[indices].mean(axis=0) for indices in topology.FIVE_POINTS])
    assert places[0, 0] < places[2, 0] < places[1, 0]
    assert places[3, 0] < places[4, 0]
    assert places[0, 1] < places[2, 1] < places[3, 1]


def test_arrays_cannot_be_changed_by_accident() -> None:
    for array in (topology.TRIANGLES, topology.UV, *topology.CONTOURS.values(), *topology.REFINEMENT.values()):
        assert not array.flags.writeable
