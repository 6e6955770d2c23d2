"""Counts, times and logs what passed the door: the metrics and one line a request."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any

from proxy.door.heads import origin_form
from proxy.logs import log_line

if TYPE_CHECKING:
    from prometheus_client import Counter

    from proxy.door.faces import Passed
    from proxy.durations import Duration
    from proxy.metrics import Metrics

_logger = logging.getLogger("proxy.access")
_BEFORE_QUERY = re.compile(rb"[?#]")
_LOGGED_PATH = 512
"""Characters of a path that a log line shows."""


class Recorder:
    """Keeps the metrics' children, since looking them up by label costs more than all the rest.

    What is in flight is counted here and read when the metrics are asked for, which costs least.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._durations: dict[tuple[str, int], Duration] = {}
        self._inflight: dict[str, int] = {}
        self._errors: dict[str, Counter] = {}

    def began(self, exchange: Passed) -> None:
        """A request has a route."""
        label = exchange.route.label
        try:
            self._inflight[label] += 1
        except KeyError:
            self._inflight[label] = 1
            self._metrics.inflight_requests.labels(label).set_function(lambda: self._inflight[label])

    def over(self, exchange: Passed, status: int, seconds: float) -> None:
        """A request has been answered, or its client has gone (499)."""
        label = exchange.route.label
        self._inflight[label] -= 1
        self._duration(label, status).observe(seconds)
        level = logging.WARNING if exchange.failure else logging.INFO
        if _logger.isEnabledFor(level):
            self._log(level, exchange, status, seconds)

    def refused(self, status: int, text: str) -> None:
        """A request was refused before it had a route."""
        self._duration("other", status).observe(0.0)
        log_line(_logger, logging.INFO, "request refused", status=status, reason=text)

    def upstream_error(self, reason: str) -> None:
        """The upstream did not answer whole."""
        if reason not in self._errors:
            self._errors[reason] = self._metrics.upstream_errors.labels(reason)
        self._errors[reason].inc()

    def _duration(self, label: str, status: int) -> Duration:
        duration = self._durations.get((label, status))
        if duration is None:
            duration = self._metrics.request_duration.labels(label, str(status))
            self._durations[label, status] = duration
        return duration

    def _log(self, level: int, exchange: Passed, status: int, seconds: float) -> None:
        """Query and fragment are left out: they can hold an authorization code."""
        failed: dict[str, Any] = {"error": exchange.failure} if exchange.failure else {}
        path = _BEFORE_QUERY.split(origin_form(exchange.head.target)[0], 1)[0][:_LOGGED_PATH]
        log_line(
            _logger,
            level,
            "request",
            request_id=exchange.request_id.decode("ascii", "replace"),
            method=exchange.head.method.decode("ascii", "replace"),
            path=path.decode("ascii", "replace"),
            route=exchange.route.label,
            status=status,
            duration_ms=round(seconds * 1000, 3),
            size=exchange.answer_size,
            client=exchange.hop.client_address.decode("ascii", "replace"),
            **failed,
        )
