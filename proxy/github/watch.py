"""What the calls to GitHub show in the metrics: how long they took, what budget is left, what was limited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.github import limits, refusals

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.github.transport import Exchange
    from proxy.github.wire import Request, Response
    from proxy.metrics import Metrics


class Watch:
    """Keeps the metrics of GitHub; ``windows`` holds the budgets of the tokens seen, by hash."""

    def __init__(self, metrics: Metrics, clock: Callable[[], float]) -> None:
        self._metrics = metrics
        self._clock = clock
        self._shown: set[str] = set()
        self.windows = limits.Windows()

    def exchanged(self, exchange: Exchange) -> None:
        """Note that a request was sent, and what came of it."""
        labels = (exchange.request.method, exchange.request.route, exchange.status_code)
        self._metrics.github_request_duration.labels(*labels).observe(exchange.seconds)

    def answered(self, request: Request, response: Response) -> None:
        """Note the budget that an answer reports, and whether it was a refusal for the rate."""
        now, token = self._clock(), request.headers.get("Authorization", "").removeprefix("Bearer ")
        seen = limits.read_rate_limit(response.headers, request.route)
        if seen is not None and token:
            self.windows.observe(limits.token_key(token), seen, now)
            self._show(seen.resource)
        if response.status in (403, 429):
            limit = limits.read_limited(
                response.status, response.headers, refusals.message_of(response) or "", now
            )
            if limit is not None and not refusals.is_permission(response):
                resource = response.headers.get("x-ratelimit-resource", "")
                self.limited(limits.resource_label(resource, request.route), limit)

    def limited(self, resource: str, limit: limits.Limited) -> None:
        """Count a refusal for the rate."""
        self._metrics.github_rate_limited.labels(resource, limit.kind).inc()

    def _show(self, resource: str) -> None:
        """Let the gauges of a resource follow ``windows``, which change also when a window passes."""
        if resource in self._shown:
            return
        self._shown.add(resource)

        def lowest() -> limits.RateLimit:
            return self.windows.lowest(resource, self._clock()) or limits.RateLimit(resource, 0, 0, 0)

        self._metrics.github_rate_limit_limit.labels(resource).set_function(lambda: lowest().limit)
        self._metrics.github_rate_limit_remaining.labels(resource).set_function(lambda: lowest().remaining)
        self._metrics.github_rate_limit_reset.labels(resource).set_function(lambda: lowest().reset)
