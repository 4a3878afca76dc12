"""What is said, asked and refused before a provider on the internet gets a job."""

from __future__ import annotations

from typing import Final

from faceswap_desktop.cli.console import Console, clock
from faceswap_desktop.cli.services import info_of, loss, say_sandbox
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.cloud import NeedKind
from faceswap_desktop.domain.errors import InputRefused, ProviderRejected, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.providers.protocol import ProviderInfo
from faceswap_desktop.services.offers import Outlook

_WHAT_HELPS: Final = {
    NeedKind.ACCOUNT: "Set a key with `faceswap-desktop accounts set {provider}`, or in the environment.",
    NeedKind.HOSTING: "Name a bucket (hosting.s3.bucket and the others, with --set or in the settings), set its keys"
    " with `faceswap-desktop accounts set s3`, and try `faceswap-desktop hosting test`; or say --target-url.",
    NeedKind.WEBHOOK: "Set webhook.public_url or webhook.relay_url, and try `faceswap-desktop webhook test`.",
    NeedKind.TERMS: "Agree with `faceswap-desktop accounts accept {provider}`.",
}


async def check_service(
    program: Program, recipe: Recipe, console: Console, *, max_credits: float | None, is_agreed: bool
) -> None:
    """Say what leaves this computer and what it costs; refuse what cannot go well.

    Args:
        program: The program.
        recipe: What is to be done.
        console: Where it is said.
        max_credits: The most that it may cost; None for what is spent without being asked.
        is_agreed: Whatever it costs is agreed to (``--yes``).

    Raises:
        InputRefused: It is over a limit that cannot be mended (kind ``limit``).
        ProviderRejected: Something has to be set up first: key, address, hosting, terms.
        UsageError: It costs more than ``max_credits``, or than is spent without being asked (kind ``credits``).
    """
    outlook = await program.spending.outlook(recipe)
    if outlook.fit.refusals:
        raise InputRefused(outlook.fit.refusals[0], kind="limit")
    for mend in outlook.fit.mends:
        console.note(mend)
    for need in outlook.needs:
        hint = _WHAT_HELPS[need.kind]
        raise ProviderRejected(
            need.message,
            message(hint, provider=recipe.provider),
            kind=need.kind.value,
            provider_id=recipe.provider,
        )
    info = info_of(program, recipe.provider)
    assert info is not None
    check_money(program, info, outlook.quote.credits or 0.0, max_credits=max_credits, is_agreed=is_agreed)
    _say(program, recipe, outlook, console)


def amount_words(credits: float, unit: str) -> str:
    """Write an amount in a provider's unit: ``4 credits``, ``1 point``."""
    return f"{credits:g} {unit[:-1] if credits == 1 and unit.endswith('s') else unit}".rstrip()


def check_money(
    program: Program, info: ProviderInfo, credits: float, *, max_credits: float | None, is_agreed: bool
) -> None:
    """Refuse what costs more than it may: see ``check_service``.

    Raises:
        UsageError: Kind ``credits``.
    """
    cost = message(
        "This costs about {amount} at {provider}", amount=amount_words(credits, info.unit), provider=info.title
    )
    if max_credits is not None and credits > max_credits:
        raise UsageError(
            message("{cost}, and --max-credits is {most}.", cost=cost.text(), most=f"{max_credits:g}"), kind="credits"
        )
    if max_credits is None and not is_agreed and program.spending.asks_first(credits):
        raise UsageError(
            message("{cost}, which is more than is spent without being asked.", cost=cost.text()),
            message("Say --max-credits {credits}, or --yes, to have it done.", credits=f"{credits:g}"),
            kind="credits",
        )


def _say(program: Program, recipe: Recipe, outlook: Outlook, console: Console) -> None:
    info = info_of(program, recipe.provider)
    assert info is not None
    quote = outlook.quote
    say_sandbox(program, console)
    files = f"{quote.files_leaving} file{'' if quote.files_leaving == 1 else 's'}"
    kept = f", kept there for {info.kept_days} days" if info.kept_days else ""
    console.say(f"{files} will leave this computer for {', '.join(quote.destinations) or info.title}{kept}.")
    if quote.credits:
        month = f" This month so far: {amount_words(outlook.month_total, info.unit)}." if outlook.month_total else ""
        amount = amount_words(quote.credits, info.unit)
        console.say(f"About {amount} by the table of prices, about {clock(quote.seconds)}.{month}")
    if outlook.exceeds_budget:
        console.say("This would exceed the monthly cap, so the job will be held.")
    if (lost := loss(program, info)) is not None:
        console.note(lost)
