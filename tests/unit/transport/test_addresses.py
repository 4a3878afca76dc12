"""Which addresses may be reached."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceswap_desktop.domain.errors import ProviderRejected, ProviderUnavailable
from faceswap_desktop.transport.addresses import (
    check_form,
    check_public,
    is_local_name,
    is_public,
    is_this_computer,
    literal_address,
    shown_url,
)
from tests.unit.transport.servers import PUBLIC, Internet

REFUSED = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "0.1.2.3", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "fe80::1", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1", "2002:7f00:1::1",
    "2001:0:1::1", "100::1", "3fff::1", "5f00::1",
]  # fmt: skip
ALLOWED = [PUBLIC, "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.32.0.1", "2606:4700::1111", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("number", REFUSED)
def test_numbers_of_this_computer_and_private_networks_are_not_public(number: str) -> None:
    assert not is_public(ipaddress.ip_address(number))
    assert is_local_name(number)


@pytest.mark.parametrize("number", ALLOWED)
def test_numbers_of_the_internet_are_public(number: str) -> None:
    assert is_public(ipaddress.ip_address(number))
    assert not is_local_name(number)


@given(st.ip_addresses(v=4))
def test_a_mapped_number_is_what_it_maps(number: ipaddress.IPv4Address) -> None:
    mapped = ipaddress.IPv6Address(f"::ffff:{number}")
    assert is_public(mapped) == is_public(number)
    assert is_public(ipaddress.IPv6Address(int(ipaddress.IPv6Address("64:ff9b::")) + int(number))) == is_public(number)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("127.0.0.1.", "127.0.0.1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_numbers_are_known_in_every_form_that_is_understood(written: str, meant: str) -> None:
    assert literal_address(written) == ipaddress.ip_address(meant)
    assert is_local_name(written)


@pytest.mark.parametrize(
    "name", ["localhost", "LOCALHOST.", "a.localhost", "nas", "nas.local", "minio.lan", "x.home.arpa"]
)
def test_names_of_local_networks_are_known(name: str) -> None:
    assert is_local_name(name)


@pytest.mark.parametrize("name", ["openapi.akool.com", "localhost.example.com", "1and1.com", "local.de"])
def test_other_names_have_to_be_looked_up(name: str) -> None:
    assert not is_local_name(name)


def test_this_computer_is_told_from_the_network_around_it() -> None:
    assert all(is_this_computer(one) for one in ("localhost", "127.0.0.1", "[::1]", "0.0.0.0", "::ffff:127.0.0.1"))
    assert not any(is_this_computer(one) for one in ("192.168.1.1", "nas.local", "example.com"))


@pytest.mark.parametrize(
    "url",
    [
        "", "example.com/a", "//example.com/a", "ftp://example.com/a", "file:///etc/passwd", "javascript:alert(1)",
        "https://", "https:///a", "https://user@example.com/", "https://user:secret@example.com/", "https://@example.com/",
        "https://exa mple.com/", "https://example.com\\@127.0.0.1/", "https://example.com/\r\nHost: a", "https://[::1/",
        "https://example.com:99999/", "https://%31%32%37.0.0.1/", "https://example.com/" + "a" * 9000,
    ],
)  # fmt: skip
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(ProviderRejected) as caught:
        check_form(url, "akool")
    assert caught.value.kind == "address"
    assert caught.value.provider_id == "akool"
    assert "secret" not in str(caught.value)


def test_a_web_address_is_taken() -> None:
    assert check_form("https://example.com:8443/a?b=c").hostname == "example.com"


async def test_a_name_is_public_if_all_its_numbers_are() -> None:
    internet = Internet({"good.example": [PUBLIC], "bad.example": [PUBLIC, "10.0.0.1"]})
    await check_public("https://good.example/a.jpg", resolve=internet.resolve)
    with pytest.raises(ProviderRejected) as caught:
        await check_public("https://bad.example/a.jpg", resolve=internet.resolve)
    assert caught.value.kind == "address"


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "2130706433", "nas.local", "localhost"])
async def test_local_hosts_are_refused_without_looking_them_up(host: str) -> None:
    internet = Internet({host: [PUBLIC]})
    with pytest.raises(ProviderRejected) as caught:
        await check_public(f"http://{host}/a.jpg", resolve=internet.resolve)
    assert caught.value.kind == "address"
    assert internet.looked_up == []


async def test_a_name_that_nobody_knows_says_so() -> None:
    with pytest.raises(ProviderUnavailable) as caught:
        await check_public("https://nosuch.example/", resolve=Internet().resolve)
    assert caught.value.kind == "offline"
    assert "nosuch.example" in str(caught.value)


def test_shown_addresses_keep_neither_login_nor_query() -> None:
    assert shown_url("https://user:pass@example.com/a/b?X-Amz-Signature=1#x") == "https://…@example.com/a/b"
    assert "\n" not in shown_url("https://example.com/\n\x1b[31m")
    assert len(shown_url("https://example.com/" + "a" * 500)) == 100
