from __future__ import annotations

import pytest

from faceswap_desktop.domain.live import CaptureTrouble, Resolution
from faceswap_desktop.services import live_words


@pytest.mark.parametrize("trouble", CaptureTrouble)
@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
@pytest.mark.parametrize("name", ["", "Camera {0} %s \u202egpj"])
def test_every_trouble_has_a_sentence_and_something_that_helps(trouble: CaptureTrouble, system: str, name: str) -> None:
    for words in (live_words.what(trouble, name).text(), live_words.what_helps(trouble, system).text()):
        assert words.endswith(".")
        assert "{name}" not in words
        assert "“”" not in words
        assert "\u202e" not in words


def test_where_a_permission_is_given_depends_on_the_system() -> None:
    said = {live_words.what_helps(CaptureTrouble.DENIED, system).text() for system in ("linux", "win32", "darwin")}
    assert len(said) == 3


def test_another_resolution_is_told() -> None:
    words = live_words.other_resolution(Resolution(1920, 1080), Resolution(1280, 720)).text()
    assert words == "The camera does not offer 1920 × 1080; it gives 1280 × 720."
