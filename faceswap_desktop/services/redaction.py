"""Takes out of a text what is nobody's business: keys, addresses, folders, file names, names of people."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

_KEY_WORDS: Final = (
    r"(?:x-)?api[-_ ]?key|(?:access|refresh|auth|id)?[-_]?token|(?:client[-_]?)?secret|password|passphrase"
    r"|client[-_]?id|authorization|authkey|cookie|signature"
)
_SECRET: Final = re.compile(
    rf"""(?ix) (?P<word>(?<![A-Za-z0-9])(?:{_KEY_WORDS})) (?P<between>["']?\s*[:=]\s*["']?|["']?\s+["']?)
    (?:(?:bearer|basic|token)\s+)? (?P<value>[^\s"'&,;]+)"""
)
_BEARER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_URL: Final = re.compile(r"""(?ix)\b (?!file:) [a-z][a-z0-9+.-]*:// (?P<host>[^\s/"'<>“”?\#]*) [^\s"'<>“”]*""")
_CALL: Final = re.compile(r"\b(GET|POST|PUT|DELETE|HEAD) (?P<host>[^\s/]+)/\S*")
"""How the log names a call: method, host and path."""
_QUOTED: Final = re.compile(r"“[^”\n]*”")
_PATH: Final = re.compile(
    r"""(?x) (?<![\w.<>:/\\]) (?:file://)? (?: [A-Za-z]:[\\/] | \\\\ | /(?=[^\s/"'<>]+/) | ~/ )
    # An apostrophe inside a word belongs to a name.
    (?: [^"'<>|\n] | (?<=\w)'(?=\w) )*"""
)
_FILE: Final = re.compile(r"(?i)[^\s\"'/\\:<>]+\.(jpe?g|jfif|png|webp|tiff?|bmp|gif|heic|heif|avif|mp4|mov|webm|mkv)\b")
_OWN_CODE: Final = re.compile(r"[\\/]((?:faceswap_desktop|site-packages|lib[\\/]python[\d.]+)[\\/][^\s\"'<>|]*)")
_SHORTEST_NAME: Final = 2
_SHORTEST_SECRET: Final = 4
"""A key of the user's that is shorter would black out words."""


def redact(text: str, names: Iterable[str] = (), secrets: Iterable[str] = (), hosts: Collection[str] = ()) -> str:
    """Black out keys, addresses, paths and names.

    Args:
        text: Anything.
        names: Names that the program knows: of files, of source faces, of the person at the computer. A path counts
            as its file name and that without extension.
        secrets: Keys that the program knows; they go wherever they stand.
        hosts: Of services whose addresses everybody knows. Their calls stay, without queries; of every other address
            nothing stays, because it may name a place of the user's or be all that it takes to fetch a picture.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")

    def without_address(found: re.Match[str]) -> str:
        return found[0].partition("?")[0].partition("#")[0] if found["host"] in hosts else "<address>"

    text = _URL.sub(without_address, text)
    text = _CALL.sub(lambda found: found[0] if found["host"] in hosts else f"{found[1]} <address>", text)
    text = _SECRET.sub(r"\g<word>\g<between>***", text)
    text = _BEARER.sub(r"\1 ***", text)
    text = _QUOTED.sub("“…”", text)
    text = _PATH.sub(_without_path, text)
    folded = text.casefold()
    for name in sorted(_parts_of(names), key=len, reverse=True):
        # A log has few of the thousands of names that a library may know.
        if name.casefold() in folded:
            text = re.sub(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", "<name>", text)
    return _FILE.sub(r"<file>.\1", text)


def _parts_of(names: Iterable[str]) -> set[str]:
    parts: set[str] = set()
    for name in names:
        for path in (PurePosixPath(name), PureWindowsPath(name)):
            parts |= {name, path.name, path.stem}
    return {part for part in parts if len(part) >= _SHORTEST_NAME}


def _without_path(found: re.Match[str]) -> str:
    """Keep of a path what helps to find a bug: a file of the program itself, with what stands behind it."""
    own = _OWN_CODE.search(found[0])
    return f"<path>/{own[1]}" if own else "<path>"
