"""By which of its two APIs GitHub is asked: each has a budget of its own.

Rules:

- A question goes by the API that answers it best, unless its budget is spent, or nearly while the
  other's is not: what a person waits for may use the reserve, that is what it is for.
- What nobody waits for never takes the longer way.
- Only a budget that is spent, or an answer of GraphQL that cannot be used, leads to the other API:
  a refusal for another reason would be the same there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from proxy.errors import Code, RpcError
from proxy.github import graphql, intent

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from proxy.github.budget import Budget

A = TypeVar("A")
Resource = Literal["core", "graphql"]
Way = tuple[Resource, "Callable[[], Awaitable[A]]"]


class Choice:
    """Chooses by what ``budget`` knows and by whether GraphQL is missing."""

    def __init__(self, budget: Budget, clock: Callable[[], float], is_missing: Callable[[], bool]) -> None:
        self._budget = budget
        self._clock = clock
        self._is_missing = is_missing

    async def ask(self, key: str, best: Way[A], other: Way[A]) -> A:
        """Ask by the best way, else by the other.

        Raises:
            RpcError: what the way that was tried last raises; where that one could not tell, the first.
        """
        first, second = (other, best) if self._prefers(key, other[0], best[0]) else (best, other)
        try:
            return await first[1]()
        except graphql.Unusable:
            return await second[1]()
        except RpcError as error:
            if error.code is not Code.RESOURCE_EXHAUSTED or not self._may_try(key, second[0]):
                raise
            try:
                return await second[1]()
            except graphql.Unusable:
                raise error from None

    def _prefers(self, key: str, other: Resource, best: Resource) -> bool:
        if not self._is_usable(other):
            return False
        if not self._is_usable(best):
            return True
        now = self._clock()
        if intent.is_speculative() or self._budget.held(key, other, now):
            return False
        if self._budget.held(key, best, now):
            return True
        return self._budget.is_nearly_spent(key, best, now) and not self._budget.is_nearly_spent(
            key, other, now
        )

    def _may_try(self, key: str, resource: Resource) -> bool:
        spent = self._budget.held(key, resource, self._clock()) is not None
        return self._is_usable(resource) and not intent.is_speculative() and not spent

    def _is_usable(self, resource: Resource) -> bool:
        return resource != "graphql" or not self._is_missing()
