"""What is wrong with a configuration: every fault, each with its key and its line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, in words that a person can act on.

    Attributes:
        key: the path of the key (``github.client_secret``) or the flag (``--listen``); empty where
            the document as a whole is meant.
        line: where it stands in the document, the first line is 1; ``None`` where it stands in none.
        message: what is wrong and what to write instead; never a secret's value.
    """

    key: str
    line: int | None
    message: str

    def __str__(self) -> str:
        place = "" if self.line is None else f"line {self.line}"
        return ": ".join(part for part in (place, self.key, self.message) if part)


class ConfigFaults(Exception):  # noqa: N818 - it carries all faults, it is not one error
    """A configuration that cannot be used; ``faults`` holds all that is wrong, in the document's order."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults: tuple[Fault, ...] = tuple(faults)
