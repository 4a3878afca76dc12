"""What is said wrong on the command line is refused before anything is done."""

from __future__ import annotations

import pytest

from faceswap_desktop.cli.main import make_parser
from faceswap_desktop.domain.errors import UsageError


@pytest.mark.parametrize(
    "arguments",
    [
        ["detect", ""],
        ["detect", "a.jpg", "--home", ""],
        ["detect", "a.jpg", "--js"],
        ["detect", "a.jpg", "--max-credits", "nan"],
        ["detect", "a.jpg", "--max-credits", "-1"],
        ["detect", "a.jpg", "--max-credits", "many"],
        ["swap", "--target", "", "--source", "b.jpg"],
        ["swap", "--target", "a.jpg", "--source", ""],
        ["swap", "--target", "a.jpg", "--source", "b.jpg", "--output", ""],
        ["swap", "--targ", "a.jpg", "--source", "b.jpg"],
        ["swap", "--target", "a.mp4", "--source", "b.jpg", "--in", "1:77"],
        ["reage", "--target", "a.jpg"],
        ["reage", "--years", "5"],
        ["reage", "--target", "a.jpg", "--years", "31"],
        ["reage", "--target", "a.jpg", "--years", "0"],
        ["reage", "--target", "a.mp4", "--years", "5", "--out", "soon"],
    ],
)
def test_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        make_parser().parse_args(arguments)


def test_a_file_may_be_called_like_an_option() -> None:
    options = make_parser().parse_args(["detect", "--", "--json"])
    assert options.file == "--json"
    assert options.json is False


def test_options_may_stand_between_words() -> None:
    options = make_parser().parse_args(["jobs", "delete", "--remote", "one", "--json", "two"])
    assert (options.action, options.ids) == ("delete", ["one", "two"])
    assert (options.remote, options.json) == (True, True)
    options = make_parser().parse_args(["--yes", "jobs", "retry", "--home", "there", "one"])
    assert (options.yes, options.home, options.action, options.ids) == (True, "there", "retry", ["one"])
