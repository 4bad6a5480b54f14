from __future__ import annotations

import pytest

from qa_service.delivery.addresses import RefusedAddress, is_public, permitted

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "localhost",
    "",
]
OUTSIDE = ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]


@pytest.mark.parametrize("address", INSIDE)
def test_addresses_inside_of_a_network_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


def test_one_address_inside_refuses_the_name() -> None:
    with pytest.raises(RefusedAddress):
        permitted(["8.8.8.8", "127.0.0.1"], allow_private=False)

    assert permitted(["8.8.8.8"], allow_private=False) == ["8.8.8.8"]
    assert permitted(["8.8.8.8", "127.0.0.1"], allow_private=True) == ["8.8.8.8", "127.0.0.1"]
