"""Names for the arrays that the rooms' functions hand to each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""(height, width, 3), RGB, upright."""

Floats = NDArray[np.float32]
"""float32 of the shape that the function states."""
