"""How videos can be written, in words: codecs, containers, and what to expect of each quality."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication

from faceswap_desktop.domain.recipe import OutputOptions, VideoCodec, VideoContainer, VideoQuality

CODEC_NAMES: Final = {
    VideoCodec.H264: "H.264",
    VideoCodec.HEVC: "HEVC",
    VideoCodec.AV1: "AV1",
    VideoCodec.VP9: "VP9",
    VideoCodec.PRORES: "ProRes",
}


def tr(text: str) -> str:
    """Translate a text about videos."""
    return QCoreApplication.translate("VideoOutput", text)


def codec_choices() -> list[tuple[VideoCodec, str]]:
    """Return every codec with its name."""
    return list(CODEC_NAMES.items())


def container_choices() -> list[tuple[VideoContainer, str]]:
    """Return every container with its name."""
    return [
        (VideoContainer.SAME, tr("As the original")),
        (VideoContainer.MP4, "MP4"),
        (VideoContainer.MOV, "MOV"),
        (VideoContainer.MKV, "MKV"),
        (VideoContainer.WEBM, "WebM"),
    ]


def quality_choices() -> list[tuple[VideoQuality, str]]:
    """Return every quality with its name."""
    return [
        (VideoQuality.SMALL, tr("Small")),
        (VideoQuality.GOOD, tr("Good")),
        (VideoQuality.HIGH, tr("High")),
        (VideoQuality.LOSSLESS, tr("Lossless")),
    ]


def codec_words(codec: VideoCodec) -> str:
    """Say what a codec is for."""
    return {
        VideoCodec.H264: tr("Plays everywhere."),
        VideoCodec.HEVC: tr("Smaller than H.264; plays on most devices."),
        VideoCodec.AV1: tr("Smallest files; takes long, and older devices cannot play it."),
        VideoCodec.VP9: tr("For the web; takes long."),
        VideoCodec.PRORES: tr("For editing programs; very large files."),
    }[codec]


def quality_words(output: OutputOptions) -> str:
    """Say what to expect of a quality's size."""
    if output.video_codec is VideoCodec.PRORES:
        return tr("ProRes is large at every quality: some 10 to 30 MB a second in full HD.")
    return {
        VideoQuality.SMALL: tr("For sending. Fine detail is lost."),
        VideoQuality.GOOD: tr("For watching. About twice the size of Small."),
        VideoQuality.HIGH: tr("Can hardly be told from the original. About twice the size of Good."),
        VideoQuality.LOSSLESS: tr("Nothing is lost. Some thirty times the size of High."),
    }[output.video_quality]


def output_summary(output: OutputOptions) -> str:
    """Return "H.264, high"."""
    quality = dict(quality_choices())[output.video_quality]
    return f"{CODEC_NAMES[output.video_codec]}, {quality.lower()}"
