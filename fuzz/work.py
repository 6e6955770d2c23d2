"""What a harness has the proxy do: how many lines of its code run, and which ways through it are taken."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_OURS = str(Path(proxy.__file__).parent)
LINES_AT_LEAST, LINES_PER_BYTE = 20_000, 200
"""What reading may take: so much anyway, and so much for each byte. Quadratic work is far above it."""


@dataclass(slots=True)
class Work:
    """What was done.

    Attributes:
        lines: how many lines ran, each as often as it did.
        steps: from which line to which line, in which file.
    """

    lines: int = 0
    steps: set[tuple[str, int, int]] = field(default_factory=set)


def observed(work: Callable[[], None]) -> Work:
    """Do the work, and tell what that was; what it raises is raised."""
    done = Work()

    def begun(frame: FrameType, _: str, __: Any) -> Any:
        file = frame.f_code.co_filename
        if not file.startswith(_OURS):
            return None
        before = frame.f_lineno

        def within(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            if event == "line":
                done.lines += 1
                done.steps.add((file, before, frame.f_lineno))
                before = frame.f_lineno
            return within

        return within

    outer = sys.gettrace()
    sys.settrace(begun)
    try:
        work()
    finally:
        sys.settrace(outer)
    return done


def stretched(data: bytes, size: int) -> bytes:
    """The same input, its second half said again and again up to a size: what is quadratic shows in it."""
    half = data[len(data) // 2 :]
    return data + half * ((size - len(data)) // len(half)) if 0 < len(half) <= size - len(data) else data


def assert_in_bounds(check: Callable[[bytes], None], data: bytes) -> Work:
    """Run a harness; what it costs has to be in proportion to the input."""
    done = observed(lambda: check(data))
    allowed = LINES_AT_LEAST + LINES_PER_BYTE * len(data)
    assert done.lines <= allowed, f"{done.lines} lines of work for {len(data)} bytes"
    return done
