"""PySide's switches for other spellings, which this program does not use: left out of every import.

To know which modules mean ``from __feature__ import …``, PySide reads the source of each module that is imported after
it and searches it for its own name. With all modules of this program that took 13 MB, and a tenth of the processor time
until all pages are ready. Importing this module, before those of the program, puts a constant in the place of that
search: each module has the usual spellings, as without it.
"""

from __future__ import annotations

import sys
from typing import Final

import PySide6.QtCore  # noqa: F401  it brings the module that is changed here

_MODULE: Final = "shibokensupport.feature"
_SEARCH: Final = "_mod_uses_pyside"


def _uses_pyside(_module: object) -> bool:
    """Say of every module what PySide says of those that use it: it has its own, unchanged, set of switches."""
    return True


# It is no part of PySide's interface. A version without it starts as before, only slower.
if hasattr(sys.modules.get(_MODULE), _SEARCH):
    setattr(sys.modules[_MODULE], _SEARCH, _uses_pyside)
