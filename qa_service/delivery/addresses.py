"""Which addresses a push may go to. Owns no connection.

A name is looked up once and the addresses it then has are judged; the connection goes to one of those, so that a name
that answers otherwise a moment later (DNS rebinding) leads nowhere else.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""Host and port → its addresses, the preferred first. Raises OSError."""

METADATA = frozenset(map(ip_address, ("168.63.129.16", "192.0.0.192")))
"""Metadata services of clouds (Azure, Oracle) at addresses that pass for public; the others are link-local or private."""

_NAT64 = IPv6Network("64:ff9b::/96")
"""IPv4 addresses as networks that have IPv6 alone write them (RFC 6052)."""


class RefusedAddress(Exception):
    """The name has an address inside of the network."""


def resolve(host: str, port: int) -> list[str]:
    """Ask the system."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def permitted(addresses: Sequence[str], *, allow_private: bool) -> list[str]:
    """The addresses, if all of them may be reached.

    Raises:
        RefusedAddress: one is private, loopback, link-local, multicast, reserved or a metadata service.
    """
    if not allow_private and not all(is_public(address) for address in addresses):
        raise RefusedAddress
    return list(addresses)


def is_public(text: str) -> bool:
    """Whether the address belongs to the open internet; one that cannot be read does not."""
    try:
        address = _embedded(ip_address(text.partition("%")[0]))
    except ValueError:
        return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not (isinstance(address, IPv6Address) and address.is_site_local)
        and address not in METADATA
    )


def _embedded(address: Address) -> Address:
    """The IPv4 address inside of an IPv6 one that stands for it."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
