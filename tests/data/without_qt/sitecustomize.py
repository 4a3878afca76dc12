"""Loaded by every Python that a test starts under --without-qt; see tests/without_qt.py."""

import importlib.util
from pathlib import Path

_path = Path(__file__).parents[2] / "without_qt.py"
_spec = importlib.util.spec_from_file_location("_faceswap_without_qt", _path)
if _spec is not None and _spec.loader is not None:
    _module = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(_module)
    import sys

    sys.meta_path.insert(0, _module.QtHider())
