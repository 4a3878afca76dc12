"""Faces as numbers: detect, fit a mesh, embed, grade, swap. Arrays in, arrays out.

Pictures are uint8 arrays of shape (height, width, 3), RGB, upright. Coordinates are pixels with (0, 0)
at the outer corner of the top left pixel, so that the middle of that pixel is (0.5, 0.5).
Nothing here knows Qt, asyncio or files other than the checkpoints.
"""

import os

# Before onnxruntime is imported anywhere: it would report its use to its makers, and we promise that nothing is sent.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
