"""What ``GetFunctionDetails`` leaves out, and says so: sessions, labels, refusals, hostile profiles."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from proxy import logs
from proxy.config.model import Log
from tests.e2e.details import FOREVER, PARSE, V1, add_shop, ask, before, lacking, told, versions
from tests.fakes.system import System, running_system, session_of
from tests.profile.building import Builder
from tests.querier.server import STACKTRACES, in_response, running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator


@pytest.fixture
async def system() -> AsyncIterator[System]:
    async with running_system() as running_one:
        add_shop(running_one)
        yield running_one


async def test_without_a_session_there_are_values_and_nothing_of_the_repository(system: System) -> None:
    # What is known already is told to nobody without a session either.
    await versions(system, await system.login("ada"))
    system.github.forget_calls()
    status, body = await ask(system)
    assert status == 200
    (missing,) = body["missing"]
    assert (missing["what"], missing["code"]) == ("session", "unauthenticated")
    for version in body["versions"]:
        assert int(version["total"]) > 0
        assert version["lines"]
        assert lacking(version) == {"source": "unauthenticated", "commit": "unauthenticated"}
        assert not {"source", "commit", "text", "firstLine", "mismatch", "rule"} & set(version)
    assert system.asked() == []


@pytest.mark.parametrize(
    "cookie", ["pyroscope_git_session=broken", session_of("t", "another-tenant"), "pyroscope_git_session="]
)
async def test_a_session_that_does_not_open_is_none(cookie: str, system: System) -> None:
    status, body = await ask(system, cookie)
    assert status == 200
    assert body["missing"][0]["code"] == "unauthenticated"
    assert "text" not in body["versions"][0]


async def test_a_session_that_github_no_longer_takes(system: System) -> None:
    for version in await versions(system, session_of("ghu_gone")):
        assert lacking(version) == {"source": "unauthenticated", "commit": "unauthenticated"}
        assert version["lines"]


async def test_a_private_repository_is_shown_to_its_readers_alone() -> None:
    async with running_system() as system:
        add_shop(system, private=True, readers=["ada"])
        ada, bob = await system.login("ada"), await system.login("bob")
        for version in await versions(system, ada):
            assert version["text"]
        for version in await versions(system, bob):
            assert lacking(version) == {"source": "not_found", "commit": "not_found"}
            assert not {"source", "commit", "text"} & set(version)
            assert version["lines"]


async def test_a_ref_that_is_gone_hides_nothing_of_the_others() -> None:
    builder = Builder()
    file = "/src/services/checkout/internal/coupon/coupon.go"
    for value, labels in (
        (30, {"git_ref": "gone"}),
        (20, {"git_ref": V1}),
        (10, {"git_ref": "b\0d"}),
        (5, {"git_ref": V1, "repository": "https://gitlab.com/acme/shop"}),
    ):
        mapping = builder.mapping(
            {"repository": "https://github.com/acme/shop", "root_path": "services/checkout", **labels}
        )
        builder.sample(value, builder.at(PARSE, 24, file=file, mapping=mapping))
    async with running() as pyroscope:
        pyroscope.on(STACKTRACES, told(builder))
        async with before(pyroscope) as system:
            gone, there, odd, elsewhere = await versions(system, await system.login("ada"))
    assert lacking(gone) == {"source": "not_found", "commit": "not_found"}
    assert "missing" not in there
    assert there["text"]
    assert there["commit"]["sha"] == V1
    assert lacking(odd) == {"labels": "invalid_argument"}
    assert lacking(elsewhere) == {"labels": "invalid_argument"}


async def test_a_version_that_cannot_be_the_one_that_ran_is_told() -> None:
    builder = Builder()
    mapping = builder.mapping({"repository": "https://github.com/acme/shop", "git_ref": V1})
    file = "/src/services/checkout/internal/coupon/coupon.go"
    builder.sample(10, builder.at("coupon.Gone", 24, file=file, start=23, mapping=mapping))
    builder.sample(10, builder.at(PARSE, 999, file=file, mapping=mapping))
    async with running() as pyroscope:
        pyroscope.on(STACKTRACES, told(builder))
        async with before(pyroscope) as system:
            cookie = await system.login("ada")
            (gone,) = await versions(system, cookie, functionName="coupon.Gone")
            (beyond,) = await versions(system, cookie)
    assert "no definition of Gone" in gone["mismatch"]
    assert "line 999 was sampled" in beyond["mismatch"]
    assert "text" not in beyond


HOSTILE = [
    "<script>alert(1)</script>",
    "f" * 16_000,
    "../../../../etc/passwd",
    "a\u0000b\nc\r\nSet-Cookie: x=1",
    "\u202egnp.exe",
    '"}],"versions":[]',
]


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_are_names(name: str) -> None:
    builder = Builder()
    mapping = builder.mapping(
        {"repository": "https://github.com/acme/shop", "git_ref": V1, "root_path": name}
    )
    builder.sample(10, builder.at(name, 3, file=name, mapping=mapping))
    async with running() as pyroscope:
        pyroscope.on(STACKTRACES, told(builder))
        async with before(pyroscope) as system:
            (version,) = await versions(system, await system.login("ada"), functionName=name)
    assert (version["functionName"], version["file"], version["total"]) == (name, name, "10")
    assert "source" in lacking(version)


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (b"<html>not Pyroscope</html>", 500, "internal"),
        (b"\x2a\x03\x0a\x01\x12", 500, "internal"),
        (in_response(b""), 404, "not_found"),
        (
            lambda: web.json_response({"code": "unauthenticated", "message": "no org id"}, status=401),
            401,
            "unauthenticated",
        ),
        (lambda: web.Response(status=503), 503, "unavailable"),
    ],
)
async def test_what_pyroscope_refuses_is_refused(answer: Any, status: int, code: str) -> None:
    async with running() as pyroscope:
        pyroscope.on(STACKTRACES, answer)
        async with before(pyroscope) as system:
            got, body = await ask(system)
    assert (got, body["code"]) == (status, code)


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({"functionName": ""}, 400, "invalid_argument"),
        ({"profileTypeID": "nonsense"}, 400, "invalid_argument"),
        ({"labelSelector": "{"}, 400, "invalid_argument"),
        ({"functionName": "no.such.function"}, 404, "not_found"),
        ({"labelSelector": '{service_name="nobody"}'}, 404, "not_found"),
        ({"start": "5", "end": "5"}, 400, "invalid_argument"),
    ],
)
async def test_questions_without_an_answer(
    fields: dict[str, Any], status: int, code: str, system: System
) -> None:
    got, body = await ask(system, **fields)
    assert (got, body["code"]) == (status, code)


async def test_github_that_is_down_leaves_the_values(system: System) -> None:
    cookie = await system.login("ada")
    system.github.fail_next(status=503, times=FOREVER)
    for version in await versions(system, cookie):
        assert set(lacking(version)) == {"source", "commit"}
        assert "not_found" not in lacking(version).values()
        assert version["lines"]


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, whatever its level, as the proxy writes it."""
    stream = io.StringIO()
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    logs.configure(Log(level="debug"), stream)
    yield stream
    root.setLevel(level)
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)


async def test_neither_source_nor_secrets_are_logged(log: io.StringIO) -> None:
    async with running_system() as system:
        add_shop(system)
        cookie = await system.login("ada")
        await versions(system, cookie)
        system.github.fail_next(status=500, body=b"FindStringSubmatch", times=FOREVER)
        await versions(system, cookie, overrideRef="another")
    written = log.getvalue()
    assert written.count("GetFunctionDetails") >= 2
    for secret in ("FindStringSubmatch", cookie.partition("=")[2], "ghu_"):
        assert secret not in written
