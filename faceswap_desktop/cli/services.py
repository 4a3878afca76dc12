"""The way to services on the internet, or to the sandbox in their place, for commands that need it."""

from __future__ import annotations

from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ProviderUnavailable
from faceswap_desktop.domain.messages import message


async def begin(program: Program) -> None:
    """Start the sandbox in the background, if its switch is on, and listen for deliveries that jobs wait for.

    Where another process runs the jobs it is that one which listens.
    """
    if program.settings.current.sandbox.is_on or (await program.queue.holder()) is None:
        program.cloud.start()


async def reached(program: Program) -> None:
    """Wait until the services can be asked.

    Raises:
        ProviderUnavailable: The sandbox is wanted and could not be started (kind ``sandbox``).
    """
    await program.cloud.ready()
    if program.settings.current.sandbox.is_on and program.cloud.sandbox is None:
        raise ProviderUnavailable(
            message("The sandbox is switched on and is not there, so nothing was sent."),
            message("Switch it off with --set sandbox.is_on=false, or in the settings, to use the services themselves."),
            kind="sandbox",
        )
