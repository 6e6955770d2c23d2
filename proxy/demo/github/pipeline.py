"""What happens to every request before and after its handler.

::

    recorded ── fault? ── api ── user agent ── token ── secondary limit ── budget ── handler ── ETag

A conditional request whose answer has not changed is given its call back:
https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from aiohttp import web

from proxy.demo.github.answers import Answer, RefusalError
from proxy.demo.github.calls import CONNECTION_CLOSED, Call
from proxy.demo.github.limits import CORE, Budget

if TYPE_CHECKING:
    from proxy.demo.github.state import State
    from proxy.demo.github.world import User

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
QUERY_KEY = web.RequestKey("query", str)
ENTERPRISE_PREFIX = "/api/v3"
_OK = 200
_NO_AGENT = (
    "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header"
    " (https://docs.github.com/en/rest/overview/resources-in-the-rest-api#user-agent-required)."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that may be answered: from whom, and at which API address."""

    request: web.Request
    state: State
    user: User | None
    api_url: str
    budget: Budget | None

    @property
    def accept(self) -> str:
        """What the caller wants to get."""
        return self.request.headers.get("accept", "").lower()


ApiHandler = Callable[[Asked], Awaitable[Answer]]
RefusalReader = Callable[[RefusalError], Answer]


def recorded(state: State, route: str, handler: Handler) -> Handler:
    """A handler whose requests are recorded, and met by the faults that wait for ``route``."""
    return partial(_recorded, state, route, handler)


def api(
    state: State, resource: str | None, handler: ApiHandler, refused: RefusalReader = RefusalError.answer
) -> Handler:
    """A handler of the API.

    Args:
        state: the stand-in's.
        resource: whose budget a call is taken from; ``None``: it costs nothing.
        handler: answers, or raises ``RefusalError``.
        refused: how a refusal looks.
    """
    return partial(_api, state, resource, handler, refused)


def caller(state: State, request: web.Request) -> User | None:
    """Whose token the request carries; ``None`` when it carries none.

    Raises:
        RefusalError: the token is not valid.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    login = None
    if scheme.lower() in {"bearer", "token"}:
        login = state.tokens.login(token.strip(), state.clock())
    user = state.world.user(login) if login else None
    if user is None:
        raise RefusalError(401, "Bad credentials", "UNAUTHENTICATED")
    return user


async def _recorded(state: State, route: str, handler: Handler, request: web.Request) -> web.StreamResponse:
    status = CONNECTION_CLOSED
    try:
        fault = state.faults.take(route)
        response = await fault.happen(request) if fault else None
        if response is None:
            response = await handler(request)
        closed = fault is not None and fault.close is not None
        status = CONNECTION_CLOSED if closed else response.status
        return response  # noqa: TRY300 - `finally` belongs to this way out as well
    except web.HTTPException as redirect:
        status = redirect.status
        raise
    finally:
        query = request.get(QUERY_KEY, "")
        state.calls.add(Call(request.method, route, request.raw_path, _login(state, request), status, query))


def _login(state: State, request: web.Request) -> str | None:
    try:
        user = caller(state, request)
    except RefusalError:
        return None
    return user.login if user else None


async def _api(
    state: State,
    resource: str | None,
    handler: ApiHandler,
    refused: RefusalReader,
    request: web.Request,
) -> web.StreamResponse:
    if not request.headers.get("user-agent"):
        return web.Response(status=403, text=_NO_AGENT)
    budget = None
    user = None
    try:
        user = caller(state, request)
        login = user.login if user else None
        if resource is not None:
            state.limits.refuse_secondary(login, resource)
            budget = state.limits.budget(login, resource, state.clock())
            _charge(state, budget, login)
        prefix = ENTERPRISE_PREFIX if request.path.startswith(f"{ENTERPRISE_PREFIX}/") else ""
        answer = await handler(Asked(request, state, user, state.web_url + prefix, budget))
    except RefusalError as refusal:
        answer = refused(refusal)
    return _response(request, answer, budget, user)


def _charge(state: State, budget: Budget, login: str | None) -> None:
    if budget.resource != CORE and login is None:
        # Without a token there is no GraphQL at all, which says so itself.
        return
    if budget.remaining == 0:
        raise state.limits.exceeded(login)
    budget.used += 1


def _response(request: web.Request, answer: Answer, budget: Budget | None, user: User | None) -> web.Response:
    headers = {
        "x-github-request-id": uuid4().hex.upper(),
        "x-github-media-type": "github.v3; format=json",
        "content-type": answer.content_type,
        **answer.headers,
    }
    status, body = answer.status, answer.body
    if request.method in {"GET", "HEAD"} and status == _OK:
        headers["etag"] = _etag(body, user)
        headers["cache-control"] = "private, max-age=60, s-maxage=60" if user else "public, max-age=60"
        headers["vary"] = "Accept, Authorization, Cookie"
        if _unchanged(request, headers["etag"]):
            status, body = 304, b""
            if budget is not None:
                budget.used -= 1
    if budget is not None:
        headers.update(budget.headers())
    return web.Response(status=status, body=body, headers=headers)


def _etag(body: bytes, user: User | None) -> str:
    # GitHub's tags differ from caller to caller, so one caller's is of no use to another.
    seed = (user.login if user else "").encode() + b"\0" + body
    return f'W/"{hashlib.sha256(seed).hexdigest()}"'


def _unchanged(request: web.Request, etag: str) -> bool:
    wanted = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in wanted or etag.removeprefix("W/") in wanted
