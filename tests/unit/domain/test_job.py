"""The state machine of a job."""

import pickle

import pytest

from faceswap_desktop.domain import errors
from faceswap_desktop.domain.job import FINAL_STATES, TRANSITIONS, JobState, can_become
from faceswap_desktop.domain.messages import message


def test_every_state_has_its_row() -> None:
    assert set(TRANSITIONS) == set(JobState)


def test_every_state_is_reached_from_queued() -> None:
    reached, rest = {JobState.QUEUED}, [JobState.QUEUED]
    while rest:
        for following in TRANSITIONS[rest.pop()] - reached:
            reached.add(following)
            rest.append(following)
    assert reached == set(JobState)


@pytest.mark.parametrize("state", sorted(set(JobState) - FINAL_STATES - {JobState.UNCONFIRMED}))
def test_whatever_is_under_way_can_fail_and_be_cancelled(state: JobState) -> None:
    assert can_become(state, JobState.FAILED)
    assert can_become(state, JobState.CANCELLED)


def test_success_is_final_and_nothing_skips_the_queue() -> None:
    assert not TRANSITIONS[JobState.SUCCEEDED]
    assert not can_become(JobState.QUEUED, JobState.SUBMITTING)
    assert not can_become(JobState.QUEUED, JobState.FINISHING)
    assert not can_become(JobState.UNCONFIRMED, JobState.SUCCEEDED)


@pytest.mark.parametrize("kind", [errors.InputRefused, errors.ProviderRejected, errors.WorkerError, errors.UsageError])
def test_errors_cross_process_borders_whole(kind: type[errors.FaceSwapError]) -> None:
    error = kind(message("{name} is too large.", name="a {b}.png"), message("Crop it."), kind="too-large")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is kind
    assert (back.message, back.hint, back.kind) == (error.message, error.hint, "too-large")
    assert str(back) == "a {b}.png is too large."
