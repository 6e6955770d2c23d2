"""Following a mapping: from the prefix that matched to the file in the repository that it names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from proxy.source import links, mapping, paths, rules
from proxy.source.inquiry import Candidate
from proxy.source.model import Absent, Snapshot
from proxy.source.rooms import ROOMS

if TYPE_CHECKING:
    from proxy.source.inquiry import Discovery, Inquiry
    from proxy.source.mapping import External, Mappings, Match
    from proxy.source.model import Asking, Frame, Service
    from proxy.source.room import Room


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose mappings they are: the words and the rules that go with it."""

    name: str
    local: str
    github: str


REPOSITORY = Origin(mapping.FILE_NAME, rules.MAPPING_LOCAL, rules.MAPPING_GITHUB)
OPERATOR = Origin("the operator's mappings", rules.OPERATOR_MAPPING_LOCAL, rules.OPERATOR_MAPPING_GITHUB)


def best_match(mappings: Mappings, frame: Frame, room: Room) -> tuple[Match, Frame] | None:
    """The mapping with the longest prefix over the spellings of a frame, and the spelling that it matched."""
    found = [
        (match, spelling)
        for spelling in room.spellings(frame)
        if (match := mapping.find(mappings, spelling)) is not None
    ]
    return max(found, key=lambda pair: pair[0].length, default=None)


@dataclass(frozen=True, slots=True)
class Search:
    """What following a mapping needs besides the mapping; ``home`` as in ``Case``."""

    service: Service
    home: Snapshot | None
    inquiry: Inquiry


def follow(search: Search, origin: Origin, match: Match, spelling: Frame) -> Asking[Discovery | None]:
    """Look for the file where the mapping says that it is; a remark says why it is not there."""
    name = f"mapping[{match.mapping.index}] of {origin.name}"
    files = ROOMS[match.mapping.language].mapped(spelling, match.cut)
    source = match.mapping.source
    if isinstance(source, mapping.Local):
        rule = origin.local
        parent = paths.folder(f"{search.service.root_path}/{source.path}")
        if parent is None:
            yield from search.inquiry.note(rule, f"{name}: source.local.path leads out of the repository.")
            return None
        candidates, snapshot = _candidates(parent, files, rule), search.home
    else:
        rule = origin.github
        candidates = _candidates(source.path, files, rule)
        snapshot = yield from _opened(search, source, name, candidates)
    if snapshot is None:
        return None
    discovery = yield from links.reach(search.inquiry, snapshot, candidates)
    if discovery is None:
        place = paths.shortened(candidates[0].path) if candidates else "a file that the frame would name"
        text = f"{name} matches, but {place} is not in {snapshot.repository} at {snapshot.ref}."
        yield from search.inquiry.note(rule, text)
    return discovery


def _opened(
    search: Search, source: External, name: str, candidates: list[Candidate]
) -> Asking[Snapshot | None]:
    if not candidates:
        return None
    rule, wishes = candidates[0].rule, [each.path for each in candidates]
    snapshot = yield from search.inquiry.open(rule, source.repository, source.ref, wishes)
    if isinstance(snapshot, Snapshot):
        return snapshot
    what = str(source.repository) if snapshot is Absent.REPOSITORY else f"{source.ref} of {source.repository}"
    text = f"{name} matches, but {what} is not there or not visible to you."
    yield from search.inquiry.note(rule, text)
    return None


def _candidates(parent: str, files: tuple[str, ...], rule: str) -> list[Candidate]:
    places = (paths.under(parent, file) for file in files)
    return [Candidate(rule, place) for place in places if place]
