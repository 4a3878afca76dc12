"""``providers``: who can do the work, and what each can do."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from faceswap_desktop.cli.console import Console
from faceswap_desktop.cli.services import ask
from faceswap_desktop.cli.spending import amount_words
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, ProviderError
from faceswap_desktop.providers.protocol import Capability

HELP = "say who can do the work, what each can do, and its limits"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Print every provider."""
    del options
    await ask(program, console)
    data, lines = [], []
    for offer in program.offers.all():
        info = offer.info
        asked = await _asked(program, info.id) if offer.has_account else _Asked()
        capabilities = [one.name.lower() for one in Capability if one in info.capabilities and one.name]
        data.append(
            {
                "id": info.id,
                "title": info.title,
                "capabilities": capabilities,
                "limits": info.limits.text(),
                "lacks": {control.value: reason.text() for control, reason in offer.lacks.items()},
                "is_local": info.is_local,
                "max_concurrent_jobs": info.max_concurrent_jobs,
                "has_key": asked.has_key,
                "credits": asked.credits,
                "unit": info.unit or None,
                "kept_days": info.kept_days or None,
                "most_faces": info.most_faces or None,
                "error": asked.trouble,
            }
        )
        lines += [f"{info.id}  {info.title}", f"  can: {', '.join(capabilities)}", f"  limits: {info.limits}"]
        lines += [f"  not {control.value}: {reason}" for control, reason in offer.lacks.items()]
        if asked.has_key is False:
            lines.append(f"  no key is set: `faceswap-desktop accounts set {info.id}`")
        if asked.credits is not None:
            lines.append(f"  left: {amount_words(asked.credits, info.unit)}")
        if asked.trouble is not None:
            lines.append(f"  {asked.trouble}")
    console.result({"providers": data}, "\n".join(lines))
    return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is known of an account: None where there is none, or nothing was told."""

    has_key: bool | None = None
    credits: float | None = None
    trouble: str | None = None


async def _asked(program: Program, provider_id: str) -> _Asked:
    is_played = program.settings.current.sandbox.is_on
    has_key = is_played or (await program.accounts.state(provider_id)).is_complete
    try:
        return _Asked(has_key, await program.accounts.credits(provider_id))
    except ProviderError as error:
        return _Asked(has_key, None, error.message.text())
