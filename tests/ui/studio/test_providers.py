"""Services on the internet in the Studio: choosing one, what it lacks, what the card says of it. Nobody is reached."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QSlider, QWidget

from faceswap_desktop.domain.cloud import NeedKind
from faceswap_desktop.domain.settings import AkoolApi
from faceswap_desktop.domain.video import FrameRange
from faceswap_desktop.ui.pages.settings import SettingsPage
from faceswap_desktop.ui.studio.cloud_card import Lines
from faceswap_desktop.ui.studio.cloud_words import hosts_text, money_text
from faceswap_desktop.ui.widgets.forms import Choice, Switch
from faceswap_desktop.ui.widgets.values import ValueSlider
from tests.ui.conftest import until
from tests.ui.studio.cloud_parts import answer, choose, part, planned, put_crowd, served
from tests.ui.studio.conftest import Shown, by_hand
from tests.ui.studio.people import MEDIA, three_people

KEYS = {"akool": "akool.api_key", "aifaceswap": "aifaceswap.api_key", "aigs": "aigs.token"}


def section_shown(shown: Shown) -> str:
    """Return which section of the settings is to be seen."""
    page = shown.window.page("settings")
    return page._sections.current if isinstance(page, SettingsPage) and page.isVisible() else ""


async def test_each_provider_can_be_chosen_is_remembered_and_says_that_it_has_no_account(shown: Shown) -> None:
    choice = shown.page.inspector.provider.choice
    assert choice.values() == ("on-device", "akool", "aifaceswap", "aigs")
    row, button = part(shown, QLabel, "provider-account"), part(shown, QPushButton, "provider-account-button")
    assert not row.isVisibleTo(shown.page)
    for provider in ("akool", "aifaceswap", "aigs"):
        await choose(shown, provider)
        title = choice.currentText()
        await until(lambda title=title: row.text() == f"No account at {title} yet.")  # type: ignore[misc]
        assert button.isVisibleTo(shown.page)
    await by_hand(button.click)
    await until(lambda: section_shown(shown) == "accounts")
    shown.window.show_page("studio")
    await choose(shown, "on-device")
    await until(lambda: not row.isVisibleTo(shown.page))


async def test_what_a_provider_lacks_is_grey_and_says_why(shown: Shown) -> None:
    page = shown.page
    page.inspector.age.set_open(True)
    controls: dict[str, QWidget] = {
        "options": part(shown, ValueSlider, "option-blend").slider(),
        "preset": part(shown, QWidget, "preset"),
        "mouth": part(shown, Switch, "option-keep_mouth"),
        "enhance": part(shown, Switch, "option-enhance"),
        "age": part(shown, QSlider, "age-years-slider"),
        "format": part(shown, Choice, "output-format"),
        "address": part(shown, QLineEdit, "address-field"),
    }
    own = {key: (one.toolTip(), one.accessibleDescription()) for key, one in controls.items()}
    # Where ages change, and where faces are enhanced; a picture has to be open for an address.
    can = {
        "on-device": {"options", "preset", "mouth", "age", "format"},
        "akool": {"enhance", "age"},
        "aifaceswap": set(),
        "aigs": set(),
    }
    for provider, wanted in can.items():
        await choose(shown, provider)
        can_now = {key for key, one in controls.items() if one.isEnabledTo(page)}
        assert can_now == wanted, provider
        for key, one in controls.items():
            reason = one.accessibleDescription()
            if key not in wanted:
                assert reason.endswith("."), key
                assert reason == one.toolTip(), key
            elif key != "enhance":
                assert (one.toolTip(), reason) == own[key]
    assert part(shown, QLabel, "options-reason").text() == "ai-gs decides this by itself."
    assert part(shown, QLabel, "age-advice").text() == "ai-gs cannot change ages." or page.inspector.age.target is None
    assert "ai-gs returns what it makes" in part(shown, QLabel, "output-reason").text()
    await choose(shown, "on-device")
    assert not part(shown, QLabel, "options-reason").isVisibleTo(page)


async def test_the_quality_of_akool_and_enhancing_are_settings(shown: Shown) -> None:
    variant = part(shown, Choice, "provider-variant")
    assert not variant.isVisibleTo(shown.page)
    await choose(shown, "akool")
    await until(lambda: variant.isVisibleTo(shown.page))
    assert [variant.itemText(row) for row in range(variant.count())] == ["v4 Plus", "v4 Pro", "v3"]
    variant.chosen.emit(AkoolApi.V4_PRO)
    await until(lambda: shown.program.settings.current.providers.akool.api is AkoolApi.V4_PRO)
    await until(lambda: variant.accessibleDescription() == "High quality: pictures only, one face at a time.")
    enhance = part(shown, Switch, "option-enhance")
    await by_hand(enhance.click)
    await until(lambda: shown.program.settings.current.swap.enhance)
    await choose(shown, "aigs")
    await until(lambda: not enhance.isEnabled() and not enhance.isChecked())
    await choose(shown, "akool")
    await until(lambda: enhance.isEnabled() and enhance.isChecked())


async def test_the_card_of_a_video_at_akool_and_the_ways_to_what_is_missing(shown: Shown, tmp_path: Path) -> None:
    page, card = shown.page, shown.page.inspector.card
    key = put_crowd(shown.program.studio, tmp_path / "clip.mp4", 2)
    await choose(shown, "akool")
    await until(lambda: page.preflight.plan.cloud is not None and page.preflight.plan.ages == 2)
    assert card._facts.text() == "10 credits (estimate) · about 1 min 50 s"
    assert card._video.text() == "250 frames, 0:10 · kept as AKOOL returns it"
    where = part(shown, Lines, "preflight-cloud-where")
    assert where.whole == "1 file leaves this computer, to openapi.akool.com"
    assert "1 file leaves" in where.accessibleName()
    assert part(shown, Lines, "preflight-cloud-stay").whole == "AKOOL keeps the result for 7 days."
    assert not part(shown, Lines, "preflight-cloud-mends").isVisibleTo(page)
    assert page.preflight.plan.cloud is not None
    assert [need.kind for need in page.preflight.plan.cloud.needs] == [NeedKind.ACCOUNT, NeedKind.HOSTING]
    assert not card.button.isEnabled()
    assert card.button.accessibleDescription().startswith("AKOOL needs a key.")
    # Only a part is sent, and that is said.
    shown.program.studio.set_trim(key, FrameRange(0, 50))
    await until(lambda: card._video.text().startswith("50 frames, 2.0 s"))
    assert part(shown, Lines, "preflight-cloud-mends").whole == "On a copy: Only the chosen 2 seconds are sent."
    # The shortcut says what the button says, and leads there.
    shown.window.table.trigger("studio.run")
    await until(lambda: shown.window.notifications.history)
    notice = shown.window.notifications.history[-1]
    assert (notice.text, notice.button) == ("AKOOL needs a key.", "Set up…")
    assert await shown.program.queue.all() == []
    for need, section in (("account", "accounts"), ("hosting", "hosting")):
        button = part(shown, QPushButton, f"need-{need}-button")
        assert button.isVisibleTo(page)
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus
        await by_hand(button.click)
        await until(partial(lambda wanted: section_shown(shown) == wanted, section))
        shown.window.show_page("studio")


async def test_too_many_faces_are_refused_and_the_smallest_can_be_left_out(shown: Shown, tmp_path: Path) -> None:
    page, studio, card = shown.page, shown.program.studio, shown.page.inspector.card
    put_crowd(studio, tmp_path / "clip.mp4", 9)
    await choose(shown, "akool")
    await until(lambda: page.preflight.plan.refusals)
    assert page.preflight.plan.refusals == ("AKOOL changes 8 faces per job at most; 9 are chosen.",)
    assert card._warning.text() == "AKOOL changes 8 faces per job at most; 9 are chosen."
    assert card._facts.text() == "AKOOL cannot do this as it is."
    assert not card.button.isEnabled()
    assert card.button.accessibleDescription() == page.preflight.plan.refusals[0]
    shown.window.table.trigger("studio.run")
    await until(lambda: shown.window.notifications.history)
    assert shown.window.notifications.history[-1].text == page.preflight.plan.refusals[0]
    fewer = part(shown, QPushButton, "preflight-fewer")
    assert fewer.isVisibleTo(page)
    await by_hand(fewer.click)
    await until(lambda: page.preflight.plan.ages == 8)
    assert [ref.face for ref in studio.ages] == [1, 2, 3, 4, 5, 6, 7, 8], "the first is the smallest"
    assert not fewer.isVisibleTo(page)
    stack = page.undo_stack
    assert stack is not None
    assert stack.undoText() == "leave out 1 face"
    stack.undo()
    await until(lambda: page.preflight.plan.refusals)
    # Or on this computer, where there is no such limit.
    await by_hand(part(shown, QPushButton, "preflight-here").click)
    await until(lambda: shown.program.settings.current.swap.provider == "on-device")


async def test_ages_that_a_provider_cannot_change_are_left_by_one_button(with_clip: Shown) -> None:
    page, studio = with_clip.page, with_clip.program.studio
    put_crowd(studio, Path(studio.pictures[0].path), 2)
    page.inspector.age.set_open(True)
    await choose(with_clip, "aigs")
    await until(lambda: page.preflight.plan.refusals)
    assert "ai-gs cannot change ages." in page.preflight.plan.refusals
    assert part(with_clip, QLabel, "age-advice").text() == "ai-gs cannot change ages."
    leave = part(with_clip, QPushButton, "age-leave")
    assert leave.isVisibleTo(page)
    await by_hand(leave.click)
    assert studio.ages == {}
    await until(lambda: not page.preflight.plan.refusals and not leave.isVisibleTo(page))
    stack = page.undo_stack
    assert stack is not None
    assert stack.undoText() == "leave all ages as they are"
    stack.undo()
    assert len(studio.ages) == 2
    await until(lambda: page.preflight.plan.refusals)


async def test_the_monthly_cap_and_the_credits_left_are_said(shown: Shown, tmp_path: Path) -> None:
    page, program = shown.page, shown.program
    put_crowd(program.studio, tmp_path / "clip.mp4", 1)

    def quota(request: web.Request) -> web.Response:
        assert request.path.endswith("/quota/info")
        return web.json_response({"code": 1000, "msg": "OK", "data": {"credit": 3}})

    async with served(quota) as base:
        await program.settings.update("providers.akool", base_url=base)
        await program.accounts.set("akool", {KEYS["akool"]: "a-key"})
        await choose(shown, "akool")
        await until(lambda: part(shown, QLabel, "provider-account").text() == "3 credits left")
        assert not part(shown, QPushButton, "provider-account-button").isVisibleTo(page)
        await until(lambda: part(shown, Lines, "need-credits").whole == "Only 3 credits left at AKOOL.")
        await program.settings.update("budget", monthly_cap=5.0)
        month = part(shown, Lines, "preflight-cloud-month")
        await until(lambda: month.whole == "This month: 0 of 5 credits")
        row = part(shown, Lines, "need-budget")
        assert row.whole == "It goes beyond the monthly cap, so it will wait."
        await by_hand(part(shown, QPushButton, "need-budget-button").click)
        await until(lambda: section_shown(shown) == "budget")
        shown.window.show_page("studio")
        await program.settings.update("budget", monthly_cap=0.0)
        await until(lambda: not row.isVisibleTo(page))
        # What is left cannot be told: that is said, and stands in nobody's way.
        await program.accounts.forget("akool")
        await planned_again(shown)
        await until(lambda: "No account" in part(shown, QLabel, "provider-account").text())


async def planned_again(shown: Shown) -> None:
    """Look at the page anew, as somebody does who comes back from the settings."""
    shown.window.show_page("settings")
    shown.window.show_page("studio")
    await planned(shown)


async def test_an_address_is_pasted_looked_at_used_and_forgotten(shown: Shown, tmp_path: Path) -> None:
    page, program = shown.page, shown.program
    field, state = part(shown, QLineEdit, "address-field"), part(shown, QLabel, "address-state")
    shown.window.table.trigger("studio.paste-address")
    await until(lambda: shown.window.notifications.history)
    assert shown.window.notifications.history[-1].text == "On this computer reads the file itself."
    put_crowd(program.studio, tmp_path / "clip.mp4", 1)
    length = 1000  # what the clip's fingerprint says

    def hand_out(request: web.Request) -> web.Response:
        size = length if request.path == "/clip.mp4" else length + 1
        headers = {"Content-Range": f"bytes 0-99/{size}", "Content-Type": "video/mp4"}
        return web.Response(status=206, body=bytes(100), headers=headers)

    async with served(hand_out) as base:
        await program.settings.update("providers.akool", base_url=base)
        await choose(shown, "akool")
        await until(field.isEnabled)
        QApplication.clipboard().setText("no address")
        shown.window.table.trigger("studio.paste-address")
        await until(lambda: "no web address in the clipboard" in shown.window.notifications.history[-1].text)
        assert page.inspector.address.is_open
        QApplication.clipboard().setText(f"{base}/clip.mp4")
        shown.window.table.trigger("studio.paste-address")
        await until(lambda: state.text() == "The file is there. It need not be uploaded.")
        await until(lambda: any(one.target_url for one in page.preflight.plan.recipes))
        assert page.preflight.plan.recipes[0].target_url == f"{base}/clip.mp4"
        where = part(shown, Lines, "preflight-cloud-where")
        assert where.whole == "No file leaves this computer; AKOOL fetches it."
        assert page.preflight.plan.cloud is not None
        assert NeedKind.HOSTING not in [need.kind for need in page.preflight.plan.cloud.needs]
        # Another file lies there: its address is not used.
        field.setText(f"{base}/other.mp4")
        field.editingFinished.emit()
        await until(lambda: state.text().startswith("Another file lies there: it has 1001 bytes"))
        await until(lambda: not page.preflight.plan.recipes[0].target_url)
        for wrong in ("clip.mp4", "ftp://example.com/clip.mp4"):
            field.setText(wrong)
            field.editingFinished.emit()
            await until(lambda wrong=wrong: field.text() == wrong and state.text().endswith("."))  # type: ignore[misc]
            await until(lambda: page.inspector.address._head.accessibleName() == "Web address: Cannot be used")
        await by_hand(part(shown, QWidget, "address-remove").click)  # type: ignore[attr-defined]
        assert page.addresses.all == {}
        assert field.text() == ""
    QApplication.clipboard().clear()


async def test_the_terms_can_be_read_and_are_agreed_to_once(with_clip: Shown) -> None:
    program = with_clip.program
    await choose(with_clip, "aigs")
    assert program.accounts.terms("aigs") is not None
    button = part(with_clip, QPushButton, "need-terms-button")
    button.clicked.emit()
    assert await answer(with_clip, is_yes=False) == "ai-gs asks this of you"
    assert program.accounts.terms("aigs") is not None
    await until(lambda: not with_clip.page.tasks.is_running("terms"))
    button.clicked.emit()
    await answer(with_clip, is_yes=True)
    await until(lambda: program.accounts.terms("aigs") is None)


def test_money_and_hosts_in_words() -> None:
    assert money_text(8, "credits") == "8 credits"
    assert money_text(1, "points") == "1 point"
    assert money_text(2.5, "calls") == "2.5 calls"
    assert money_text(1234.5, "credits") == "1,234.5 credits"
    assert money_text(3, "coins") == "3 coins"
    assert hosts_text(("one",)) == "one"
    assert hosts_text(("one", "two", "three")) == "one, two and three"


async def test_hard_places_are_said_without_what_only_this_computer_does(with_clip: Shown) -> None:
    from faceswap_desktop.ui.studio.video_plan import hard_words

    assert hard_words(three_people(), {1}, None) == ["Person 2 is turned far away in places: the swap fades out there."]
    assert hard_words(three_people(), {1}, None, can_fade=False) == ["Person 2 is turned far away in places."]
    assert with_clip.program.studio.ages_of(MEDIA) == {}


@pytest.mark.parametrize("provider", ["akool", "aifaceswap", "aigs"])
async def test_every_new_control_has_a_name(shown: Shown, provider: str) -> None:
    await choose(shown, provider)
    shown.page.inspector.address.set_open(True)
    for kind in (QPushButton, QComboBox, QLineEdit):
        for one in shown.page.inspector.findChildren(kind):
            if one.objectName() and not one.objectName().startswith("qt_"):
                assert one.accessibleName(), one.objectName()
