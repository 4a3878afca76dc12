"""The canvas with 50 faces on 12 megapixels: how long a frame takes. Run: ``python tests/benchmarks/canvas.py``.

Budget: a frame within 16 ms (median and 95th of 100), so that zooming and panning look smooth.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Final, NamedTuple

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
ROOT: Final = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QPointF  # noqa: E402
from PySide6.QtGui import QColor, QImage, QPixmap  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402

from faceswap_desktop.domain.faces import DetectedFace  # noqa: E402
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point, Size  # noqa: E402
from faceswap_desktop.domain.media import MediaId  # noqa: E402
from faceswap_desktop.resources import resource_path  # noqa: E402
from faceswap_desktop.ui.canvas.canvas import Canvas  # noqa: E402
from faceswap_desktop.ui.canvas.face_item import Mark  # noqa: E402
from faceswap_desktop.ui.canvas.faces import Badge, CanvasFace  # noqa: E402
from faceswap_desktop.ui.canvas.picture_item import make_levels, make_patch  # noqa: E402
from faceswap_desktop.ui.theme.manager import ThemeManager  # noqa: E402
from tests.benchmarks.table import Row  # noqa: E402

BUDGET_MS: Final = 16.0
SIZE: Final = Size(4000, 3000)
FACES: Final = 50
_FRAMES: Final = 100


class Measured(NamedTuple):
    """One line of the table, in milliseconds."""

    what: str
    median_ms: float
    p95_ms: float
    budget_ms: float | None = BUDGET_MS


def faces() -> list[CanvasFace]:
    """Return 50 faces in rows, every other one paired, each with 478 landmarks."""
    picture = QPixmap(192, 192)
    picture.fill(QColor(120, 90, 80))
    badge = Badge("Somebody with a name", picture)
    found = []
    for index in range(FACES):
        left, top = 80 + index % 10 * 390, 80 + index // 10 * 580
        box = BoundingBox(left, top, left + 260, top + 340)
        points = [(left + 10 + number % 22 * 11, top + 10 + number // 22 * 15) for number in range(478)]
        middle = box.center
        five = (middle, Point(middle.x + 9, middle.y), middle, middle, middle)
        face = DetectedFace(index, box, 0.9, five, Landmarks.from_points(points))
        found.append(CanvasFace(face, FACES, SIZE, badge if index % 2 else None))
    return found


def frames(what: str, canvas: Canvas, change: Callable[[int], None], budget_ms: float | None = BUDGET_MS) -> Measured:
    """Change something and paint, many times."""
    taken = []
    for number in range(_FRAMES + 5):
        started = time.perf_counter()
        change(number)
        canvas.viewport().repaint()
        taken.append((time.perf_counter() - started) * 1000)
    taken = taken[5:]
    return Measured(what, median(taken), quantiles(taken, n=20)[-1], budget_ms)


def once(what: str, work: Callable[[], object], budget_ms: float | None) -> Measured:
    """Do something once."""
    started = time.perf_counter()
    work()
    taken = (time.perf_counter() - started) * 1000
    return Measured(what, taken, taken, budget_ms)


def sample() -> bytes:
    """Return one of the sample pictures as 12 megapixels of RGB."""
    image = QImage(str(resource_path("samples", "grace_hopper.jpg"))).scaled(SIZE.width, SIZE.height)
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    return bytes(image.constBits())


def measure() -> list[Measured]:
    """Measure everything; the first lines are done once per picture."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    theme = ThemeManager(app)
    theme.apply("dark")
    canvas = Canvas()
    canvas.resize(1280, 800)
    canvas.show()
    pixels = sample()
    lines: list[Measured] = []
    made = []
    lines.append(
        once(
            "pixels made ready (in a thread)",
            lambda: made.append(make_levels(pixels, SIZE, SIZE.width * 3, SIZE)),
            None,
        )
    )
    shown = faces()
    lines.append(once("picture put on the canvas", lambda: canvas.show_picture(MediaId("m"), made[0]), 50.0))
    lines.append(once("50 faces put on the canvas", lambda: canvas.show_faces(shown, MediaId("m")), 50.0))
    app.processEvents()
    lines.append(frames("whole picture painted, fitted", canvas, lambda _: canvas.viewport().update()))
    steps = [0.25 * 1.06**number for number in range(50)]
    walk = [*steps, *reversed(steps)]
    lines.append(
        frames("zoom to the pointer, 25 % to 460 %", canvas, lambda n: canvas.zoom_to(walk[n % 100], QPointF(500, 300)))
    )
    for zoom in (0.6, 1.0):
        canvas.zoom_to(zoom)
        lines.append(frames(f"pan at {zoom:.0%}", canvas, lambda n: canvas.scroll_by(0, 1 if n % 2 else -1)))
    canvas.fit()
    lines.append(
        frames("pointer from face to face", canvas, lambda n: canvas.canvas.mark_only(Mark.HOVERED, n % FACES))
    )
    patches = [
        make_patch(int(one.face.box.left), int(one.face.box.top), 260, 340, bytes(260 * 340 * 3)) for one in shown
    ]
    lines.append(frames("preview of 50 faces laid over", canvas, lambda n: canvas.canvas.set_patches(patches[n % 2 :])))
    theme.close()
    canvas.close()
    return lines


def rows() -> list[Row]:
    """Measure the canvas: the slower five of a hundred frames count."""
    return [
        Row(f"canvas: {line.what}", line.p95_ms, line.budget_ms, "ms", f"p95; median {line.median_ms:.1f} ms")
        for line in measure()
    ]
