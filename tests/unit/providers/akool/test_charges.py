"""What a job cost: told only where it can be told."""

from collections.abc import Sequence

from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.domain.messages import message
from faceswap_desktop.providers.akool.money import Charges


class Purse:
    """Returns what is left, one reading after the other; None for nobody there."""

    def __init__(self, readings: Sequence[float | None]) -> None:
        self.readings = list(readings)
        self.asked = 0

    async def read(self) -> float:
        self.asked += 1
        value = self.readings.pop(0)
        if value is None:
            raise ProviderUnavailable(message("away"))
        return value


async def test_the_difference_is_what_a_job_cost() -> None:
    charges = Charges(Purse([100.0, 95.5]).read)
    charges.submitted("a", await charges.before())
    assert await charges.after("a") == 4.5


async def test_the_reading_after_one_job_is_that_before_the_next() -> None:
    purse = Purse([100.0, 96.0, 90.0])
    charges = Charges(purse.read)
    charges.submitted("a", await charges.before())
    assert await charges.after("a") == 4.0
    charges.submitted("b", await charges.before())
    assert await charges.after("b") == 6.0
    assert purse.asked == 3


async def test_jobs_side_by_side_cannot_be_told_apart() -> None:
    purse = Purse([100.0])
    charges = Charges(purse.read)
    charges.submitted("a", await charges.before())
    charges.submitted("b", await charges.before())
    assert (await charges.after("a"), await charges.after("b")) == (None, None)
    assert purse.asked == 1


async def test_jobs_that_read_at_the_same_time_cannot_be_told_apart() -> None:
    charges = Charges(Purse([100.0, 92.0, 90.0]).read)
    first, second = await charges.before(), await charges.before()
    charges.submitted("a", first)
    charges.submitted("b", second)
    assert (await charges.after("a"), await charges.after("b")) == (None, None)


async def test_credits_that_came_in_tell_nothing() -> None:
    charges = Charges(Purse([10.0, 500.0]).read)
    charges.submitted("a", await charges.before())
    assert await charges.after("a") is None


async def test_a_purse_that_cannot_be_read_stops_no_job() -> None:
    charges = Charges(Purse([None, 10.0, None]).read)
    charges.submitted("a", await charges.before())
    assert await charges.after("a") is None
    charges.submitted("b", await charges.before())
    assert await charges.after("b") is None


async def test_jobs_of_an_earlier_start_are_not_known() -> None:
    assert await Charges(Purse([]).read).after("a") is None


async def test_a_call_that_is_unconfirmed_is_held_against_the_credits() -> None:
    charges = Charges(Purse([10.0, 6.0]).read)
    assert await charges.lost(await charges.before()) == 4.0
    charges = Charges(Purse([10.0, 10.0]).read)
    assert await charges.lost(await charges.before()) == 0.0
    charges = Charges(Purse([None]).read)
    assert await charges.lost(await charges.before()) is None
