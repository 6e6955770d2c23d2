"""What a target is, and what harnesses have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST_SENTENCE = 2000
"""Characters that a message for a person may have, whatever a stranger wrote."""


@dataclass(frozen=True, slots=True)
class Target:
    """A harness and the longest input that is worth trying, in bytes."""

    check: Callable[[bytes], None]
    largest: int


def split(data: bytes, kinds: Sequence[bytes]) -> tuple[bytes, bytes]:
    """What is to be read, and the rest: the first line chooses one of the kinds, by name or somehow else."""
    name, _, rest = data.partition(b"\n")
    return (name, rest) if name in kinds else (kinds[sum(name) % len(kinds)], rest)


def assert_sentence(text: str) -> None:
    """A message is one line of bounded length that a terminal and a log can show."""
    assert text
    assert len(text) <= LONGEST_SENTENCE
    assert text.isprintable(), ascii(text)
    text.encode()
