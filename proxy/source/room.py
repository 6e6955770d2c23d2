"""What every language has to say, so that the resolver need not know any of them.

A language is a ``Room``: how its frames are spelt, where its files may be, and its rules in the
order in which they are tried. A new way of finding files is one more rule in the tuple of its room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from proxy.source.inquiry import Candidate, Discovery, Inquiry
from proxy.source.model import Asking, Frame, Language, Service, Snapshot

if TYPE_CHECKING:
    from proxy.source.mapping import Mappings


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that a rule may look at.

    Attributes:
        frame: as recorded.
        service: ``root_path`` is clean here.
        home: the service's repository at its commit, ``None`` when it is not there: rules that need
            it find nothing then, rules that do not need it go on.
        inquiry: through which rules ask.
        mappings: the repository's configuration, then the operator's, each only when it is there.
        room: the language whose rules are tried.
    """

    frame: Frame
    service: Service
    home: Snapshot | None
    inquiry: Inquiry
    mappings: tuple[Mappings, ...]
    room: Room


Rule: TypeAlias = Callable[[Case], Asking[Discovery | None]]


def _as_recorded(frame: Frame) -> tuple[str, ...]:
    return (frame.path,)


def nothing_more(_frame: Frame, _service: Service) -> tuple[str, ...]:
    """The wishes of a language whose rules read nothing but the service's own files."""
    return ()


@dataclass(frozen=True, slots=True)
class Room:
    """One language.

    Attributes:
        language: which.
        spellings: the frame in every form in which a mapping's prefix may have it, most telling first.
        mapped: from one spelling and the length of the path's matched prefix to the paths, clean, that
            the file may have below the folder of the mapping, most likely first.
        own: where in the service's repository the file may be, most likely first; empty when the frame
            is not the service's own.
        foreign: why the frame cannot be the service's own code, as a phrase after "it is", or ``None``.
        rules: tried in this order after the mappings.
        wishes: what of the service's repository its rules will probably read besides ``own``, most
            likely first, so that it can be brought along with the ref.
        tails: paths of which the file is the longest end that the service's tree has; none when the
            tree is not to be searched that way.
        avoid: names of folders in which no file is the service's own.
    """

    language: Language
    spellings: Callable[[Frame], tuple[Frame, ...]]
    mapped: Callable[[Frame, int], tuple[str, ...]]
    own: Callable[[Frame, Service], tuple[Candidate, ...]]
    foreign: Callable[[Frame], str | None]
    rules: tuple[Rule, ...]
    wishes: Callable[[Frame, Service], tuple[str, ...]] = nothing_more
    tails: Callable[[Frame], tuple[str, ...]] = _as_recorded
    avoid: frozenset[str] = frozenset()
