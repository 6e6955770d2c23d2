"""The service's own files: the path of the frame, or what is left of it, in the service's repository.

The path that a frame has is the one of the machine that built it, or of the container that ran it
(``/build/src/shop/cart.py``). The longest part of it that exists wins, first under the root path and
then from the repository's root, because a service may use folders beside its own. What of it exists
anywhere in the repository is one look into its tree: a build may have left out folders that the
repository has (``src/shop/cart.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import links, paths, rules
from proxy.source.inquiry import Candidate, Discovery

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from proxy.source.model import Asking, Frame, Service, Snapshot
    from proxy.source.room import Case
    from proxy.source.tree import Matches, TreeIndex

MAX_CANDIDATES = 48
# As many as came along with the first call, the files of the configuration counted.
MAX_BEFORE_TREE = 28


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
    """The rule of every language that looks for the frame among the service's own files.

    First the guesses, which came with the first call; then the tree, which knows every file; where the
    tree is not known, the guesses that say too little to be tried before it.
    """
    if case.home is None:
        return None
    if foreign := case.room.foreign(case.frame):
        text = f"{shown(case.frame)} is {foreign}: it is not looked for among the service's own files."
        yield from case.inquiry.note(rules.ROOT_PATH, text)
        return None
    guesses = case.room.own(case.frame, case.service)
    bare = frozenset(_bare_names(guesses, case.service))
    telling = [guess for guess in guesses if guess not in bare]
    if discovery := (yield from case.inquiry.first(case.home, telling[:MAX_BEFORE_TREE])):
        return discovery
    if not guesses:
        return None
    tree = yield from case.inquiry.tree(rules.SUFFIX, case.home)
    if tree is None:
        text = (
            f"GitHub cuts the list of files of {case.service.repository} short: only where the path itself "
            "leads is looked. Set the label service_root_path to the service's folder."
        )
        yield from case.inquiry.note(rules.SUFFIX, text)
        return (yield from case.inquiry.first(case.home, guesses))
    if discovery := (yield from links.through(case.inquiry, case.home, guesses)):
        return discovery
    late = [guess for guess in telling[MAX_BEFORE_TREE:] if tree.contains(guess.path)]
    discovery = (yield from case.inquiry.first(case.home, late)) or (
        yield from _in_tree(case, case.home, tree)
    )
    if discovery is None:
        case.inquiry.missed(case.home, [guess.path for guess in guesses if not tree.contains(guess.path)])
    return discovery


def _bare_names(guesses: Sequence[Candidate], service: Service) -> list[Candidate]:
    """Guesses that share with the frame nothing but the file's name, where more was known of it."""
    root = f"{service.root_path}/" if service.root_path else ""
    suffixes = (guess for guess in guesses if guess.rule == rules.SUFFIX)
    return [guess for guess in suffixes if "/" not in guess.path.removeprefix(root)]


def _in_tree(case: Case, home: Snapshot, tree: TreeIndex) -> Asking[Discovery | None]:
    for tail in case.room.tails(case.frame):
        if not (path := paths.clean(tail)):
            continue
        root = case.service.root_path
        matches = tree.longest_suffix(path, root, without=case.room.avoid)
        if not matches.paths or not (yield from _sure(case, path, matches)):
            continue
        file = yield from case.inquiry.read(rules.SUFFIX, home, matches.paths[0], matches.paths[1:])
        if file is not None:
            return Discovery(rules.SUFFIX, file)
    return None


def _sure(case: Case, path: str, matches: Matches) -> Asking[bool]:
    """Whether the best match is to be shown; a remark says what speaks against it."""
    best = matches.paths[0]
    where = f"{case.service.repository} at {case.service.ref}"
    only_name = matches.elements == 1 and "/" in path
    at_root = best.rpartition("/")[0] in (case.service.root_path, "")
    if only_name and matches.alike > 1 and not at_root:
        text = (
            f"{matches.total} files of {where} are named {best.rpartition('/')[2]}, and nothing else of "
            f"{paths.shortened(path)} tells which it is: "
            "set the label service_root_path to the service's folder."
        )
    elif only_name:
        text = (
            f"Only the file's name speaks for {best}: nothing else of {paths.shortened(path)} is in {where}."
        )
    elif matches.alike > 1:
        text = (
            f"{matches.alike} files of {where} end like {paths.shortened(path)}; shown is {best}. "
            "Set the label service_root_path to the service's folder if it is another."
        )
    else:
        return True
    yield from case.inquiry.note(rules.SUFFIX, text)
    return not only_name or matches.alike == 1 or at_root


def shown(frame: Frame) -> str:
    """What a person recognises the frame by, not too long."""
    return paths.shortened(frame.path or frame.function_name)


def _bases(path: str, service: Service, in_root_path: str, in_repository: str) -> tuple[Candidate, ...]:
    found = []
    if below_root := paths.under(service.root_path, path):
        found.append(Candidate(in_root_path, below_root))
    if service.root_path and (whole := paths.clean(path)):
        found.append(Candidate(in_repository, whole))
    return tuple(found)
