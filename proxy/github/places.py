"""Places for calls under way: so many per token, so many in all; first come, first served.

GitHub allows 100 concurrent requests per user over REST and GraphQL together
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits),
and a person may use several replicas and other programs. A token waits in a line of its own before
it waits in the common one, so nobody's many calls keep other people's waiting.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

PER_TOKEN = 30
IN_ALL = 64
LOGINS = 16
"""Places of their own, so that no number of files keeps anyone from logging in."""


class Line:
    """A line before some places, ``width()`` of them at the moment."""

    def __init__(self, width: Callable[[], int]) -> None:
        self._width = width
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.taken = 0

    @property
    def is_empty(self) -> bool:
        """Whether nobody has a place or waits for one."""
        return not self.taken and not self._waiting

    async def enter(self) -> None:
        """Take a place, after everyone who came before."""
        if not self._waiting and self.taken < self._width():
            self.taken += 1
            return
        called: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.cancelled():
                with suppress(ValueError):
                    self._waiting.remove(called)
            else:  # called in the moment of giving up
                self.leave()
            raise

    def leave(self) -> None:
        """Give the place back."""
        self.taken -= 1
        while self._waiting and self.taken < self._width():
            called = self._waiting.popleft()
            if not called.done():
                self.taken += 1
                called.set_result(None)


class Places:
    """The places of one host.

    Args:
        one_by_one: whether the calls of a token (its key is given) may only go one at a time now.
        per_token: for the calls of one token.
        in_all: for all calls of this process.
    """

    def __init__(
        self, one_by_one: Callable[[str], bool], per_token: int = PER_TOKEN, in_all: int = IN_ALL
    ) -> None:
        self._one_by_one = one_by_one
        self._per_token = per_token
        self._in_all = in_all
        self._all = Line(lambda: in_all)
        self._lines: dict[str, Line] = {}

    def taken(self, key: str) -> int:
        """How many calls of a token are under way."""
        line = self._lines.get(key)
        return line.taken if line else 0

    def has_plenty(self, key: str) -> bool:
        """Whether a call that nobody waits for is in nobody's way: two thirds of the places are kept free."""
        return self.taken(key) < self._per_token // 3 and self._all.taken < self._in_all // 3

    @asynccontextmanager
    async def place(self, key: str, patience: float) -> AsyncIterator[None]:
        """Hold a place.

        Args:
            key: whose call it is.
            patience: seconds to wait for a place.

        Raises:
            RpcError: ``deadline_exceeded``, when no place became free in that time.
        """
        line = self._lines.get(key)
        if line is None:
            line = self._lines[key] = Line(lambda: 1 if self._one_by_one(key) else self._per_token)
        try:
            await self._enter(line, patience)
            try:
                yield
            finally:
                self._all.leave()
                line.leave()
        finally:
            if line.is_empty:
                self._lines.pop(key, None)

    async def _enter(self, line: Line, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                await line.enter()
                try:
                    await self._all.enter()
                except BaseException:
                    line.leave()
                    raise
        except TimeoutError as error:
            raise RpcError(
                Code.DEADLINE_EXCEEDED,
                f"Too many calls to GitHub are under way and none ended within {patience:g} s: try again",
            ) from error
