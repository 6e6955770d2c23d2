"""What the collector of traces said. Pure.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from proxy.doctor.judging.answers import Silent, named, unanswered
from proxy.doctor.model import failure, ok, skipped

if TYPE_CHECKING:
    from yarl import URL

    from proxy.doctor.judging.answers import Answer
    from proxy.doctor.model import Finding

COLLECTOR: Final = "tracing.collector"
_KEY = "tracing.endpoint"
_LOST = "spans are lost meanwhile"


def off() -> Finding:
    """Nothing is traced."""
    return skipped(COLLECTOR, f"{_KEY} is empty: tracing is off")


def collector(answer: Answer, url: URL) -> Finding:
    """Whether the collector takes spans.

    Args:
        answer: to an export of no spans.
        url: where it was sent.
    """
    where = named(url)
    if isinstance(answer, Silent):
        return unanswered(COLLECTOR, answer, host=where, key=_KEY)
    if answer.status == HTTPStatus.OK:
        return ok(COLLECTOR, f"{where} takes traces over OTLP, in {answer.milliseconds}")
    found = f"{where} does not take traces at {url.path} (HTTP {answer.status})"
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return failure(
            COLLECTOR, found, "let a collector without a login stand in between; the proxy sends none"
        )
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return failure(COLLECTOR, found, f"look at the collector's log and load; {_LOST}")
    advice = f"correct {_KEY}: the address of the receiver for OTLP over HTTP, usually at port 4318; {_LOST}"
    return failure(COLLECTOR, found, advice)
