"""Answers that need no waiting, given in front of aiohttp: what is known is written as it lies.

The same rules as ``edge``, whose answers these are: equal headers and an equal body. Whatever is not a plain
success at once (unknown, refused, broken, slow to compress) is left to ``edge``, which then does all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.utils import formatdate
from typing import TYPE_CHECKING, Generic, TypeVar

from aiohttp import hdrs
from google.protobuf.message import Message
from multidict import CIMultiDict, CIMultiDictProxy

from proxy.connect import codec, edge, headers
from proxy.connect.edge import Call
from proxy.errors import RpcError
from proxy.known import Known

if TYPE_CHECKING:
    from proxy.connect.codec import Encoded
    from proxy.connect.headers import Format

Req = TypeVar("Req", bound=Message)
Q = TypeVar("Q")
Headers = Sequence[tuple[bytes, bytes]]

_MOST_KEPT = 2 * 1024 * 1024
"""Bytes that questions may take in one of the two generations in which they are remembered."""
_KEPT, _KEPT_TIMES = 2048, 6
"""Bytes that one takes, and how many times its body's: text with one rare character has four a character."""


class AtOnce(Generic[Req, Q]):
    """A method whose answer may be known.

    Args:
        request_type: what the method takes.
        question: what a request asks for; a pure function of message, format and ``Accept-Encoding``.
        known: gives the answer to it if it is known, without waiting for anybody. Where it gives none it
            has counted, changed and begun nothing.
        clock: Unix seconds, for ``Date``.
    """

    def __init__(
        self,
        request_type: type[Req],
        question: Callable[[Req, Call], Q],
        known: Callable[[Q, Call], Encoded | None],
        *,
        clock: Callable[[], float],
    ) -> None:
        self.known = known
        self._request_type = request_type
        self._question = question
        self._clock = clock
        self._questions: Known[Q] = Known(most_bytes=_MOST_KEPT)
        self._date = 0, (b"", b"")

    def asked(self, sent: Headers) -> Asked[Req, Q] | None:
        """A call by POST, as far as its headers tell; ``None``: ask ``edge``.

        Equal headers give calls that are equal: one may be kept for all requests that have them.
        """
        found = CIMultiDictProxy(CIMultiDict((_text(name), _text(value)) for name, value in sent))
        call_format = headers.format_of(found.get(hdrs.CONTENT_TYPE, ""))
        if call_format is None or hdrs.CONTENT_ENCODING in found:
            return None
        try:
            headers.check_protocol_version(found.get("Connect-Protocol-Version"))
            has_time = headers.timeout_of(found.get("Connect-Timeout-Ms")) != 0
        except RpcError:
            return None
        return Asked(self, found, call_format) if has_time else None

    def question(self, body: bytes, call: Call, *, gzip: bool) -> Q:
        """What a body asks for.

        Raises:
            RpcError: it is no such request.
        """
        key = body, call.format, gzip
        question = self._questions.get(key)
        if question is None:
            question = self._question(codec.decode(self._request_type, call.format, body), call)
            self._questions.keep(key, question, _KEPT + _KEPT_TIMES * len(body))
        return question

    def date(self) -> tuple[bytes, bytes]:
        """The header ``Date``, written once a second."""
        second, written = self._date
        now = int(self._clock())
        if now != second:
            self._questions.tick(now)
            written = b"Date", formatdate(now, usegmt=True).encode()
            self._date = now, written
        return written


class Asked(Generic[Req, Q]):
    """A call whose headers were read; made by ``AtOnce.asked``."""

    def __init__(self, method: AtOnce[Req, Q], sent: CIMultiDictProxy[str], call_format: Format) -> None:
        self._method = method
        self._sent = sent
        self._format = call_format
        self._gzip = headers.accepts_gzip(",".join(sent.getall(hdrs.ACCEPT_ENCODING, ())))
        call = Call(sent, call_format)
        self._usual = {
            gzipped: _written(edge.success_headers(call, gzipped=gzipped)) for gzipped in (False, True)
        }

    def answer(self, body: bytes, request_id: bytes) -> tuple[Headers, bytes] | None:
        """Answer the call.

        Args:
            body: all of its body.
            request_id: what names it in the answer.

        Returns:
            Headers, without the length, and body of an answer with status 200; ``None``: ask ``edge``.
        """
        call = Call(self._sent, self._format, request_id.decode("ascii"))
        try:
            question = self._method.question(body, call, gzip=self._gzip)
            known = self._method.known(question, call)
        except Exception:  # noqa: BLE001 - ``edge`` meets it again, and reports it
            return None
        if known is None or edge.is_costly(known, self._format, self._gzip):
            return None
        answer, gzipped = edge.encoded(known, self._format, self._gzip)
        told = [*self._usual[gzipped], *_written(call.response_headers), self._method.date()]
        if headers.request_id_of(call.request_id):
            told.append((b"X-Request-Id", request_id))
        return told, answer


def _written(told: CIMultiDict[str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("ascii"), value.encode("ascii")) for name, value in told.items()]


def _text(raw: bytes) -> str:
    """As aiohttp reads what a head holds."""
    return raw.decode("utf-8", "surrogateescape")
