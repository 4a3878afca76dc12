"""What must not leave the computer is taken out of every text."""

from __future__ import annotations

import pytest

from faceswap_desktop.services.redaction import redact


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Authorization: Bearer sk-live.1234 and more", "Authorization: *** and more"),
        ('{"api_key": "abc123", "blend": 1}', '{"api_key": "***", "blend": 1}'),
        ("x-api-key=abc123&size=2", "x-api-key=***&size=2"),
        ("clientSecret: s3cr3t, client_id=me", "clientSecret: ***, client_id=***"),
        ("FACESWAP_AKOOL_API_KEY=abc", "FACESWAP_AKOOL_API_KEY=***"),
        ("token = 'eyJhbGciOi.J9'", "token = '***'"),
        ("got bearer abcdefgh12", "got bearer ***"),
        ("GET https://me:pw@host.example/a?token=abc&n=1", "GET <address>"),
        ("could not open /home/ann/Pictures/My holiday.jpg", "could not open <path>"),
        (r"could not open C:\Users\Ann\My holiday.jpg", "could not open <path>"),
        (r"could not open \\server\share\Ann", "could not open <path>"),
        ("file:///home/ann/a%20b.png", "<path>"),
        ("in ~/Pictures/x", "in <path>"),
        ("“Geheim ä.jpg” was not found.", "“…” was not found."),
        ("swapped holiday.JPEG at once", "swapped <file>.JPEG at once"),
        ("and/or 1/2, 50 %", "and/or 1/2, 50 %"),
    ],
)
def test_keys_paths_and_names_go(text: str, clean: str) -> None:
    assert redact(text) == clean


def test_the_programs_own_files_stay_in_tracebacks() -> None:
    line = 'File "/home/ann/apps/faceswap_desktop/jobs/runner.py", line 12, in _run'
    assert redact(line) == 'File "<path>/faceswap_desktop/jobs/runner.py", line 12, in _run'


def test_known_names_go_as_whole_words_whatever_their_case() -> None:
    text = "ANN LEE and Annabel; party 2.final; Party 2"
    assert redact(text, ["Ann Lee", "/x/Party 2.final.jpg"]) == "<name> and Annabel; <name>; Party 2"
    assert redact("a b", ["a", ""]) == "a b", "one letter is no name"


def test_an_apostrophe_in_a_path_hides_nothing_behind_it() -> None:
    assert redact("failed /home/o'brien/holiday/someone.dat") == "failed <path>"
    assert redact("open '/home/ada/a.dat' and 'x'") == "open '<path>' and 'x'"
