"""The item models of the page: rows, drops, words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from pytestqt.modeltest import ModelTester

from faceswap_desktop.domain.faces import (
    Finding,
    FindingKind,
    Grade,
    GradeLevel,
    PhotoId,
    SourceFace,
    SourceFaceId,
    SourcePhoto,
)
from faceswap_desktop.domain.messages import message
from faceswap_desktop.services.studio import PictureStatus, StudioPicture
from faceswap_desktop.ui.canvas.drag import mime_of_sources
from faceswap_desktop.ui.item_models.face_list import FaceListModel
from faceswap_desktop.ui.item_models.pictures import PictureRole, PicturesModel
from faceswap_desktop.ui.item_models.shelf import ShelfModel, ShelfRole
from tests.ui.canvas.pictures import shown_faces

MOVE = Qt.DropAction.MoveAction


def source(name: str, *findings: Finding, photos: int = 1) -> SourceFace:
    """Return a source face."""
    photo = SourcePhoto(PhotoId(name), "crop.png", f"{name}.jpg", Grade(findings))
    return SourceFace(SourceFaceId(name), name.title(), (photo,) * photos, 1, "none.png", None, 0.0)


TURNED = Finding(
    FindingKind.YAW,
    GradeLevel.FAIR,
    24.0,
    message("The face is turned {n}°.", n=24),
    message("Use a photo from the front."),
)


@pytest.fixture
def shelf() -> ShelfModel:
    """Return a shelf with twelve faces, the second turned, the third of two photos."""
    model = ShelfModel()
    names = [f"face{number:02}" for number in range(12)]
    faces = [source(name) for name in names]
    faces[1] = source("anna", TURNED)
    faces[2] = source("ben", photos=2)
    model.set_faces(faces)
    return model


def test_the_models_keep_qts_rules(shelf: ShelfModel, qtmodeltester: ModelTester) -> None:
    pictures, faces = PicturesModel(), FaceListModel()
    pictures.set_pictures([StudioPicture(f"/{n}.png", f"/{n}.png") for n in range(3)], {})
    faces.set_faces(shown_faces())
    model: QAbstractItemModel
    for model in (shelf, pictures, faces):
        qtmodeltester.check(model)


def test_the_first_ten_have_keys(shelf: ShelfModel) -> None:
    keys = [shelf.index(row).data(ShelfRole.NUMBER) for row in range(12)]
    assert keys == ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "", ""]


def test_a_grade_is_told_in_words_and_aloud(shelf: ShelfModel) -> None:
    shelf.set_uses({SourceFaceId("ben"): 3})
    anna, ben = shelf.index(1), shelf.index(2)
    assert anna.data(Qt.ItemDataRole.ToolTipRole) == "Fair: The face is turned 24°. Use a photo from the front."
    assert anna.data(Qt.ItemDataRole.AccessibleTextRole) == "Source 2, Anna, Fair"
    assert anna.data(Qt.ItemDataRole.AccessibleDescriptionRole).startswith("Fair: The face is turned")
    assert ben.data(Qt.ItemDataRole.AccessibleTextRole) == "Source 3, Ben, Good, 2 photos, paired with 3 faces"


@pytest.mark.parametrize(
    ("moved", "row", "expected"),
    [
        (["face00"], 3, ["anna", "ben", "face00", "face03"]),
        (["face03"], 0, ["face03", "face00", "anna", "ben"]),
        (["ben", "face00"], 4, ["anna", "face03", "face00", "ben"]),
        (["anna"], -1, ["face00", "ben", "face03", "anna"]),
    ],
)
def test_dragging_sets_an_order(shelf: ShelfModel, moved: list[str], row: int, expected: list[str]) -> None:
    shelf.set_faces(shelf.faces[:4])
    orders: list[list[str]] = []
    shelf.reorder_wanted.connect(orders.append)
    mime = mime_of_sources([SourceFaceId(one) for one in moved])
    shelf.dropMimeData(mime, MOVE, row, 0, QModelIndex())
    assert orders == [expected]


def test_dropping_a_face_where_it_is_changes_nothing(shelf: ShelfModel) -> None:
    orders: list[list[str]] = []
    shelf.reorder_wanted.connect(orders.append)
    shelf.dropMimeData(mime_of_sources([SourceFaceId("anna")]), MOVE, 1, 0, QModelIndex())
    shelf.dropMimeData(mime_of_sources([SourceFaceId("anna")]), MOVE, 2, 0, QModelIndex())
    assert orders == []


def test_rows_stay_when_only_contents_change(shelf: ShelfModel) -> None:
    resets: list[bool] = []
    shelf.modelReset.connect(lambda: resets.append(True))
    shelf.set_faces([replace(face, name=f"{face.name}!") for face in shelf.faces])
    shelf.set_faces([*shelf.faces, source("new")])
    assert (resets, shelf.rowCount(), shelf.index(0).data()) == ([], 13, "Face00!")


def test_a_source_face_dropped_on_a_picture_names_it_only_where_there_are_faces() -> None:
    model = PicturesModel()
    ready = StudioPicture("/a.png", "/a.png", PictureStatus.READY, faces=tuple(one.face for one in shown_faces()))
    failed = StudioPicture("/b.png", "/b.png", PictureStatus.FAILED, error=message("It is damaged."))
    model.set_pictures([ready, failed], {"/a.png": 2})
    dropped: list[tuple[str, list[str]]] = []
    model.sources_dropped.connect(lambda key, sources: dropped.append((key, sources)))
    mime = mime_of_sources([SourceFaceId("anna")])
    assert model.canDropMimeData(mime, MOVE, -1, -1, model.index(0))
    assert not model.canDropMimeData(mime, MOVE, -1, -1, model.index(1))
    assert not model.canDropMimeData(mime, MOVE, -1, -1, QModelIndex())
    model.dropMimeData(mime, MOVE, -1, -1, model.index(0))
    assert dropped == [("/a.png", ["anna"])]
    assert model.index(0).data(PictureRole.DETAILS) == "4 faces, 2 paired"
    assert model.index(1).data(Qt.ItemDataRole.AccessibleTextRole) == "b.png, It is damaged."


def test_the_list_says_of_a_face_what_is_wrong_with_it() -> None:
    model = FaceListModel()
    model.set_faces(shown_faces(("Anna", None, None, None)))
    model.set_problems({0: "The face is cut by the edge."})
    spoken = [model.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert spoken == [
        "Face 1 of 4, at the left edge, becomes Anna. The face is cut by the edge.",
        "Face 2 of 4, in the centre, stays as it is",
    ]
    assert [model.index(row).data() for row in range(2)] == ["Face 1 becomes Anna", "Face 2 stays as it is"]
