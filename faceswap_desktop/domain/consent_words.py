"""How it is said that a source face may not be used."""

from __future__ import annotations

from faceswap_desktop.domain.consent import Standing
from faceswap_desktop.domain.messages import Message, message


def not_to_be_used(name: str, standing: Standing) -> Message:
    """Return the sentence for a source face that stands so with consent.

    Args:
        name: What people call the face.
        standing: Anything but ``GIVEN``.
    """
    match standing:
        case Standing.EXPIRED:
            return message("The consent for “{name}” is over.", name=name)
        case Standing.WITHDRAWN:
            return message("The consent for “{name}” was withdrawn.", name=name)
        case _:
            return message("Nobody has said yet who “{name}” is and whether the face may be used.", name=name)
