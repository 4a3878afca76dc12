"""The way to services on the internet, or to the sandbox in their place, for commands that need it."""

from __future__ import annotations

from faceswap_desktop.cli.console import Console
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ProviderUnavailable, UsageError
from faceswap_desktop.domain.messages import Message, message
from faceswap_desktop.media.refusals import shown_line
from faceswap_desktop.providers.protocol import ProviderInfo

_OF_SERVICES = ("providers", "hosting", "webhook", "budget", "sandbox")
"""Sections of the settings that decide where a job goes and what it may cost."""


def info_of(program: Program, provider_id: str) -> ProviderInfo | None:
    """Return what is known of a provider, or None if there is none of that name."""
    return next((one.info for one in program.providers if one.info.id == provider_id), None)


def chosen(program: Program, provider_id: str) -> ProviderInfo:
    """Return who was chosen: by ``--provider``, else in the settings.

    Raises:
        UsageError: There is no such provider.
    """
    wanted = provider_id or program.settings.current.swap.provider
    if (info := info_of(program, wanted)) is None:
        raise UsageError(
            message("There is no provider called {provider}.", provider=shown_line(wanted)),
            message("Known providers: {known}.", known=", ".join(one.info.id for one in program.providers)),
        )
    return info


def is_local(program: Program, provider_id: str) -> bool:
    """Say whether a provider works on this computer."""
    info = info_of(program, provider_id)
    return info is not None and info.is_local


async def begin(program: Program, *providers: str) -> bool:
    """Start the sandbox in the background if its switch is on, and listen for deliveries that jobs wait for.

    Where another process runs the jobs it is that one which listens. Called once, before jobs run here, and
    followed by ``reached``.

    Args:
        program: The program.
        providers: Who will do the work; if all are on this computer nothing is started, unless a job of an earlier
            start waits for a service and will be taken up too.

    Returns:
        Whether a service is concerned, so that ``reached`` has to be called.
    """
    if all(is_local(program, name) for name in providers) and not await _has_remote_jobs(program):
        return False
    if program.settings.current.sandbox.is_on or (await program.queue.holder()) is None:
        program.cloud.start()
    return True


async def reached(program: Program) -> None:
    """Wait until services can be asked.

    Raises:
        ProviderUnavailable: The sandbox is wanted and could not be started (kind ``sandbox``).
    """
    await program.cloud.ready()
    if program.settings.current.sandbox.is_on and program.cloud.sandbox is None:
        raise ProviderUnavailable(
            message("The sandbox is switched on and is not there, so nothing was sent."),
            message("--set sandbox.is_on=false has the services themselves asked."),
            kind="sandbox",
        )


async def ask(program: Program, console: Console) -> None:
    """Get ready for asking services something beside jobs: start the sandbox if its switch is on, and wait for it.

    Raises:
        ProviderUnavailable: The sandbox could not be started (kind ``sandbox``).
    """
    if program.settings.current.sandbox.is_on:
        program.cloud.start()
        await reached(program)
        say_sandbox(program, console)


async def check_who_runs(program: Program) -> None:
    """Refuse to leave a job to others who would send it elsewhere, or let it cost more, than this command was told.

    Raises:
        UsageError: ``--set`` changes something of the services, and another process will run the job.
    """
    current, stored = program.settings.current, program.settings.stored
    changed = [name for name in _OF_SERVICES if getattr(current, name) != getattr(stored, name)]
    if changed:
        raise UsageError(
            message("--set holds for this command only, and the job would be run by another one without it."),
            message(
                "Change “{section}” in the settings instead, or have the job run here: without --no-wait, and with no"
                " other Faceswap Desktop open on this home folder.",
                section=changed[0],
            ),
            kind="settings",
        )


def say_sandbox(program: Program, console: Console) -> None:
    """Say that nothing is real while the sandbox is on."""
    if program.settings.current.sandbox.is_on:
        console.say(message("The sandbox is on: it is on this computer, and nothing is charged."))


def loss(program: Program, info: ProviderInfo) -> Message | None:
    """Return what is lost if the program ends before a provider has delivered.

    Returns:
        None for nothing, and while a relay was not yet asked whether it keeps what comes.
    """
    mailbox, webhook = program.cloud.mailbox, program.cloud.settings().webhook
    is_untold = bool(webhook.relay_url) and not webhook.public_url and not mailbox.is_listening
    if not info.delivers_only or is_untold or not mailbox.loses_when_closed:
        return None
    return message(
        "{provider} delivers its results to this computer, and no relay keeps them: one that comes after this command"
        " has ended is lost, and charged all the same.",
        provider=info.title,
    )


async def _has_remote_jobs(program: Program) -> bool:
    return not all(is_local(program, job.recipe.provider) for job in await program.queue.unfinished())
