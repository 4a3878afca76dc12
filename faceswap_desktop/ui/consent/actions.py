"""What can be done about the consent for source faces."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from faceswap_desktop.domain.faces import SourceFace
from faceswap_desktop.ui.actions import ActionSpec, Menu
from faceswap_desktop.ui.consent.gestures import ConsentGestures
from faceswap_desktop.ui.consent.words import tr


def consent_actions(gestures: ConsentGestures, chosen: Callable[[], Sequence[SourceFace]]) -> list[ActionSpec]:
    """Return the actions of the Faces page; what needs a chosen face is disabled without one."""

    async def say_who() -> None:
        await gestures.say_who(chosen())

    async def withdraw() -> None:
        for face in chosen()[:1]:
            await gestures.withdraw(face)

    async def export() -> None:
        await gestures.export(chosen())

    menu, group = Menu.FACES, 3
    return [
        ActionSpec(id="faces.consent", text=tr("Say who this is…"), run=say_who, menu=menu, group=group, icon="person"),
        ActionSpec(
            id="faces.withdraw", text=tr("Withdraw consent…"), run=withdraw, menu=menu, group=group, icon="unpair"
        ),
        ActionSpec(
            id="faces.ledger",
            text=tr("Export ledger of consent…"),
            run=export,
            menu=menu,
            group=group,
            icon="document",
            tip=tr("Every result that used the chosen faces, or all faces, and why it may"),
        ),
        ActionSpec(
            id="faces.records",
            text=tr("Delete records of gone faces…"),
            run=gestures.forget_records,
            menu=menu,
            group=group,
        ),
    ]
