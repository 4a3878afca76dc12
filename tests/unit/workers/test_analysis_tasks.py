"""The analysis of videos: who is in them, the same in one chunk and in many, journalled so that nothing is lost."""

import os
from pathlib import Path

import av
import numpy as np
import pytest

from faceswap_desktop.domain.errors import Cancelled, InputRefused, StorageError
from faceswap_desktop.domain.video import FrameRange, HardReason, VideoAnalysis
from faceswap_desktop.vision.topology import SURFACE_COUNT
from faceswap_desktop.workers.link_tasks import best_face_of, faces_of_frames
from faceswap_desktop.workers.track_files import FOUND, LINKED, chunk_file, read_slice, summary_file
from faceswap_desktop.workers.video_requests import BestFaceOf, FacesOfFrames
from tests.clips import (
    Actor,
    Coding,
    Place,
    Scene,
    away,
    blurred,
    cover,
    crossing,
    dark,
    make_clip,
    no_faces,
    one_person,
    rolling,
    still,
    swaying,
    two_people,
    uneven_times,
)
from tests.unit.vision.tracking.drawn import true_mesh
from tests.unit.workers.analysing import Case, case

SMALL = (480, 270)


def _case(folder: Path, scenes: list[Scene], seconds: float = 0.3) -> Case:
    return case(make_clip(folder / "clip.mp4", scenes, size=SMALL).path, folder, seconds)


def _spans(found: VideoAnalysis) -> list[list[tuple[int, int]]]:
    return [[(span.first, span.end) for span in one.spans] for one in found.identities]


# --------------------------------------------------------------------------------------------------------- who is who


def test_two_people_are_never_one(tmp_path: Path) -> None:
    found = _case(tmp_path, [two_people(0.8)]).done()

    assert _spans(found) == [[(0, 24)], [(0, 24)]]
    first, second = (one.embedding for one in found.identities)
    assert first is not None
    assert second is not None
    assert first.similarity(second) < 0.25
    assert found.look_alikes == ()
    assert found.frames == 24
    assert found.notes == ()


def test_people_who_cross_stay_who_they_are(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [crossing(1.6)], size=SMALL)
    made = case(clip.path, tmp_path)
    found = made.done()

    front, back = found.identities
    assert _spans(found)[0] == [(0, 48)]
    before, after = back.spans
    assert before.first == 0
    assert before.end < 24 < after.first
    assert after.end == 48
    # And each is where its person is, at the start and at the end.
    tracks = made.tracks()
    for frame in (0, 47):
        for person, identity in (("hopper", front), ("collins", back)):
            track = identity.track_at(frame)
            assert track is not None
            face = tracks.face(track, frame)
            assert face is not None
            truth = true_mesh(person, clip.truth[frame][person])
            assert np.hypot(*(face.points[:, :2] - truth).T).mean() < 5


def test_who_leaves_and_returns_is_one(tmp_path: Path) -> None:
    scene = Scene(
        1.4,
        (Actor("hopper", still(Place(0.75, 0.5, 0.4))), Actor("collins", away(still(Place(0.25, 0.5, 0.4)), 0.5, 1.0))),
    )
    found = _case(tmp_path, [scene]).done()

    assert _spans(found) == [[(0, 42)], [(0, 15), (30, 42)]]


def test_one_person_in_two_scenes_is_one(tmp_path: Path) -> None:
    scenes = [one_person(0.5), one_person(0.5, "hopper"), Scene(0.5, (Actor("collins", swaying()),), (), 4)]
    found = _case(tmp_path, scenes).done()

    assert found.cuts == (15, 30)
    assert _spans(found) == [[(0, 15), (30, 45)], [(15, 30)]]
    assert [len(one.parts) for one in found.identities] == [2, 1]


def test_a_rolling_face_is_one_track(tmp_path: Path) -> None:
    found = _case(tmp_path, [one_person(0.8, "hopper", rolling(Place(0.5, 0.5, 0.5), 250))]).done()

    assert _spans(found) == [[(0, 24)]]


def test_what_passes_over_a_face_is_marked(tmp_path: Path) -> None:
    half = cover(0.5, 0.7, Place(0.42, 0.5, 0.4))
    whole = cover(1.1, 1.3, Place(0.5, 0.5, 0.62))
    made = _case(tmp_path, [one_person(1.8, "collins", still(), half, whole)])
    found = made.done()

    assert _spans(found) == [[(0, 54)]]
    (run,) = made.tracks().runs
    # At frame 18 a chunk begins, and the detector does not see the half of a face.
    assert np.maximum(run.covered, run.bridged)[16:20].min() > 0.3
    assert run.covered[16:18].min() > 0.3
    assert np.delete(run.covered, np.arange(15, 21))[:30].max() < 0.1
    assert run.bridged[33:39].all()
    assert not run.bridged[:18].any()
    assert not run.bridged[22:33].any()
    assert not run.bridged[40:].any()
    assert HardReason.COVERED in {hard.reason for hard in found.hard_frames}
    # Where nobody saw the face it stands where it stood.
    assert np.abs(run.points[36, :, :2] - run.points[25, :, :2]).max() < 3


def test_dark_and_blurred_frames_are_hard(tmp_path: Path) -> None:
    scenes = [
        one_person(0.4),
        one_person(0.4, "collins", None, dark(0.12)),
        one_person(0.4, "collins", None, blurred()),
    ]
    found = _case(tmp_path, scenes, 2.0).done()

    hard = {one.reason: one.frame for one in found.hard_frames}
    assert 12 <= hard[HardReason.DARK] < 24
    assert 24 <= hard[HardReason.BLUR] < 36
    assert [one.frame for one in found.hard_frames if one.frame < 12] == []


# --------------------------------------------------------------------------------------------------------- the clip


def test_a_clip_without_faces(tmp_path: Path) -> None:
    made = _case(tmp_path, [no_faces(0.7)])
    found = made.done()

    assert found.identities == ()
    assert found.hard_frames == ()
    assert made.tracks().runs == ()
    reply = faces_of_frames(FacesOfFrames(made.files, FrameRange(3, 5)), made.listener.context)
    assert reply.faces == {3: (), 4: ()}


def test_a_clip_of_one_frame(tmp_path: Path) -> None:
    found = _case(tmp_path, [one_person(0.03)]).done()

    assert _spans(found) == [[(0, 1)]]
    assert found.identities[0].best_frame == 0


def test_frames_that_cannot_be_decoded(tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "clip.mp4", [one_person(1.0, "collins", still())], size=SMALL, coding=Coding(key_every=10)
    )
    with av.open(str(clip.path)) as container:
        packets = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    data = bytearray(clip.path.read_bytes())
    for place, size in packets[12:16]:
        assert place is not None
        data[place + 6 : place + size] = bytes(size - 6)
    clip.path.write_bytes(data)
    made = case(clip.path, tmp_path, 0.5)

    assert [one.unreadable for one in made.analyse()] == [3, 1]
    found = made.link()
    assert found.unreadable == 4
    assert _spans(found) == [[(0, 30)]]
    (run,) = made.tracks().runs
    assert np.flatnonzero(run.bridged).tolist() == [12, 13, 14, 15]


@pytest.mark.parametrize("rotation", [90, 180])
def test_faces_stand_where_they_are_in_the_upright_frame(rotation: int, tmp_path: Path) -> None:
    clip = make_clip(
        tmp_path / "clip.mp4",
        [one_person(0.3, "hopper", still(Place(0.4, 0.3, 0.3)))],
        size=(270, 480),
        times=uneven_times(0.3),
        rotation=rotation,
    )
    made = case(clip.path, tmp_path)
    found = made.done()

    (one,) = found.identities
    face = made.tracks().face(one.parts[0].track, 2)
    assert face is not None
    truth = true_mesh("hopper", clip.truth[2]["hopper"])
    assert np.hypot(*(face.points[:, :2] - truth).T).mean() < 5


# ------------------------------------------------------------------------------------------------ chunks and journal


def test_one_chunk_and_many_give_the_same(tmp_path: Path) -> None:
    scenes = [two_people(0.5), one_person(0.5, "collins", swaying(Place(0.5, 0.5, 0.6)))]
    clip = make_clip(tmp_path / "clip.mp4", scenes, size=SMALL)
    whole, parts = case(clip.path, tmp_path / "whole"), case(clip.path, tmp_path / "parts", 0.3)
    first, second = whole.done(), parts.done()

    assert len(parts.chunks) == 4
    assert first.cuts == second.cuts == (15,)
    assert _spans(first) == _spans(second)
    for one, other in zip(whole.tracks().runs, parts.tracks().runs, strict=True):
        assert (one.track, one.frames) == (other.track, other.frames)
        side = np.ptp(one.points[:, :SURFACE_COUNT, :2], axis=1).max()
        assert np.abs(one.points - other.points)[..., :2].mean() < 0.01 * side
        assert np.abs(one.points - other.points)[..., :2].max() < 0.04 * side


def test_the_order_of_chunks_does_not_matter(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [one_person(0.8)], size=SMALL)
    ahead, back = case(clip.path, tmp_path / "ahead", 0.3), case(clip.path, tmp_path / "back", 0.3)
    ahead.analyse([0, 1, 2])
    back.analyse([2, 0, 1])

    assert ahead.link() == back.link()
    for frames in ahead.chunks:
        for kind in (FOUND, LINKED):
            assert (
                chunk_file(ahead.files, kind, frames).read_bytes() == chunk_file(back.files, kind, frames).read_bytes()
            )


def test_what_is_there_is_only_read(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.6)])
    first, link = made.analyse(), made.link()
    stamps = {name: (Path(made.files.tracks) / name).stat().st_mtime_ns for name in made.names()}

    second = made.analyse()
    assert [one.faces for one in second] == [one.faces for one in first]
    assert all(not one.timings for one in second)
    assert made.link() == link
    assert {name: (Path(made.files.tracks) / name).stat().st_mtime_ns for name in made.names()} == stamps


@pytest.mark.parametrize("kind", [FOUND, LINKED])
@pytest.mark.parametrize("damage", ["half", "byte", "gone"])
def test_a_damaged_file_is_made_anew(kind: str, damage: str, tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.6)])
    before = made.done()
    path = chunk_file(made.files, kind, made.chunks[1])
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        half, middle = len(data) // 2, bytes([data[100] ^ 255])
        path.write_bytes(data[:half] if damage == "half" else data[:100] + middle + data[101:])
    if kind == FOUND:
        # As after a crash: linking had not been done.
        summary_file(made.files).unlink()

    assert made.done() == before
    assert path.read_bytes() == data


def test_what_a_killed_worker_left_is_cleared_away(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.3)])
    made.analyse()
    name = chunk_file(made.files, FOUND, made.chunks[0]).name
    (Path(made.files.tracks) / f".{name}.half").write_bytes(b"half")
    made.link()

    assert made.names() == [f"found-00000000-{9:08d}.trk", f"linked-00000000-{9:08d}.trk", "summary.trk"]


def test_linking_needs_every_chunk(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.6)])
    made.analyse([0])

    with pytest.raises(StorageError) as caught:
        made.link()
    assert caught.value.kind == "tracks-missing"


def test_a_stopped_chunk_leaves_nothing(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.6)], 2.0)
    made.listener.context.stop_event.set()

    with pytest.raises(Cancelled):
        made.analyse()
    assert not Path(made.files.tracks).exists()


def test_a_replaced_file_is_refused(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.3)])
    make_clip(Path(made.media.path), [no_faces(0.3)], size=SMALL)

    with pytest.raises(InputRefused) as caught:
        made.analyse()
    assert caught.value.kind == "changed"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.3)])
    folder = Path(made.files.folder)
    folder.chmod(0o500)
    try:
        with pytest.raises(StorageError):
            made.analyse()
    finally:
        folder.chmod(0o700)


def test_progress_is_told(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.6)], 2.0)
    (analysed,) = made.analyse()
    made.link()

    fractions = [update.fraction for update in made.listener.updates]
    assert made.listener.steps[0] == "find faces"
    assert max(fractions) <= 1.0
    assert {"decode", "detect", "mesh", "looks", "embed", "all"} <= set(analysed.timings)


# ------------------------------------------------------------------------------------------------- reading it again


def test_faces_of_frames_before_and_after_linking(tmp_path: Path) -> None:
    made = _case(tmp_path, [two_people(0.6)])
    request = FacesOfFrames(made.files, FrameRange(7, 11))
    assert faces_of_frames(request, made.listener.context).faces == {}

    made.analyse([0])
    early = faces_of_frames(request, made.listener.context).faces
    assert sorted(early) == [7, 8]
    assert len(early[7]) == 2

    made.analyse()
    found = made.link()
    late = faces_of_frames(request, made.listener.context).faces
    assert sorted(late) == [7, 8, 9, 10]
    for frame, faces in late.items():
        assert {found.identity_of(one.track, frame) for one in faces} == set(found.identities)
        for one in faces:
            assert one.face.landmarks is not None
            assert len(one.face.landmarks) == 478
            points = list(one.face.landmarks)
            assert one.face.box.left <= points[0].x <= one.face.box.right
            assert one.face.score > 0.9
    assert abs(early[7][0].face.box.left - late[7][0].face.box.left) < 4


def test_the_best_face_of_a_half(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.9, "collins", None, blurred(0.02, 0.0, 0.5), dark(0.12, 0.5, 0.6))])
    found = made.done()
    (one,) = found.identities
    assert one.best_frame >= 18
    track = one.parts[0].track

    best = best_face_of(BestFaceOf(made.files, ((track, FrameRange(0, 20)),)), made.listener.context)
    assert best.frame in {18, 19}
    assert best.face.landmarks is not None
    halves = found.split(one.index, 18, (best.frame, best.face))
    assert [len(half.parts) for half in halves.identities] == [1, 1]
    with pytest.raises(StorageError):
        best_face_of(BestFaceOf(made.files, ((99, FrameRange(0, 20)),)), made.listener.context)


def test_tracks_that_are_not_there_are_said_to_be_missing(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.3)])

    with pytest.raises(StorageError) as caught:
        read_slice(made.files, FrameRange(0, 3))
    assert caught.value.kind == "tracks-missing"
    assert caught.value.hint is not None


def test_a_slice_may_cross_chunk_borders(tmp_path: Path) -> None:
    made = _case(tmp_path, [one_person(0.9)])
    made.done()

    part = read_slice(made.files, FrameRange(5, 22))
    assert [(run.frames.first, run.frames.end) for run in part.runs] == [(5, 22)]
    whole = made.tracks()
    assert np.array_equal(part.runs[0].points, whole.runs[0].points[5:22])
