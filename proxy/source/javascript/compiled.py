"""The rule for compiled files that the repository does not hold: the TypeScript that they came from.

``dist/cart/x.js`` was compiled from ``src/cart/x.ts``, by ``outDir`` and ``rootDir`` of tsconfig.json:
https://www.typescriptlang.org/tsconfig/#outDir.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import paths, rules
from proxy.source.inquiry import Candidate, Discovery
from proxy.source.javascript.cleaning import cleaned, is_installed

if TYPE_CHECKING:
    from proxy.source.model import Asking, Snapshot
    from proxy.source.room import Case

_RULE = rules.JAVASCRIPT_COMPILED
CONFIGURATION = "tsconfig.json"
_SOURCES = {
    ".js": (".ts", ".tsx", ".jsx"),
    ".mjs": (".mts", ".ts"),
    ".cjs": (".cts", ".ts"),
    ".jsx": (".tsx",),
}
_OUTPUTS = ("dist", "build", "out", "lib", "output", "esm", "cjs")
_DEPTH = 6
# The file has comments and commas that JSON has not; of it only two texts matter.
_OUT = re.compile(r'"outDir"\s{0,20}:\s{0,20}"([^"\\]{1,200})"')
_ROOT = re.compile(r'"rootDir"\s{0,20}:\s{0,20}"([^"\\]{1,200})"')
_MAX_SIZE = 64 * 1024


def source_of_compiled(case: Case) -> Asking[Discovery | None]:
    """The source of a compiled file of the service."""
    path = paths.clean(cleaned(case.frame).path)
    if case.home is None or path is None or is_installed(path):
        return None
    extensions = _SOURCES.get(paths.extension(path), ())
    # A file of the name `..js` has no name without its extension.
    if not extensions or not paths.clean(path[: path.rindex(".")]):
        return None
    out, root = yield from _folders(case, case.home)
    stems = list(dict.fromkeys(_stems(path[: path.rindex(".")], out, root)))
    found = yield from _look(case, case.home, [f"{stem}{each}" for stem in stems for each in extensions])
    if found is None:
        return None
    text = (
        f"{paths.shortened(path)} is compiled and not in the repository: shown is {found.file.path}, "
        "from which it was probably made; lines only match when the profile was recorded with source maps."
    )
    yield from case.inquiry.note(_RULE, text)
    return found


def _folders(case: Case, home: Snapshot) -> Asking[tuple[str, str]]:
    path = paths.under(case.service.root_path, CONFIGURATION)
    file = (yield from case.inquiry.read(_RULE, home, path)) if path else None
    text = file.content[:_MAX_SIZE].decode("utf-8", "replace") if file is not None else ""
    out, root = _OUT.search(text), _ROOT.search(text)
    return (paths.folder(out[1]) or "" if out else "", paths.folder(root[1]) or "" if root else "src")


def _stems(path: str, out: str, root: str) -> list[str]:
    """The path without extension, with the folder of what is compiled in place of that of what was made."""
    found = []
    for folder in dict.fromkeys(each for each in (out, *_OUTPUTS) if each):
        start = f"/{path}".rfind(f"/{folder}/")
        if start >= 0:
            before, rest = path[:start].strip("/"), path[start + len(folder) + 1 :].strip("/")
            found += [f"{before}/{source}/{rest}" for source in dict.fromkeys((root, "src", ""))]
    return [clean for each in (*found, path) if (clean := paths.clean(each))]


def _look(case: Case, home: Snapshot, files: list[str]) -> Asking[Discovery | None]:
    """With the tree one look; without it, the ends of the paths below the root path."""
    tree = yield from case.inquiry.tree(_RULE, home)
    root = case.service.root_path
    if tree is None:
        tails = [tail for file in files for tail in list(paths.suffixes(file))[-_DEPTH:] if "/" in tail]
        places = (paths.under(root, tail) for tail in tails)
        return (yield from case.inquiry.first(home, [Candidate(_RULE, each) for each in places if each][:16]))
    best = max(
        (tree.longest_suffix(file, root, without=case.room.avoid) for file in files), key=lambda m: m.elements
    )
    at_root = best.paths and best.paths[0].rpartition("/")[0] in (root, paths.folder(f"{root}/src"))
    if not best.paths or (best.elements == 1 and not at_root):
        return None
    file = yield from case.inquiry.read(_RULE, home, best.paths[0])
    return Discovery(_RULE, file) if file is not None else None
