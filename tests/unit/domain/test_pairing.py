"""The pairing board."""

from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.media import MediaId
from faceswap_desktop.domain.pairing import PairingBoard, TargetFaceRef

ANNA, BEN = SourceFaceId("anna"), SourceFaceId("ben")
PARTY, BEACH = MediaId("party"), MediaId("beach")

targets = st.builds(TargetFaceRef, st.sampled_from([PARTY, BEACH]), st.integers(0, 3))
boards = st.dictionaries(targets, st.sampled_from([ANNA, BEN])).map(PairingBoard)


def test_one_source_goes_onto_many_targets() -> None:
    board = PairingBoard().paired([TargetFaceRef(PARTY, 0), TargetFaceRef(BEACH, 1)], ANNA)
    assert board.of_media(PARTY) == {0: ANNA}
    assert board.of_media(BEACH) == {1: ANNA}


def test_swapping_with_an_unpaired_target_moves_the_pairing() -> None:
    first, second = TargetFaceRef(PARTY, 0), TargetFaceRef(PARTY, 1)
    board = PairingBoard().paired([first], ANNA).swapped(first, second)
    assert board.source_of(first) is None
    assert board.source_of(second) == ANNA


@given(boards, targets, targets)
def test_swapping_twice_changes_nothing(board: PairingBoard, first: TargetFaceRef, second: TargetFaceRef) -> None:
    assert board.swapped(first, second).swapped(first, second) == board


@given(boards, targets)
def test_swapping_a_target_with_itself_changes_nothing(board: PairingBoard, target: TargetFaceRef) -> None:
    assert board.swapped(target, target) == board


@given(boards, st.lists(targets))
def test_clearing_touches_only_what_is_named(board: PairingBoard, cleared: list[TargetFaceRef]) -> None:
    after = board.cleared(cleared)
    for target, source in board.pairings.items():
        assert after.source_of(target) == (None if target in cleared else source)


@given(boards)
def test_a_forgotten_source_is_nowhere(board: PairingBoard) -> None:
    assert ANNA not in board.without_source(ANNA).pairings.values()
