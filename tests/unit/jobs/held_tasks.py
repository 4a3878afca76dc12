"""The workers' real tasks, where a swap stands still in the middle: whoever means to end it there is never too late.

A recipe's consent note names a folder; as long as a file ``hold`` is in it, that says how many swaps still stand still.
"""

from pathlib import Path

from faceswap_desktop.workers import swap_tasks, tasks
from faceswap_desktop.workers.process import TaskContext
from faceswap_desktop.workers.requests import SwappedFile, SwapToFile

HOLD_S = 60.0
"""Longer than anything takes for which a test waits."""


class Held(TaskContext):
    """Stands still at the first face."""

    def report(self, fraction: float, step: str, payload: object | None = None) -> None:
        super().report(fraction, step, payload)
        if step == "swap":
            self.stop_event.wait(HOLD_S)


def swap_to_file(request: SwapToFile, context: TaskContext) -> SwappedFile:
    hold = Path(request.recipe.consent_note) / "hold"
    if request.recipe.consent_note and hold.exists():
        left = int(hold.read_text()) - 1
        hold.write_text(str(left)) if left else hold.unlink()
        context.__class__ = Held
    return swap_tasks.swap_to_file(request, context)


TASKS = {**tasks.TASKS, "swap_to_file": swap_to_file}
