"""``accounts``: keys for providers on the internet."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import Any

from faceswap_desktop.cli.console import Console
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.cloud import AccountField
from faceswap_desktop.domain.errors import ExitCode, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.accounts import RELAY_SECRET, S3_SECRETS
from faceswap_desktop.storage.secrets import environment_name

HELP = "set, test or forget the keys of your accounts at providers"
ACTIONS = ("list", "test", "set", "forget", "accept")
_OTHERS = {"s3": S3_SECRETS, "webhook": (RELAY_SECRET,)}
"""Secrets that belong to no provider: the bucket's, the relay's."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument(
        "action",
        nargs="?",
        choices=ACTIONS,
        default="list",
        help="what to do (default: list); set reads the keys from standard input, one a line; accept agrees to the"
        " provider's terms",
    )
    parser.add_argument("id", nargs="?", metavar="ID", default="", help="which provider; for set also s3 or webhook")
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
        case "set":
            return await _set(program, options, console)
        case "forget":
            await program.accounts.forget(options.id)
            console.result({"provider": options.id, "is_set": False}, f"The keys of {options.id} are forgotten.")
        case "accept":
            terms = program.accounts.info(options.id).terms
            if terms is not None:
                console.say(terms)
            await program.accounts.accept_terms(options.id)
            console.result({"provider": options.id, "accepted": True}, f"The terms of {options.id} are accepted.")
    return ExitCode.DONE


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
    console.result({"accounts": data}, "\n".join(lines))
    return ExitCode.DONE


def _named(field: AccountField) -> str:
    return f"{field.name} (or {environment_name(field.name)})"


async def _test(program: Program, provider_id: str, console: Console) -> ExitCode:
    status = await program.accounts.test(provider_id)
    left = "" if status.credits is None else f" {status.credits:g} left."
    console.result(
        {
            "provider": provider_id,
            "is_valid": status.is_valid,
            "message": status.message.text(),
            "credits": status.credits,
        },
        f"{status.message}{left}",
    )
    return ExitCode.DONE if status.is_valid else ExitCode.PROVIDER


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
    """Read one key from standard input, without showing it where that is a terminal."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{name}: ")
    return sys.stdin.readline().rstrip("\r\n")
