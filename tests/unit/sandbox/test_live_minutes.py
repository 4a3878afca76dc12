"""What live sessions cost in the sandbox: each minute when it begins."""

from __future__ import annotations

import time
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from faceswap_desktop.domain.settings import ProvidersSettings
from faceswap_desktop.sandbox.akool_keys import Caller, KeyRing
from faceswap_desktop.sandbox.akool_live import Live, Session
from faceswap_desktop.sandbox.books import Books, KeyKind
from faceswap_desktop.sandbox.world import World


@pytest.mark.parametrize(("seconds", "minutes"), [(0, 1), (59, 1), (61, 2), (179, 3), (3599, 60)])
def test_open_sessions_cost_minute_by_minute(monkeypatch: pytest.MonkeyPatch, seconds: float, minutes: int) -> None:
    settings = ProvidersSettings()
    settings = replace(settings, akool=replace(settings.akool, prices=replace(settings.akool.prices, live=5.0)))
    world = cast("World", SimpleNamespace(books=Books(), providers=settings))
    live = Live(world, KeyRing())
    session = Session("one", Caller(KeyKind.VALID, "", ""), 1000.0)
    vars(live)["_sessions"]["one"] = session
    monkeypatch.setattr(time, "time", lambda: 1000.0 + seconds)
    for _ in range(2):
        [told] = live.to_json()
        assert told["minutes"] == minutes
        # The first is taken when it is created.
        assert world.books.credits["akool"] == 1000.0 - 5.0 * (minutes - 1)
    session.closed_at = 1000.0 + seconds
    monkeypatch.setattr(time, "time", lambda: 9e9)
    assert live.to_json()[0]["minutes"] == minutes
