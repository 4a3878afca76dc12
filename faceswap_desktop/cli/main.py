"""Reads the command line, builds the program and runs one command."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from faceswap_desktop import __version__
from faceswap_desktop.cli import (
    accounts,
    demo,
    detect,
    doctor,
    hosting,
    jobs,
    live,
    providers,
    reage,
    relay,
    sandbox,
    swap,
    verify,
    webhook,
)
from faceswap_desktop.cli.arguments import amount, some_text
from faceswap_desktop.cli.console import Console, prepare_streams
from faceswap_desktop.compose import Program, build, set_up_log
from faceswap_desktop.domain.errors import ExitCode, FaceSwapError, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.storage.paths import HOME_VARIABLE, Home

logger = logging.getLogger(__name__)

Run = Callable[[Program, argparse.Namespace, Console], Awaitable[ExitCode]]

COMMANDS = {
    "detect": detect,
    "swap": swap,
    "reage": reage,
    "live": live,
    "jobs": jobs,
    "providers": providers,
    "accounts": accounts,
    "verify": verify,
    "hosting": hosting,
    "webhook": webhook,
    "sandbox": sandbox,
    "relay": relay,
    "doctor": doctor,
    "demo": demo,
}


class _Parser(argparse.ArgumentParser):
    def __init__(self, **options: Any) -> None:
        # A shortened option would mean another one as soon as a longer one comes, and `--js` is not `--json`.
        super().__init__(allow_abbrev=False, **options)
        self._is_mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Let options stand between the words of a command: ``jobs delete --remote ID``."""
        has_words = any(action.nargs == "*" and not action.option_strings for action in self._actions)
        if self._is_mixing or not has_words:
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._is_mixing = False

    def error(self, text: str) -> NoReturn:
        raise UsageError(
            message("{text}.", text=text.rstrip(".")),
            message("{program} --help lists what can be said.", program=self.prog),
        )


def make_parser() -> argparse.ArgumentParser:
    """Return the parser for every command."""
    parser = _Parser(
        prog="faceswap-desktop",
        description="Swap faces in pictures and videos, and change their age. Without a command the window opens; files"
        " are opened in the Studio.",
        parents=[_common()],
    )
    parser.add_argument("--version", action="version", version=f"Faceswap Desktop {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        command = commands.add_parser(name, help=module.HELP, description=module.HELP, parents=[_common()])
        module.add_arguments(command)
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; sentences go to standard error, results to standard output."""
    prepare_streams()
    console = Console(is_json="--json" in arguments)
    try:
        options = make_parser().parse_args(arguments)
        console.is_json = options.json
        runner = live.runner_of(options) if options.command == "live" else asyncio.run
        return runner(_run_command(options, console))
    except KeyboardInterrupt:
        console.cancelled()
        return ExitCode.CANCELLED
    except FaceSwapError as error:
        console.error(error)
        return error.exit_code
    except Exception as error:
        logger.exception("The command failed")
        console.bug(error)
        return ExitCode.BUG


async def _run_command(options: argparse.Namespace, console: Console) -> int:
    if options.command == "relay":
        # It belongs on a server: it needs neither a database of jobs nor workers, and leaves no other trace.
        task = asyncio.ensure_future(relay.run_alone(Home.find(getattr(options, "home", None)), options, console))
        with _cancelled_by_signals(task):
            return int(await task)
    if options.command == "sandbox" and getattr(options, "home", None) is None:
        # What is sent there has no place among the user's own faces and results, and goes when it ends.
        with sandbox.own_home() as folder:
            options.home = folder
            return await _run_at_home(options, console)
    return await _run_at_home(options, console)


async def _run_at_home(options: argparse.Namespace, console: Console) -> int:
    chosen = getattr(options, "home", None)
    if options.command == "demo" and chosen is None and not os.environ.get(HOME_VARIABLE):
        # Samples have no place among the user's own faces and results.
        chosen = str(Path(options.folder) / "home")
    home = Home.find(chosen)
    module = COMMANDS[options.command]
    await asyncio.to_thread(home.create)
    set_up_log(home)
    program = await build(home, getattr(options, "overrides", None) or ())
    unsubscribe = program.bus.subscribe(console.on_event)
    for notice in program.notices:
        console.say(notice)
    # Whatever the command is: a live session that was left open costs.
    program.cloud_live.begin_tidying()
    task = asyncio.ensure_future(module.run(program, options, console))
    # Until the very end: a second signal must not cut off what the first one has begun.
    with _cancelled_by_signals(task):
        try:
            return int(await task)
        except asyncio.CancelledError:
            console.cancelled()
            return ExitCode.CANCELLED
        finally:
            await program.cloud_live.tidied()
            unsubscribe()
            console.close()
            await program.close()


@contextlib.contextmanager
def _cancelled_by_signals(task: asyncio.Future[ExitCode]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    installed = []
    for name in (signal.SIGINT, signal.SIGTERM):
        # Windows has no loop signal handlers; there asyncio.run turns Ctrl+C into a cancellation itself.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, task.cancel)
            installed.append(name)
    try:
        yield
    finally:
        for name in installed:
            loop.remove_signal_handler(name)


def _common() -> _Parser:
    # Suppressed defaults: what stands before the command is not undone by the command's own parser.
    common = _Parser(add_help=False, argument_default=argparse.SUPPRESS)
    group = common.add_argument_group("common options, before or after the command")
    group.add_argument(
        "--home",
        metavar="DIR",
        type=some_text,
        help="keep settings, data and caches under DIR (or set FACESWAP_HOME)",
    )
    group.add_argument(
        "--set",
        dest="overrides",
        action=_Append,
        metavar="KEY=VALUE",
        help="a settings key for this run; the last wins",
    )
    group.add_argument(
        "--consent", metavar="NOTE", help="what you say of the consent of the people whose faces are used"
    )
    group.add_argument("--max-credits", type=amount, metavar="N", help="the most that a paid provider may charge")
    group.add_argument(
        "--yes",
        action="store_true",
        help="agree beforehand: to what a job costs, and to sending again what may have been charged",
    )
    return common


class _Append(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        setattr(namespace, self.dest, [*(getattr(namespace, self.dest, None) or []), values])
