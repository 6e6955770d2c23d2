from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from proxy.egress import Fetcher
from proxy.egress.fetcher import MOST_REDIRECTS
from proxy.source.model import Fetched, Unreachable
from tests.egress.sites import LoopbackIsPublic, Names, Site, answer, errand, fetch, moved

if TYPE_CHECKING:
    import trustme

URL = "https://go.example/x"
HINT = "which look-ups reach only with egress.allow_private_addresses"
KEY = "resolver.npm_registry"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(site: Site, names: Names, status: int) -> None:
    site.on("/x", moved("y?a=%2F", status))
    site.on("/y?a=%2F", moved("https://other.example/z", status))
    site.on("/z", answer())
    assert await fetch(URL, names) == Fetched(b"{}", "https://other.example/z")
    assert [request.headers["Host"] for request in site.seen] == ["go.example", "go.example", "other.example"]
    assert "Referer" not in site.seen[2].headers


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://go.example/x", "go.example is not asked over plain http"),
        ("https://go.example:8443/x", "go.example is not asked on another port than 443"),
        ("https://10.0.0.1/x", f"10.0.0.1 is a private address, {HINT}"),
        ("//169.254.169.254/latest", f"169.254.169.254 is a link-local address, {HINT}"),
        ("https://[fd00:ec2::254]/", f"fd00:ec2::254 is a private address, {HINT}"),
        (
            "https://[::ffff:10.0.0.1]/",
            f"::ffff:10.0.0.1 is an address that carries another one inside, {HINT}",
        ),
        ("https://2130706433/", "2130706433 is not the name of a host"),
        ("https://0x7f.1/", "0x7f.1 is not the name of a host"),
        ("https://localhost/", f"localhost is a name of private networks, {HINT}"),
        ("https://inside.example/", f"inside.example has a private address, {HINT}"),
        ("https://user:secret@other.example/", "go.example redirects to an address that cannot be used"),
        ("file:///etc/passwd", "go.example redirects to an address that cannot be used"),
        ("", "go.example was reached by 5 redirects and redirects again"),
    ],
)
async def test_each_redirect_is_checked_again(site: Site, names: Names, to: str, reason: str) -> None:
    names.on("inside.example", [("10.0.0.1", site.port)])
    site.on("/x", moved(to))
    assert await fetch(URL, names) == Unreachable(reason)


async def test_a_redirect_to_a_name_that_has_moved_inside(ca: trustme.CA, site: Site, names: Names) -> None:
    async with Site(ca, address="127.0.0.2") as inside:
        names.on("go.example", [site.place], [inside.place])
        site.on("/x", answer(b"", 302, headers={"Location": "/y", "Connection": "close"}))
        assert await fetch(URL, names) == Unreachable(f"go.example has a loopback address, {HINT}")
    assert (site.paths, inside.seen) == (["/x"], [])


async def test_a_redirect_without_an_address(site: Site, names: Names) -> None:
    site.on("/x", answer(b"", 302))
    assert await fetch(URL, names) == Unreachable("go.example redirects without an address")


async def test_redirects_are_counted(site: Site, names: Names) -> None:
    for number in range(MOST_REDIRECTS):
        site.on(f"/{number}", moved(f"/{number + 1}"))
    site.on(f"/{MOST_REDIRECTS}", answer())
    end = f"https://go.example/{MOST_REDIRECTS}"
    assert await fetch("https://go.example/0", names) == Fetched(b"{}", end)
    site.on(f"/{MOST_REDIRECTS}", moved("/0"))
    found = await fetch("https://go.example/0", names)
    assert found == Unreachable("go.example was reached by 5 redirects and redirects again")
    assert len(site.seen) == 2 * (MOST_REDIRECTS + 1)


async def test_a_circle_ends(site: Site, names: Names) -> None:
    site.on("/x", moved("https://other.example/x"))
    assert isinstance(await fetch(URL, names), Unreachable)
    assert len(site.seen) == MOST_REDIRECTS + 1


async def test_an_operators_address_may_redirect_to_itself(names: Names) -> None:
    async with Site() as registry, Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        registry.on("/x", moved("/y"))
        registry.on("/y", answer())
        url = f"http://127.0.0.1:{registry.port}"
        assert await fetcher.fetch(errand(f"{url}/x", configured=KEY)) == Fetched(b"{}", f"{url}/y")


async def test_an_operators_address_may_redirect_to_a_public_one(site: Site, names: Names) -> None:
    async with Site() as registry, Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        registry.on("/x", moved(URL))
        site.on("/x", answer())
        asked = errand(f"http://127.0.0.1:{registry.port}/x", configured=KEY)
        assert await fetcher.fetch(asked) == Fetched(b"{}", URL)


@pytest.mark.parametrize(
    ("to", "what"),
    [
        ("http://127.0.0.1:{other}/x", "is not asked over plain http"),
        ("https://127.0.0.1:{other}/x", "is not asked on another port than 443"),
        ("https://10.0.0.1/x", f"is a private address, {HINT}"),
        ("https://inside.example/x", f"has a private address, {HINT}"),
    ],
)
async def test_what_an_operators_address_redirects_to_is_steered(names: Names, to: str, what: str) -> None:
    names.on("inside.example", [("10.0.0.1", 443)])
    async with (
        Site() as registry,
        Site() as other,
        Fetcher(LoopbackIsPublic(), names=names) as fetcher,
    ):
        registry.on("/x", moved(to.format(other=other.port)))
        found = await fetcher.fetch(errand(f"http://127.0.0.1:{registry.port}/x", configured=KEY))
    assert found == Unreachable(f"the address of {KEY} redirects to a host that {what}")
    assert other.seen == []


async def test_a_steered_host_does_not_lead_back_to_an_operators_address(site: Site, names: Names) -> None:
    async with Site() as registry, Fetcher(LoopbackIsPublic(), names=names) as fetcher:
        registry.on("/x", moved(URL))
        site.on("/x", moved(f"http://127.0.0.1:{registry.port}/secret"))
        found = await fetcher.fetch(errand(f"http://127.0.0.1:{registry.port}/x", configured=KEY))
    assert found == Unreachable("127.0.0.1 is not asked over plain http")
    assert registry.paths == ["/x"]
