"""Results of every format, made by the real program: their credentials are found, valid, and tell the right story."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest_asyncio

from faceswap_desktop.compose import Program, build
from faceswap_desktop.domain.gallery import GalleryQuery
from faceswap_desktop.domain.job import JobResult, JobState
from faceswap_desktop.domain.provenance import Credentials, SignerKind, SourceType, Validity
from faceswap_desktop.domain.recipe import (
    FaceAge,
    FacePairing,
    OutputFormat,
    OutputOptions,
    Recipe,
    SwapOptions,
    VideoCodec,
    VideoContainer,
)
from faceswap_desktop.storage.paths import Home
from faceswap_desktop.workers.mark_requests import FileMarks, ReadMarks
from faceswap_desktop.workers.sign_requests import ReadCredentials
from tests.clips import make_clip, one_person
from tests.e2e.program import COLLINS, HOPPER
from tests.e2e.video_jobs import target_of

PICTURES: Final = {
    OutputFormat.JPEG: ".jpg",
    OutputFormat.PNG: ".png",
    OutputFormat.WEBP: ".webp",
    OutputFormat.TIFF: ".tif",
    OutputFormat.AVIF: ".avif",
}
VIDEOS: Final = {
    VideoContainer.MP4: VideoCodec.H264,
    VideoContainer.MOV: VideoCodec.H264,
    VideoContainer.MKV: VideoCodec.H264,
    VideoContainer.WEBM: VideoCodec.VP9,
}


@pytest_asyncio.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    built = await build(Home(tmp_path / "home"))
    await built.start()
    yield built
    await built.close()


async def results_of(program: Program, recipes: list[Recipe]) -> list[JobResult]:
    """Carry recipes out; the results in the same order."""
    jobs = await program.queue.wait([job.id for job in await program.queue.add(recipes)])
    assert [job.state for job in jobs] == [JobState.SUCCEEDED] * len(recipes), [str(job.failure) for job in jobs]
    found = await program.gallery.results(await program.gallery.find(GalleryQuery()))
    by_job = {one.job: one for one in found}
    return [by_job[job.id] for job in jobs]


async def check(program: Program, path: str | Path, result: JobResult) -> Credentials:
    """Read a file's credentials, which have to be ours and valid, and its metadata."""
    roots = await program.signing.identities.own_roots()
    told: Credentials = await program.pool.run("read_credentials", ReadCredentials(str(path), own_roots_pem=roots))
    assert (told.validity, told.is_ours) == (Validity.VALID, True), (path, told.problems)
    assert result.mark is not None
    assert result.mark.signer is SignerKind.INSTALLATION
    assert result.mark.has_label
    assert result.mark.marks
    marks: FileMarks = await program.pool.run("read_marks", ReadMarks(str(path)))
    assert marks.source_type == SourceType.CAPTURES_COMPOSITE.uri
    assert marks.tool.startswith("Faceswap Desktop")
    return told


def story(told: Credentials) -> list[tuple[str, str]]:
    assert told.claim is not None
    assert [one.relationship for one in told.claim.ingredients] == ["parentOf"]
    return [(one.name, one.source_type) for one in told.claim.actions]


async def test_pictures(program: Program, tmp_path: Path) -> None:
    media, faces = await program.detection.detect(COLLINS)
    [hopper] = (await program.library.add_photos([HOPPER])).added
    await program.consents.state_on_command_line("public domain", [hopper])
    recipe = await program.swapping.make_recipe(media, faces, {0: hopper.id}, SwapOptions(), ages={0: 10})
    wanted = {kind: tmp_path / f"out{suffix}" for kind, suffix in PICTURES.items()}
    outputs = [OutputOptions(format=kind, requested_path=str(path)) for kind, path in wanted.items()]
    results = await results_of(program, [replace(recipe, output=one) for one in outputs])
    for result, output in zip(results, outputs, strict=True):
        path = Path(output.requested_path)
        assert path.read_bytes() == Path(result.path).read_bytes()
        assert result.digest == hashlib.sha256(path.read_bytes()).hexdigest()
        assert result.mark is not None
        assert result.mark.sidecar == ""
        assert story(await check(program, path, result)) == [
            ("c2pa.opened", ""),
            ("c2pa.edited", "compositeCapture"),
            ("c2pa.edited", "algorithmicallyEnhanced"),
            ("c2pa.addedText", ""),
        ]


async def test_videos(program: Program, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", [one_person(0.5, "hopper")], size=(320, 180), rate=10).path
    [collins] = (await program.library.add_photos([COLLINS])).added
    await program.consents.state_on_command_line("public domain", [collins])
    media = (await program.videos.index(await program.videos.probe(clip))).media
    analysis = await program.videos.analyse(media, lambda _: None)
    target = target_of(analysis.identities[0])
    pairing = FacePairing(target, program.library.source_ref(collins))
    label = program.settings.current.label
    recipe = Recipe("on-device", media, (pairing,), ages=(FaceAge(target, 10),), label=replace(label, language="en"))
    wanted = {container: tmp_path / f"{container.value}.{container.value}" for container in VIDEOS}
    outputs = [
        OutputOptions(video_container=container, video_codec=codec, requested_path=str(wanted[container]))
        for container, codec in VIDEOS.items()
    ]
    results = await results_of(program, [replace(recipe, output=one) for one in outputs])
    for result, output in zip(results, outputs, strict=True):
        assert result.mark is not None
        is_beside = output.video_container in {VideoContainer.MKV, VideoContainer.WEBM}
        assert bool(result.mark.sidecar) == is_beside
        assert Path(output.requested_path).with_suffix(".c2pa").exists() == is_beside
        for path in (Path(result.path), Path(output.requested_path)):
            told = await check(program, path, result)
            assert bool(told.sidecar) == is_beside
            assert ("c2pa.edited", "compositeCapture") in story(told)
