"""``accounts``: keys for providers on the internet."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import getpass
import signal
import sys
from collections.abc import Iterator
from typing import Any, Final

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.services import ask, info_of
from faceswap_desktop.cli.spending import amount_words
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.cloud import AccountField
from faceswap_desktop.domain.errors import ExitCode, ProviderRejected, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.accounts import RELAY_SECRET, S3_SECRETS
from faceswap_desktop.storage.secrets import environment_name

HELP = "list, set, test or forget the keys of your accounts at providers, and see what is left there"
ACTIONS: Final = ("list", "set", "test", "credits", "forget", "accept")
_OTHERS: Final = {"s3": S3_SECRETS, "webhook": (RELAY_SECRET,)}
"""Secrets that belong to no provider: the bucket's, the relay's."""
_LONGEST_KEY: Final = 8192
_TITLES: Final = {"s3": "keys of the bucket", "webhook": "token of the relay"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="list",
        help="what to do (default: list); set reads the keys from standard input, one a line, or asks for them without"
        " showing them; test asks the provider whether it takes them; credits asks what is left; accept agrees to"
        " the provider's terms",
    )
    parser.add_argument(
        "id",
        nargs="?",
        metavar="ID",
        default="",
        help="which provider; for set and forget also s3 (the bucket) or webhook (the relay)",
    )
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="NAME",
        help="with set: which keys come, in this order, for example akool.client_id (default: those of the first way"
        " to sign in)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Do what was asked.

    Raises:
        UsageError: There is no such account or key, or no provider was named.
    """
    if options.action == "list":
        return await _list(program, console)
    if not options.id:
        known = ", ".join(info.id for info in program.accounts.providers)
        raise UsageError(message("Say which provider."), message("Providers with accounts: {known}.", known=known))
    match options.action:
        case "test":
            return await _test(program, options.id, console)
        case "credits":
            return await _credits(program, options.id, console)
        case "set":
            return await _set(program, options, console)
        case "forget":
            return await _forget(program, options.id, console)
        case _:
            return await _accept(program, options.id, console)


async def _list(program: Program, console: Console) -> ExitCode:
    data: list[dict[str, Any]] = []
    lines: list[str] = []
    notice = None
    for info in program.accounts.providers:
        account = program.accounts.info(info.id)
        state = await program.accounts.state(info.id)
        notice = state.notice
        terms = program.accounts.terms(info.id)
        fields = [field for one in account.alternatives for field in one]
        data.append(
            {
                "id": info.id,
                "title": info.title,
                "is_set": state.is_complete,
                "keys": {field.name: field.name in state.set_fields for field in fields},
                "key_page": account.key_page,
                "terms_to_accept": terms.text() if terms is not None else None,
            }
        )
        lines.append(f"{info.id}  {info.title}: {'a key is set' if state.is_complete else 'no key is set'}")
        ways = " or ".join(" and ".join(_named(field) for field in one) for one in account.alternatives)
        lines += [f"  keys: {ways}", f"  get one: {account.key_page}"]
        if terms is not None:
            lines.append(f"  terms to accept: {terms}")
    if notice is not None:
        console.say(notice)
    others = {name: await program.accounts.has_secrets(names) for name, names in _OTHERS.items()}
    lines += [f"{name}  {_TITLES[name]}: {'set' if is_set else 'not set'}" for name, is_set in others.items()]
    console.result({"accounts": data, "others": others}, "\n".join(lines))
    return ExitCode.DONE


def _named(field: AccountField) -> str:
    return f"{field.name} (or {environment_name(field.name)})"


async def _test(program: Program, provider_id: str, console: Console) -> ExitCode:
    program.accounts.info(provider_id)
    await ask(program, console)
    status = await program.accounts.test(provider_id)
    console.result(
        {
            "provider": provider_id,
            "is_valid": status.is_valid,
            "is_checked": status.is_checked,
            "message": status.message.text(),
            "hint": status.hint.text() if status.hint is not None else None,
            "credits": status.credits,
        },
        str(status.message),
    )
    if status.hint is not None:
        console.say(status.hint)
    return ExitCode.DONE if status.is_valid else ExitCode.PROVIDER


async def _credits(program: Program, provider_id: str, console: Console) -> ExitCode:
    """Say what is left.

    Raises:
        ProviderError: No key is set, the provider refuses it, or cannot be reached.
    """
    program.accounts.info(provider_id)
    info = info_of(program, provider_id)
    assert info is not None
    await ask(program, console)
    if not program.settings.current.sandbox.is_on and not (await program.accounts.state(provider_id)).is_complete:
        raise ProviderRejected(
            message("No key is set for {provider}.", provider=info.title),
            message("Set one with `faceswap-desktop accounts set {id}`.", id=provider_id),
            kind="account",
            provider_id=provider_id,
        )
    left, spent = await program.accounts.credits(provider_id), await program.spending.month_total(provider_id)
    words = f"{info.title} does not tell what is left." if left is None else f"{amount_words(left, info.unit)} left."
    console.result(
        {"provider": provider_id, "credits": left, "unit": info.unit, "month": spent},
        f"{words} This month so far: {amount_words(spent, info.unit)}.",
    )
    return ExitCode.DONE


async def _forget(program: Program, account: str, console: Console) -> ExitCode:
    if account in _OTHERS:
        await program.accounts.set_secrets(dict.fromkeys(_OTHERS[account], ""))
        stays = await program.accounts.has_secrets(_OTHERS[account])
    else:
        await program.accounts.forget(account)
        stays = (await program.accounts.state(account)).is_complete
    if stays:
        console.say("A key in the environment stays: only whoever started this command can take it away.")
    console.result({"provider": account, "is_set": stays}, f"The keys of {account} are forgotten.")
    return ExitCode.DONE


async def _accept(program: Program, provider_id: str, console: Console) -> ExitCode:
    if (terms := program.accounts.info(provider_id).terms) is not None:
        console.say(terms)
    await program.accounts.accept_terms(provider_id)
    console.result({"provider": provider_id, "accepted": True}, f"The terms of {provider_id} are accepted.")
    return ExitCode.DONE


async def _set(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    names = list(options.field) or list(_default_fields(program, options.id))
    values = {name: _read_secret(name) for name in names}
    if empty := [name for name, value in values.items() if not value.strip()]:
        raise UsageError(
            message("No key for {name} came from standard input.", name=empty[0]),
            message("Give one key a line, in this order: {names}.", names=", ".join(names)),
        )
    if options.id in _OTHERS:
        if unknown := sorted(set(names) - set(_OTHERS[options.id])):
            raise UsageError(message("There is no key called {name}.", name=unknown[0]))
        notice = await program.accounts.set_secrets(values)
    else:
        notice = await program.accounts.set(options.id, values)
    if notice is not None:
        console.say(notice)
    console.result(
        {"provider": options.id, "is_set": True, "is_kept": notice is None},
        f"The key for {options.id} is kept in the system's keyring."
        if notice is None
        else f"The key for {options.id} was not kept: set {environment_name(names[0])} instead.",
    )
    return ExitCode.DONE if notice is None else ExitCode.PROVIDER


def _default_fields(program: Program, account: str) -> tuple[str, ...]:
    if account in _OTHERS:
        return _OTHERS[account]
    return tuple(field.name for field in program.accounts.info(account).alternatives[0])


def _read_secret(name: str) -> str:
    """Read one key from standard input, without showing it where that is a terminal.

    Raises:
        asyncio.CancelledError: Ctrl+C was pressed.
        UsageError: What came is no text.
    """
    try:
        with _interruptible():
            if sys.stdin.isatty():
                return getpass.getpass(f"{name}: ")
            line = sys.stdin.readline(_LONGEST_KEY)
    except (KeyboardInterrupt, EOFError):
        raise asyncio.CancelledError from None
    except UnicodeDecodeError:
        line = "\0"
    if len(line) == _LONGEST_KEY or "\0" in line:
        raise UsageError(message("What came for {name} is no key.", name=name))
    return line.rstrip("\r\n")


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl+C break off a read that blocks: the loop's own handler would wait until somebody types."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
