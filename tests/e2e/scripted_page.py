"""The program as it is, but for the sandbox's channel in the SDK's place: run as a module, with its arguments.

So a session is one of a real service to the program, and the sandbox that answers it is a process of its own.
"""

from __future__ import annotations

import sys
from functools import partial

from faceswap_desktop.__main__ import main
from faceswap_desktop.resources import resource_path
from faceswap_desktop.ui.live import web_leg

if __name__ == "__main__":
    channel = resource_path("live_page", "sandbox", "channel.js")
    vars(web_leg).update(WebLeg=partial(web_leg.WebLeg, sdk=channel))
    sys.exit(main())
