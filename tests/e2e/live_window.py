"""A session at AKOOL with the page in real QtWebEngine, over peer connections inside the page: run as a module.

It writes one line of JSON: what it saw from the start of a session, through another face and a cut line, to its end.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import qasync
from PySide6.QtWidgets import QApplication

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.domain.live import CameraChoice, MicrophoneChoice
from faceswap_desktop.domain.live_cloud import CloudLiveState
from faceswap_desktop.domain.recipe import LabelOptions
from faceswap_desktop.services.live_label import label_drawer
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.ui.live.web_leg import WebLeg
from tests.e2e.live_program import agreed, say
from tests.ui.live.web_stage import FAKES, FLAGS, colours, evaluated, until, write_stand_in


async def live(home: Path, sources: list[str]) -> None:
    """Run a session and say what came of it."""
    program = await build(Home(home))
    leg = WebLeg(CameraChoice(), MicrophoneChoice(), sdk=write_stand_in(home.parent / "stand.js"))
    leg.set_label(label_drawer(LabelOptions(language="en")))
    leg.widget().show()
    try:
        await program.start()
        await program.cloud.ready()
        first, other = [await agreed(program, path) for path in sources]
        say({key: json.dumps(value) for key, value in (await _told(program, leg, first, other)).items()})
    finally:
        await program.close()


async def _told(program: Program, leg: WebLeg, first: SourceFaceId, other: SourceFaceId) -> dict[str, object]:
    states: list[CloudLiveState] = []
    session = program.cloud_live
    unfollow = session.follow(states.append)
    await session.start("akool", first, leg)
    shown = colours(await leg.snapshot())
    door = await evaluated(leg, "AgoraRTC.stand.last.channel")
    await session.change_face(other)
    await until(lambda: session.state.figures.received_kbits > 0, "figures")
    await evaluated(leg, "AgoraRTC.stand.cut()")
    await until(lambda: session.state.phase == "lost", "the line is cut")
    await until(lambda: session.state.phase == "running", "it is joined again")
    await until(lambda: _is_shown(leg), "the picture is back")
    await session.stop()
    unfollow()
    phases = [one.phase for one in states]
    changes = [phase for place, phase in enumerate(phases) if place == 0 or phase != phases[place - 1]]
    return {"phases": changes, "shown": shown, "channel": door, "is_open": leg.page is not None}


async def _is_shown(leg: WebLeg) -> bool:
    picture = await leg.picture()
    return bool(picture) and colours(picture)[1] == "green"


def main() -> None:
    """Run it in the window's loop."""
    home, film, *sources = sys.argv[1:]
    os.environ["QTWEBENGINE_CHROMIUM_FLAGS"] = f"{FLAGS} {FAKES.format(film=film)}"
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with qasync.QEventLoop(app) as loop:
        loop.run_until_complete(live(Path(home), sources))


if __name__ == "__main__":
    main()
