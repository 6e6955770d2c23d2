"""What is remembered takes no more memory than it is counted for, whatever a client makes of its heads."""

from __future__ import annotations

import gc
import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from proxy.connect.at_once import AtOnce
from proxy.connect.edge import Call
from proxy.door.lines import Lines
from proxy.door.plans import Planner
from proxy.door.requests import RequestReader
from proxy.door.responses import ResponseReader
from proxy.known import Known
from proxy.proto import vcs_pb2
from tests.door.reading import Told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from proxy.door.heads import RequestHead, ResponseHead

HEADS = 300
OWN = b"vcs.v1.VCSService/GetFile"
ADDRESS = b"192.0.2.1"


class Planned(Told):
    """Plans each request, as the door does."""

    def __init__(self, planner: Planner) -> None:
        super().__init__()
        self._planner = planner

    def request_whole(self, head: RequestHead, body: bytes) -> None:  # noqa: ARG002 - the reader names it
        self.request_head(head)

    def request_head(self, head: RequestHead) -> None:
        self._planner.plan(head, ADDRESS, secure=False)


@pytest.fixture
def traced() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


def used_by(act: Callable[[int], None]) -> int:
    """Bytes that are held after many calls, each with another number."""
    act(HEADS)  # what is made once
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(HEADS):
        act(number)
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def counted(known: Known[Any]) -> int:
    return sum(size for generation in (known.young, known._old) for _, size in generation.values())


def lines(number: int, count: int, size: int) -> bytes:
    return b"".join(b"X%02d:%0*d\r\n" % (line, size, number) for line in range(count))


@pytest.mark.parametrize("start", [b"GET /%06d", b"POST /" + OWN + b"?%06d"], ids=["passed", "own"])
@pytest.mark.parametrize(("count", "size"), [(0, 0), (10, 1), (10, 300), (240, 1), (1, 3900)])
def test_heads_of_requests(traced: None, start: bytes, count: int, size: int) -> None:
    known: Known[RequestHead] = Known(most_bytes=1 << 40)
    at_once: AtOnce[vcs_pb2.GetFileRequest, None] = AtOnce(
        vcs_pb2.GetFileRequest, lambda *_: None, lambda *_: None, clock=lambda: 0.0
    )
    planner = Planner(b"up", b"/prefix", {OWN.decode(): at_once})

    def ask(number: int) -> None:
        reader = RequestReader(Planned(planner), known)
        reader.origin = ADDRESS, False
        head = (
            start % number
            + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1\r\n"
        )
        reader.feed(head + lines(number, count, size) + b"\r\n{")

    used = used_by(ask)
    assert len(known) == HEADS + 1
    assert used <= counted(known)


@pytest.mark.parametrize(("count", "size"), [(0, 0), (10, 1), (10, 300), (240, 1), (1, 3900)])
def test_heads_of_answers(traced: None, count: int, size: int) -> None:
    known: Known[ResponseHead] = Known(most_bytes=1 << 40)

    def answer(number: int) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nX-Number: %06d\r\n" % number
        reader = ResponseReader(Told(), to_head_request=False, known=known)
        reader.feed(head + lines(number, count, size) + b"\r\n.")

    used = used_by(answer)
    assert len(known) == HEADS + 1
    assert used <= counted(known)


@pytest.mark.parametrize("size", [1, 300, 3900])
def test_lines(traced: None, size: int) -> None:
    kept = Lines()

    def read(number: int) -> None:
        kept.request(b"GET / HTTP/1.1\r\nHost: a\r\nX-%06d: %s\r\n\r\n" % (number, b"y" * size))

    used = used_by(read)
    assert used <= counted(kept._known)


@pytest.mark.parametrize("character", ["a", "\N{GRINNING FACE}"])
@pytest.mark.parametrize("size", [1, 3000])
def test_questions(traced: None, character: str, size: int) -> None:
    asked: AtOnce[vcs_pb2.GetFileRequest, tuple[str, ...]] = AtOnce(
        vcs_pb2.GetFileRequest,
        lambda request, _: (request.repositoryURL, request.ref, request.localPath),
        lambda *_: None,
        clock=lambda: 0.0,
    )
    found = asked.asked([(b"Content-Type", b"application/json")])
    assert found is not None
    call = Call(found._sent, found._format, "id")

    def ask(number: int) -> None:
        body = {"repositoryURL": "r", "ref": f"{number}", "localPath": character + "b" * size}
        asked.question(json.dumps(body, ensure_ascii=False).encode(), call, gzip=False)

    used = used_by(ask)
    assert used <= counted(asked._questions)
