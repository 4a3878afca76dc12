import pytest

from faceswap_desktop.media.formats import video_format_of_extension, video_format_title
from faceswap_desktop.media.sniff import sniff, video_format


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "MP4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "MOV"),
        (b"\0\0\0\x08wide\0\0\0\0mdat", "MOV"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "WEBM"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "MKV"),
        (b"RIFF\0\0\0\0AVI LIST", "AVI"),
        (b"RIFF\0\0\0\0WEBPVP8X", "WEBP"),
        (b"GIF89a", "GIF"),
        (b"FLV\x01\x05", "FLV"),
        (b"\0\0\x01\xba", "MPEG"),
        (b"\0\0\x01\xb3", "MPEGVIDEO"),
        (b"0&\xb2u\x8ef\xcf\x11", "WMV"),
        (b"OggS\0", "OGG"),
        (b"\x47" + bytes(187) + b"\x47" + bytes(187) + b"\x47", "TS"),
        (bytes(4) + b"\x47" + bytes(191) + b"\x47" + bytes(191) + b"\x47", "TS"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", ""),
        (b"\xff\xd8\xff\xe0", ""),
        (b"#EXTM3U\n", ""),
        (b"", ""),
    ],
)
def test_containers_are_told_by_their_first_bytes(head: bytes, name: str) -> None:
    assert video_format(head) == name
    if name not in {"", "GIF", "WEBP"}:
        assert sniff(head) == "video"


def test_extensions() -> None:
    assert [video_format_title(name) for name in ("MOV", "TS", "ODD")] == ["QuickTime", "MPEG transport stream", "ODD"]
    mp4, mkv = video_format_of_extension(".M4V"), video_format_of_extension(".mkv")
    assert mp4 is not None
    assert mkv is not None
    assert mp4.holds("MOV")
    assert mkv.holds("WEBM")
    assert not mp4.holds("MKV")
    assert video_format_of_extension(".jpg") is None
