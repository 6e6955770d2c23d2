"""A file that is known is told in front of the application, and nothing of that can be told from outside."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from proxy.library.answers import Answers
from proxy.proto import vcs_pb2
from tests.fakes.system import SHOP

if TYPE_CHECKING:
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
ASKED_ANEW = {"Connection": "keep-alive, x-nothing"}
"""A header for the next server alone: such a request always goes to the application."""
OWN_TO_EACH = {"date", "x-request-id"}


@pytest.fixture
def in_the_application(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The questions for which the application looked for an answer."""
    asked: list[Any] = []
    find = Answers.find

    async def watched(self: Answers[Any], viewer: Any, repository: Any, question: Any) -> Any:
        asked.append(question)
        return await find(self, viewer, repository, question)

    monkeypatch.setattr(Answers, "find", watched)
    return asked


def body_of(histories: Histories, *, proto: bool = False) -> bytes:
    if proto:
        request = vcs_pb2.GetFileRequest(repositoryURL=SHOP, ref=histories.first, localPath=CART)
        return request.SerializeToString()
    return json.dumps({"repositoryURL": SHOP, "ref": histories.first, "localPath": CART}).encode()


async def ask(system: System, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    url = f"{system.url}/vcs.v1.VCSService/GetFile"
    async with system.http.post(url, data=body, headers=headers, auto_decompress=False) as response:
        told = {name.lower(): value for name, value in response.headers.items()}
        own = {name: told.pop(name) for name in OWN_TO_EACH}
        assert own["x-request-id"] == headers.get("X-Request-Id", own["x-request-id"])
        return response.status, told, await response.read()


@pytest.mark.parametrize("proto", [False, True])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept-Encoding": "identity"},
        {"Accept-Encoding": "gzip"},
        {"Accept-Encoding": "br, gzip;q=0.5, identity;q=0.9"},
        {"Connect-Protocol-Version": "1", "Connect-Timeout-Ms": "5000"},
        {"X-Request-Id": "mine-1"},
        {"Content-Type": "application/json; charset=utf-8"},
    ],
)
async def test_the_answer_is_the_applications(
    system: System,
    ada: str,
    histories: Histories,
    in_the_application: list[Any],
    *,
    proto: bool,
    headers: dict[str, str],
) -> None:
    media_type = "application/proto" if proto else headers.get("Content-Type", "application/json")
    body, sent = body_of(histories, proto=proto), {**headers, "Cookie": ada, "Content-Type": media_type}
    await ask(system, body, sent)
    await ask(system, body, sent)
    before = len(in_the_application)
    at_once = await ask(system, body, sent)
    assert len(in_the_application) == before
    assert at_once == await ask(system, body, {**sent, **ASKED_ANEW})
    assert len(in_the_application) == before + 1
    assert at_once[0] == 200
    if at_once[1].get("content-encoding") == "gzip":
        assert len(gzip.decompress(at_once[2])) > len(at_once[2])


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Cookie": "pyroscope_git_session=x"}, 401),
        ({"Cookie": ""}, 401),
        ({"Connect-Timeout-Ms": "soon"}, 400),
        ({"Connect-Protocol-Version": "2"}, 400),
        ({"Connect-Timeout-Ms": "0"}, 504),
        ({"Content-Encoding": "br"}, 501),
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/proto"}, 400),
    ],
)
async def test_what_is_refused_is_refused_by_the_application(
    system: System, ada: str, histories: Histories, headers: dict[str, str], status: int
) -> None:
    usual = {"Cookie": ada, "Content-Type": "application/json"}
    for _ in range(2):
        assert (await ask(system, body_of(histories), usual))[0] == 200
    for _ in range(2):
        answer = await ask(system, body_of(histories), {**usual, **headers})
        assert answer == await ask(system, body_of(histories), {**usual, **headers, **ASKED_ANEW})
        assert answer[0] == status


async def test_a_compressed_request_is_answered_too(system: System, ada: str, histories: Histories) -> None:
    usual = {"Cookie": ada, "Content-Type": "application/json"}
    plain = [await ask(system, body_of(histories), usual) for _ in range(2)]
    packed = gzip.compress(body_of(histories))
    assert (await ask(system, packed, {**usual, "Content-Encoding": "gzip"}))[2] == plain[0][2]


async def test_access_that_has_ended_ends_it(
    system: System, ada: str, histories: Histories, in_the_application: list[Any]
) -> None:
    usual = {"Cookie": ada, "Content-Type": "application/json"}
    body = body_of(histories).replace(b"acme/shop", b"acme/secret")
    for _ in range(2):
        assert (await ask(system, body, usual))[0] == 200
    assert len(in_the_application) == 1
    system.github.revoke_user("ada")
    # Only what asks GitHub can notice; from then on nothing that was proven with this token counts.
    assert (await system.get_commit(ada, "main", "https://github.com/acme/other")).status == 401
    assert (await ask(system, body, usual))[0] == 401


def head(ada: str, body: bytes, first: str = "POST /vcs.v1.VCSService/GetFile HTTP/1.1") -> bytes:
    lines = (first, "Host: h", f"Cookie: {ada}", "Content-Type: application/json")
    return "\r\n".join((*lines, f"Content-Length: {len(body)}", "", "")).encode()


async def read_answer(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    told = await reader.readuntil(b"\r\n\r\n")
    (length,) = [line[16:] for line in told.split(b"\r\n") if line.lower().startswith(b"content-length: ")]
    return told, await reader.readexactly(int(length))


async def test_requests_in_pieces_and_many_at_once_are_answered_in_order(
    system: System, ada: str, histories: Histories, in_the_application: list[Any]
) -> None:
    body = body_of(histories)
    request = head(ada, body) + body
    _, _, expected = await ask(system, body, {"Cookie": ada, "Content-Type": "application/json"})
    other = b"GET /ready HTTP/1.1\r\nHost: h\r\n\r\n"
    address = system.proxy.address
    reader, writer = await asyncio.open_connection(address.host, address.port)
    async with asyncio.timeout(20):
        for pieces in ([request], [request[:20], request[20:-5], request[-5:]]):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            assert (await read_answer(reader))[1] == expected
        writer.write(request * 3 + other + request)
        told = [(await read_answer(reader))[1] for _ in range(5)]
    assert [body == expected for body in told] == [True, True, True, False, True]
    writer.close()
    # Once with compression and once without.
    assert len(in_the_application) == 2


async def test_a_client_that_takes_no_answers_does_not_fill_the_memory(
    system: System, ada: str, histories: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    many, body = 12_000, body_of(histories)
    usual = {"Cookie": ada, "Content-Type": "application/json"}
    await ask(system, body, usual)
    _, _, expected = await ask(system, body, usual)
    held_back = asyncio.Event()
    find = Answers.find

    async def watched(self: Answers[Any], viewer: Any, repository: Any, question: Any) -> Any:
        told = await find(self, viewer, repository, question)
        if told is not None:
            held_back.set()
        return told

    monkeypatch.setattr(Answers, "find", watched)
    address = system.proxy.address
    reader, writer = await asyncio.open_connection(address.host, address.port, limit=1024)
    async with asyncio.timeout(60):
        writer.write((head(ada, body) + body) * many)
        await held_back.wait()
        for _ in range(many):
            assert (await read_answer(reader))[1] == expected
    writer.close()


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
async def test_only_a_post_is_answered(
    system: System, ada: str, histories: Histories, in_the_application: list[Any], method: str
) -> None:
    usual = {"Cookie": ada, "Content-Type": "application/json"}
    for _ in range(2):
        assert (await ask(system, body_of(histories), usual))[0] == 200
    url = f"{system.url}/vcs.v1.VCSService/GetFile"
    async with system.http.request(method, url, data=body_of(histories), headers=usual) as response:
        assert response.status == 405
    assert len(in_the_application) == 1


async def test_an_old_client_is_answered_by_the_application(
    system: System, ada: str, histories: Histories
) -> None:
    body = body_of(histories)
    _, _, expected = await ask(system, body, {"Cookie": ada, "Content-Type": "application/json"})
    address = system.proxy.address
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(head(ada, body, "POST /vcs.v1.VCSService/GetFile HTTP/1.0") + body)
    async with asyncio.timeout(20):
        assert (await reader.read()).endswith(expected)
    writer.close()


async def test_it_is_counted_as_any_other(system: System, ada: str, histories: Histories) -> None:
    for _ in range(4):
        await ask(system, body_of(histories), {"Cookie": ada, "Content-Type": "application/json"})
    metrics = await system.metrics()
    name = 'sourceproxy_request_duration_seconds_count{route="vcs.v1.VCSService/GetFile",status_code="200"}'
    assert f"{name} 4.0" in metrics
    assert 'sourceproxy_inflight_requests{route="vcs.v1.VCSService/GetFile"} 0.0' in metrics
