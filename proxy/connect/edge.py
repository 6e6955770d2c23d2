"""The aiohttp side of the edge: methods become routes, whatever happens becomes one answer.

Rules:

- A handler returns a message or raises ``RpcError``. Everything else it raises becomes ``internal``, whose
  message names nothing but the request id; cancellation passes.
- Nothing of a request or an answer is logged.
- Answers are private: no cache on the way may keep them.

Pass ``**SERVER_OPTIONS`` to ``web.AppRunner``. aiohttp would otherwise inflate bodies itself, where broken
and unknown encodings do not end in an error of the protocol; refuse a ``Cookie`` of 8 KiB, as browsers send
that keep several for one host; and log what it cannot read of a head, cookies included.

https://connectrpc.com/docs/protocol
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from google.protobuf.message import Message
from multidict import CIMultiDict, CIMultiDictProxy

from proxy.connect import codec, headers
from proxy.connect.codec import Encoded
from proxy.errors import Code, RpcError
from proxy.github import intent

if TYPE_CHECKING:
    from proxy.connect.headers import Format

Req = TypeVar("Req", bound=Message)

_LOG = logging.getLogger(__name__)


class _ServerLog(logging.LoggerAdapter[logging.Logger]):
    """What aiohttp logs, but not what it cannot read: it repeats that, and it is the client's own fault."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        if not isinstance(kwargs.get("exc_info"), HttpProcessingError):
            super().log(level, msg, *args, **kwargs)


# More than the door lets through, whose limits are told in the words of the protocol. Number or bytes: what
# ``max_headers`` counts depends on aiohttp's version.
_HEAD_LIMIT = 128 * 1024
SERVER_OPTIONS: Mapping[str, Any] = MappingProxyType(
    {
        "auto_decompress": False,
        "max_line_size": _HEAD_LIMIT,
        "max_field_size": _HEAD_LIMIT,
        "max_headers": _HEAD_LIMIT,
        "logger": _ServerLog(_LOG),
    }
)
"""What ``web.AppRunner`` has to be given for these routes."""

_REQUEST_ID_HEADER = "X-Request-Id"
# Larger answers are encoded and compressed beside the event loop, which they would hold up.
_LARGE_ANSWER = 256 * 1024
_UNREADABLE = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets besides the message.

    Attributes:
        headers: the request's; they hold cookies, so they are not part of ``repr``.
        format: how the caller wants its answer; what an ``Encoded`` must hold.
        request_id: as the front door set it; empty where nobody did.
        deadline: when the caller stops waiting, in the event loop's time; ``None``: it did not say.
        response_headers: headers to add to the answer, also when it is an error.
    """

    headers: CIMultiDictProxy[str] = field(repr=False)
    format: Format
    request_id: str = ""
    deadline: float | None = None
    response_headers: CIMultiDict[str] = field(default_factory=CIMultiDict, repr=False)

    def remaining(self, now: float) -> float | None:
        """Seconds left at ``now`` (the event loop's time), never below 0; ``None``: no limit."""
        return None if self.deadline is None else max(0.0, self.deadline - now)


Handler = Callable[[Req, Call], Awaitable[Message | Encoded]]


@dataclass(frozen=True, slots=True)
class Method(Generic[Req]):
    """A method of a service: its name, what it takes, and who answers it."""

    name: str
    request_type: type[Req]
    handler: Handler[Req]


def routes(service: str, methods: Sequence[Method[Any]]) -> list[web.RouteDef]:
    """The routes of a service, for ``app.add_routes``: its methods, then everything else below its name.

    Args:
        service: the full name, such as ``vcs.v1.VCSService``.
        methods: its methods.
    """
    found = [
        web.route(hdrs.METH_ANY, f"/{service}/{method.name}", _endpoint(service, method))
        for method in methods
    ]
    return [*found, web.route(hdrs.METH_ANY, f"/{service}/{{method:.*}}", _unknown_method)]


def error_response(error: RpcError, *, request_id: str = "", status: int | None = None) -> web.Response:
    """The answer that an error is, always in JSON.

    Args:
        error: what went wrong.
        request_id: to be named in the answer's headers.
        status: the HTTP status, where HTTP knows better than the code's own.
    """
    answer_headers = _common_headers(request_id)
    answer_headers[hdrs.CONTENT_TYPE] = headers.Format.JSON.value
    if error.retry_after is not None:
        answer_headers[hdrs.RETRY_AFTER] = str(error.retry_after)
    return web.Response(
        body=codec.error_body(error), status=status or error.code.http_status, headers=answer_headers
    )


def _common_headers(request_id: str) -> CIMultiDict[str]:
    found = CIMultiDict({hdrs.CACHE_CONTROL: "no-store", "X-Content-Type-Options": "nosniff"})
    if request_id:
        found[_REQUEST_ID_HEADER] = request_id
    return found


async def _unknown_method(request: web.Request) -> web.Response:
    # HTTP 404 means `unimplemented`: https://connectrpc.com/docs/protocol#http-to-error-code
    error = RpcError(
        Code.UNIMPLEMENTED, "This service has no such method; check the name, upper and lower case count."
    )
    return error_response(error, request_id=_request_id(request), status=web.HTTPNotFound.status_code)


def _request_id(request: web.Request) -> str:
    return headers.request_id_of(request.headers.get(_REQUEST_ID_HEADER))


def _endpoint(service: str, method: Method[Req]) -> Callable[[web.Request], Awaitable[web.Response]]:
    rpc = f"{service}/{method.name}"

    async def answer(request: web.Request) -> web.Response:
        request_id = _request_id(request)
        if request.method != hdrs.METH_POST:
            return _wrong_method(request_id)
        request_format = headers.format_of(request.headers.get(hdrs.CONTENT_TYPE, ""))
        if request_format is None:
            return _wrong_media_type(request_id)
        call = Call(request.headers, request_format, request_id)
        try:
            response = await _answer_in_time(request, call, method)
        except RpcError as error:
            response = error_response(error, request_id=request_id)
        except Exception as error:  # noqa: BLE001 - the one place where the unexpected becomes an answer
            response = _unexpected(error, rpc, request_id)
        response.headers.extend(call.response_headers)
        return response

    return answer


def _wrong_method(request_id: str) -> web.Response:
    # HTTP statuses without a code of their own mean `unknown` to Connect's clients.
    error = RpcError(Code.UNKNOWN, "This service is called with POST.")
    response = error_response(error, request_id=request_id, status=web.HTTPMethodNotAllowed.status_code)
    response.headers[hdrs.ALLOW] = hdrs.METH_POST
    return response


def _wrong_media_type(request_id: str) -> web.Response:
    error = RpcError(
        Code.UNKNOWN, f"This service reads {headers.ACCEPT_POST}; set Content-Type to one of them."
    )
    response = error_response(error, request_id=request_id, status=web.HTTPUnsupportedMediaType.status_code)
    response.headers["Accept-Post"] = headers.ACCEPT_POST
    return response


async def _answer_in_time(request: web.Request, call: Call, method: Method[Req]) -> web.Response:
    headers.check_protocol_version(request.headers.get("Connect-Protocol-Version"))
    timeout = headers.timeout_of(request.headers.get("Connect-Timeout-Ms"))
    if timeout is None:
        return await _answer(request, call, method)
    call = replace(call, deadline=asyncio.get_running_loop().time() + timeout)
    patience = asyncio.timeout_at(call.deadline)
    try:
        async with patience:
            # Gives a deadline that has passed already the chance to strike before any work is done.
            await asyncio.sleep(0)
            return await _answer(request, call, method)
    except TimeoutError:
        if not patience.expired():
            raise
        raise RpcError(
            Code.DEADLINE_EXCEEDED,
            f"No answer within the {timeout:g} seconds that the caller gave; try again.",
        ) from None


async def _answer(request: web.Request, call: Call, method: Method[Req]) -> web.Response:
    compression = headers.compression_of(request.headers.get(hdrs.CONTENT_ENCODING, ""))
    body = codec.decompress(await _read(request), compression)
    message = codec.decode(method.request_type, call.format, body)
    with intent.until(call.deadline):
        answer = await method.handler(message, call)
    gzip = headers.accepts_gzip(",".join(request.headers.getall(hdrs.ACCEPT_ENCODING, ())))
    if is_costly(answer, call.format, gzip):
        written = await asyncio.to_thread(encoded, answer, call.format, gzip)
    else:
        written = encoded(answer, call.format, gzip)
    return _success(*written, call)


async def _read(request: web.Request) -> bytes:
    if (request.content_length or 0) > codec.MAX_REQUEST_SIZE:
        raise codec.too_large(codec.MAX_REQUEST_SIZE)
    body = bytearray()
    try:
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > codec.MAX_REQUEST_SIZE:
                raise codec.too_large(codec.MAX_REQUEST_SIZE)
    except _UNREADABLE:
        raise RpcError(Code.INVALID_ARGUMENT, "The request's body broke off or was framed wrongly.") from None
    return bytes(body)


def is_costly(answer: Message | Encoded, answer_format: Format, gzip: bool) -> bool:
    """Whether encoding or compressing an answer would hold up the event loop."""
    if isinstance(answer, Message):
        return answer.ByteSize() >= _LARGE_ANSWER
    return gzip and answer.gzipped(answer_format) is None and len(answer.body(answer_format)) >= _LARGE_ANSWER


def encoded(answer: Message | Encoded, answer_format: Format, gzip: bool) -> tuple[bytes, bool]:
    """The body of an answer, and whether it is compressed."""
    if isinstance(answer, Message):
        ready, body = None, codec.encode(answer, answer_format)
    else:
        ready, body = answer.gzipped(answer_format), answer.body(answer_format)
    if not gzip or len(body) < codec.MIN_COMPRESSED_SIZE:
        return body, False
    return ready or codec.compress(body), True


def _success(body: bytes, gzipped: bool, call: Call) -> web.Response:
    return web.Response(body=body, headers=success_headers(call, gzipped=gzipped))


def success_headers(call: Call, *, gzipped: bool) -> CIMultiDict[str]:
    """The headers of a successful answer, without those that the handler adds."""
    answer_headers = _common_headers(call.request_id)
    answer_headers[hdrs.CONTENT_TYPE] = call.format.value
    answer_headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    if gzipped:
        answer_headers[hdrs.CONTENT_ENCODING] = headers.Compression.GZIP.value
    return answer_headers


class _Unexpected(Exception):  # noqa: N818 - stands in for another exception in the log
    """Names the type of an exception whose own words may repeat what a request held."""


def _unexpected(error: Exception, rpc: str, request_id: str) -> web.Response:
    shown = _Unexpected(f"{type(error).__module__}.{type(error).__qualname__}")
    _LOG.error(
        "%s failed, request %s", rpc, request_id or "-", exc_info=(_Unexpected, shown, error.__traceback__)
    )
    answer = RpcError(
        Code.INTERNAL, f"Something went wrong here; the log says more under request id {request_id or '-'}."
    )
    return error_response(answer, request_id=request_id)
