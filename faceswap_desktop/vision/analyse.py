"""Everything that is known of the faces of one picture: the one call that the workers make."""

from __future__ import annotations

from typing import Final

import numpy as np

from faceswap_desktop.domain.faces import DetectedFace, Embedding, FivePoints
from faceswap_desktop.domain.geometry import BoundingBox, Landmarks, Point
from faceswap_desktop.vision import embed as embedding
from faceswap_desktop.vision.arrays import Floats, Picture
from faceswap_desktop.vision.detect import MAX_FACES, Detection, detect
from faceswap_desktop.vision.grade import grade
from faceswap_desktop.vision.mesh import Mesh, fit_mesh, five_points_of
from faceswap_desktop.vision.parallel import each

MIN_EMBEDDED_EYES_PX: Final = 10.0
"""Pixels between the eyes under which a face gets no embedding: the network wants 35."""
MIN_SCORE_WITHOUT_MESH: Final = 0.85


def analyse(image: Picture, *, with_embeddings: bool = True, max_faces: int = MAX_FACES) -> list[DetectedFace]:
    """Find the faces of a picture, largest first, each with landmarks, pose and grade.

    Args:
        image: uint8 (height, width, 3), RGB, upright; any size from 1 by 1.
        with_embeddings: Also embed every face that is large enough to be told from others.
        max_faces: Only so many, the largest, are returned.

    Raises:
        CheckpointError: A checkpoint is missing or altered.
    """
    found = detect(image, max_faces=max_faces)
    meshes = each(lambda detection: fit_mesh(image, detection), found)
    # A profile may have no mesh, but then the detector is sure of it; shoulders and knots reach 0.78.
    faces = [
        (detection, mesh)
        for detection, mesh in zip(found, meshes, strict=True)
        if mesh is not None or detection.score >= MIN_SCORE_WITHOUT_MESH
    ]
    numbered = [(index, detection, mesh) for index, (detection, mesh) in enumerate(faces)]
    return each(lambda face: _described(image, *face, with_embeddings=with_embeddings), numbered)


def _described(
    image: Picture, index: int, detection: Detection, mesh: Mesh | None, *, with_embeddings: bool
) -> DetectedFace:
    verdict = grade(image, mesh, detection)
    # The detector's points stay nearly level in a head that leans by 15 to 45 degrees; the mesh's lean with it.
    # Embedded by the mesh's, the sample faces rolled, turned, shrunk and blurred keep a similarity of 0.75 and more
    # to themselves; by the detector's it falls to 0.14.
    five_points = detection.five_points if mesh is None else five_points_of(mesh)
    left, top, right, bottom = (float(value) for value in detection.box)
    return DetectedFace(
        index=index,
        box=BoundingBox(left, top, right, bottom),
        score=detection.score,
        five_points=to_five_points(five_points),
        landmarks=None if mesh is None else Landmarks(np.ascontiguousarray(mesh.points[:, :2]).tobytes()),
        depths=b"" if mesh is None else np.ascontiguousarray(mesh.points[:, 2]).tobytes(),
        embedding=_embedding(image, five_points) if with_embeddings else None,
        grade=verdict,
        yaw_degrees=verdict.yaw_degrees,
    )


def _embedding(image: Picture, five_points: Floats) -> Embedding | None:
    if float(np.hypot(*(five_points[1] - five_points[0]))) < MIN_EMBEDDED_EYES_PX:
        return None
    return Embedding(embedding.embed(image, five_points).tobytes(), embedding.CHECKPOINT)


def to_five_points(points: Floats) -> FivePoints:
    """Turn an array (5, 2) into the domain's five points."""
    left_eye, right_eye, nose, left_mouth, right_mouth = (Point(float(x), float(y)) for x, y in points)
    return (left_eye, right_eye, nose, left_mouth, right_mouth)


def face_mesh(face: DetectedFace) -> Mesh | None:
    """Return the mesh of a face that ``analyse`` found; None where none could be fitted."""
    if face.landmarks is None:
        return None
    places = np.frombuffer(face.landmarks.packed, np.float32).reshape(-1, 2)
    depths = np.frombuffer(face.depths, np.float32)
    return Mesh(np.column_stack([places, depths]).astype(np.float32), 1.0)


def face_detection(face: DetectedFace) -> Detection:
    """Return the detection of a face that ``analyse`` found, for example to embed it later."""
    box = np.array([face.box.left, face.box.top, face.box.right, face.box.bottom], np.float32)
    return Detection(box, face.score, np.array(face.five_points, np.float32))
