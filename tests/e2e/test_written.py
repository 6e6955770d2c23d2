"""What was answered before is told as it was written, to those who would be told the same."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import TYPE_CHECKING

import pytest

from proxy.connect import codec
from proxy.proto import vcs_pb2
from tests.e2e.conftest import GO, GO_NOW

if TYPE_CHECKING:
    from google.protobuf.message import Message

    from proxy.connect.headers import Format
    from tests.e2e.conftest import Histories
    from tests.fakes.system import System

CART = "services/checkout/internal/cart/cart.go"
PRIVATE = "https://github.com/acme/secret"


async def told_again(system: System) -> float:
    """How many answers were told as they were written."""
    metrics = await system.metrics()
    (line,) = [
        line
        for line in metrics.splitlines()
        if line.startswith('sourceproxy_cache_requests_total{cache="answers",result="hit"}')
    ]
    return float(line.rpartition(" ")[2])


@pytest.fixture
def no_writing(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is encoded from now on."""
    written: list[str] = []
    encode = codec.encode

    def watched(message: Message, wanted: Format) -> bytes:
        written.append(type(message).__name__)
        return encode(message, wanted)

    monkeypatch.setattr(codec, "encode", watched)
    return written


async def test_the_second_answer_is_the_first_one(system: System, ada: str, no_writing: list[str]) -> None:
    first = await system.get_file(ada, CART, ref="main")
    second = await system.get_file(ada, CART, ref="main")
    assert first.body == second.body
    assert first.content == GO_NOW.encode()
    assert no_writing == ["GetFileResponse"]
    assert await told_again(system) == 1
    assert "calls 0" in second.headers["Server-Timing"]
    lines = (await system.metrics()).splitlines()
    (resolved,) = [line for line in lines if 'result="found"' in line and line.endswith(" 2.0")]
    assert resolved.startswith('sourceproxy_source_resolutions_total{language="go"')


async def test_each_part_of_the_question_counts(system: System, ada: str, histories: Histories) -> None:
    asked: list[dict[str, str]] = [
        {"path": CART, "ref": histories.first},
        {"path": CART, "ref": histories.second},
        {"path": "internal/cart/cart.go", "ref": histories.first, "root_path": "services/checkout"},
        {"path": CART, "ref": histories.first, "function": "main.f"},
        {"path": CART, "ref": histories.first, "repository": PRIVATE},
    ]
    answers = [(await system.get_file(ada, **each)).body for each in asked]
    assert [(await system.get_file(ada, **each)).body for each in asked] == answers
    assert answers[0]["content"] != answers[1]["content"]
    assert answers[0]["URL"] != answers[4]["URL"]


async def test_each_form_is_told_in_that_form(system: System, ada: str, histories: Histories) -> None:
    url = f"{system.url}/vcs.v1.VCSService/GetFile"
    request = vcs_pb2.GetFileRequest(
        repositoryURL="github.com/acme/shop", ref=histories.first, localPath="odd/large.go"
    )
    for _ in range(2):
        for accepted in ("identity", "gzip"):
            headers = {"Cookie": ada, "Content-Type": "application/proto", "Accept-Encoding": accepted}
            async with system.http.post(
                url, data=request.SerializeToString(), headers=headers, auto_decompress=False
            ) as response:
                body = await response.read()
                assert response.headers.get("Content-Encoding", "identity") == accepted
            plain = gzip.decompress(body) if accepted == "gzip" else body
            assert vcs_pb2.GetFileResponse.FromString(plain).URL.endswith("odd/large.go")
        answer = await system.get_file(ada, "odd/large.go", ref=histories.first)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.content.startswith(b"// a line")


async def test_nobody_else_is_told(system: System, ada: str, bob: str, histories: Histories) -> None:
    for _ in range(2):
        mine = await system.get_file(ada, CART, ref=histories.first, repository=PRIVATE)
        assert mine.content == GO.encode()
    assert (await system.get_file(bob, CART, ref=histories.first, repository=PRIVATE)).status == 404
    system.github.add_user("carol")
    system.github.make_private("acme/secret", readers=["ada", "carol"])
    assert (
        await system.get_file(await system.login("carol"), CART, ref=histories.first, repository=PRIVATE)
    ).content == GO.encode()


async def test_who_sees_one_repository_on_the_way_and_not_the_other_is_told_nothing(
    system: System, ada: str, bob: str
) -> None:
    """The answer comes from another repository, which a mapping of this one names."""
    path = {"path": "/usr/lib/textkit/tokens.py", "root_path": "mapped", "ref": "v1.0.0"}
    for _ in range(2):
        assert (await system.get_file(ada, **path)).status == 200
    assert await told_again(system) == 1
    system.github.make_private("acme/textkit", readers=["ada"])
    # Any answer shows it; Bob may still see the first repository.
    assert (await system.get_commit(ada, "main", "https://github.com/acme/textkit")).status == 200
    assert (await system.get_file(bob, "README.md", ref="v1.0.0")).status == 200
    assert (await system.get_file(bob, **path)).refusal == (404, "not_found")
    assert (await system.get_file(ada, **path)).status == 200


async def test_what_was_not_found_is_not_told_again(system: System, ada: str, no_writing: list[str]) -> None:
    for _ in range(2):
        assert (await system.get_file(ada, "gone/away.rb", ref="v1.0.0")).status == 404
    assert no_writing == []
    assert await told_again(system) == 0


async def test_a_thousand_times_at_once(system: System, ada: str) -> None:
    first = await system.get_file(ada, CART, ref="v1.0.0")
    answers = await asyncio.gather(*(system.get_file(ada, CART, ref="v1.0.0") for _ in range(1000)))
    assert {json.dumps(answer.body) for answer in answers} == {json.dumps(first.body)}
    assert system.waited_for() == ["graphql"]
