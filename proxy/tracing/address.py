"""Where spans are sent. Pure."""

from __future__ import annotations

_PATH = "/v1/traces"


def traces_url(endpoint: str) -> str:
    """Where spans are posted: the collector's address, with the path that OTLP gives to traces.

    https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
    """
    return endpoint if endpoint.endswith(_PATH) else endpoint.rstrip("/") + _PATH
