"""Nothing reaches a provider, a host, a preview or a session around the gate: every way is tried."""

from __future__ import annotations

import ast
import dataclasses
import typing
from pathlib import Path
from typing import Any

import pytest

from faceswap_desktop.domain import clearance
from faceswap_desktop.domain.cloud import Hosting, RemoteAccount
from faceswap_desktop.domain.live import LiveControls, LiveSource
from faceswap_desktop.domain.work import WorkContext
from faceswap_desktop.jobs.context import JobContext
from faceswap_desktop.jobs.runner import JobRunner
from faceswap_desktop.providers.aifaceswap.api import Picture
from faceswap_desktop.providers.aigs.api import Pictures
from faceswap_desktop.providers.akool.api import AkoolCalls
from faceswap_desktop.providers.protocol import LiveService
from faceswap_desktop.transport.calls import FilePart
from faceswap_desktop.transport.files import in_base64
from faceswap_desktop.workers.render_requests import RenderChunks, RenderFilmstrip, RenderFrames
from faceswap_desktop.workers.requests import RenderPreview, SwapToFile
from tests.architecture.source import called_name, modules_in
from tests.clearing import cleared, cleared_media, cleared_source
from tests.unit.jobs.support import make_recipe

PACKAGE = Path(clearance.__file__).parents[1]
DIGESTS = {"digest_of_recipe", "digest_of_media", "digest_of_source"}
VALUES = {"ClearedMedia", "ClearedRecipe", "ClearedSource", "ClearedFile", "Seal"}
MAKERS = {"domain/clearance.py", "services/clearance.py"}
SENDING = ("providers/", "sandbox/")
READS = {"read_bytes", "b64encode", "open"}
READERS = {
    # Its own key file, cached answers, results that came, and what the sandbox is sent: nothing of the user's goes out.
    "sandbox/",
    "providers/facts.py",
    "providers/on_device/",
    # Digests of copies that lie there from before.
    "providers/fitting/copies.py",
}


def hints(of: Any) -> dict[str, Any]:
    return typing.get_type_hints(of)


def test_only_the_gate_lets_anything_pass() -> None:
    made = [
        f"{module.name}:{call.lineno} {called_name(call)[1]}"
        for module in modules_in(PACKAGE)
        if module.name not in MAKERS
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and called_name(call)[1] in VALUES
    ]
    assert not made, made


def test_nobody_takes_the_seal_off_or_makes_values_by_other_means() -> None:
    tricks = [
        f"{module.name}:{node.lineno}"
        for module in modules_in(PACKAGE)
        if module.name not in MAKERS
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Attribute) and node.attr in {"seal", "__new__", "__setattr__"} and _is_a_value(node))
        or (
            isinstance(node, ast.Name)
            and node.id in {"Seal", "digest_of_recipe", "digest_of_media", "digest_of_source"}
        )
    ]
    assert not tricks, tricks


def _is_a_value(node: ast.Attribute) -> bool:
    if node.attr == "seal":
        return True
    return isinstance(node.value, ast.Name) and (node.value.id in VALUES or node.value.id == "object")


RECIPE = make_recipe()
OTHER_MEDIA = dataclasses.replace(
    RECIPE.media, fingerprint=dataclasses.replace(RECIPE.media.fingerprint, quick_digest="1" * 64)
)
SOURCE = RECIPE.pairings[0].source


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (cleared(RECIPE), {"recipe": make_recipe(name="other.png")}),
        (cleared_media(RECIPE.media), {"media": OTHER_MEDIA}),
        (cleared_source(SOURCE), {"source": dataclasses.replace(SOURCE, photos=())}),
    ],
    ids=["recipe", "media", "source"],
)
def test_a_seal_holds_on_nothing_else(value: Any, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="another"):
        dataclasses.replace(value, **change)


@pytest.mark.parametrize(
    ("request_type", "field", "kind"),
    [
        (SwapToFile, "cleared", clearance.ClearedRecipe),
        (RenderChunks, "cleared", clearance.ClearedRecipe),
        (RenderPreview, "cleared", clearance.ClearedMedia),
        (RenderFrames, "cleared", clearance.ClearedMedia),
        (RenderFilmstrip, "cleared", clearance.ClearedMedia),
        (LiveSource, "cleared", clearance.ClearedSource),
        (LiveControls, "sources", tuple[LiveSource, ...]),
        (FilePart, "file", clearance.ClearedFile),
        (Picture, "file", clearance.ClearedFile | None),
        (Pictures, "source", clearance.ClearedFile | str),
        (Pictures, "target", clearance.ClearedFile | str),
    ],
)
def test_what_renders_and_sends_wants_what_has_passed(request_type: Any, field: str, kind: Any) -> None:
    assert hints(request_type)[field] == kind


@pytest.mark.parametrize(
    ("function", "argument", "kind"),
    [
        (Hosting.host, "file", clearance.ClearedFile),
        (RemoteAccount.detect, "cleared", clearance.ClearedMedia),
        (AkoolCalls.live_create, "cleared", clearance.ClearedSource),
        (AkoolCalls.live_update, "cleared", clearance.ClearedSource),
        (LiveService.make_ready, "cleared", clearance.ClearedSource),
        (LiveService.open, "cleared", clearance.ClearedSource),
        (LiveService.change, "cleared", clearance.ClearedSource),
        (in_base64, "file", clearance.ClearedFile),
        (JobContext.let_through, "cleared", clearance.ClearedRecipe),
    ],
)
def test_doors_are_open_to_what_has_passed_only(function: Any, argument: str, kind: Any) -> None:
    assert hints(function)[argument] == kind


def test_a_job_gets_its_provider_only_with_a_pass() -> None:
    assert hints(vars(WorkContext)["cleared"].fget)["return"] == clearance.ClearedRecipe
    assert "clear" in hints(JobRunner.__init__)


def test_providers_read_no_files_of_their_own_accord() -> None:
    """What goes out goes through ``FilePart``, ``in_base64`` or ``Hosting.host``, which want cleared files."""
    found = [
        f"{module.name}:{call.lineno} {called_name(call)[1]}"
        for module in modules_in(PACKAGE)
        if module.name.startswith(SENDING) and not module.name.startswith(tuple(READERS))
        for call in ast.walk(module.tree)
        if isinstance(call, ast.Call) and called_name(call)[1] in READS
    ]
    assert not found, found


@pytest.mark.parametrize(
    "name", ["swap_to_file", "render_chunks", "render_preview", "render_frames", "render_filmstrip"]
)
def test_nobody_but_those_who_asked_the_gate_has_faces_rendered(name: str) -> None:
    """The tasks' names stand where a ``Cleared`` value is at hand, and nowhere else."""
    users = {
        module.name
        for module in modules_in(PACKAGE)
        if not module.name.startswith("workers/") and f'"{name}"' in module.text
    }
    assert users <= {
        "providers/on_device/provider.py",
        "providers/on_device/video.py",
        "services/swapping.py",
        "services/videos.py",
        "services/reaging.py",
    }


def test_only_hosting_puts_files_into_buckets() -> None:
    users = {
        module.name for module in modules_in(PACKAGE) if "bucket.put(" in module.text or "put_file(" in module.text
    }
    assert users <= {"services/hosting.py", "transport/uploads.py", "transport/client.py", "transport/s3.py"}, users
