"""A value that many read where it is, and that is replaced as a whole while they run.

::

    config = Live(read())
    keys = config.derive(lambda config: make_keys(config.session))
    keys.value               # always those of the configuration in force
    config.replace(read())   # all at once, or, where something refuses, not at all

Nothing is awaited while a value is replaced, so whoever does not wait in between sees one state only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
U = TypeVar("U")


class Live(Generic[T]):
    """A value in force.

    Attributes:
        value: what is in force now; read it anew each time.
        edition: grows whenever the value is replaced by another one.
    """

    __slots__ = ("_derived", "_followers", "edition", "value")

    def __init__(self, value: T) -> None:
        self.value = value
        self.edition = 0
        self._derived: list[Callable[[T], Callable[[], None]]] = []
        self._followers: list[Callable[[T], None]] = []

    def derive(self, make: Callable[[T], U]) -> Live[U]:
        """What follows from this value, kept in step with it.

        Args:
            make: makes it; what it raises refuses a new value.
        """
        derived = Live(make(self.value))
        self._derived.append(lambda value: derived.prepare(make(value)))
        return derived

    def follow(self, apply: Callable[[T], None]) -> None:
        """Call ``apply``, which must not raise, with each new value once it is in force."""
        self._followers.append(apply)

    def prepare(self, value: T) -> Callable[[], None]:
        """Do all that can fail about a replacement; what is returned carries it out.

        A value that is equal to the one in force changes nothing.
        """
        if value == self.value:
            return _nothing
        commits = [prepare(value) for prepare in self._derived]

        def commit() -> None:
            self.value = value
            self.edition += 1
            for each in commits:
                each()
            for apply in self._followers:
                apply(value)

        return commit

    def replace(self, value: T) -> None:
        """Put a value in force; raises what a derivation does, and the old one stays in force then."""
        self.prepare(value)()


def _nothing() -> None:
    """There is nothing to do."""
