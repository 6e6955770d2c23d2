"""What the parts of the proxy see of tracing: the span they work in, and how to begin one below it.

The span travels in a context variable, so that it reaches the part that asks whatever lies between. A load
that several requests wait for belongs to the first of them. Where no span is, all of this does nothing.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from proxy.errors import RpcError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from contextlib import AbstractContextManager
    from types import TracebackType

    from proxy.tracing.parents import Parent

Value = str | int | float | bool
_NO_ATTRIBUTES: Mapping[str, Value] = MappingProxyType({})


class Kind(Enum):
    """What a span is of: work of our own, or a question to somebody else."""

    INTERNAL = "internal"
    CLIENT = "client"


class Span(Protocol):
    """One piece of work with its beginning, its end and what is to be known of it."""

    @property
    def traceparent(self) -> str:
        """The header that makes another server's span a child of this; empty for none."""

    def set(self, name: str, value: Value) -> None:
        """Add an attribute, or replace one."""

    def fail(self, kind: str) -> None:
        """Note that the work failed, and what kind of failure it was, in a word."""

    def child(self, name: str, kind: Kind, attributes: Mapping[str, Value]) -> Span:
        """Begin a span below this one."""

    def end(self) -> None:
        """The work is done."""


class Tracer(Protocol):
    """Begins the spans of requests, and takes them up again on the other side of the door."""

    def request(self, name: str, parent: Parent | None, attributes: Mapping[str, Value]) -> Span:
        """Begin the span of a request that came; without a parent the sampling ratio decides on it."""

    def joined(self, parent: Parent) -> Span:
        """A span that was begun elsewhere, for what is to become its child. It is not ended here."""


_current: ContextVar[Span | None] = ContextVar("span", default=None)


@contextmanager
def under(span: Span) -> Iterator[None]:
    """Let spans that are begun within be children of this one."""
    token = _current.set(span)
    try:
        yield
    finally:
        _current.reset(token)


def span(
    name: str, kind: Kind = Kind.INTERNAL, attributes: Mapping[str, Value] = _NO_ATTRIBUTES
) -> AbstractContextManager[Span]:
    """Begin a span for what is done within; what is raised there marks it as failed.

    Args:
        name: a constant, or one out of a fixed list.
        kind: what it is of.
        attributes: what is known of it now.
    """
    parent = _current.get()
    return _NOTHING if parent is None else _Scope(parent.child(name, kind, attributes))


def _kind_of(error: BaseException) -> str:
    """A word for what went wrong; its text may hold anything and is left out."""
    return error.code.value if isinstance(error, RpcError) else type(error).__qualname__


class _Scope:
    """The time between the beginning and the end of a span."""

    __slots__ = ("_span", "_token")

    def __init__(self, span: Span) -> None:
        self._span = span

    def __enter__(self) -> Span:
        self._token = _current.set(self._span)
        return self._span

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        _current.reset(self._token)
        if error is not None:
            self._span.fail(_kind_of(error))
        self._span.end()


class _Nothing:
    """A span that is not kept, and its own scope."""

    __slots__ = ()
    traceparent = ""

    def set(self, name: str, value: Value) -> None:
        """Do nothing."""

    def fail(self, kind: str) -> None:
        """Do nothing."""

    def child(self, name: str, kind: Kind, attributes: Mapping[str, Value]) -> Span:  # noqa: ARG002 - as in Span
        """This again."""
        return self

    def end(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Do nothing."""


_NOTHING = _Nothing()
