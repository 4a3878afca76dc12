"""PySide6 6.12.0 loses a reference to True or None with every signal on Python 3.11, and aborts after some hundreds."""

from PySide6.QtCore import QCoreApplication, QObject, QTimerEvent, Signal

EMISSIONS = 5_000


class _Sender(QObject):
    happened = Signal()
    told = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.ticks = 0

    def timerEvent(self, event: QTimerEvent) -> None:  # noqa: N802
        self.ticks += 1


def test_five_thousand_signals_are_survived() -> None:
    sender = _Sender()
    heard: list[bool] = []
    sender.happened.connect(lambda: heard.append(True))
    sender.told.connect(heard.append)
    for _ in range(EMISSIONS):
        sender.happened.emit()
        sender.told.emit(True)
    assert len(heard) == 2 * EMISSIONS
    assert all(value is True for value in heard)


def test_overridden_event_handlers_are_survived() -> None:
    sender = _Sender()
    for _ in range(EMISSIONS):
        QCoreApplication.sendEvent(sender, QTimerEvent(1))
    assert sender.ticks == EMISSIONS
