"""Where the service keeps the source of a class: usual folders first, then anywhere in its repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import own, paths, rules
from proxy.source.inquiry import Discovery
from proxy.source.java.modules import module_of
from proxy.source.java.names import class_files, class_of, is_generated

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Asking, Frame, Service
    from proxy.source.room import Case
    from proxy.source.tree import Matches, TreeIndex

_SOURCE_FOLDERS = {".java": "java", ".kt": "kotlin", ".scala": "scala", ".groovy": "groovy"}
_RULE = rules.JAVA_TREE
_FEW = 8
_LIBRARIES = {
    "kotlin/": "Kotlin's standard library (JetBrains/kotlin, tag vX.Y.Z, libraries/stdlib)",
    "kotlinx/coroutines/": "Kotlin's coroutines (Kotlin/kotlinx.coroutines, tag X.Y.Z)",
    "scala/": "Scala's standard library (scala/scala, tag vX.Y.Z, path src/library)",
    "groovy/": "Groovy (apache/groovy, path src/main/java)",
}


def foreign(frame: Frame) -> str | None:
    """Why the class is not the service's own."""
    if is_generated(frame.function_name):
        return "a class that was made while the program ran"
    class_name = class_of(frame.function_name)
    return "a class of the JDK" if class_name and module_of(class_name) else None


def own_candidates(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    """The class's files in the usual source roots, then the path, when it is more than a name."""
    if foreign(frame):
        return ()
    guesses: list[Candidate] = []
    files = class_files(frame)
    for name in files:
        guesses += own.below(_source_roots(name), [name], service, rules.JAVA_SOURCE_ROOT)
    if service.root_path:
        guesses.sort(key=lambda guess: not guess.path.startswith(f"{service.root_path}/"))
    by_path: tuple[Candidate, ...] = ()
    if "/" in frame.path:
        by_path = own.any_suffix(frame.path, service)
    elif not files:  # a name alone would be the file of any class of that name
        by_path = own.whole_path(frame.path, service)
    return own.distinct((*guesses[: own.MAX_CANDIDATES - _FEW], *by_path[-_FEW:]))


def tails(frame: Frame) -> tuple[str, ...]:
    """Only a path with folders is looked for by its end: of a class, the whole package has to be there."""
    return (frame.path,) if "/" in frame.path and not class_files(frame) else ()


def in_tree(case: Case) -> Asking[Discovery | None]:
    """Any file of the repository that ends like the class's, nearest the root path, sources before tests."""
    files = class_files(case.frame)
    if case.home is None or not files or foreign(case.frame):
        return None
    tree = yield from case.inquiry.tree(_RULE, case.home)
    if tree is None:
        return None
    matches = _matches(tree, files, case.service.root_path)
    if matches is None:
        case.inquiry.missed(case.home, [f"…/{file}" for file in files[:1]])
        return None
    best = matches.paths[0]
    if matches.alike > 1:
        text = (
            f"{matches.alike} files of {case.home.repository} may be {class_of(case.frame.function_name)}; "
            f"shown is {best}. Set the label service_root_path to the service's folder if it is another."
        )
        yield from case.inquiry.note(_RULE, text)
    file = yield from case.inquiry.read(_RULE, case.home, best, matches.paths[1:])
    return Discovery(_RULE, file) if file is not None else None


def elsewhere(case: Case) -> Asking[Discovery | None]:
    """Nothing was found: what to do about it is different for a class of a library."""
    name = class_of(case.frame.function_name)
    if case.home is None or name is None or "/" not in name or foreign(case.frame):
        return None
    where = f"{case.home.repository} at {case.home.ref}"
    library = next((words for prefix, words in _LIBRARIES.items() if name.startswith(prefix)), "")
    if library:
        text = f"{name} is a class of {library}, which is not in {where}."
    else:
        package = "/".join(name.split("/")[:-1][:3])
        text = (
            f"{name} is not in {where}. If it is the service's own, check the labels service_root_path "
            "and service_git_ref; if it is a library's, map the function_name prefix "
            f"{package} to its repository."
        )
    yield from case.inquiry.blame(_RULE, text)
    return None


def _matches(tree: TreeIndex, files: tuple[str, ...], root_path: str) -> Matches | None:
    """Files with the whole package; else, of languages that allow it, without the package's first folders.

    https://kotlinlang.org/docs/coding-conventions.html#directory-structure: the common root package is
    left out of the folders.
    """
    found = {file: tree.longest_suffix(file, root_path) for file in files}
    for file, matches in found.items():
        if matches.paths and matches.elements == file.count("/") + 1:
            return matches
    for file, matches in found.items():
        if matches.paths and not file.endswith(".java") and (matches.elements > 1 or matches.total == 1):
            return matches
    return None


def _source_roots(name: str) -> list[str]:
    """Maven's and Gradle's folders of sources, then of tests."""
    own_folder = _SOURCE_FOLDERS[paths.extension(name)]
    mixed = ["java"] if own_folder != "java" else []
    mains = [f"src/main/{folder}" for folder in (own_folder, *mixed)]
    return [
        *mains,
        "src",
        "",
        f"app/src/main/{own_folder}",
        *([] if mixed else ["java"]),
        f"src/test/{own_folder}",
    ]
