"""The program as it is, but for scripted scores in the classifier's place: run as a module, with its arguments."""

from __future__ import annotations

import sys
from functools import partial

from faceswap_desktop import compose
from faceswap_desktop.__main__ import main
from faceswap_desktop.workers.pool import WorkerPool

if __name__ == "__main__":
    vars(compose).update(WorkerPool=partial(WorkerPool, task_modules=("tests.scripted_looks",)))
    sys.exit(main())
