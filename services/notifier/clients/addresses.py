"""Which addresses may be called: checked when an endpoint is registered, and again, bindingly, at every connection.

A name can point elsewhere a moment after it was checked, so the connection goes to the very address that was checked.
Source: OWASP, server-side request forgery prevention; RFC 4291 (mapped), RFC 6052 (NAT64), RFC 3056 (6to4).
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable

import httpcore
import httpx

from services.notifier.errors import AddressNotAllowedError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
NOT_PUBLIC = tuple(ipaddress.IPv6Network(each) for each in ("fec0::/10", "3fff::/20", "64:ff9b:1::/48"))
"""Taken for public by older tables of the library: a site's, documentation's, a network's own NAT64. Source: RFC 3879, 9637, 8215."""
PRIVATE_NAMES = ("localhost", "local", "internal", "home.arpa")
"""Top-level names that are never public, whether or not they can be resolved now. Source: RFC 6761, 6762, 8375; ICANN for internal."""
RESOLVE_TIMEOUT = 3.0
"""Seconds to wait for a name when an endpoint is registered."""


def is_public(address: Address) -> bool:
    """Whether an address is on the public internet, also when it wraps an IPv4 address."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.sixtofour is not None and not is_public(address.sixtofour):
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in NOT_PUBLIC):
            return False
        if address in NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, in the order to try. Raises OSError when there is none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise OSError(f"{host} is no name") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def refuse_private(host: str, addresses: Iterable[str]) -> None:
    """Raises AddressNotAllowedError unless every address is public: one bad one among good ones is how a rebinding attack looks."""
    for text in addresses:
        if not is_public(ipaddress.ip_address(text.partition("%")[0])):
            raise AddressNotAllowedError(f"{host} is not on the public internet")


async def check_url(url: str, allow_private: bool) -> None:
    """Refuse a webhook address at registration. A name that cannot be resolved now is let through: it is checked when connecting."""
    parsed = httpx.URL(url)
    if parsed.scheme != "https" and not (allow_private and parsed.scheme == "http"):
        raise AddressNotAllowedError("only https is allowed")
    if allow_private:
        return
    host = parsed.raw_host.decode().strip("[]").rstrip(".")
    if any(f".{host}".endswith(f".{name}") for name in PRIVATE_NAMES):
        raise AddressNotAllowedError(f"{host} is not on the public internet")
    try:
        addresses = await asyncio.wait_for(resolve(host, parsed.port or 443), RESOLVE_TIMEOUT)
    except (OSError, TimeoutError):
        return
    refuse_private(host, addresses)


class CheckedBackend(httpcore.AnyIOBackend):
    """Connects to the address it has checked. Host header and TLS name stay those of the URL: httpcore sets them from the request."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the port
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        try:
            addresses = await resolve(host.strip("[]"), port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        if not self._allow_private:
            refuse_private(host, addresses)
        failure: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in addresses:
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")
