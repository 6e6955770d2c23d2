"""The rule for installed packages: version from the lock file, repository from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.errors import RpcError
from proxy.source import links, paths, releases, rules
from proxy.source.address import parse_repository
from proxy.source.inquiry import Candidate, Discovery
from proxy.source.javascript import locks, registry
from proxy.source.javascript.cleaning import cleaned, is_installed, module_of
from proxy.source.model import Lookup

if TYPE_CHECKING:
    from proxy.source.inquiry import Inquiry
    from proxy.source.javascript.cleaning import Module
    from proxy.source.javascript.registry import Published
    from proxy.source.model import Asking, Repository, Snapshot
    from proxy.source.room import Case

_RULE = rules.JAVASCRIPT_PACKAGE
_MAX_FOLDERS = 4
_HEAD = "HEAD"


def wished_files(root_path: str) -> tuple[str, ...]:
    """Where a service may say which versions it runs, the nearest first."""
    folders = [root_path]
    while folders[-1] and len(folders) < _MAX_FOLDERS:
        folders.append(folders[-1].rpartition("/")[0])
    found = (paths.clean(f"{folder}/{name}") for folder in folders for name in locks.NAMES)
    return tuple(dict.fromkeys(path for path in found if path))


def package(case: Case) -> Asking[Discovery | None]:
    """A file of a package in ``node_modules``."""
    path = cleaned(case.frame).path
    module = module_of(path)
    if module is None:
        if is_installed(path):
            text = "What is in this folder of node_modules is no package but made by a tool."
            yield from case.inquiry.blame(_RULE, text)
        return None
    folder, locked = "", locks.Locked(module.version)
    if not module.version and case.home is not None:
        folder, locked = yield from _locked(case, case.home, module)
    if locked.folder is not None and case.home is not None:
        return (yield from _linked(case, case.home, f"{folder}/{locked.folder}", module))
    if locked.url:
        return (yield from _from_git(case.inquiry, module, locked))
    return (yield from _from_registry(case.inquiry, module, locked.version))


def _locked(case: Case, home: Snapshot, module: Module) -> Asking[tuple[str, locks.Locked]]:
    wanted = wished_files(case.service.root_path)
    for position, path in enumerate(wanted):
        file = yield from case.inquiry.read(_RULE, home, path, wanted[position + 1 :])
        folder, _, name = path.rpartition("/")
        found = locks.find(name, file.content, module) if file is not None else None
        if found is not None:
            if found.others:
                text = (
                    f"{path} has {found.others + 1} versions of {module.name} and the path does not tell "
                    f"which: shown is {found.version}, lines may not match."
                )
                yield from case.inquiry.note(_RULE, text)
            return folder, found
    return "", locks.Locked()


def _linked(case: Case, home: Snapshot, folder: str, module: Module) -> Asking[Discovery | None]:
    """A workspace of the service's own repository."""
    parent = paths.folder(folder)
    path = paths.under(parent, module.file) if parent is not None else None
    return (yield from links.reach(case.inquiry, home, [Candidate(_RULE, path)] if path else []))


def _from_git(inquiry: Inquiry, module: Module, locked: locks.Locked) -> Asking[Discovery | None]:
    try:
        repository = parse_repository(locked.url, inquiry.host)
    except RpcError:
        text = f"{module.name} is installed from a repository that is not on {inquiry.host}."
        yield from inquiry.blame(_RULE, text)
        return None
    release = _release(module, module.name, repository, (locked.ref or _HEAD,), "")
    return (yield from releases.find(inquiry, release))


def _from_registry(inquiry: Inquiry, module: Module, version: str) -> Asking[Discovery | None]:
    place = registry.path_of(module.name, version)
    fetched = yield from inquiry.fetch(_RULE, Lookup.NPM_REGISTRY, place, registry.ACCEPT)
    published = registry.read(fetched.body, inquiry.host) if fetched is not None else None
    what = f"{module.name} {version}".strip()
    if published is None:
        text = f"The npm registry could not say where the source of {what} is (resolver.npm_registry)."
        yield from inquiry.blame(_RULE, text)
        return None
    if published.repository is None:
        where = f" (it names {published.elsewhere[:200]})" if published.elsewhere else ""
        text = f"The npm registry names no repository of {what} on {inquiry.host}{where}."
        yield from inquiry.blame(_RULE, text)
        return None
    if not version:
        text = (
            f"No version of {module.name} is known: shown is the latest, {published.version}, lines may not "
            "match. Commit package-lock.json, yarn.lock or pnpm-lock.yaml with the service."
        )
        yield from inquiry.note(_RULE, text)
    what = f"{module.name} {version or published.version}"
    refs = _refs(module.name, version or published.version, published)
    release = _release(module, what, published.repository, refs, published.folder)
    return (yield from releases.find(inquiry, release))


def _refs(name: str, version: str, published: Published) -> tuple[str, ...]:
    """The commit that was published, then the customs of tagging; a monorepo tags by package."""
    bare = name.rpartition("/")[2]
    plain = [f"v{version}", version]
    named = [f"{name}@{version}", f"{bare}@{version}", f"{bare}-v{version}", f"{bare}@v{version}"]
    named += [f"{name}@v{version}", f"{bare}-{version}", f"{bare}/v{version}", f"release-{version}"]
    ordered = [*named[:2], *plain, *named[2:]] if published.folder else [*plain, *named]
    return (*([published.commit] if published.commit else []), *dict.fromkeys(ordered))


def _release(
    module: Module, what: str, repository: Repository, refs: tuple[str, ...], folder: str
) -> releases.Release:
    bare = module.name.rpartition("/")[2]
    guesses = (paths.under(each, module.file) for each in dict.fromkeys((folder, f"packages/{bare}", "")))
    return releases.Release(
        rule=_RULE,
        what=what,
        repository=repository,
        refs=refs,
        guesses=tuple(guess for guess in guesses if guess),
        # With the package's folder before it, so that an index.js is not taken from anywhere.
        tail=paths.clean(f"{bare}/{module.file}") or module.file,
        least=max(2, module.file.count("/") + 1),
        folder=folder,
    )
