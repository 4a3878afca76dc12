"""Figures and milliseconds of a swap on the sample pictures. Run: ``python tests/benchmarks/swap_figures.py [FOLDER]``.

With a folder, the results are written there as PNG, to be looked at: no figure tells what an eye does.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from pathlib import Path
from statistics import median
from typing import Final

import cv2
import numpy as np
from PIL import Image

ROOT: Final = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from faceswap_desktop.domain.recipe import SwapOptions  # noqa: E402
from faceswap_desktop.vision.figures import measure  # noqa: E402
from faceswap_desktop.vision.mesh import Mesh  # noqa: E402
from faceswap_desktop.vision.swap import prepare, render, swap_faces  # noqa: E402
from tests.unit.vision.sample_faces import COLLINS, HOPPER, sample_face  # noqa: E402

FACE_WIDTHS: Final = (100, 200, 400, 800, 1600)
BUDGET_MS: Final = {400: 30.0}
_ROUNDS: Final = 9


def _figures(folder: Path | None) -> None:
    print(f"{'source → target':38} by mesh  by detector  left over  landmarks  colour  seam")
    print(f"{'to be reached':38}  ≥ 0.70       ≥ 0.70               ≤ 0.030    ≤ 7.0  ≤ 1.25")
    for source_name, target_name in ((COLLINS, HOPPER), (HOPPER, COLLINS)):
        source, target = sample_face(source_name), sample_face(target_name)
        result = swap_faces(target.picture, [(target.mesh, source.atlas)], SwapOptions())
        found = measure(result, target.picture, target.mesh, source.picture, source.mesh)
        title = f"{source_name} → {target_name}"
        print(
            f"{title:38} {found.identity_by_mesh:7.3f} {found.identity_by_detector:12.3f} {found.left_over:10.3f}"
            f" {found.landmarks:10.4f} {found.colour:7.2f} {found.seam:5.2f}"
        )
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(result).save(folder / f"{Path(source_name).stem}_on_{Path(target_name).stem}.png")


def _times() -> None:
    source, target = sample_face(COLLINS), sample_face(HOPPER)
    width = float(np.linalg.norm(target.mesh.points[454, :2] - target.mesh.points[234, :2]))
    print(
        "\nface px  prepare ms  render ms  together ms  budget ms   (median of "
        f"{_ROUNDS}, {cv2.getNumThreads()} threads)"
    )
    for wanted in FACE_WIDTHS:
        scale = wanted / width
        way = cv2.INTER_AREA if scale < 1.0 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(target.picture, None, fx=scale, fy=scale, interpolation=way), dtype=np.uint8)
        mesh = Mesh(points=(target.mesh.points * scale).astype(np.float32), flag=1.0)
        preparing, rendering = [], []
        for _ in range(_ROUNDS):
            start = time.perf_counter()
            prepared = prepare(picture, mesh, source.atlas)
            middle = time.perf_counter()
            assert prepared is not None
            render(prepared, SwapOptions())
            rendering.append(time.perf_counter() - middle)
            preparing.append(middle - start)
        first, second = median(preparing) * 1e3, median(rendering) * 1e3
        budget = BUDGET_MS.get(wanted)
        print(f"{wanted:7} {first:11.1f} {second:10.1f} {first + second:12.1f} {budget or '–':>10}")


def main() -> None:
    """Print both tables."""
    cv2.setNumThreads(min(2, os.cpu_count() or 1))
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, OpenCV {cv2.__version__}\n"
    )
    _figures(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    _times()


if __name__ == "__main__":
    main()
