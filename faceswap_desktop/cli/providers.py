"""``providers``: who can do the work, and what each can do."""

from __future__ import annotations

import argparse

from faceswap_desktop.cli.console import Console
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.errors import ExitCode, ProviderError
from faceswap_desktop.providers.protocol import Capability

HELP = "say who can do the work, what each can do, and its limits"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's arguments."""
    parser.add_argument("--json", action="store_true", help="print one JSON object")


async def run(program: Program, options: argparse.Namespace, console: Console) -> ExitCode:
    """Print every provider."""
    data, lines = [], []
    for provider in program.providers:
        info = provider.info
        capabilities = [one.name.lower() for one in Capability if one in info.capabilities and one.name]
        credits, trouble = await _credits(program, info.id) if provider.account is not None else (None, None)
        data.append(
            {
                "id": info.id,
                "title": info.title,
                "capabilities": capabilities,
                "limits": info.limits.text(),
                "is_local": info.is_local,
                "max_concurrent_jobs": info.max_concurrent_jobs,
                "credits": credits,
                "unit": info.unit or None,
                "kept_days": info.kept_days or None,
                "most_faces": info.most_faces or None,
                "error": trouble,
            }
        )
        lines += [f"{info.id}  {info.title}", f"  can: {', '.join(capabilities)}", f"  limits: {info.limits}"]
        if credits is not None:
            lines.append(f"  left: {credits:g} {info.unit}")
        if trouble is not None:
            lines.append(f"  {trouble}")
    console.result({"providers": data}, "\n".join(lines))
    return ExitCode.DONE


async def _credits(program: Program, provider_id: str) -> tuple[float | None, str | None]:
    """Return what is left at a provider, and why that could not be asked."""
    try:
        return await program.accounts.credits(provider_id), None
    except ProviderError as error:
        return None, error.message.text()
