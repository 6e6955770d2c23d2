"""Bodies and headers of calls in the Connect protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fuzz.targets.target import assert_sentence, split
from proxy.connect import codec, headers
from proxy.connect.headers import Compression, Format
from proxy.errors import Code, RpcError
from proxy.proto import source_pb2, vcs_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

_TYPES: dict[bytes, type[Message]] = {
    b"login": vcs_pb2.GithubLoginRequest,
    b"file": vcs_pb2.GetFileRequest,
    b"commits": vcs_pb2.GetCommitsRequest,
    b"details": source_pb2.GetFunctionDetailsRequest,
}
_JSON, _PROTO = b"json ", b"proto "
_KINDS = (
    *(_JSON + name for name in _TYPES),
    *(_PROTO + name for name in _TYPES),
    b"gzip",
    b"headers",
)
_LIMIT = 4096
_REFUSALS = (Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED)


def check(data: bytes) -> None:
    """Reading ends in a message that reads the same when written, or in a refusal without what was sent."""
    kind, body = split(data, _KINDS)
    if kind == b"gzip":
        _gzip(body)
    elif kind == b"headers":
        _headers(body.decode("latin-1"))
    else:
        form = Format.JSON if kind.startswith(_JSON) else Format.PROTO
        _message(_TYPES[kind.partition(b" ")[2]], form, body)


def _message(message_type: type[Message], form: Format, body: bytes) -> None:
    try:
        message = codec.decode(message_type, form, body)
    except RpcError as error:
        assert error.code in _REFUSALS
        assert_sentence(error.message)
        return
    # JSON has no place for fields that nobody knows.
    message.DiscardUnknownFields()
    for each in Format:
        assert codec.decode(message_type, each, codec.encode(message, each)) == message, each


def _gzip(body: bytes) -> None:
    packed = codec.compress(body)
    if len(body) <= _LIMIT:
        assert codec.decompress(packed, Compression.GZIP, limit=_LIMIT) == body
    for each in (body, packed[:-1], packed + packed):
        try:
            assert len(codec.decompress(each, Compression.GZIP, limit=_LIMIT)) <= _LIMIT
        except RpcError as error:
            assert error.code in _REFUSALS


def _headers(value: str) -> None:
    headers.format_of(value)
    headers.accepts_gzip(value)
    request_id = headers.request_id_of(value)
    assert request_id in ("", value)
    assert request_id.isprintable()
    for read in (headers.compression_of, headers.timeout_of, headers.check_protocol_version):
        try:
            read(value)
        except RpcError as error:
            assert_sentence(error.message)
