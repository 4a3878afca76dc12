"""The program with a live session at AKOOL whose pictures go nowhere: run as a module, it is killed or told to stop.

It writes a line of JSON once the session runs, or once it has failed; then it waits for the end of its standard input.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.errors import FaceSwapError
from faceswap_desktop.domain.faces import SourceFaceId
from faceswap_desktop.storage.paths import Home
from tests.live_legs import ScriptedLeg


async def live(home: Path, sources: list[str]) -> None:
    """Start a session with the first source face, and put the others in, one after the other."""
    program = await build(Home(home))
    try:
        await program.start()
        # Where the sandbox is switched on.
        await program.cloud.ready()
        first, *others = [await agreed(program, path) for path in sources]
        try:
            await program.cloud_live.start("akool", first, ScriptedLeg())
            for other in others:
                await program.cloud_live.change_face(other)
        except FaceSwapError as error:
            say({"kind": error.kind, "message": error.message.text()})
        else:
            say({"kind": "running"})
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await program.close()


async def agreed(program: Program, path: str) -> SourceFaceId:
    """Take a picture into the library, with consent."""
    face = await program.library.add_face(path)
    await program.consents.state_on_command_line("both agreed", [face])
    return face.id


def say(value: dict[str, str]) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("home", type=Path)
    parser.add_argument("sources", nargs="+")
    options = parser.parse_args()
    asyncio.run(live(options.home, options.sources))
