"""One request and its answer: from a client's connection to a server behind and back.

States, in plain words: the request is being sent (perhaps while its connection is still being made);
the answer's head has come; the exchange is over. It is over exactly once, in ``_end``.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.door.reading import Untimely
from proxy.door.routes import Backend
from proxy.door.sending import CLIENT_STALL_SECONDS, Sending
from proxy.errors import Code, RpcError

if TYPE_CHECKING:
    import asyncio

    from proxy.door.backend import BackendConnection, Pool
    from proxy.door.faces import Client, Watch
    from proxy.door.heads import RequestHead
    from proxy.door.plans import Plan
    from proxy.door.reading import BadMessage

_CLIENT_PAUSE_SECONDS = 300.0
"""How long a client may take to make room for more of its answer."""
_SILENCE_SECONDS = 60.0
"""How long an answer that has begun may pause. Keep-alive of TCP finds a machine that is gone, but not a
process that stands still."""
CLIENT_CLOSED_REQUEST = 499


class Exchange(Sending):
    """A request on its way, and its answer."""

    __slots__ = ("_opening", "failure", "pool")

    def __init__(self, watch: Watch, client: Client, head: RequestHead, *, plan: Plan, pool: Pool) -> None:
        super().__init__(watch, client, head, plan)
        self.failure = ""
        self.pool = pool
        self._opening: asyncio.Task[BackendConnection] | None = None

    def _connect(self) -> None:
        connection = self.pool.take(surely_open=not self._repeatable)
        if connection is None:
            self._opening = self._watch.spawn(self.pool, self.connected, self.not_connected)
        else:
            self._attach(connection)

    # The client

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

    # The connection to the server behind

    def connected(self, connection: BackendConnection) -> None:
        """A new connection is there."""
        self._opening = None
        if self._over:
            connection.drop()
        elif connection.transport.is_closing():  # it was lost before there was anybody to tell
            self._fail("reset", HTTPStatus.BAD_GATEWAY, f"{self._behind} closed the connection at once")
        else:
            try:
                self._attach(connection)
            except BaseException:
                self.gave_out()
                raise

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

    def gave_out(self) -> None:
        """Something failed in ourselves: break the connection, so that no client takes a part for all."""
        self._client.abort()

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
        """Set the deadline: whose turn it is has its time for the next piece."""
        if self._client_paused:
            seconds = _CLIENT_PAUSE_SECONDS
        elif self._answer is not None:
            seconds = _SILENCE_SECONDS
        elif self._waits_for_request:
            seconds = CLIENT_STALL_SECONDS
        else:
            seconds = self._watch.response_timeout
        self.deadline = self._watch.now() + seconds

    @property
    def _waits_for_request(self) -> bool:
        return not self.request_done and not self._backend_paused

    def expired(self) -> None:
        """Nothing has moved for too long."""
        if self._client_paused:
            self._end(CLIENT_CLOSED_REQUEST, reusable=False, broken=True)
        elif self._answer is not None:
            self._fail("timeout", HTTPStatus.GATEWAY_TIMEOUT, f"{self._behind} stopped within its answer")
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
