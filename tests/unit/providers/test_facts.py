import dataclasses
from urllib.parse import urlsplit

import pytest

from faceswap_desktop.providers.facts import PROVIDERS, facts_of


@pytest.mark.parametrize("name", PROVIDERS)
def test_facts_are_complete_and_make_sense(name: str) -> None:
    facts = facts_of(name)
    assert facts.id == name
    assert urlsplit(facts.key_page).scheme == "https"
    assert all("/" not in host and "." in host for host in facts.hosts)
    assert facts.max_concurrent_jobs >= 1
    for limits in (facts.source, facts.target):
        assert {"JPEG", "PNG"} & set(limits.formats) <= {"JPEG", "PNG", "WEBP"}
        assert {"JPEG", "PNG"} & set(limits.formats)
        assert 0 < limits.min_edge < limits.max_edge
        assert limits.max_bytes > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        facts.most_faces = 3  # type: ignore[misc]


def test_what_the_vendors_publish() -> None:
    akool, aigs = facts_of("akool"), facts_of("aigs")
    assert (akool.most_faces, akool.kept_days, akool.reage_years, akool.min_face_px) == (8, 7, 30, 80)
    assert akool.video is not None
    assert (akool.video.max_seconds, akool.video.codec, akool.video.format) == (60, "h264", "MP4")
    assert (aigs.source.min_edge, aigs.source.max_edge, aigs.source.max_bytes) == (50, 2048, 5_000_000)
    assert (aigs.target.max_edge, aigs.target.max_bytes) == (1280, 4_999_999)
    assert (aigs.most_faces, aigs.kept_days, aigs.video, aigs.reage_years) == (1, 7, None, 0)
    assert (facts_of("aifaceswap").video, facts_of("aifaceswap").kept_days) == (None, 0)


def test_of_others_nothing_is_known() -> None:
    with pytest.raises(KeyError):
        facts_of("../../etc/passwd")
