"""What GitHub's answers say of the budget: kept for the next call, and shown in the metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.github import graphql, limits, refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.github.budget import Budget
    from proxy.github.transport import Exchange
    from proxy.github.wire import Request, Response
    from proxy.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Caller:
    """On whose account a call goes: ``key`` stands for the token, ``resource`` is what it draws on."""

    key: str
    resource: str


class Watch:
    """Keeps the metrics of GitHub, and ``budget`` informed of every answer."""

    def __init__(self, metrics: Metrics, budget: Budget, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._budget = budget
        self._clock = clock
        self._shown: set[str] = set()

    def exchanged(self, exchange: Exchange) -> None:
        """Note that a request was sent, and what came of it."""
        labels = (exchange.request.method, exchange.request.route, exchange.status_code)
        self._metrics.github_request_duration.labels(*labels).observe(exchange.seconds)

    def answered(self, caller: Caller, request: Request, response: Response) -> limits.Limited | None:
        """Note what an answer says of the budget.

        Returns:
            The refusal, when it was one for the rate, with the time for which nothing will be sent.
        """
        now = self._clock()
        seen = limits.read_rate_limit(response.headers, request.route)
        if seen is not None and "Authorization" in request.headers:
            self._budget.windows.observe(caller.key, seen, now)
            self._show(seen.resource)
        limit = _limited(request, response, now)
        if limit is None:
            if response.status < 500:  # noqa: PLR2004 - a server that fails says nothing of the rate
                self._budget.accepted(caller.key, caller.resource, now)
            return None
        resource = limits.resource_label(response.headers.get("x-ratelimit-resource", ""), request.route)
        self._metrics.github_rate_limited.labels(resource, limit.kind).inc()
        return self._budget.refused(caller.key, caller.resource, limit, now)

    def _show(self, resource: str) -> None:
        """Let the gauges of a resource follow the windows, which change also when one passes."""
        if resource in self._shown:
            return
        self._shown.add(resource)

        def lowest() -> limits.RateLimit:
            found = self._budget.windows.lowest(resource, self._clock())
            return found or limits.RateLimit(resource, 0, 0, 0)

        self._metrics.github_rate_limit_limit.labels(resource).set_function(lambda: lowest().limit)
        self._metrics.github_rate_limit_remaining.labels(resource).set_function(lambda: lowest().remaining)
        self._metrics.github_rate_limit_reset.labels(resource).set_function(lambda: lowest().reset)


def _limited(request: Request, response: Response, now: float) -> limits.Limited | None:
    if response.status == 200:  # noqa: PLR2004 - HTTP statuses read best as numbers
        return graphql.read_limited(response, now) if request.route == "graphql" else None
    if response.status not in (403, 429) or refusals.is_permission(response):
        return None
    message = refusals.message_of(response) or ""
    return limits.read_limited(response.status, response.headers, message, now)
