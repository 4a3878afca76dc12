"""The guide's tables are the code's."""

from __future__ import annotations

from pathlib import Path

import pytest

from faceswap_desktop.domain.errors import UsageError
from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoContainer, VideoQuality
from faceswap_desktop.media.video.containers import CODEC_NAMES, FOLLOWING, FORMATS, candidates
from faceswap_desktop.media.video.encode import CRF

GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "videos.md"


def table(name: str) -> list[list[str]]:
    """Return the cells of one of the guide's tables, without its head's ruler."""
    text = GUIDE.read_text(encoding="utf-8")
    start = text.index(f"<!-- table: {name} -->")
    rows = text[start : text.index("<!-- end -->", start)].splitlines()[1:]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if not row.startswith("|---")]


def test_table_of_containers_is_what_the_code_does() -> None:
    codecs = [VideoCodec.H264, VideoCodec.HEVC, VideoCodec.AV1, VideoCodec.VP9, VideoCodec.PRORES]
    rows = [["original", *(CODEC_NAMES[codec] for codec in codecs)]]
    for original in FOLLOWING:
        firsts = [candidates(OutputOptions(video_codec=codec), original)[0].name for codec in codecs]
        rows.append([original, *firsts])
    assert table("containers") == rows


def test_table_of_what_is_carried_is_what_the_code_does() -> None:
    head, *rows = table("carried")
    assert head[1:] == list(FORMATS)
    cells = {row[0]: dict(zip(FORMATS, row[1:], strict=True)) for row in rows}
    for name, target in FORMATS.items():
        assert cells["fonts and other attached files"][name] == ("kept" if target.has_fonts else "dropped")
        assert (cells["times of frames"][name] == "exact") == target.is_exact
        text = {"mov_text": "as MP4 text", "webvtt": "as WebVTT", "subrip": "as they are; MP4 text as SubRip"}
        assert cells["text subtitles"][name] == text[target.text]


def test_table_of_qualities_is_what_the_code_does() -> None:
    rows = {line.split("|")[1].strip(): line.split("|")[2:] for line in GUIDE.read_text().splitlines() if "CRF" in line}
    codecs = (VideoCodec.H264, VideoCodec.HEVC, VideoCodec.AV1, VideoCodec.VP9)
    for quality in (VideoQuality.SMALL, VideoQuality.GOOD, VideoQuality.HIGH):
        for codec, cell in zip(codecs, rows[quality.value], strict=False):
            assert cell.strip() == f"CRF {CRF[codec][quality]}", (codec, quality)


@pytest.mark.parametrize("original", [*FOLLOWING, "SOMETHING"])
@pytest.mark.parametrize("codec", list(VideoCodec))
def test_every_original_has_a_container_for_every_codec(original: str, codec: VideoCodec) -> None:
    possible = candidates(OutputOptions(video_codec=codec), original)
    assert possible
    assert all(codec in target.codecs for target in possible)


def test_extension_of_the_requested_path_counts_more_than_the_container() -> None:
    options = OutputOptions(video_container=VideoContainer.MP4, requested_path="/a/b.MKV")
    assert [target.name for target in candidates(options, "MP4")] == ["MKV"]
    unknown = OutputOptions(video_container=VideoContainer.MOV, requested_path="/a/b.xyz")
    assert [target.name for target in candidates(unknown, "MP4")] == ["MOV"]
    with pytest.raises(UsageError, match="WEBM cannot hold HEVC"):
        candidates(OutputOptions(video_codec=VideoCodec.HEVC, requested_path="result.webm"), "MP4")
