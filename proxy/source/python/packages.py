"""The rules for installed packages: the service's own, and those of others in their repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from proxy.errors import RpcError
from proxy.source import links, paths, rules
from proxy.source.address import parse_repository
from proxy.source.inquiry import Candidate, Discovery
from proxy.source.model import Lookup
from proxy.source.python import index
from proxy.source.python.names import distributions, tags
from proxy.source.python.places import Installed, place_of
from proxy.source.python.requirements import Pin, normalised, read
from proxy.source.releases import Release, find

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from proxy.source.inquiry import Inquiry
    from proxy.source.model import Asking, Repository, Snapshot
    from proxy.source.room import Case

_RULE = rules.PYTHON_PACKAGE
_OWN = rules.PYTHON_OWN_PACKAGE
_PROJECT = "pyproject.toml"
_FILES = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt", _PROJECT)
_MORE_FILES = (
    "requirements.lock",
    "requirements/prod.txt",
    "requirements/production.txt",
    "requirements/base.txt",
    "requirements-prod.txt",
    "constraints.txt",
)
_SOURCE_FOLDERS = ("", "src", "lib", "python")
_MAX_FOLDERS = 3
_MAX_FILES = 32
_MAX_TAILS = 8
_HEAD = "HEAD"

_Pins: TypeAlias = "dict[str, tuple[str, Pin]]"


def wished_files(root_path: str) -> tuple[str, ...]:
    """Where a service may say which versions it runs, most telling first."""
    folders = [root_path]
    while folders[-1] and len(folders) < _MAX_FOLDERS:
        folders.append(folders[-1].rpartition("/")[0])
    near = [f"{folder}/{name}" for folder in folders for name in _FILES]
    found = (paths.clean(path) for path in (*near, *(f"{root_path}/{name}" for name in _MORE_FILES)))
    return tuple(dict.fromkeys(path for path in found if path))


def own_package(case: Case) -> Asking[Discovery | None]:
    """The service itself may be installed as a package: ``…/site-packages/shop/cart.py`` is its own."""
    place = place_of(case.frame.path)
    if not isinstance(place, Installed) or case.home is None:
        return None
    wanted = [path for path in wished_files(case.service.root_path) if path.endswith(_PROJECT)]
    top = normalised(place.path.partition("/")[0].removesuffix(".py"))
    for position, path in enumerate(wanted):
        file = yield from case.inquiry.read(_OWN, case.home, path, wanted[position + 1 :])
        if file is not None and top and read(_PROJECT, file.content).project == top:
            return (yield from _in_service(case, case.home, place.path))
    return None


def package(case: Case) -> Asking[Discovery | None]:
    """A package of somebody else: version from the service's files, repository from the index."""
    place = place_of(case.frame.path)
    if not isinstance(place, Installed):
        return None
    given = (normalised(place.distribution),) if place.distribution else ()
    pins: _Pins = {}
    if case.home is not None:
        pins = yield from _pins(case, case.home, lambda known: given or distributions(place.path, known))
    name = next(iter(given or distributions(place.path, pins)), "")
    if not name:
        return None
    folder, said = pins.get(name, ("", Pin()))
    if said.folder is not None and case.home is not None:
        inside = paths.folder(f"{folder}/{said.folder}") or ""
        return (yield from _in_service(case, case.home, place.path, inside))
    if said.url:
        return (yield from _from_git(case.inquiry, place.path, name, said))
    return (yield from _from_index(case, place, name, place.version or said.version))


def unpacked(case: Case) -> Asking[Discovery | None]:
    """A package beside the service's files (``/var/task/requests/api.py``): only one that it requires."""
    path = paths.clean(case.frame.path)
    if case.home is None or path is None or place_of(case.frame.path) is not None:
        return None
    tails = [tail for tail in paths.suffixes(path) if "/" in tail][-_MAX_TAILS:]
    pins = yield from _pins(
        case,
        case.home,
        lambda known: [name for tail in tails for name in distributions(tail, known, loose=False)],
    )
    for tail in tails:
        name = next(iter(distributions(tail, pins, loose=False)), "")
        if name in pins and pins[name][1].version:
            return (yield from _from_index(case, Installed(tail), name, pins[name][1].version))
    return None


def _pins(case: Case, home: Snapshot, wanted: Callable[[_Pins], Iterable[str]]) -> Asking[_Pins]:
    """What the service's files pin, each with the folder of its file, until one of ``wanted`` is known."""
    pins: _Pins = {}
    files = list(wished_files(case.service.root_path))
    for position, path in enumerate(files):
        file = yield from case.inquiry.read(_RULE, home, path, files[position + 1 :])
        if file is None:
            continue
        folder, _, name = path.rpartition("/")
        said = read(name, file.content)
        for distribution, pin in said.pins.items():
            pins.setdefault(distribution, (folder, pin))
        if any(name in pins for name in wanted(pins)):
            break
        included = (paths.clean(f"{folder}/{include}") for include in said.includes)
        files += [each for each in included if each and each not in files and len(files) < _MAX_FILES]
    return pins


def _in_service(case: Case, home: Snapshot, module: str, folder: str = "") -> Asking[Discovery | None]:
    """A package of the service's own repository, in ``folder`` or near the root path."""
    near = folder or case.service.root_path
    guesses = (paths.under(f"{near}/{source}", module) for source in _SOURCE_FOLDERS)
    candidates = [Candidate(_OWN, guess) for guess in guesses if guess]
    discovery = yield from links.reach(case.inquiry, home, candidates)
    tree = (yield from case.inquiry.tree(_OWN, home)) if discovery is None else None
    matches = tree.ending_with(module, near) if tree is not None else ()
    file = (yield from case.inquiry.read(_OWN, home, matches[0])) if matches else None
    return Discovery(_OWN, file) if file is not None else discovery


def _from_git(inquiry: Inquiry, module: str, name: str, pin: Pin) -> Asking[Discovery | None]:
    try:
        repository = parse_repository(pin.url, inquiry.host)
    except RpcError:
        yield from inquiry.blame(
            _RULE, f"{name} is installed from a repository that is not on {inquiry.host}."
        )
        return None
    return (yield from find(inquiry, _release(name, name, repository, (pin.ref or _HEAD,), module)))


def _from_index(case: Case, place: Installed, name: str, version: str) -> Asking[Discovery | None]:
    inquiry = case.inquiry
    fetched = yield from inquiry.fetch(_RULE, Lookup.PYTHON_INDEX, index.path_of(name, version), index.ACCEPT)
    project = index.read(fetched.body, name, inquiry.host) if fetched is not None else None
    if project is None:
        if case.home is not None and (found := (yield from _in_service(case, case.home, place.path))):
            return found
        what = f"{name} {version}".strip()
        text = f"The Python index could not say where the source of {what} is (resolver.python_index)."
        yield from inquiry.blame(_RULE, text)
        return None
    if project.repository is None:
        where = f" (it names {project.elsewhere[:200]})" if project.elsewhere else ""
        text = f"The Python index names no repository of {name} on {inquiry.host}{where}."
        yield from inquiry.blame(_RULE, text)
        return None
    if not version:
        version = project.version
        text = (
            f"No version of {name} is known: shown is the latest, {version}, lines may not match. "
            "Add a lock file or requirements.txt with pinned versions to the service."
        )
        yield from inquiry.note(_RULE, text)
    refs = tags(name, project.name, version)
    return (
        yield from find(inquiry, _release(name, f"{name} {version}", project.repository, refs, place.path))
    )


def _release(name: str, what: str, repository: Repository, refs: tuple[str, ...], module: str) -> Release:
    guesses = (paths.under(folder, module) for folder in (*_SOURCE_FOLDERS, name))
    elements = module.count("/") + 1
    return Release(
        rule=_RULE,
        what=what,
        repository=repository,
        refs=refs,
        guesses=tuple(dict.fromkeys(guess for guess in guesses if guess)),
        tail=module,
        least=min(elements, max(2, elements - 1)),
        folder=name,
    )
