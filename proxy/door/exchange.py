"""One request and its answer: from a client's connection to a server behind and back.

States, in plain words: the request is being sent (perhaps while its connection is still being made);
the answer's head has come; the exchange is over. It is over exactly once, in ``_end``.
"""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.door.answering import Answering
from proxy.door.heads import CHUNKED, LAST_CHUNK, SIZED, chunk, forwarded_request, own_head
from proxy.door.reading import Untimely
from proxy.door.routes import Backend
from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    import asyncio

    from proxy.door.backend import BackendConnection, Pool
    from proxy.door.faces import Asked, Client, Watch
    from proxy.door.heads import RequestHead
    from proxy.door.plans import Plan
    from proxy.door.reading import BadMessage

_BUFFERED = 64 * 1024
"""Bytes of a request kept while its connection is made, or to send it again."""
_CLIENT_STALL_SECONDS = 60.0
"""How long a client may keep us waiting for the next piece of its request."""
_CLIENT_PAUSE_SECONDS = 300.0
"""How long a client may take to make room for more of its answer."""
CLIENT_CLOSED_REQUEST = 499


class Exchange(Answering):
    """A request on its way, and its answer."""

    __slots__ = (
        *("_at_once", "_backend_paused", "_connection", "_opening", "_repeatable", "_request_id", "_sent"),
        *("_sent_size", "_unsent", "_unsent_size"),
        *("deadline", "failure", "hop", "pool", "route", "started"),
    )

    def __init__(self, watch: Watch, client: Client, head: RequestHead, *, plan: Plan, pool: Pool) -> None:
        super().__init__(watch, client, head)
        self.failure = ""
        self._connection: BackendConnection | None = None
        self._opening: asyncio.Task[BackendConnection] | None = None
        self._unsent_size = self._sent_size = 0
        self._backend_paused = False
        self.route = plan.route
        self.hop = plan.hop
        self.pool = pool
        self._request_id = plan.given_id
        self.started = watch.now()
        self.deadline = self.started + _CLIENT_STALL_SECONDS
        # A request whose answer may be known needs no head until it is not.
        forwarded = plan.forwarded or (b"" if plan.at_once is not None else self._own_head())
        self._at_once = plan.at_once
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
        if self._at_once is None:
            self._connect()
        elif self.request_done:
            self._answer_at_once(self._at_once)

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

    def _connect(self) -> None:
        connection = self.pool.take(surely_open=not self._repeatable)
        if connection is None:
            self._opening = self._watch.spawn(self.pool, self.connected, self.not_connected)
        else:
            self._attach(connection)

    # The request, from the client

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

    def client_gone(self) -> None:
        """The client went away: nobody needs the answer."""
        if not self._over:
            self._end(CLIENT_CLOSED_REQUEST, reusable=False)

    def client_garbled(self, fault: BadMessage) -> None:
        """The client's body broke the rules of HTTP."""
        if self._over:
            return
        if self._answer is None:
            error = RpcError(Code.INVALID_ARGUMENT, f"the request's body is not valid HTTP: {fault.text}")
            self._client.answer_error(error, fault.status, keep_alive=False)
        self._end(int(fault.status), reusable=False, broken=self._answer is not None)

    def client_paused(self, *, paused: bool) -> None:
        """The client does not take (or takes again) the answer."""
        self._client_paused = paused
        self._progress()
        if self._connection is not None:
            if paused:
                self._connection.pause_reading()
            else:
                self._connection.resume_reading()

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

    # The connection to the server behind

    def connected(self, connection: BackendConnection) -> None:
        """A new connection is there."""
        self._opening = None
        if self._over:
            connection.drop()
        elif connection.transport.is_closing():  # it was lost before there was anybody to tell
            self._fail("reset", HTTPStatus.BAD_GATEWAY, f"{self._behind} closed the connection at once")
        else:
            self._attach(connection)

    def not_connected(self, error: OSError) -> None:
        """No connection could be made."""
        self._opening = None
        if self._over:
            return
        if isinstance(error, TimeoutError):
            self._fail(
                "timeout", HTTPStatus.GATEWAY_TIMEOUT, f"{self._behind} did not accept a connection in time"
            )
        else:
            message = f"no connection to {self._behind} could be made"
            self._fail("connect", HTTPStatus.BAD_GATEWAY, message, cause=str(error))

    def _attach(self, connection: BackendConnection) -> None:
        self._connection = connection
        connection.begin(self, head_request=self.head.method == b"HEAD")
        unsent, self._unsent, self._unsent_size = self._unsent, [], 0
        connection.transport.write(unsent[0] if len(unsent) == 1 else b"".join(unsent))
        if self._client.held is not self._backend_paused:
            self._client.hold(held=self._backend_paused)
        if self._client_paused:
            connection.pause_reading()

    def backend_paused(self, *, paused: bool) -> None:
        """The server behind does not take (or takes again) the request's body."""
        self._backend_paused = paused
        self._progress()
        self._client.hold(held=paused)

    def backend_lost(self, error: Exception | None) -> None:
        """The connection broke before the answer was complete."""
        connection, self._connection = self._connection, None
        if self._over or connection is None:
            return
        if connection.reused and not connection.answered and self._sent is not None:
            self._send_again(self._sent)
            return
        how = "closed the connection" if error is None else "broke the connection"
        self._fail("reset", HTTPStatus.BAD_GATEWAY, f"{self._behind} {how} before its answer was complete")

    def _send_again(self, sent: list[bytes]) -> None:
        self._unsent = list(sent)
        self._backend_paused = False
        self._opening = self._watch.spawn(self.pool, self.connected, self.not_connected)

    def _check_timely(self) -> None:
        # On a kept connection: it was idle for too long. https://www.rfc-editor.org/rfc/rfc9110#section-15.5.9
        kept = self._connection is not None and self._connection.reused and self._connection.closing
        if kept and self._sent is not None and not self._interim:
            raise Untimely

    def backend_garbled(self, fault: BadMessage) -> None:
        """The server behind sent what is not HTTP, or closed the connection with a word."""
        if isinstance(fault, Untimely) and self._connection is not None and self._sent is not None:
            self._connection.drop()
            self._connection = None
            self._send_again(self._sent)
            return
        self._flush()
        if not self._over:
            message = f"{self._behind}'s answer is not valid HTTP: {fault.text}"
            self._fail("reset", HTTPStatus.BAD_GATEWAY, message)

    # Time, and the end

    def _progress(self) -> None:
        """Set the deadline. An answer that has begun may pause as long as it likes, as event streams do."""
        if self._answer is not None:
            seconds = _CLIENT_PAUSE_SECONDS if self._client_paused else math.inf
        elif self._waits_for_request:
            seconds = _CLIENT_STALL_SECONDS
        else:
            seconds = self._watch.response_timeout
        self.deadline = self._watch.now() + seconds

    @property
    def _waits_for_request(self) -> bool:
        return not self.request_done and not self._backend_paused

    def expired(self) -> None:
        """Nothing has moved for too long."""
        if self._answer is not None:
            self._end(CLIENT_CLOSED_REQUEST, reusable=False, broken=True)
        elif self._waits_for_request:
            error = RpcError(Code.DEADLINE_EXCEEDED, "the request's body did not arrive in time")
            self._client.answer_error(error, HTTPStatus.REQUEST_TIMEOUT, keep_alive=False)
            self._end(HTTPStatus.REQUEST_TIMEOUT, reusable=False)
        else:
            self._fail("timeout", HTTPStatus.GATEWAY_TIMEOUT, f"{self._behind} did not answer in time")

    @property
    def _behind(self) -> str:
        """Who is to be blamed."""
        return "Pyroscope" if self.route.backend is Backend.UPSTREAM else "the proxy's own service"

    def _fail(self, reason: str, status: HTTPStatus, message: str, *, cause: str = "") -> None:
        self.failure = cause or message
        self._watch.upstream_error(self, reason)
        if self._answer is not None:
            self._end(self._answer.status, reusable=False, broken=True)
            return
        code = Code.DEADLINE_EXCEEDED if status is HTTPStatus.GATEWAY_TIMEOUT else Code.UNAVAILABLE
        self._keep_alive = self._may_stay and bool(self.head.minor)
        self._client.answer_error(RpcError(code, message), status, keep_alive=self._keep_alive)
        self._end(int(status), reusable=False)

    def _end(self, status: int, *, reusable: bool, broken: bool = False) -> None:
        self._over = True
        if self._opening is not None:
            self._opening.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            if reusable:
                connection.release()
            else:
                connection.drop()
        self._unsent = []
        self._watch.over(self, status)
        self._client.exchange_over(keep_alive=self._keep_alive and not broken, broken=broken)
