"""Tasks that find and follow the faces of videos."""

from __future__ import annotations

from faceswap_desktop.workers.track_files import read_slice

__all__ = ["read_slice"]
