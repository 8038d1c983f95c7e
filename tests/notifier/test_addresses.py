"""Which addresses may be called."""

from __future__ import annotations

import ipaddress

import pytest

from services.notifier.clients.addresses import check_url, is_public, refuse_private, resolve
from services.notifier.errors import AddressNotAllowedError


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - refused is what is wanted
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::1",
        "2002:a00:1::",
        "ff02::1",
        "fec0::1",
        "3fff:fff::1",
        "64:ff9b:1::808:808",
    ],
)
def test_addresses_that_are_not_public_are_known(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressNotAllowedError):
        refuse_private("rebinding.example", ["8.8.8.8", "127.0.0.1"])


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]:8443", "localhost", "localhost.", "0x7f000001", "metadata.google.internal"])
async def test_registration_refuses_private_addresses(host: str) -> None:
    with pytest.raises(AddressNotAllowedError):
        await check_url(f"https://{host}/", allow_private=False)


async def test_a_name_that_is_none_is_an_address_that_cannot_be_found() -> None:
    with pytest.raises(OSError, match="no name"):
        await resolve("a..b", 443)


async def test_registration_refuses_plain_http() -> None:
    with pytest.raises(AddressNotAllowedError):
        await check_url("http://hooks.example/", allow_private=False)


async def test_the_operator_may_permit_private_addresses_and_plain_http() -> None:
    await check_url("http://127.0.0.1:9/", allow_private=True)


async def test_a_name_that_cannot_be_resolved_now_is_left_to_the_check_at_connecting() -> None:
    await check_url("https://name.invalid/", allow_private=False)
