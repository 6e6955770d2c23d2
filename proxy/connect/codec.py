"""Bytes to messages, messages and errors to bytes. Pure.

Rules:

- Whatever a caller sends ends in a message or in an ``RpcError``; nothing it sends is repeated in the
  error, because a request may hold an authorization code.
- What is inflated or parsed is bounded before it is built.

https://connectrpc.com/docs/protocol, https://protobuf.dev/programming-guides/json
"""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, field
from typing import TypeVar

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message

from proxy.connect import jsonpb
from proxy.connect.headers import Compression, Format
from proxy.errors import Code, RpcError

M = TypeVar("M", bound=Message)

MAX_REQUEST_SIZE = 4 * 1024 * 1024
"""Bytes that a request may have, compressed as well as inflated."""
MIN_COMPRESSED_SIZE = 1024
"""Bytes from which compressing an answer saves more than it costs."""

_GZIP_WINDOW = zlib.MAX_WBITS | 16
# A member costs one more copy of the rest of the body, so their number has to be bounded as well.
_MAX_GZIP_MEMBERS = 16
# Answers mostly travel inside a data centre: most of the gain for a fraction of the time.
_GZIP_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer that is encoded already, so that what is known is written as it lies.

    Attributes:
        json: the answer in JSON; needed where a call's ``format`` is that.
        proto: the answer in protobuf; needed where a call's ``format`` is that.
        json_gzip: ``json`` compressed, where it was; else it is compressed when a caller wants that.
        proto_gzip: ``proto`` compressed, likewise.
    """

    json: bytes | None = field(default=None, repr=False)
    proto: bytes | None = field(default=None, repr=False)
    json_gzip: bytes | None = field(default=None, repr=False)
    proto_gzip: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, message: Message, *formats: Format) -> Encoded:
        """Encode and, from ``MIN_COMPRESSED_SIZE``, compress a message in these formats, or in all."""
        wanted = formats or tuple(Format)
        json_body = encode(message, Format.JSON) if Format.JSON in wanted else None
        proto_body = encode(message, Format.PROTO) if Format.PROTO in wanted else None
        return cls(json_body, proto_body, _worth_gzip(json_body), _worth_gzip(proto_body))

    def body(self, message_format: Format) -> bytes:
        """The bytes in that format.

        Raises:
            LookupError: it was not encoded in that format.
        """
        body = self.json if message_format is Format.JSON else self.proto
        if body is None:
            raise LookupError(f"an encoded answer lacks {message_format.value}")
        return body

    def gzipped(self, message_format: Format) -> bytes | None:
        """The compressed bytes in that format, where they are there."""
        return self.json_gzip if message_format is Format.JSON else self.proto_gzip

    @property
    def size(self) -> int:
        """Bytes that all variants take together, for a cache that counts them."""
        variants = (self.json, self.proto, self.json_gzip, self.proto_gzip)
        return sum(len(variant) for variant in variants if variant is not None)


def _worth_gzip(body: bytes | None) -> bytes | None:
    return compress(body) if body is not None and len(body) >= MIN_COMPRESSED_SIZE else None


def compress(body: bytes) -> bytes:
    """Gzip a body; the same body always gives the same bytes."""
    deflate = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    return deflate.compress(body) + deflate.flush()


def decompress(body: bytes, compression: Compression, *, limit: int = MAX_REQUEST_SIZE) -> bytes:
    """Undo the compression of a request's body, which may have several gzip members.

    An empty body is never decompressed (https://connectrpc.com/docs/protocol#unary-request).

    Raises:
        RpcError: ``resource_exhausted`` above ``limit`` bytes; ``invalid_argument`` when it is no gzip.
    """
    if compression is Compression.GZIP and body:
        body = _gunzip(body, limit)
    if len(body) > limit:
        raise too_large(limit)
    return body


def _gunzip(body: bytes, limit: int) -> bytes:
    out = bytearray()
    for _ in range(_MAX_GZIP_MEMBERS):
        inflate = zlib.decompressobj(_GZIP_WINDOW)
        try:
            out += inflate.decompress(body, limit + 1 - len(out))
        except zlib.error:
            break
        if len(out) > limit:
            raise too_large(limit)
        if not inflate.eof:
            break
        body = inflate.unused_data
        if not body:
            return bytes(out)
    raise RpcError(
        Code.INVALID_ARGUMENT,
        "The request's body is not what Content-Encoding says: it is broken or incomplete gzip.",
    )


def too_large(limit: int) -> RpcError:
    """The error for a request above the limit in bytes."""
    return RpcError(
        Code.RESOURCE_EXHAUSTED,
        f"The request's body is too large: at most {limit} bytes are read, also when inflated.",
    )


def decode(message_type: type[M], message_format: Format, body: bytes) -> M:
    """Read a message.

    JSON may name fields in lowerCamelCase or as the ``.proto`` file does, write 64-bit integers as strings
    or numbers, and hold unknown fields, which are ignored.

    Raises:
        RpcError: ``invalid_argument``, naming the field that does not fit but never its value.
    """
    if message_format is Format.JSON:
        return jsonpb.decode(message_type, body)
    try:
        return message_type.FromString(body)
    except DecodeError:
        raise RpcError(
            Code.INVALID_ARGUMENT,
            f"The request's body is not a {message_type.DESCRIPTOR.full_name} in protobuf.",
        ) from None


def encode(message: Message, message_format: Format) -> bytes:
    """Write a message; JSON names fields in lowerCamelCase and leaves out defaults, as Pyroscope does."""
    if message_format is Format.PROTO:
        return message.SerializeToString()
    fields = json_format.MessageToDict(message)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()


def error_body(error: RpcError) -> bytes:
    """The JSON of an error, always in ASCII; https://connectrpc.com/docs/protocol#error-end-stream."""
    return json.dumps({"code": error.code.value, "message": error.message}, separators=(",", ":")).encode()
