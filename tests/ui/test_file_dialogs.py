from faceswap_desktop.media.formats import MEDIA_EXTENSIONS
from faceswap_desktop.ui.dialogs.files import MEDIA_SUFFIXES, PICTURE_SUFFIXES, VIDEO_SUFFIXES


def test_what_is_offered_can_be_opened() -> None:
    assert {f".{suffix}" for suffix in MEDIA_SUFFIXES} <= MEDIA_EXTENSIONS
    assert set(MEDIA_SUFFIXES) == set(PICTURE_SUFFIXES) | set(VIDEO_SUFFIXES)
