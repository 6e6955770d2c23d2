"""The server behind the tests, and the answers that they have it give."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pytest
from aiohttp import web

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from types import TracebackType

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Seen:
    """A request as it arrived: ``target`` is the raw path and query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def query(self) -> str:
        return str(json.loads(self.body)["query"])


class Server:
    """Answers by method and raw target; what no test foresaw gets a 599, which fails it."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self._answers: dict[tuple[str, str], list[Handler]] = {}

    async def __aenter__(self) -> Self:
        self._runner = web.ServerRunner(web.Server(self._handle))
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port: int = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def on(self, method: str, target: str, *answers: Handler) -> None:
        """Give these answers to the requests for ``target`` one after the other, the last one for ever."""
        self._answers[method, target] = list(answers)

    @property
    def targets(self) -> list[str]:
        return [f"{seen.method} {seen.target}" for seen in self.seen]

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(Seen(request.method, request.raw_path, request.headers, await request.read()))
        answers = self._answers.get((request.method, request.raw_path))
        if not answers:
            return web.Response(status=599, text=f"unforeseen: {request.method} {request.raw_path}")
        return await (answers.pop(0) if len(answers) > 1 else answers[0])(request)


def answer(value: Any = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Handler:
    """An answer with these bytes, or with this value as JSON."""
    body = value if isinstance(value, bytes) else json.dumps(value).encode()

    async def handle(_: web.BaseRequest) -> web.Response:
        return web.Response(body=body, status=status, headers=headers)

    return handle


async def hang_up(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection without an answer."""
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def break_off(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection in the middle of an answer."""
    response = web.StreamResponse()
    response.content_length = 100
    await response.prepare(request)
    await response.write(b"{")
    assert request.transport is not None
    request.transport.close()
    return response


async def fails(call: Awaitable[object], code: Code = Code.UNAVAILABLE) -> RpcError:
    """The error that a call ends in, which has this code and tells no token."""
    with pytest.raises(RpcError) as caught:
        await call
    assert caught.value.code is code
    assert "ghu_" not in caught.value.message
    return caught.value


def refuse(status: int, message: str = "no", **headers: str) -> Handler:
    """GitHub's way to refuse; ``retry_after="5"`` becomes the header ``retry-after``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answer({"message": message, "documentation_url": "https://docs.github.com"}, status, named)
