"""What is said, asked and refused before a provider on the internet gets a job."""

from __future__ import annotations

from faceswap_desktop.cli.console import Console, clock
from faceswap_desktop.compose import Program
from faceswap_desktop.domain.cloud import NeedKind
from faceswap_desktop.domain.errors import InputRefused, ProviderRejected, UsageError
from faceswap_desktop.domain.messages import message
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.services.offers import Outlook


async def check_service(program: Program, recipe: Recipe, console: Console, max_credits: float | None) -> None:
    """Say what leaves this computer and what it costs; refuse what cannot go well.

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
        hint = need.hint
        if need.kind is NeedKind.TERMS:
            console.say(need.message)
            hint = message("Agree with `faceswap-desktop accounts accept {provider}`.", provider=recipe.provider)
        elif need.kind is NeedKind.ACCOUNT:
            hint = message("Set a key with `faceswap-desktop accounts set {provider}`.", provider=recipe.provider)
        raise ProviderRejected(need.message, hint, kind=need.kind.value, provider_id=recipe.provider)
    _check_money(recipe, outlook, max_credits)
    _say(program, recipe, outlook, console)


def _check_money(recipe: Recipe, outlook: Outlook, max_credits: float | None) -> None:
    credits = outlook.quote.credits or 0.0
    if max_credits is not None and credits > max_credits:
        raise UsageError(
            message(
                "This costs about {credits} at {provider}, and --max-credits is {most}.",
                credits=f"{credits:g}",
                provider=recipe.provider,
                most=f"{max_credits:g}",
            ),
            kind="credits",
        )
    if max_credits is None and outlook.asks_first:
        raise UsageError(
            message("This costs about {credits} at {provider}.", credits=f"{credits:g}", provider=recipe.provider),
            message("Say --max-credits {credits} to have it done.", credits=f"{credits:g}"),
            kind="credits",
        )


def _say(program: Program, recipe: Recipe, outlook: Outlook, console: Console) -> None:
    info = next(one.info for one in program.providers if one.info.id == recipe.provider)
    quote = outlook.quote
    files = f"{quote.files_leaving} file{'' if quote.files_leaving == 1 else 's'}"
    kept = f", kept there for {info.kept_days} days" if info.kept_days else ""
    console.say(f"{files} will leave this computer for {', '.join(quote.destinations) or info.title}{kept}.")
    if quote.credits:
        console.say(f"About {quote.credits:g} {info.unit}, about {clock(quote.seconds)}.")
    if outlook.exceeds_budget:
        console.say("This would exceed the monthly cap, so the job will be held.")
