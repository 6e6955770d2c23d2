"""What proves that somebody may be told of a repository."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from proxy.source.model import Repository


@dataclass(frozen=True, slots=True)
class Proof:
    """GitHub showed this repository.

    Attributes:
        repository: as GitHub names it now.
        identity: under which all that is known of it is kept, whatever it is named.
        private: whether it is anything but public.
        told: what GitHub calls it for good; empty where it does not say.
    """

    repository: Repository
    identity: str
    private: bool
    told: str = ""
