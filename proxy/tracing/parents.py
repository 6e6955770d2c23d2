"""Whose child a request's span is: the header ``traceparent``, read strictly. Pure.

https://www.w3.org/TR/trace-context/#traceparent-header
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TRACEPARENT = re.compile(
    r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII | re.DOTALL
)
_LONGEST = 512
_NO_VERSION = "ff"
_SAMPLED, _KNOWN_FLAGS = 0x01, 0x03


@dataclass(frozen=True, slots=True)
class Parent:
    """The span that a request was sent from.

    Attributes:
        trace_id: of 128 bits, not zero.
        span_id: of 64 bits, not zero.
        flags: 1: the trace is kept; 2: its id is random.
    """

    trace_id: int
    span_id: int
    flags: int

    @property
    def sampled(self) -> bool:
        """Whether the trace is kept."""
        return bool(self.flags & _SAMPLED)


def parse(header: str) -> Parent | None:
    """Read a ``traceparent``; ``None`` when it is none, which begins a trace anew.

    A version to come may add fields after those that are known; that of today may not.
    """
    match = _TRACEPARENT.fullmatch(header) if len(header) <= _LONGEST else None
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == _NO_VERSION or (more is not None and version == "00"):
        return None
    parent = Parent(int(trace_id, 16), int(span_id, 16), int(flags, 16) & _KNOWN_FLAGS)
    return parent if parent.trace_id and parent.span_id else None
