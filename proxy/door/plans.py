"""What the door decides of a request by its head alone: where it goes and with which head."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from proxy.door.heads import (
    Framing,
    Hop,
    forwarded_request,
    header,
    is_idempotent,
    named_by_connection,
    origin_form,
)
from proxy.door.routes import Backend, Route, route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.door.faces import Asked, AtOnce
    from proxy.door.heads import RequestHead

_SMALL = 16 * 1024
"""Bytes of a request whose answer may be known."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")


@dataclass(slots=True)
class Plan:
    """Where a request goes; equal heads from one address have one plan, worked out once.

    Attributes:
        route: the route by the path.
        hop: what forwarding adds.
        repeatable: whether the request may be sent a second time.
        given_id: the client's own request id, empty for none that is fit to be used.
        forwarded: the head that goes to Pyroscope; empty for a request to ourselves, whose head names
            the request.
        at_once: may know the answer once the body is there.
        is_patient: whether the body is waited for before a connection is made: of requests to ourselves,
            whose bodies are small, so that who sends slowly takes up no more than its own connection.
    """

    route: Route
    hop: Hop
    repeatable: bool
    given_id: bytes
    forwarded: bytes
    at_once: Asked | None
    is_patient: bool


class Planner:
    """Makes plans.

    Args:
        host: the value of ``Host`` for the upstream.
        path_prefix: put before a path that goes there.
        at_once: by the label of its route, who may know the answer to a POST.
    """

    def __init__(self, host: bytes, path_prefix: bytes, at_once: Mapping[str, AtOnce]) -> None:
        self._at_once = at_once
        self._host = host
        self._path_prefix = path_prefix

    def plan(self, head: RequestHead, address: bytes, *, secure: bool) -> Plan:
        """The plan of a request, remembered with its head.

        Args:
            head: the request's; one head always comes with the same address and ``secure``.
            address: the client's, empty where it is not known.
            secure: whether the client came over TLS.
        """
        where = route(origin_form(head.target)[0])
        scheme = b"https" if secure else b"http"
        forwarded = b""
        if where.backend is Backend.UPSTREAM:
            hop = Hop(self._host, self._path_prefix, address, scheme)
            forwarded = forwarded_request(head, hop)
        else:
            hop = Hop(b"source-proxy", b"", address, scheme)
        given = header(head.headers, b"x-request-id") or b""
        given_id = given if _REQUEST_ID.fullmatch(given) else b""
        repeatable = where.repeatable or is_idempotent(head.method)
        is_patient = not forwarded and header(head.headers, b"expect") is None
        at_once = self._asked_at_once(where, head)
        plan = Plan(where, hop, repeatable, given_id, forwarded, at_once, is_patient)
        head.plan = plan
        return plan

    def _asked_at_once(self, where: Route, head: RequestHead) -> Asked | None:
        """Who may know the answer: to a small request of the usual form, else nobody."""
        at_once = self._at_once.get(where.label)
        is_small = head.framing is Framing.SIZED and 0 < head.length <= _SMALL
        if at_once is None or head.method != b"POST" or not is_small or not head.minor:
            return None
        expects = header(head.headers, b"expect") is not None
        return None if expects or named_by_connection(head.headers) else at_once.asked(head.headers)


def replanned(plan: Plan, head: RequestHead, request_id: bytes) -> Plan:
    """The plan of a request with another head, for this one request."""
    forwarded = forwarded_request(head, plan.hop) if plan.forwarded else b""
    return replace(plan, forwarded=forwarded, given_id=request_id)
