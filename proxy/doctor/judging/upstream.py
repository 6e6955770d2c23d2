"""What Pyroscope's answers mean. Pure.

https://grafana.com/docs/pyroscope/latest/reference-server-api/
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.doctor.judging.answers import SLOW_SECONDS, Silent, is_redirect, named, unanswered
from proxy.doctor.model import failure, ok, warning

if TYPE_CHECKING:
    from proxy.config.model import Config
    from proxy.doctor.judging.answers import Answer, Heard
    from proxy.doctor.model import Finding

KEY = "upstream.url"
READY, QUERIES, LOOP = "upstream.ready", "upstream.queries", "upstream.loop"
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})  # noqa: S104 - compared, not listened on
_ELSEWHERE = (
    "point upstream.url at Pyroscope's HTTP port (4040); in microservices mode, at the query-frontend or the "
    "gateway"
)


def loop(config: Config) -> Finding:
    """Whether the upstream can be the proxy itself."""
    url = config.upstream.url
    host = url.host or ""
    own = {config.listen.port, config.admin_listen.port}
    if url.port in own and (host in _LOOPBACK or host in {config.listen.host, config.admin_listen.host}):
        return failure(
            LOOP, f"{named(url)} is the proxy itself, so requests would go in a circle", _ELSEWHERE
        )
    return ok(LOOP, f"{named(url)} is another server than the proxy")


def ready(answer: Answer, authority: str) -> Finding:
    """What ``GET /ready`` says."""
    if isinstance(answer, Silent):
        return unanswered(READY, answer, host=authority, key=KEY)
    match answer.status:
        case HTTPStatus.OK if answer.seconds >= SLOW_SECONDS:
            return warning(
                READY,
                f"{authority} is ready, and took {answer.milliseconds} to say so",
                "look at its load, and at what is between it and here",
            )
        case HTTPStatus.OK:
            return ok(READY, f"{authority} is ready, it answered in {answer.milliseconds}")
        case HTTPStatus.SERVICE_UNAVAILABLE:
            return warning(
                READY,
                f"{authority} says that it is not ready (HTTP 503)",
                "wait until Pyroscope has started, or look at its log",
            )
        case status if is_redirect(status):
            return failure(
                READY,
                f"{authority} redirects (HTTP {status}), which is passed to Grafana and not followed",
                "put the address that it redirects to into upstream.url, with its scheme and path prefix",
            )
        case status:
            return warning(
                READY,
                f"{authority} answers HTTP {status} to /ready",
                "nothing, if it is a gateway that keeps /ready to itself and the queries below work; else "
                "check upstream.url and its path prefix",
            )


def queries(answer: Answer, authority: str, *, multitenancy_enabled: bool) -> Finding:
    """What the querier says to ``ProfileTypes`` without a tenant."""
    if isinstance(answer, Silent):
        return unanswered(QUERIES, answer, host=authority, key=KEY)
    if answer.status == HTTPStatus.UNAUTHORIZED and b"no org id" in answer.body:
        return _tenant_wanted(authority, multitenancy_enabled=multitenancy_enabled)
    if answer.status == HTTPStatus.OK:
        return _profile_types(answer, authority, multitenancy_enabled=multitenancy_enabled)
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return warning(
            QUERIES,
            f"{authority} wants credentials (HTTP {answer.status}), so whether it is Pyroscope is not known",
            "give them to Grafana's data source, whose headers are passed on; the page at /-/source/ cannot "
            "ask such an upstream",
        )
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and answer.status != HTTPStatus.NOT_IMPLEMENTED:
        return failure(
            QUERIES,
            f"{authority} fails to answer ProfileTypes (HTTP {answer.status})",
            "look at Pyroscope's log",
        )
    return _not_pyroscope(answer, authority)


def _profile_types(answer: Heard, authority: str, *, multitenancy_enabled: bool) -> Finding:
    said = answer.json()
    types = None if said is None else said.get("profileTypes", [])
    if not isinstance(types, list):
        return _not_pyroscope(answer, authority)
    if multitenancy_enabled:
        return warning(
            QUERIES,
            f"{authority} answers without a tenant, while tenancy.multitenancy_enabled is true",
            "set it to what Pyroscope's multitenancy_enabled is: else sessions of Pyroscope do not open here",
        )
    if not types:
        return warning(
            QUERIES,
            f"{authority} is Pyroscope, and has no profiles of the last hour",
            "send it profiles, or check that this is the right Pyroscope",
        )
    kinds = f"{len(types)} profile type{'' if len(types) == 1 else 's'}"
    return ok(QUERIES, f"{authority} is Pyroscope and knows {kinds}, it answered in {answer.milliseconds}")


def _tenant_wanted(authority: str, *, multitenancy_enabled: bool) -> Finding:
    if multitenancy_enabled:
        return ok(
            QUERIES, f"{authority} is Pyroscope and wants a tenant, as tenancy.multitenancy_enabled says"
        )
    return warning(
        QUERIES,
        f"{authority} wants a tenant, while tenancy.multitenancy_enabled is false",
        "set tenancy.multitenancy_enabled to true: else sessions of Pyroscope do not open here, and one "
        "session serves all tenants",
    )


def _not_pyroscope(answer: Heard, authority: str) -> Finding:
    return failure(
        QUERIES,
        f"{authority} does not answer as Pyroscope's querier does (HTTP {answer.status} to ProfileTypes)",
        _ELSEWHERE,
    )
