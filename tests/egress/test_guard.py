"""Names and addresses that lead inwards: each is refused, and nothing is connected to."""

from __future__ import annotations

import socket
import ssl

import aiohttp
import pytest
import trustme

from proxy.egress import Anything, Fetcher, PublicOnly
from proxy.egress.connections import RefusedAddressError, SystemNames, guarded_session
from proxy.source.model import Fetched, Unreachable
from tests.egress.sites import LoopbackIsPublic, Names, Site, answer, errand, fetch

URL = "https://go.example/x"
HINT = "which look-ups reach only with egress.allow_private_addresses"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "a loopback address"),
        ("::1", "a loopback address"),
        ("10.0.0.1", "a private address"),
        ("169.254.169.254", "a link-local address"),
        ("fe80::1%lo", "a link-local address"),
        ("0.0.0.0", "a reserved address"),
        ("::ffff:127.0.0.1", "an address that carries another one inside"),
        ("go.example", "not an address"),
    ],
)
async def test_a_name_that_leads_inwards(site: Site, names: Names, address: str, kind: str) -> None:
    names.on("go.example", [(address, site.port)])
    assert await fetch(URL, names, PublicOnly()) == Unreachable(f"go.example has {kind}, {HINT}")
    assert site.seen == []


async def test_the_address_is_judged_when_it_is_used(ca: trustme.CA, site: Site, names: Names) -> None:
    """A name that is public at the first look and private at the second."""
    async with Site(ca, address="127.0.0.2") as inside:
        site.on("/x", answer(headers={"Connection": "close"}))
        inside.on("/x", answer(b"secret"))
        names.on("go.example", [site.place], [inside.place])
        async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
            assert await fetcher.fetch(errand(URL)) == Fetched(b"{}", URL)
            assert names.asked == ["go.example"]  # no second look between the check and the connection
            assert await fetcher.fetch(errand(URL)) == Unreachable(
                f"go.example has a loopback address, {HINT}"
            )
        assert (len(site.seen), len(inside.seen)) == (1, 0)


@pytest.mark.parametrize("inside_first", [True, False])
async def test_one_address_inside_is_enough(site: Site, names: Names, inside_first: bool) -> None:
    addresses = [("10.0.0.1", 443), site.place]
    names.on("go.example", addresses if inside_first else addresses[::-1])
    site.on("/x", answer())
    assert await fetch(URL, names) == Unreachable(f"go.example has a private address, {HINT}")
    assert site.seen == []


async def test_all_addresses_of_a_public_name_are_tried(ca: trustme.CA, site: Site, names: Names) -> None:
    async with Site(ca) as gone:
        pass
    names.on("go.example", [gone.place, site.place])
    site.on("/x", answer())
    assert await fetch(URL, names) == Fetched(b"{}", URL)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "2130706433", "0x7f000001", "0177.0.0.1"],
)
async def test_addresses_that_are_written_out(host: str) -> None:
    names = Names()
    found = await fetch(f"https://{host}/x", names, PublicOnly())
    assert isinstance(found, Unreachable)
    assert names.asked == []


@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "LocalHost", "metadata.google.internal", "redis"]
)
async def test_names_of_private_networks_are_not_even_resolved(host: str) -> None:
    names = Names()
    found = await fetch(f"https://{host}/x", names, PublicOnly())
    assert found == Unreachable(f"{host} is a name of private networks, {HINT}")
    assert names.asked == []


async def test_a_dot_at_the_end_changes_nothing(site: Site, names: Names) -> None:
    names.on("go.example.", [site.place], [("10.0.0.1", site.port)])
    site.on("/x", answer(headers={"Connection": "close"}))
    async with Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        first = await fetcher.fetch(errand("https://go.example./x"))
        second = await fetcher.fetch(errand("https://go.example./x"))
    assert first == Fetched(b"{}", "https://go.example./x")
    assert second == Unreachable(f"go.example. has a private address, {HINT}")


async def test_where_private_addresses_are_allowed(site: Site, names: Names) -> None:
    site.on("/x", answer())
    assert await fetch(URL, names, Anything()) == Fetched(b"{}", URL)
    assert await fetch("http://go.example/x", names, Anything()) == Unreachable(
        "go.example is not asked over plain http"
    )
    assert await fetch(f"https://go.example:{site.port}/x", names, Anything()) == Unreachable(
        "go.example is not asked on another port than 443"
    )


@pytest.mark.parametrize("host", ["127.0.0.2", "[::ffff:127.0.0.1]"])
async def test_no_socket_is_made_for_a_refused_address(ca: trustme.CA, trusted: None, host: str) -> None:
    """The last line: also an address that no name and no check of a URL has been before."""
    async with (
        Site(ca, address="127.0.0.2") as inside,
        guarded_session(Names(), LoopbackIsPublic(), ssl.create_default_context()) as session,
    ):
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get(f"https://{host}:{inside.port}/x")
        assert isinstance(caught.value.os_error, RefusedAddressError)
        assert inside.seen == []


async def test_ipv6(ca: trustme.CA, trusted: None) -> None:
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
    async with Site(ca, address="::1") as site:
        site.on("/x", answer())
        names = Names(go=[site.place])
        assert await fetch(URL, names) == Fetched(b"{}", URL)
        assert isinstance(await fetch(URL, names, PublicOnly()), Unreachable)
    assert len(site.seen) == 1


async def test_a_name_without_address(names: Names) -> None:
    assert await fetch("https://gone.example/x", names) == Unreachable(
        "gone.example is a name that has no address"
    )


async def test_nobody_is_there(site: Site, names: Names, ca: trustme.CA) -> None:
    async with Site(ca) as gone:
        pass
    names.on("go.example", [gone.place])
    assert await fetch(URL, names) == Unreachable("go.example cannot be reached")


async def test_a_certificate_that_is_not_trusted(site: Site, names: Names) -> None:
    async with Site(trustme.CA()) as stranger:
        names.on("go.example", [stranger.place])
        found = await fetch(URL, names)
    assert found == Unreachable(
        "go.example has a certificate that is not trusted: name its CA in SSL_CERT_FILE"
    )
    assert stranger.seen == []


async def test_a_certificate_of_another_host(site: Site, names: Names) -> None:
    names.on("third.example", [site.place])
    found = await fetch("https://third.example/x", names)
    assert isinstance(found, Unreachable)
    assert "certificate" in found.reason
    assert site.seen == []


async def test_a_host_that_speaks_no_tls(names: Names) -> None:
    async with Site() as plain:
        names.on("go.example", [plain.place])
        assert await fetch(URL, names) == Unreachable("go.example cannot be reached")


async def test_names_as_the_system_resolves_them() -> None:
    names = SystemNames()
    try:
        found = await names.resolve("127.0.0.1", 443)
        assert [(result["host"], result["port"]) for result in found] == [("127.0.0.1", 443)]
        for host in ("a" * 64 + ".example", "a..example"):
            with pytest.raises(OSError, match=r"."):
                await names.resolve(host, 443)
    finally:
        await names.close()
