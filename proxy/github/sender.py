"""Whether and how often a call is sent: the budget, the breaker, the places and the repetitions together.

::

    send ── budget? ── breaker? ── a place ── budget? breaker? ── the network ──┐
                                                  ▲                             │ dropped, 502, 503, 504
                                                  └── a pause, at most twice ◄──┘

Invariants:

- What is known to be useless is refused at once: it neither waits nor is it sent.
- All repetitions of a call take the time of one (``request_timeout``).
- A failed call counts once for the breaker, however often it was repeated.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.github import intent, limits, refusals, retries
from proxy.github.breaker import Breaker
from proxy.github.places import LOGINS, Places
from proxy.github.transport import NoAnswerError
from proxy.github.watch import Caller

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.github.budget import Budget
    from proxy.github.transport import Allowance, Transport
    from proxy.github.watch import Watch
    from proxy.github.wire import Request, Response

API, WEB = "api", "web"


@dataclass(frozen=True, slots=True)
class Means:
    """What a sender needs of the world.

    Attributes:
        clock: epoch seconds, against which GitHub's resets are held.
        chance: a number from 0 to 1, another each time.
        sleep: waits for some seconds.
        secret: keys the hashes that stand for tokens.
    """

    clock: Callable[[], float]
    chance: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    secret: bytes

    def __repr__(self) -> str:
        return "Means()"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and ``limited`` when it was a refusal for the rate."""

    response: Response
    limited: limits.Limited | None


@dataclass(frozen=True, slots=True)
class _Host:
    """GitHub for programs or for people: they fail one without the other."""

    breaker: Breaker
    places: Places


class Sender:
    """Sends requests when that is worth it.

    Args:
        transport: talks to the network.
        watch: is told of every answer.
        budget: knows what may be sent.
        timeout: seconds that a call may take, and may wait for a place before.
        means: clock, chance and so on.
    """

    def __init__(
        self, transport: Transport, watch: Watch, budget: Budget, timeout: float, means: Means
    ) -> None:
        self._transport = transport
        self._watch = watch
        self._budget = budget
        self._timeout = timeout
        self._means = means
        self._hosts = {
            API: _Host(Breaker(), Places(self._one_by_one)),
            WEB: _Host(Breaker(), Places(self._one_by_one, LOGINS, LOGINS)),
        }

    def breaker_open(self, host: str) -> bool:
        """Whether calls to ``api`` or ``web`` are turned away because it does not answer."""
        return self._hosts[host].breaker.is_open

    def key(self, token: str) -> str:
        """What stands for a token."""
        return limits.token_key(token, self._means.secret)

    async def send(self, request: Request, allowance: Allowance) -> Reply:
        """Send a request, again where that is safe, and read its answer.

        Raises:
            SparedError: nobody waits for it, and it would take from what is kept for those who do.
            NoAnswerError: no answer came.
            RpcError: ``resource_exhausted`` while GitHub limits the token, ``unavailable`` while the
                host does not answer, ``deadline_exceeded`` when no place became free.
        """
        resource = limits.resource_of(request.route)
        host = self._hosts[WEB if resource == limits.OAUTH else API]
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        caller = Caller(self.key(token) if token else resource, resource)
        self._admit(caller, host)
        if intent.is_speculative():
            self._spare(caller, host)
        async with host.places.place(caller.key, self._timeout):
            self._admit(caller, host)
            return await self._watched(caller, host, request, allowance)

    def _one_by_one(self, key: str) -> bool:
        return self._budget.on_probation(key, self._means.clock())

    def _admit(self, caller: Caller, host: _Host) -> None:
        """Raise what the call would come to anyway."""
        now = self._means.clock()
        if limit := self._budget.held(caller.key, caller.resource, now):
            raise refusals.rate_limited(limit)
        if (seconds := host.breaker.refusal(now)) is not None:
            raise RpcError(
                Code.UNAVAILABLE,
                f"GitHub has not answered {host.breaker.failures} times in a row; next try in {seconds} s",
                retry_after=seconds,
            )

    def _spare(self, caller: Caller, host: _Host) -> None:
        now, under_way = self._means.clock(), host.places.taken(caller.key)
        if (
            self._budget.is_low(caller.key, caller.resource, now, under_way)
            or self._budget.on_probation(caller.key, now)
            or host.breaker.is_open
            or not host.places.has_plenty(caller.key)
        ):
            raise intent.SparedError

    async def _watched(self, caller: Caller, host: _Host, request: Request, allowance: Allowance) -> Reply:
        """Send under the eyes of the breaker."""
        trying = host.breaker.enter()
        repetitions = retries.MOST if retries.is_repeatable(request) and not trying else 0
        try:
            reply = await self._repeated(caller, request, allowance, repetitions)
        except NoAnswerError:
            host.breaker.failed(self._means.clock(), trying=trying)
            raise
        except RpcError:  # an answer, though not one that is read
            host.breaker.answered()
            raise
        except BaseException:
            host.breaker.given_up(trying=trying)
            raise
        if reply.response.status >= 500:  # noqa: PLR2004 - HTTP statuses read best as numbers
            host.breaker.failed(self._means.clock(), trying=trying)
        else:
            host.breaker.answered()
        return reply

    async def _repeated(
        self, caller: Caller, request: Request, allowance: Allowance, repetitions: int
    ) -> Reply:
        end = asyncio.get_running_loop().time() + self._timeout
        outcome = await self._attempt(caller, request, allowance, end)
        for number in range(repetitions):
            if not _may_pass(outcome):
                break
            # A connection that was kept alive and found closed says nothing of GitHub.
            at_once = number == 0 and isinstance(outcome, NoAnswerError) and outcome.disconnected
            pause = 0.0 if at_once else retries.pause(number, self._means.chance())
            if self._is_too_late(pause, end) or self._is_held(caller):
                break
            if pause:
                await self._means.sleep(pause)
            outcome = await self._attempt(caller, request, allowance, end)
        if isinstance(outcome, NoAnswerError):
            raise outcome
        return outcome

    def _is_too_late(self, pause: float, end: float) -> bool:
        deadline = intent.deadline()
        latest = end if deadline is None else min(end, deadline)
        return asyncio.get_running_loop().time() + pause >= latest

    def _is_held(self, caller: Caller) -> bool:
        return self._budget.held(caller.key, caller.resource, self._means.clock()) is not None

    async def _attempt(
        self, caller: Caller, request: Request, allowance: Allowance, end: float
    ) -> Reply | NoAnswerError:
        within = max(end - asyncio.get_running_loop().time(), 0.0)
        try:
            response = await self._transport.send(request, allowance, within)
        except NoAnswerError as error:
            return error
        return Reply(response, self._watch.answered(caller, request, response))


def _may_pass(outcome: Reply | NoAnswerError) -> bool:
    """Whether it may be different a moment later."""
    return outcome.may_pass if isinstance(outcome, NoAnswerError) else retries.is_transient(outcome.response)
