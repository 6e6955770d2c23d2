"""The stand-in for GitHub, with a layer that spoils what it answers when it is told to."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from aiohttp import web

from proxy.demo.github import StandIn

if TYPE_CHECKING:
    import random
    from collections.abc import Awaitable, Callable, Mapping

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
    Spoiler = Callable[[web.Request, web.Response], Awaitable[web.StreamResponse]]

_TOKENS = re.compile(rb"gh[ur]_[0-9a-f]+")
_GIANT = 64 * 1024 * 1024
_MOST_TOKENS = 500


class Kind(Enum):
    """What becomes of answers."""

    STATUS = "each is the same other one"
    HALF = "the first half comes, as if it were whole"
    GIANT = "many megabytes come that never make sense"
    SILENT = "they come after everybody has lost patience"
    DROPS = "they come in drops, too slowly to be of use"
    OTHER_TYPES = "one value of each is of another type"


@dataclass(frozen=True, slots=True)
class Spoil:
    """``code``, ``body`` and ``headers`` are what every answer is with ``Kind.STATUS``."""

    kind: Kind
    code: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class SpoiltGitHub(StandIn):
    """``spoil`` is applied to every answer while it is set.

    Attributes:
        spoil: given the request and the right answer, gives another.
        tokens: those that were handed out, the last ``_MOST_TOKENS``: none may be seen anywhere else.
    """

    def __init__(self, clock: Callable[[], float], **settings: Any) -> None:
        super().__init__(clock=clock, call_limit=1, **settings)
        self.spoil: Spoiler | None = None
        self.tokens: list[bytes] = []

    def application(self) -> web.Application:
        """The stand-in's, below the layer that spoils."""
        application = super().application()
        application.middlewares.append(self._middleware)
        return application

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if not isinstance(answer, web.Response) or "authorize" in request.path:
            return answer
        if isinstance(answer.body, bytes):
            self.tokens += _TOKENS.findall(answer.body)
            del self.tokens[:-_MOST_TOKENS]
        if self.spoil is None:
            return answer
        try:
            return await self.spoil(request, answer)
        except ConnectionError:  # who asked has lost patience, which is what was wanted
            return web.Response()


def spoiler(spoil: Spoil, chance: random.Random) -> Spoiler:
    """What spoils answers in this way.

    Args:
        spoil: the way.
        chance: which value is changed.
    """
    if spoil.kind is Kind.STATUS:
        return _status(spoil)
    if spoil.kind is Kind.OTHER_TYPES:
        return _other_types(chance)
    return {Kind.HALF: _half, Kind.GIANT: _giant, Kind.SILENT: _silent, Kind.DROPS: _drops}[spoil.kind]


def _status(one: Spoil) -> Spoiler:
    """Every answer is this one."""
    headers = {"content-type": "application/json"} | dict(one.headers)

    async def spoil(_: web.Request, __: web.Response) -> web.StreamResponse:
        return web.Response(status=one.code, body=one.body.encode(), headers=headers)

    return spoil


async def _half(_: web.Request, answer: web.Response) -> web.StreamResponse:
    """The first half of the answer, as if it were whole."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    return web.Response(status=answer.status, body=body[: len(body) // 2], content_type="application/json")


async def _giant(request: web.Request, __: web.Response) -> web.StreamResponse:
    """An answer of many megabytes that never makes sense."""
    response = web.StreamResponse(headers={"content-type": "application/json"})
    await response.prepare(request)
    piece = b'{"data":[' + b"1," * (512 * 1024)
    for _ in range(_GIANT // len(piece)):
        await response.write(piece)
    return response


async def _silent(_: web.Request, answer: web.Response) -> web.StreamResponse:
    """The answer comes after everybody has lost patience."""
    await asyncio.sleep(60)
    return answer


async def _drops(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """The answer comes in drops, too slowly to be of use."""
    body = answer.body if isinstance(answer.body, bytes) else b""
    response = web.StreamResponse(status=answer.status, headers={"content-type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    for at in range(len(body)):
        await response.write(body[at : at + 1])
        await asyncio.sleep(0.1)
    return response


def _other_types(chance: random.Random) -> Spoiler:
    """One value of each answer is of another type, none becomes ``null``, which would be GitHub's word."""

    async def spoil(_: web.Request, answer: web.Response) -> web.StreamResponse:
        body = answer.body if isinstance(answer.body, bytes) else b""
        try:
            found = json.loads(body)
        except ValueError:
            return answer
        changed = json.dumps(changed_type(found, chance)).encode()
        return web.Response(status=answer.status, body=changed, content_type="application/json")

    return spoil


def changed_type(found: Any, chance: random.Random) -> Any:
    """The same JSON with one value in it, wherever it stands, of another type."""
    if isinstance(found, dict) and found and chance.random() < 0.8:
        name = chance.choice(sorted(found))
        return found | {name: changed_type(found[name], chance)}
    if isinstance(found, list) and found and chance.random() < 0.8:
        at = chance.randrange(len(found))
        return [*found[:at], changed_type(found[at], chance), *found[at + 1 :]]
    others: list[Any] = [7, -1.5, True, "other", [], {}, [None], {"a": 1}]
    return chance.choice([other for other in others if not _alike(other, found)])


def _alike(other: Any, found: Any) -> bool:
    """Whether both are of one type of JSON."""
    numbers = (int, float)
    if isinstance(other, bool) or isinstance(found, bool):
        return type(other) is type(found)
    return type(other) is type(found) or (isinstance(other, numbers) and isinstance(found, numbers))
