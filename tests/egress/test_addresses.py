from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proxy.egress.addresses import Anything, PublicOnly, is_address, is_written_as_number

JUDGE = PublicOnly()
IPV4 = st.ip_addresses(v=4)
SPECIAL_4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32",
]  # fmt: skip
SPECIAL_6 = [
    "::/128", "::1/128", "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64",
    "2001::/32", "2001:2::/48", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20",
    "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "a loopback address"),
        ("127.255.255.254", "a loopback address"),
        ("::1", "a loopback address"),
        ("10.1.2.3", "a private address"),
        ("172.31.255.255", "a private address"),
        ("192.168.0.1", "a private address"),
        ("100.64.0.1", "a private address"),
        ("fd12:3456::1", "a private address"),
        ("fec0::1", "a private address"),
        ("169.254.169.254", "a link-local address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("2606:4700::1%eth0", "a link-local address"),
        ("224.0.0.251", "a multicast address"),
        ("ff02::fb", "a multicast address"),
        ("0.0.0.0", "a reserved address"),
        ("::", "a reserved address"),
        ("255.255.255.255", "a reserved address"),
        ("fd00:ec2::254", "a private address"),
        ("::ffff:127.0.0.1", "an address that carries another one inside"),
        ("::ffff:8.8.8.8", "an address that carries another one inside"),
        ("::ffff:a9fe:a9fe", "an address that carries another one inside"),
        ("2002:7f00:1::", "an address that carries another one inside"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "an address that carries another one inside"),
        ("64:ff9b::7f00:1", "a loopback address"),
        ("64:ff9b::169.254.169.254", "a link-local address"),
        ("64:ff9b::10.0.0.1", "a private address"),
        ("64:ff9b:1::8.8.8.8", "an address that carries another one inside"),
        ("::127.0.0.1", "a reserved address"),
        ("", "not an address"),
        ("localhost", "not an address"),
        ("127.1", "not an address"),
        ("0177.0.0.1", "not an address"),
        ("127.0.0.1\x00", "not an address"),
        (" 8.8.8.8", "not an address"),
        ("[2606:4700::1]", "not an address"),
    ],
)
def test_what_is_not_public(address: str, kind: str) -> None:
    assert JUDGE.address(address) == kind


@pytest.mark.parametrize(
    "address",
    [
        "8.8.8.8",
        "140.82.121.3",
        "100.63.255.255",
        "100.128.0.0",
        "172.32.0.0",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2a00:1450:4001::200e",
        "64:ff9b::8.8.8.8",
        "2001:4860:4860::8888",
    ],
)
def test_what_is_public(address: str) -> None:
    assert JUDGE.address(address) is None


@pytest.mark.parametrize("block", SPECIAL_4 + SPECIAL_6)
def test_special_blocks_are_refused_from_end_to_end(block: str) -> None:
    network = ipaddress.ip_network(block)
    for address in (network[0], network[-1], network[network.num_addresses // 2]):
        assert JUDGE.address(str(address)) is not None


@given(IPV4 | st.ip_addresses(v=6))
@example(ipaddress.ip_address("192.0.0.9"))
def test_nothing_is_public_that_the_library_does_not_call_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if not address.is_global or address.is_multicast or address.is_unspecified:
        assert JUDGE.address(str(address)) is not None


@given(st.sampled_from(SPECIAL_6), st.data())
def test_no_address_of_a_special_block_is_public(block: str, data: st.DataObject) -> None:
    address = data.draw(st.ip_addresses(network=block))
    assert JUDGE.address(str(address)) is not None


@given(IPV4)
def test_an_address_within_another_is_no_way_around(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    mapped, translated = ipaddress.IPv6Address(0xFFFF << 32 | number), ipaddress.IPv6Address(number)
    tunnelled = ipaddress.IPv6Address(0x2002 << 112 | number << 80)
    assert None not in {JUDGE.address(str(each)) for each in (mapped, translated, tunnelled)}
    # A NAT64 gateway reaches just what is reached without it.
    gateway = ipaddress.IPv6Address(0x64FF9B << 96 | number)
    assert JUDGE.address(str(gateway)) == JUDGE.address(str(address))


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    assert JUDGE.address(text) is not None or is_address(text)
    assert JUDGE.name(text) in (None, "a name of private networks")
    assert is_written_as_number(text) in (True, False)


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "kubernetes",
        "registry",
        "printer.local",
        "metadata.google.internal",
        "metadata.google.internal.",
        "api.svc.cluster.local",
        "nas.home.arpa",
        "wiki.corp",
        "box.lan",
        "",
    ],
)
def test_names_of_private_networks(host: str) -> None:
    assert JUDGE.name(host) == "a name of private networks"
    assert Anything().name(host) is None


@pytest.mark.parametrize("host", ["go.uber.org", "k8s.io", "gopkg.in.", "local.example", "x--y.dev"])
def test_names_of_public_hosts(host: str) -> None:
    assert JUDGE.name(host) is None


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "8.8.8.8"])
def test_where_private_addresses_are_allowed(address: str) -> None:
    assert Anything().address(address) is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "1.2.3.4.",
        "a.0",
        "go.example.0x",
        "0X1",
    ],
)
def test_spellings_of_numbers(host: str) -> None:
    assert is_written_as_number(host)


@pytest.mark.parametrize("host", ["go.example", "1.example", "0x7f.example", "a.0xg", "k8s", ""])
def test_spellings_of_names(host: str) -> None:
    assert not is_written_as_number(host)
