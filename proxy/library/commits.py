"""What refs point to, as people are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from proxy.github.client import Commit


@dataclass(frozen=True, slots=True)
class Commits:
    """What refs point to; ``stale``: as it was known last, because they could not be asked anew."""

    found: Mapping[str, Commit | None]
    stale: bool = False


def in_order(refs: Sequence[str], found: Mapping[str, Commit | None]) -> dict[str, Commit | None]:
    """The answers in the order of the question, whatever of them was known before."""
    return {ref: found[ref] for ref in dict.fromkeys(refs)}
