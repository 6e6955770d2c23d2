"""How much a caller may ask: the hourly budgets and GitHub's secondary limits.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from proxy.demo.github.answers import DOCS, Answer, RefusalError, json_answer

CORE, GRAPHQL = "core", "graphql"
RESOURCES = (CORE, GRAPHQL)
WINDOW_SECONDS = 3_600
_ABOUT = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(slots=True)
class Budget:
    """What one caller has left of one resource until ``reset`` (Unix seconds)."""

    resource: str
    limit: int
    reset: int
    used: int = 0

    @property
    def remaining(self) -> int:
        """Calls left."""
        return max(0, self.limit - self.used)

    def headers(self) -> dict[str, str]:
        """The ``x-ratelimit-*`` headers."""
        return {
            "x-ratelimit-limit": str(self.limit),
            "x-ratelimit-remaining": str(self.remaining),
            "x-ratelimit-used": str(self.used),
            "x-ratelimit-reset": str(self.reset),
            "x-ratelimit-resource": self.resource,
        }

    def as_json(self) -> dict[str, Any]:
        """As ``GET /rate_limit`` gives it."""
        return {
            "limit": self.limit,
            "used": self.used,
            "remaining": self.remaining,
            "reset": self.reset,
            "resource": self.resource,
        }


@dataclass(frozen=True, slots=True)
class Secondary:
    """A secondary limit that is in force; ``retry_after`` ``None`` leaves the header out."""

    status: int = 403
    retry_after: int | None = 60
    resources: tuple[str, ...] = RESOURCES
    login: str | None = None


@dataclass(slots=True)
class Limits:
    """The budgets of all callers.

    Attributes:
        core: REST calls an hour per user.
        graphql: GraphQL points an hour per user.
        anonymous: REST calls an hour without a token.
        exceeded_status: what a REST call beyond the budget gets, 403 or 429.
        secondary: a secondary limit to answer with, when one is to be in force.
    """

    core: int = 5_000
    graphql: int = 5_000
    anonymous: int = 60
    exceeded_status: int = 403
    secondary: Secondary | None = None
    _budgets: dict[tuple[str | None, str], Budget] = field(default_factory=dict)

    def budget(self, login: str | None, resource: str, now: float) -> Budget:
        """What is left to ``login`` (``None``: without a token) in the window that ``now`` is in."""
        key = (login, resource)
        budget = self._budgets.get(key)
        if budget is None or now >= budget.reset:
            budget = Budget(resource, self._limit(login, resource), int(now) + WINDOW_SECONDS)
            self._budgets[key] = budget
        return budget

    def set_remaining(self, login: str | None, resource: str, remaining: int, now: float) -> Budget:
        """Leave a caller that many calls until the window ends."""
        budget = self.budget(login, resource, now)
        budget.used = budget.limit - remaining
        return budget

    def refuse_secondary(self, login: str | None, resource: str) -> None:
        """Answer with the secondary limit while one is in force.

        Raises:
            RefusalError: it is.
        """
        limit = self.secondary
        if limit is None or resource not in limit.resources or limit.login not in {None, login}:
            return
        raise RefusalError(
            limit.status,
            "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
            headers={} if limit.retry_after is None else {"retry-after": str(limit.retry_after)},
            documentation_url=f"{_ABOUT}#about-secondary-rate-limits",
        )

    def exceeded(self, login: str | None) -> RefusalError:
        """What a call gets for which nothing is left."""
        who = f"user {login}" if login else "127.0.0.1"
        message = f"API rate limit exceeded for {who}."
        return RefusalError(self.exceeded_status, message, "RATE_LIMITED", documentation_url=_ABOUT)

    def _limit(self, login: str | None, resource: str) -> int:
        if login is None:
            return self.anonymous if resource == CORE else 0
        return self.core if resource == CORE else self.graphql


def rate_limit_answer(budgets: list[Budget]) -> Answer:
    """The answer of ``GET /rate_limit``, which costs nothing itself."""
    resources = {budget.resource: budget.as_json() for budget in budgets}
    return json_answer({"resources": resources, "rate": resources[CORE]})
