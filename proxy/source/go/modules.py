"""The rules for files of Go modules: which version, which repository, which folder of it.

1. The service's go.mod has the version and what replaces it; without it, the path's version counts.
2. A module on GitHub is where its path says. Any other is where the module proxy says, or else where
   its host is known to keep its repositories, or else where the page at its path says.
3. What is nowhere may still have been copied into the service's vendor folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from proxy.source import paths, rules
from proxy.source.go import answers, homes, library, module, vendored, versions
from proxy.source.go.module import ModuleFile
from proxy.source.inquiry import Candidate
from proxy.source.model import Absent, Lookup, Repository, Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.source.go.gomod import GoMod, Target
    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking, Frame
    from proxy.source.room import Case


class Place(NamedTuple):
    """Where a module may be: refs and folders of a repository, each the most likely first."""

    rule: str
    repository: Repository
    refs: tuple[str, ...]
    folders: tuple[str, ...]


def of_frame(frame: Frame) -> ModuleFile | None:
    """The file of a module that a frame is of, by its path alone."""
    path = frame.path.replace("\\", "/")
    found = module.of_path(path)
    return found if found and library.of_frame(frame) is None else None


def module_files(case: Case) -> Asking[Discovery | None]:
    """The file of a module whose version is in the path."""
    found = of_frame(case.frame)
    if found is None:
        return None
    read = yield from versions.go_mod(case)
    return (yield from resolve(case, found, read))


def required_files(case: Case) -> Asking[Discovery | None]:
    """The file of a module that only go.mod gives a version: vendored, or of a Bazel build."""
    if (named := vendored.import_path(case.frame)) is None and not vendored.bazel(case.frame):
        return None
    read = yield from versions.go_mod(case)
    if read is None:
        return None
    found = vendored.required(named, read) if named else vendored.of_bazel(case.frame, read)
    return (yield from resolve(case, found, read)) if found else None


def resolve(case: Case, file: ModuleFile, read: GoMod | None) -> Asking[Discovery | None]:
    """The file at the version of go.mod, then at the one of the path, then in the vendor folder."""
    if read and read.module == file.module:
        return (yield from _in_own(case, rules.REPOSITORY_NAME, [f"{read.folder}/{file.path}"]))
    wanted = [file]
    if read and (version := read.requires.get(file.module)):
        wanted.insert(0, file._replace(version=version))
        if file.version not in ("", version):
            text = (
                f"go.mod has {version} of {file.module}, the path {file.version}: shown is the one of go.mod."
            )
            yield from case.inquiry.note(rules.GO_MOD, text)
    if read and (target := _target(read, wanted)):
        if not target.version:
            return (yield from _in_folder(case, target.path, file, read))
        wanted.insert(0, ModuleFile(target.path, target.version, file.path))
    for each in dict.fromkeys(each for each in wanted if each.version):
        if discovery := (yield from _located(case, each)):
            return discovery
    return (yield from _in_own(case, rules.GO_VENDOR, vendored.places(case.service, file)))


def _target(read: GoMod, wanted: list[ModuleFile]) -> Target | None:
    found = (read.replacement(each.module, each.version) for each in wanted)
    return next((target for target in found if target), None)


def _in_folder(case: Case, path: str, file: ModuleFile, read: GoMod) -> Asking[Discovery | None]:
    """A folder of the service's own repository, relative to that of go.mod."""
    folder = None if path.startswith("/") or path[1:2] == ":" else paths.folder(f"{read.folder}/{path}")
    if folder is None:
        text = f"go.mod replaces {file.module} by {paths.shortened(path)}, which is outside the repository."
        yield from case.inquiry.blame(rules.GO_REPLACE, text)
        return None
    return (yield from _in_own(case, rules.GO_REPLACE, [f"{folder}/{file.path}"]))


def _in_own(case: Case, rule: str, places: list[str]) -> Asking[Discovery | None]:
    if case.home is None:
        return None
    found = [Candidate(rule, path) for place in places if (path := paths.clean(place.lstrip("/")))]
    return (yield from case.inquiry.first(case.home, found))


def _located(case: Case, file: ModuleFile) -> Asking[Discovery | None]:
    if not module.is_module(file.module):
        return None
    host = case.inquiry.host
    if home := homes.on_github(file.module, host):
        return (yield from _look(case, _of_home(rules.GO_GITHUB, home, file.version), file))
    if homes.is_on_public_github(file.module):
        text = f"{file.module} is on github.com, which {host} is not."
        yield from case.inquiry.blame(rules.GO_GITHUB, text)
        return None
    seen = False
    for way in _WAYS:
        place = yield from way(case, file)
        # A page is not asked about a module whose repository is known already.
        if place is None or (seen and way is _by_page):
            continue
        seen = True
        if discovery := (yield from _look(case, place, file)):
            return discovery
    return None


def _by_proxy(case: Case, file: ModuleFile) -> Asking[Place | None]:
    rule = rules.GO_MODULE_PROXY
    path = f"{module.escaped(file.module)}/@v/{module.escaped(file.version)}.info"
    answer = yield from case.inquiry.fetch(rule, Lookup.GO_MODULE_PROXY, path, "application/json")
    origin = answers.origin(answer.body) if answer else None
    if origin is None:
        return None
    repository = yield from _repository(case, rule, file.module, origin.url)
    if repository is None:
        return None
    folders, tagged = module.folders_of(origin.subfolder or _own_major(file.module))
    by_origin = [ref for ref in (origin.tag, origin.commit) if ref]
    refs = dict.fromkeys([*by_origin, *module.refs_of(file.version, tagged)])
    return Place(rule, repository, tuple(refs), folders)


def _by_table(case: Case, file: ModuleFile) -> Asking[Place | None]:
    yield from ()
    home = homes.well_known(file.module) if homes.reaches_public(case.inquiry.host) else None
    return _of_home(rules.GO_KNOWN_HOME, home, file.version) if home else None


def _by_page(case: Case, file: ModuleFile) -> Asking[Place | None]:
    rule = rules.GO_GET
    path = f"https://{file.module}?go-get=1"
    answer = yield from case.inquiry.fetch(rule, Lookup.GO_GET, path, "text/html")
    for each in answers.imports(answer.body, file.module) if answer else ():
        repository = yield from _repository(case, rule, file.module, each.url)
        if repository:
            inside = file.module[len(each.prefix) + 1 :]
            subfolder = "/".join(part for part in (each.subfolder, inside) if part)
            return _of_home(rule, homes.Home(repository, subfolder), file.version)
    return None


_WAYS: tuple[Callable[[Case, ModuleFile], Asking[Place | None]], ...] = (_by_proxy, _by_table, _by_page)


def _repository(case: Case, rule: str, name: str, url: str) -> Asking[Repository | None]:
    found = homes.of_address(url, case.inquiry.host)
    if found is None and homes.reaches_public(case.inquiry.host):
        found = homes.mirror_of(url)
    if found is None:
        text = f"{name} is kept at {paths.shortened(url)!r}, which is not on {case.inquiry.host}."
        yield from case.inquiry.blame(rule, text)
    return found


def _own_major(name: str) -> str:
    # A major version may be a real folder of the repository's root: https://go.dev/ref/mod#major-branches.
    return module.without_major(name)[1]


def _of_home(rule: str, home: homes.Home, version: str) -> Place:
    folders, tagged = module.folders_of(home.subfolder)
    return Place(rule, home.repository, module.refs_of(version, tagged), folders)


def _look(case: Case, place: Place, file: ModuleFile) -> Asking[Discovery | None]:
    found = (paths.under(folder, file.path) for folder in place.folders)
    candidates = [Candidate(place.rule, path) for path in dict.fromkeys(found) if path]
    missing = []
    for ref in place.refs:
        wishes = [each.path for each in candidates]
        snapshot = yield from case.inquiry.open(place.rule, place.repository, ref, wishes)
        if snapshot is Absent.REPOSITORY:
            text = f"{place.repository}, where {file.module} is kept, is not there or not visible to you."
            yield from case.inquiry.blame(place.rule, text)
            return None
        if not isinstance(snapshot, Snapshot):
            missing.append(ref)
        elif discovery := (yield from case.inquiry.first(snapshot, candidates)):
            return discovery
    if len(missing) == len(place.refs):
        text = f"{file.version} of {file.module} is not in {place.repository}: no {' and no '.join(missing)}."
        yield from case.inquiry.blame(place.rule, text)
    return None
