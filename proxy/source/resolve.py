"""From a frame to a file: the order in which everything is tried.

1. The ref is made one that GitHub can have, and pinned to its commit by the first question.
2. ``.pyroscope.yaml`` in the root path is read; one that cannot be used is a remark, not an error.
3. The repository's mappings, then the operator's: the longest prefix wins.
4. The rules of the language: the mapping's, or else that of the path's extension.

The resolver never fetches. Whoever drives it sends answers and turns failures into errors; none of
them is ever taken for "not there". It asks at most ``inquiry.MAX_QUESTIONS`` questions, none twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from proxy.errors import Code, RpcError
from proxy.source import mapped, mapping, paths, rules, verdict
from proxy.source.address import PUBLIC_HOST
from proxy.source.inquiry import EnoughError, Inquiry
from proxy.source.model import Absent, Found, Frame, Language, NotFound, Snapshot
from proxy.source.nearly import near_misses
from proxy.source.refs import clean_ref
from proxy.source.room import Case
from proxy.source.rooms import ROOMS, language_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.source.inquiry import Discovery
    from proxy.source.mapping import Mappings
    from proxy.source.model import Asking, Resolution, Service

# https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"

RULES = rules.RULES
"""Every rule that can be the one that found a file."""


def resolve(
    frame: Frame, service: Service, operator: Mappings | None = None, host: str = PUBLIC_HOST
) -> Asking[Resolution]:
    """Find the file that a frame is of.

    Args:
        frame: as the profile has it.
        service: as its labels have it.
        operator: mappings to ask after the repository's own; their local paths are below the root path.
        host: of the GitHub that is configured; what lies elsewhere cannot be shown.

    Returns:
        The file and the rule that found it, or why there is none.

    Raises:
        RpcError: ``invalid_argument`` when the ref or the root path cannot exist in a repository.
    """
    root_path = paths.folder(service.root_path)
    if root_path is None:
        raise RpcError(
            Code.INVALID_ARGUMENT,
            "The root path leads out of the repository or cannot be a path: "
            "set the label service_root_path to a folder relative to the repository's root.",
        )
    ref = clean_ref(service.ref)
    cleaned = replace(service, ref=ref.name, root_path=root_path)
    inquiry = Inquiry(host)
    for text in ref.notes:
        yield from inquiry.note(rules.REF, text)
    if max(len(frame.path), len(frame.function_name)) > paths.MAX_BYTES:
        yield from inquiry.note(
            rules.ROOT_PATH, f"What is longer than {paths.MAX_BYTES} characters is not looked at."
        )
        frame = Frame(_short(frame.path), _short(frame.function_name))
    try:
        return (yield from _search(frame, cleaned, operator, inquiry))
    except EnoughError:
        return NotFound(language_of(frame), verdict.enough(cleaned))


def _search(
    frame: Frame, service: Service, operator: Mappings | None, inquiry: Inquiry
) -> Asking[Resolution]:
    language = language_of(frame)
    wishes = _wishes(frame, service, language)
    # The tree of its own repository is what most rules look into when the guesses fail.
    opened = yield from inquiry.open(rules.REF, service.repository, service.ref, wishes, tree=True)
    home = opened if isinstance(opened, Snapshot) else None
    repository = (yield from _configuration(home, service, inquiry)) if home else None

    known = [(mapped.REPOSITORY, repository), (mapped.OPERATOR, operator)]
    search = mapped.Search(service, home, inquiry)
    first_language: Language | None = None
    for origin, mappings in known:
        best = mapped.best_match(mappings, frame, ROOMS[language]) if mappings else None
        if best is None:
            continue
        match, spelling = best
        first_language = first_language or match.mapping.language
        discovery = yield from mapped.follow(search, origin, match, spelling)
        if discovery:
            return (yield from _found(match.mapping.language, discovery, inquiry))

    room = ROOMS[first_language or language]
    case = Case(frame, service, home, inquiry, tuple(each for _, each in known if each), room)
    for rule in room.rules:
        if discovery := (yield from rule(case)):
            if discovery.file.snapshot == home:
                yield from _root_path(case)
            return (yield from _found(room.language, discovery, inquiry))
    yield from _near_misses(frame, known, inquiry)
    yield from _root_path(case)
    reason = verdict.absent(opened, service) if isinstance(opened, Absent) else verdict.nothing_found(case)
    return NotFound(room.language, reason)


def _near_misses(
    frame: Frame, known: Sequence[tuple[mapped.Origin, Mappings | None]], inquiry: Inquiry
) -> Asking[None]:
    """Say which mappings were probably meant for a frame that nothing was found for."""
    room = ROOMS[language_of(frame)]
    for origin, mappings in known:
        if mappings and mapped.best_match(mappings, frame, room) is None:
            for text in near_misses(mappings, (frame, *room.spellings(frame)), origin.name):
                yield from inquiry.note(rules.CONFIGURATION, text)


def _root_path(case: Case) -> Asking[None]:
    """Say that there is no such root path, where the tree is known."""
    root = case.service.root_path
    tree = case.inquiry.known_tree(case.home) if case.home and root else None
    if tree is None or tree.may_have_folder(root) or tree.resolve_link(root):
        return
    text = (
        f"There is no folder {paths.shortened(root)} in {case.service.repository} at {case.service.ref}: "
        "check the label service_root_path."
    )
    if case.room.foreign(case.frame):
        yield from case.inquiry.note(rules.ROOT_PATH, text)
    else:
        yield from case.inquiry.blame(rules.ROOT_PATH, text)


def _short(text: str) -> str:
    return text if len(text) <= paths.MAX_BYTES else ""


def _wishes(frame: Frame, service: Service, language: Language) -> list[str]:
    configuration = paths.under(service.root_path, mapping.FILE_NAME)
    room = ROOMS[language]
    own = [candidate.path for candidate in room.own(frame, service)]
    return [*([configuration] if configuration else []), *room.wishes(frame, service), *own]


def _configuration(home: Snapshot, service: Service, inquiry: Inquiry) -> Asking[Mappings | None]:
    path = paths.under(service.root_path, mapping.FILE_NAME)
    file = (yield from inquiry.read(rules.CONFIGURATION, home, path)) if path else None
    if file is None:
        return None
    try:
        mappings = mapping.parse(file.content)
    except mapping.InvalidMappingsError as invalid:
        for fault in invalid.faults:
            yield from inquiry.note(rules.CONFIGURATION, f"{path} is not used: {fault}")
        return None
    for text in mappings.notes:
        yield from inquiry.note(rules.CONFIGURATION, f"{path}: {text}")
    return mappings


def _found(language: Language, discovery: Discovery, inquiry: Inquiry) -> Asking[Found]:
    if discovery.file.content.startswith(_LFS_POINTER):
        text = f"{discovery.file.path} is stored in Git LFS: what the repository has of it is a pointer."
        yield from inquiry.note(discovery.rule, text)
    return Found(language, discovery.rule, discovery.file)
