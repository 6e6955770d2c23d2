"""The request's half of an exchange: what the client sends goes on to the server behind."""

from __future__ import annotations

from abc import abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.door.answering import Answering
from proxy.door.heads import CHUNKED, LAST_CHUNK, SIZED, chunk, forwarded_request, own_head

if TYPE_CHECKING:
    from proxy.door.backend import BackendConnection
    from proxy.door.faces import Asked, Client, Watch
    from proxy.door.heads import RequestHead
    from proxy.door.plans import Plan

_BUFFERED = 64 * 1024
"""Bytes of a request kept while its connection is made, or to send it again."""
CLIENT_STALL_SECONDS = 60.0
"""How long a client may keep us waiting for the next piece of its request."""


class Sending(Answering):
    """Takes what a request reader tells, and sends it on.

    Args:
        watch: who times and counts.
        client: whose request it is.
        head: the request's.
        plan: where it goes.
    """

    __slots__ = (
        *("_at_once", "_backend_paused", "_connection", "_is_patient", "_repeatable", "_request_id", "_sent"),
        *("_sent_size", "_unsent", "_unsent_size"),
        *("deadline", "hop", "route", "started"),
    )

    def __init__(self, watch: Watch, client: Client, head: RequestHead, plan: Plan) -> None:
        super().__init__(watch, client, head)
        self._connection: BackendConnection | None = None
        self._unsent_size = self._sent_size = 0
        self._backend_paused = False
        self.route = plan.route
        self.hop = plan.hop
        self._request_id = plan.given_id
        self.started = watch.now()
        self.deadline = self.started + CLIENT_STALL_SECONDS
        # A request whose answer may be known needs no head until it is not.
        forwarded = plan.forwarded or (b"" if plan.at_once is not None else self._own_head())
        self._at_once = plan.at_once
        self._is_patient = plan.is_patient
        self._repeatable = plan.repeatable
        self._unsent: list[bytes] = [forwarded]
        self._sent: list[bytes] | None = [forwarded] if plan.repeatable else None

    @property
    def request_id(self) -> bytes:
        """The client's own, or one of ours; made when it is asked for, since most requests need none."""
        if not self._request_id:
            self._request_id = self._watch.new_request_id()
        return self._request_id

    def start(self, body: bytes | None = None) -> None:
        """Send the head on, over a kept connection or a new one; ``body`` is all of it, if it came."""
        if body is not None:
            self.request_done = True
            self.deadline = self.started + self._watch.response_timeout
            if body:
                self._all_came(body)
            if self._client_paused:
                self._progress()
        if self._at_once is not None:
            if self.request_done:
                self._answer_at_once(self._at_once)
        elif self.request_done or not self._is_patient:
            self._connect()

    def _answer_at_once(self, at_once: Asked) -> None:
        """Answer a request that is all there, if the answer is known; else have it answered."""
        self._at_once = None
        _, *body = self._unsent
        # A client that does not take its answers gets them from where they can be held back.
        known = None if self._client_paused else at_once.answer(b"".join(body), self.request_id)
        if known is None:
            self._unsent[0] = self._own_head()
            self._connect()
            return
        headers, answer = known
        self.answer_size = len(answer)
        self._framing, self._keep_alive = SIZED, self._may_stay
        head = own_head(HTTPStatus.OK, headers, len(answer), keep_alive=self._keep_alive)
        self._client.write_all((head, answer))
        self._end(int(HTTPStatus.OK), reusable=False)

    def _own_head(self) -> bytes:
        return forwarded_request(self.head, self.hop._replace(request_id=self.request_id))

    def _all_came(self, body: bytes) -> None:
        self._unsent.append(body)
        if len(body) > _BUFFERED:
            self._sent = None
        elif self._sent is not None:
            self._sent.append(body)

    def request_body(self, data: bytes) -> None:
        """A piece of the request's body came."""
        self._send(chunk(data) if self.head.framing is CHUNKED else data)

    def request_end(self) -> None:
        """The request is complete."""
        self.request_done = True
        if self.head.framing is CHUNKED:
            self._send(LAST_CHUNK)
        self._progress()
        if self._at_once is not None:
            self._answer_at_once(self._at_once)
        elif self._is_patient:
            self._connect()

    def _send(self, data: bytes) -> None:
        self._progress()
        if self._sent is not None:
            self._sent_size += len(data)
            self._sent.append(data)
            if self._sent_size > _BUFFERED:
                self._sent = None
        if self._connection is not None:
            self._connection.write(data)
        elif not self._over:
            self._unsent.append(data)
            self._unsent_size += len(data)
            if self._unsent_size > _BUFFERED:
                self._client.hold(held=True)
                if self._is_patient:
                    self._is_patient = False
                    self._connect()

    @abstractmethod
    def _connect(self) -> None:
        """Send what is unsent over a kept connection or a new one."""
