"""Answers that need no waiting, given in front of aiohttp: what is known is written as it lies.

The same rules as ``edge``, whose answers these are: equal headers and an equal body. Whatever is not a plain
success at once (unknown, refused, broken, slow to compress) is left to ``edge``, which then does all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Generic, TypeVar

from aiohttp import hdrs
from google.protobuf.message import Message
from multidict import CIMultiDict, CIMultiDictProxy

from proxy.connect import codec, edge, headers
from proxy.connect.codec import Encoded
from proxy.connect.edge import Call

Req = TypeVar("Req", bound=Message)
Headers = Sequence[tuple[bytes, bytes]]
Known = Callable[[Req, Call], Encoded | None]


@dataclass(frozen=True, slots=True)
class AtOnce(Generic[Req]):
    """A method whose answer may be known.

    Attributes:
        request_type: what the method takes.
        known: gives the answer if it is known, without waiting for anybody; it may raise ``RpcError``.
            Where it gives none it has counted, changed and begun nothing.
        clock: Unix seconds, for ``Date``.
    """

    request_type: type[Req]
    known: Known[Req]
    clock: Callable[[], float]

    def answer(self, sent: Headers, body: bytes, request_id: bytes) -> tuple[Headers, bytes] | None:
        """Answer a call by POST.

        Args:
            sent: the request's headers.
            body: all of its body.
            request_id: what names it in the answer.

        Returns:
            The headers, without the length, and the body of an answer with status 200; else ``None``.
        """
        found = CIMultiDict((_text(name), _text(value)) for name, value in sent)
        try:
            return self._answer(CIMultiDictProxy(found), body, request_id.decode("ascii"))
        except Exception:  # noqa: BLE001 - ``edge`` meets it again, and reports it
            return None

    def _answer(
        self, sent: CIMultiDictProxy[str], body: bytes, request_id: str
    ) -> tuple[Headers, bytes] | None:
        request_format = headers.format_of(sent.get(hdrs.CONTENT_TYPE, ""))
        if request_format is None or hdrs.CONTENT_ENCODING in sent:
            return None
        headers.check_protocol_version(sent.get("Connect-Protocol-Version"))
        if headers.timeout_of(sent.get("Connect-Timeout-Ms")) == 0:
            return None
        call = Call(sent, request_format, headers.request_id_of(request_id))
        known = self.known(codec.decode(self.request_type, request_format, body), call)
        if known is None:
            return None
        gzip = headers.accepts_gzip(",".join(sent.getall(hdrs.ACCEPT_ENCODING, ())))
        if edge.is_costly(known, request_format, gzip):
            return None
        answer, gzipped = edge.encoded(known, request_format, gzip)
        told: dict[str, Any] = {**edge.success_headers(call, gzipped=gzipped), **call.response_headers}
        told[hdrs.DATE] = formatdate(self.clock(), usegmt=True)
        return [(name.encode("ascii"), value.encode("ascii")) for name, value in told.items()], answer


def _text(raw: bytes) -> str:
    """As aiohttp reads what a head holds."""
    return raw.decode("utf-8", "surrogateescape")
