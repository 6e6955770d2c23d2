"""Values as bytes and back, for what replicas share. What comes back is checked as if a stranger sent it.

::

    REPOSITORY = record(Repository, owner=TEXT, name=TEXT)
    codec = json_codec(1, optional(REPOSITORY))

A codec carries a version. Whoever changes how a value is written, or what it means, raises it: replicas
of the old and the new release then keep entries of their own instead of misreading each other's.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V")
W = TypeVar("W")


class UndecodableError(ValueError):
    """The bytes are not what the codec writes; counts as if nothing had been found."""


@dataclass(frozen=True, slots=True)
class Codec(Generic[V]):
    """How a value is written.

    Attributes:
        version: raised with every change of the format or its meaning.
        encode: the value as bytes; ``ValueError`` or ``TypeError`` for one that cannot be shared.
        decode: the value again; ``UndecodableError``, and nothing else, for bytes that are none.
    """

    version: int
    encode: Callable[[V], bytes]
    decode: Callable[[bytes], V]


BYTES: Codec[bytes] = Codec(1, bytes, bytes)
"""Bytes as they are, such as the content of a blob."""


def optional_codec(codec: Codec[V]) -> Codec[V | None]:
    """The codec of values that may be ``None``, which says "not there"."""

    def encode(value: V | None) -> bytes:
        return b"\0" if value is None else b"\1" + codec.encode(value)

    def decode(data: bytes) -> V | None:
        if data == b"\0":
            return None
        if data[:1] != b"\1":
            raise UndecodableError("neither a value nor none")
        return codec.decode(data[1:])

    return Codec(codec.version, encode, decode)


@dataclass(frozen=True, slots=True)
class Shape(Generic[V]):
    """How a small value is written as JSON's own kinds.

    Attributes:
        to_plain: the value as text, numbers, lists and objects.
        from_plain: the value again; ``UndecodableError`` for what is none.
    """

    to_plain: Callable[[V], Any]
    from_plain: Callable[[Any], V]


def json_codec(version: int, shape: Shape[V]) -> Codec[V]:
    """The codec of small values of a shape."""

    def encode(value: V) -> bytes:
        return json.dumps(shape.to_plain(value), separators=(",", ":"), allow_nan=False).encode()

    def decode(data: bytes) -> V:
        try:
            plain = json.loads(data)
        except (ValueError, RecursionError):
            raise UndecodableError("no JSON") from None
        return shape.from_plain(plain)

    return Codec(version, encode, decode)


def _itself(kind: type[V]) -> Shape[V]:
    def check(plain: Any) -> V:
        # By its exact type: True is no number here.
        if type(plain) is not kind:
            raise UndecodableError(f"not a {kind.__name__}")
        return plain

    return Shape(check, check)


TEXT: Shape[str] = _itself(str)
NUMBER: Shape[int] = _itself(int)
FLAG: Shape[bool] = _itself(bool)


def _bytes_from(plain: Any) -> bytes:
    try:
        return base64.b64decode(TEXT.from_plain(plain), validate=True)
    except ValueError:
        raise UndecodableError("not base64") from None


def _time_from(plain: Any) -> datetime:
    try:
        return datetime.fromisoformat(TEXT.from_plain(plain))
    except ValueError:
        raise UndecodableError("not a time") from None


DATA: Shape[bytes] = Shape(lambda value: base64.b64encode(value).decode(), _bytes_from)
WHEN: Shape[datetime] = Shape(datetime.isoformat, _time_from)


def optional(shape: Shape[V]) -> Shape[V | None]:
    """The shape of what may be ``None``."""
    return Shape(
        lambda value: None if value is None else [shape.to_plain(value)],
        lambda plain: None if plain is None else shape.from_plain(_list_of(plain, 1)[0]),
    )


def sequence(shape: Shape[V]) -> Shape[tuple[V, ...]]:
    """The shape of tuples of one kind of value."""
    return Shape(
        lambda values: [shape.to_plain(value) for value in values],
        lambda plain: tuple(shape.from_plain(item) for item in _list_of(plain)),
    )


def mapping(shape: Shape[V]) -> Shape[dict[str, V]]:
    """The shape of dictionaries with text as keys."""

    def from_plain(plain: Any) -> dict[str, V]:
        if not isinstance(plain, dict):
            raise UndecodableError("not an object")
        return {key: shape.from_plain(item) for key, item in plain.items()}

    return Shape(lambda values: {key: shape.to_plain(item) for key, item in values.items()}, from_plain)


def either(**kinds: tuple[type[Any], Shape[Any]]) -> Shape[Any]:
    """The shape of what may be of several classes, each by a name of its own."""

    def to_plain(value: Any) -> list[Any]:
        for name, (kind, shape) in kinds.items():
            if isinstance(value, kind):
                return [name, shape.to_plain(value)]
        raise TypeError(f"a {type(value).__name__} is not among {', '.join(kinds)}")

    def from_plain(plain: Any) -> Any:
        name, item = _list_of(plain, 2)
        if not isinstance(name, str) or name not in kinds:
            raise UndecodableError("of no known kind")
        return kinds[name][1].from_plain(item)

    return Shape(to_plain, from_plain)


def record(make: Callable[..., V], **shapes: Shape[Any]) -> Shape[V]:
    """The shape of objects with these attributes, which ``make`` takes by name."""

    def to_plain(value: V) -> list[Any]:
        return [shape.to_plain(getattr(value, name)) for name, shape in shapes.items()]

    def from_plain(plain: Any) -> V:
        items = _list_of(plain, len(shapes))
        fields = zip(shapes.items(), items, strict=True)
        values = {name: shape.from_plain(item) for (name, shape), item in fields}
        try:
            return make(**values)
        except ValueError:
            raise UndecodableError("refused by what it is made into") from None

    return Shape(to_plain, from_plain)


def _list_of(plain: Any, length: int | None = None) -> list[Any]:
    if not isinstance(plain, list) or (length is not None and len(plain) != length):
        raise UndecodableError("not a list of the right length")
    return plain
