"""The service's own files: the path of the frame, or what is left of it, in the service's repository.

The path that a frame has is the one of the machine that built it, or of the container that ran it
(``/build/src/shop/cart.py``). The longest part of it that exists wins, first under the root path and
then from the repository's root, because a service may use folders beside its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import paths, rules
from proxy.source.inquiry import Candidate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking, Frame, Service
    from proxy.source.room import Case

_SHOWN = 120
MAX_CANDIDATES = 48


def as_recorded(frame: Frame) -> tuple[Frame, ...]:
    """The spellings of a language whose frames need no cleaning."""
    return (frame,)


def rest_of_path(frame: Frame, cut: int) -> tuple[str, ...]:
    """What the path has after a mapping's prefix."""
    rest = paths.clean(frame.path[cut:])
    return (rest,) if rest else ()


def whole_path(path: str, service: Service) -> tuple[Candidate, ...]:
    """The path as it is, under the root path, then from the repository's root."""
    return _bases(path, service, rules.ROOT_PATH, rules.REPOSITORY_ROOT)


def any_suffix(path: str, service: Service) -> tuple[Candidate, ...]:
    """The path as it is, then without its first element, and so on, the longest first."""
    found: list[Candidate] = []
    inner = paths.clean(path)
    for suffix in paths.suffixes(inner) if inner else ():
        whole = suffix == inner
        found += _bases(
            suffix,
            service,
            rules.ROOT_PATH if whole else rules.SUFFIX,
            rules.REPOSITORY_ROOT if whole else rules.SUFFIX,
        )
    # Of a very deep path the short suffixes are the likely ones: the rest is some machine's folders.
    return distinct(found[-MAX_CANDIDATES:])


def below(folders: Iterable[str], names: Sequence[str], service: Service, rule: str) -> tuple[Candidate, ...]:
    """Each name in each folder, all under the root path first."""
    roots = (service.root_path, "") if service.root_path else ("",)
    pairs = [(folder, name) for folder in folders for name in names]
    found = [paths.under(f"{root}/{folder}", name) for root in roots for folder, name in pairs]
    return distinct(Candidate(rule, path) for path in found if path)


def distinct(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Each path once, by the rule that names it first; at most ``MAX_CANDIDATES``."""
    unique: dict[str, Candidate] = {}
    for candidate in candidates:
        unique.setdefault(candidate.path, candidate)
    return tuple(unique.values())[:MAX_CANDIDATES]


def own_files(case: Case) -> Asking[Discovery | None]:
    """The rule of every language that looks for the frame among the service's own files."""
    if case.home is None:
        return None
    if foreign := case.room.foreign(case.frame):
        text = f"{shown(case.frame)} is {foreign}: it is not looked for among the service's own files."
        yield from case.inquiry.note(rules.ROOT_PATH, text)
        return None
    return (yield from case.inquiry.first(case.home, case.room.own(case.frame, case.service)))


def shown(frame: Frame) -> str:
    """What a person recognises the frame by, not too long."""
    return shortened(frame.path or frame.function_name)


def shortened(text: str) -> str:
    """The end of a path, which tells most, where the whole is too long for a sentence."""
    return text if len(text) <= _SHOWN else f"…{text[-_SHOWN:]}"


def _bases(path: str, service: Service, in_root_path: str, in_repository: str) -> tuple[Candidate, ...]:
    found = []
    if below_root := paths.under(service.root_path, path):
        found.append(Candidate(in_root_path, below_root))
    if service.root_path and (whole := paths.clean(path)):
        found.append(Candidate(in_repository, whole))
    return tuple(found)
