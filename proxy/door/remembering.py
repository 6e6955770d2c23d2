"""What readers of requests and of answers do alike with heads that came before; ``reading`` has the rules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import ref

from proxy.door.heads import RequestHead, ResponseHead
from proxy.door.reading import Reader, nothing, size_kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from proxy.known import Known

H = TypeVar("H", RequestHead, ResponseHead)


class Remembering(Reader, ABC, Generic[H]):
    """A reader that looks for a head before it reads it."""

    def __init__(self) -> None:
        super().__init__()
        self._latest: H | None = None
        self._repeated: Callable[[], H | None] = nothing
        """The head that this connection had last, for as long as it is remembered."""

    def _find(self, head: bytes, known: Known[H]) -> H | None:
        """What is known of a head; where nothing is, it is read, and the sink has been told."""
        found = known.get(self._key(head))
        if found is not None:
            self._repeated = ref(found)
            return found
        plain = self._by_lines(head)
        if plain is None:
            self._learn(head, known)
            return None
        found, has_come = plain
        if has_come:  # all of its lines have, so it is likely to come again
            self._keep(head, found, known)
        return found

    def _keep(self, head: bytes, found: H, known: Known[H]) -> None:
        found.read_from = head
        known.keep(self._key(head), found, size_kept(head, found.headers))

    def _completed_by(self, data: bytes) -> H | None:
        self._latest = None
        self.feed(data)
        return self._latest

    @abstractmethod
    def feed(self, data: bytes) -> object:
        """Read on."""

    @abstractmethod
    def _key(self, head: bytes) -> Hashable:
        """What a head is known by."""

    @abstractmethod
    def _by_lines(self, head: bytes) -> tuple[H, bool] | None:
        """A plain head, and whether all of its lines have come before."""

    @abstractmethod
    def _learn(self, head: bytes, known: Known[H]) -> None:
        """Read a head and remember it if llhttp takes it for complete with its last byte, not before."""
