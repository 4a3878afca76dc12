"""The doors through which a user's pictures leave: as a part of a form, as text in JSON. Hosting is the third."""

from __future__ import annotations

import base64
from pathlib import Path

from faceswap_desktop.domain.clearance import ClearedFile
from faceswap_desktop.domain.errors import InputRefused
from faceswap_desktop.domain.messages import message


def in_base64(file: ClearedFile) -> str:
    """Return the bytes of what passed the gate as base64; for another thread.

    Raises:
        InputRefused: The file is gone.
    """
    try:
        return base64.b64encode(Path(file.path).read_bytes()).decode("ascii")
    except OSError as error:
        raise InputRefused(
            message("The copy that was to be sent is gone."), message("Run the job again."), kind="missing"
        ) from error
