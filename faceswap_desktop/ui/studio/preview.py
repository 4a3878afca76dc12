"""The preview: as soon as a pairing stands, the swapped regions are laid over the picture.

One is rendered at a time. While a slider moves, what arrives is shown although newer options wait, so
that the eye can follow; the newest always comes last.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from faceswap_desktop.domain.errors import Cancelled, FaceSwapError
from faceswap_desktop.domain.faces import DetectedFace, SourceFaceId
from faceswap_desktop.domain.media import Media
from faceswap_desktop.domain.messages import Message
from faceswap_desktop.domain.recipe import NO_LABEL, LabelOptions, SwapOptions
from faceswap_desktop.services.swapping import Preview, Swapping
from faceswap_desktop.ui.bridge import Tasks
from faceswap_desktop.ui.canvas.picture_item import Patch, make_patch

_WAIT_MS: Final = 40
_KEPT_BYTES: Final = 96 * 1024 * 1024


@dataclass(frozen=True)
class PreviewWish:
    """What the preview is to show.

    Attributes:
        media, faces: The picture.
        pairings: Source face and its revision by face index.
        options: How they are put in.
        ages: Years older or younger by face index.
        label: The visible label.
    """

    media: Media
    faces: tuple[DetectedFace, ...]
    pairings: tuple[tuple[int, SourceFaceId, int], ...]
    options: SwapOptions
    ages: tuple[tuple[int, int], ...] = ()
    label: LabelOptions = NO_LABEL

    @property
    def key(self) -> tuple[object, ...]:
        """Names the picture of it: equal keys look the same."""
        return (self.media.id, self.media.fingerprint, self.pairings, self.options, self.ages, self.label)

    @property
    def changes(self) -> dict[int, tuple[object, ...]]:
        """What becomes of each face, by index; only those that are changed."""
        years = dict(self.ages)
        found: dict[int, tuple[object, ...]] = {index: (None, 0, age) for index, age in self.ages}
        found |= {index: (one, at, years.get(index, 0)) for index, one, at in self.pairings}
        return found

    @property
    def sources(self) -> dict[int, SourceFaceId]:
        """Source face by face index."""
        return {index: source for index, source, _ in self.pairings}


@dataclass(frozen=True)
class ShownPreview:
    """Patches, what they show, and the faces that could not be swapped with the reason."""

    wish: PreviewWish
    patches: tuple[Patch, ...]
    skipped: tuple[tuple[int, Message], ...]


class PreviewMaker(QObject):
    """Renders wishes, newest last.

    Attributes:
        changed: What is to be shown is another: ``shown``, or nothing.
        busy_changed: Whether something is being rendered.
        failed: The preview could not be made (``FaceSwapError``).
    """

    changed = Signal()
    busy_changed = Signal(bool)
    failed = Signal(object)

    def __init__(self, swapping: Swapping, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._swapping = swapping
        self._tasks = tasks
        self._wish: PreviewWish | None = None
        self._shown: ShownPreview | None = None
        self._failed_key: tuple[object, ...] | None = None
        self._kept: OrderedDict[tuple[object, ...], ShownPreview] = OrderedDict()
        self._is_busy = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._go)

    @property
    def shown(self) -> ShownPreview | None:
        """What is shown at the moment."""
        return self._shown

    @property
    def is_busy(self) -> bool:
        """Whether something is being rendered."""
        return self._is_busy

    def ask(self, wish: PreviewWish | None) -> None:
        """Ask for a preview; None for none."""
        if wish is not None and not wish.changes:
            wish = None
        if wish == self._wish:
            return
        self._wish = wish
        self._failed_key = None
        if wish is None:
            self._timer.stop()
            self._show(None)
            self._set_busy(False)
        elif (known := self._kept.get(wish.key)) is not None:
            self._timer.stop()
            self._kept.move_to_end(wish.key)
            self._show(known)
            self._set_busy(False)
        else:
            self._show(self._still_right(wish))
            self._set_busy(True)
            # Waiting starts once: a slider that never rests still gets its pictures.
            if not self._timer.isActive():
                self._timer.start()

    def stop(self) -> None:
        """Start none any more."""
        self._timer.stop()

    def _go(self) -> None:
        self._tasks.start(self._render(), key="preview")

    async def _render(self) -> None:
        try:
            while (wish := self._wish) is not None and wish.key not in self._kept and wish.key != self._failed_key:
                try:
                    preview = await self._swapping.preview(
                        wish.media, wish.faces, wish.sources, wish.options, ages=dict(wish.ages), label=wish.label
                    )
                except Cancelled:
                    return
                except FaceSwapError as error:
                    self._failed_key = wish.key
                    if self._wish == wish:
                        self.failed.emit(error)
                    continue
                made = await asyncio.to_thread(_make_shown, wish, preview)
                self._keep(made)
                self._offer(made)
        finally:
            self._set_busy(False)

    def _offer(self, made: ShownPreview) -> None:
        wish = self._wish
        if wish is None:
            return
        is_same_picture = made.wish.media.id == wish.media.id
        # Those who change are the same: what is shown follows the slider, one picture behind.
        is_same = made.wish.pairings == wish.pairings and made.wish.changes.keys() == wish.changes.keys()
        if made.wish.key == wish.key or (is_same_picture and is_same):
            self._show(made)

    def _still_right(self, wish: PreviewWish) -> ShownPreview | None:
        """Keep the patches of faces whose pairing did not change, so that the others alone go."""
        shown = self._shown
        if shown is None or shown.wish.media.id != wish.media.id:
            return None
        centres = {face.index: face.box.center for face in wish.faces}
        before, after = _who(shown.wish), _who(wish)
        kept = tuple(
            patch
            for patch in shown.patches
            if all(
                before.get(index) == after.get(index)
                for index, centre in centres.items()
                if patch.rect.contains(centre.x, centre.y)
            )
        )
        return ShownPreview(shown.wish, kept, ())

    def _show(self, shown: ShownPreview | None) -> None:
        if shown is not self._shown:
            self._shown = shown
            self.changed.emit()

    def _keep(self, made: ShownPreview) -> None:
        self._kept[made.wish.key] = made
        while len(self._kept) > 1 and _bytes_of(self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)

    def _set_busy(self, is_busy: bool) -> None:
        if is_busy != self._is_busy:
            self._is_busy = is_busy
            self.busy_changed.emit(is_busy)


def _who(wish: PreviewWish) -> Mapping[int, tuple[object, ...]]:
    """Return who each changed face becomes; of ages only that they change, so that a slider moves without a flicker."""
    return {index: (one, at, years != 0) for index, (one, at, years) in wish.changes.items()}


def _make_shown(wish: PreviewWish, preview: Preview) -> ShownPreview:
    patches = tuple(make_patch(one.left, one.top, one.width, one.height, one.rgb) for one in preview.patches)
    return ShownPreview(wish, patches, preview.skipped)


def _bytes_of(previews: Iterable[ShownPreview]) -> int:
    return sum(patch.bytes_used for one in previews for patch in one.patches)
