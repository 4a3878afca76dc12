"""Whether an original is still the file that the recipe was made for."""

from __future__ import annotations

import asyncio

from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.recipe import Recipe
from faceswap_desktop.media.fingerprint import fingerprint
from faceswap_desktop.providers.on_device import sentences


async def check_unchanged(recipe: Recipe, *, is_rendering: bool = False) -> None:
    """Refuse an original that is no longer the file that the recipe was made for; its time alone does not count.

    Args:
        recipe: What is to be done.
        is_rendering: Some of it may be rendered, which is then said to be kept.

    Raises:
        InputRefused: Kind ``changed``, ``missing`` or what else keeps it from being read.
    """
    known = recipe.media.fingerprint
    try:
        now = await asyncio.to_thread(fingerprint, recipe.media.path)
    except InputRefused as error:
        if is_rendering:
            raise InputRefused(error.message, sentences.PUT_BACK, kind=error.kind) from error
        raise
    if (now.size_bytes, now.quick_digest) != (known.size_bytes, known.quick_digest):
        raise sentences.changed(recipe, is_rendering=is_rendering)
