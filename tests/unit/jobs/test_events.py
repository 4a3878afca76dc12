import pytest

from faceswap_desktop.domain.events import AllJobsDone, Event
from faceswap_desktop.jobs.events import EventBus


def test_everybody_hears_in_order_until_he_leaves() -> None:
    bus, heard = EventBus(), list[tuple[str, Event]]()
    leave = bus.subscribe(lambda event: heard.append(("first", event)))
    bus.subscribe(lambda event: heard.append(("second", event)))
    event = AllJobsDone(1, 0)
    bus.publish(event)
    leave()
    leave()
    bus.publish(event)
    assert heard == [("first", event), ("second", event), ("second", event)]


@pytest.mark.allow_logs
def test_one_that_fails_does_not_keep_others_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("no")

    bus, heard = EventBus(), list[Event]()
    bus.subscribe(fail)
    bus.subscribe(heard.append)
    bus.publish(AllJobsDone(1, 0))
    assert len(heard) == 1
    assert "AllJobsDone" in caplog.text


def test_leaving_while_hearing_is_allowed() -> None:
    bus, heard = EventBus(), list[str]()

    def once(event: Event) -> None:
        heard.append("once")
        leave()

    leave = bus.subscribe(once)
    bus.subscribe(lambda event: heard.append("always"))
    bus.publish(AllJobsDone(1, 0))
    bus.publish(AllJobsDone(1, 0))
    assert heard == ["once", "always", "always"]
