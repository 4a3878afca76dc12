"""Cut the fonts of the visible label for Chinese, Japanese and Korean out of Noto Sans CJK.

The whole font weighs 19 MB; the label needs some dozens of its glyphs. Run this again when words in
``resources/labels/texts.toml`` change; a test says when glyphs are missing. It needs fonttools, which the program does
not, and NotoSansCJK-Bold.ttc (Debian: fonts-noto-cjk):

    python packaging/label_glyphs.py /usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FACES: Final = {"ja": (0, "jp"), "ko": (1, "kr"), "zh": (2, "sc"), "zh-Hant": (3, "tc")}
"""Place in the collection, and the last letters of the file's name, of each language's forms."""


def main(collection: str) -> None:
    """Write the four fonts."""
    texts = tomllib.loads((ROOT / "resources" / "labels" / "texts.toml").read_text("utf-8"))
    for language, (face, forms) in FACES.items():
        glyphs = "".join(sorted({letter for words in texts[language].values() for letter in f"{words}: "}))
        target = ROOT / "resources" / "fonts" / f"NotoSansCJK{forms}-label.otf"
        options = [
            "--layout-features=",
            "--no-hinting",
            "--desubroutinize",
            "--name-IDs=0,1,2,6,13,14",
            "--notdef-outline",
        ]
        command = ["pyftsubset", collection, f"--font-number={face}", f"--text={glyphs}", f"--output-file={target}"]
        subprocess.run([*command, *options], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
