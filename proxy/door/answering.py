"""The answer's half of an exchange: what the server behind answers goes on to the client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING

from proxy.door.heads import (
    CHUNKED,
    FIRST_FINAL_STATUS,
    LAST_CHUNK,
    SIZED,
    UNFRAMED,
    UNTIL_CLOSE,
    chunk,
    forwarded_response,
    header,
    outgoing_framing,
)
from proxy.door.reading import VIEWED

if TYPE_CHECKING:
    from proxy.door.faces import Client, Watch
    from proxy.door.heads import RequestHead, ResponseHead

_REQUEST_TIMEOUT = 408


class Answering(ABC):
    """Takes what a response reader tells, and writes it on.

    Args:
        watch: who times and counts.
        client: whom to answer.
        head: the request's.
    """

    __slots__ = (
        *("_answer", "_client", "_client_paused", "_complete", "_framing", "_interim", "_keep_alive", "_out"),
        *("_over", "_watch", "answer_size", "head", "request_done"),
    )

    def __init__(self, watch: Watch, client: Client, head: RequestHead) -> None:
        self.request_done = False
        self.answer_size = 0
        self._answer: ResponseHead | None = None
        self._framing = UNFRAMED
        self._keep_alive = self._complete = self._over = self._client_paused = self._interim = False
        self._watch = watch
        self.head = head
        self._client = client
        self._out: list[bytes | memoryview] = []

    @property
    def end_is_marked(self) -> bool:
        """Whether a client can see from the answer itself that it is not whole."""
        return self._framing is not UNTIL_CLOSE

    @property
    def _may_stay(self) -> bool:
        return self.head.keep_alive and self.request_done and not self._watch.draining

    def response_head(self, head: ResponseHead) -> None:
        """The answer's head, or an interim one before it."""
        if head.status < FIRST_FINAL_STATUS:
            self._interim = True
            unasked = head.status == HTTPStatus.CONTINUE and not header(self.head.headers, b"expect")
            if self.head.minor and not unasked:
                self._out.append(forwarded_response(head, UNFRAMED, 1, keep_alive=True))
            return
        if head.status == _REQUEST_TIMEOUT:
            self._check_timely()
        self._answer = head
        self._framing = outgoing_framing(head, self.head.minor)
        self._keep_alive = self._may_stay and self._framing is not UNTIL_CLOSE
        self._out.append(
            forwarded_response(head, self._framing, self.head.minor, keep_alive=self._keep_alive)
        )

    def response_body(self, data: bytes | memoryview) -> None:
        """A piece of the answer's body."""
        self.answer_size += len(data)
        if self._framing is not CHUNKED:
            self._out.append(data)
        elif len(data) < VIEWED:
            self._out.append(chunk(data))
        else:
            self._out += (b"%x\r\n" % len(data), data, b"\r\n")

    def response_end(self) -> None:
        """The answer is complete."""
        if self._framing is CHUNKED:
            self._out.append(LAST_CHUNK)
        self._complete = True

    def response_whole(self, head: ResponseHead, data: bytes, start: int) -> None:
        """An answer of known length came all at once; its body is ``data`` from ``start`` on."""
        if not self.request_done or self._out:
            self.response_head(head)
            self.response_body(memoryview(data)[start:])
            self.response_end()
            self._flush()
            return
        self.answer_size = size = len(data) - start
        self._framing = SIZED
        self._keep_alive = keep_alive = self.head.keep_alive and not self._watch.draining
        minor = self.head.minor
        forwarded = head.forwarded if keep_alive and minor else b""
        if not forwarded:
            forwarded = forwarded_response(head, SIZED, minor, keep_alive=keep_alive)
        if size < VIEWED:
            self._client.transport.write(forwarded + data[start:])
        else:
            self._client.write_all((forwarded, memoryview(data)[start:]))
        self._end(head.status, reusable=True)

    def backend_flush(self) -> None:
        """All that one read brought has been told: write it on at once."""
        if not self._complete:
            self._progress()
        self._flush()

    def _flush(self) -> None:
        if self._out and not self._over:
            out, self._out = self._out, []
            self._client.write_all(out)
        if self._complete and not self._over and self._answer is not None:
            self._end(self._answer.status, reusable=self.request_done)

    @abstractmethod
    def _check_timely(self) -> None:
        """A 408 came: find out whether it is meant for this request.

        Raises:
            Untimely: when it is not.
        """

    @abstractmethod
    def _progress(self) -> None:
        """Something moved: the deadline is a new one."""

    @abstractmethod
    def _end(self, status: int, *, reusable: bool, broken: bool = False) -> None:
        """The exchange is over."""
