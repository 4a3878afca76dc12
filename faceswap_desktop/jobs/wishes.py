"""What can be wanted of a job while it runs."""

from __future__ import annotations

from enum import StrEnum


class Wish(StrEnum):
    """Why a job that runs is interrupted."""

    CANCEL = "cancel"
    PAUSE = "pause"
    STOP = "stop"
