"""The rule for Python's standard library: https://github.com/python/cpython, its branches and tags.

A tag is ``vX.Y.Z``, a branch ``X.Y``: https://devguide.python.org/versions/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import paths, releases, rules
from proxy.source.inquiry import Candidate
from proxy.source.links import reach
from proxy.source.model import Absent, Repository
from proxy.source.python.places import Sourceless, Standard, place_of

if TYPE_CHECKING:
    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking, File
    from proxy.source.room import Case

CPYTHON = Repository("python", "cpython")
_PROJECT = "pyproject.toml"
VERSION_FILES = (".python-version", ".tool-versions", "runtime.txt", "Dockerfile", _PROJECT)

_NEWEST = "main"
_RULE = rules.PYTHON_STANDARD_LIBRARY
_MAX_LINES = 400
_VERSION = r"(\d\.\d{1,2}(?:\.\d{1,3})?(?:(?:a|b|rc)\d{1,2})?)"
# FROM [--platform=…] [REGISTRY/]python:3.12.1-slim: https://docs.docker.com/reference/dockerfile/#from
_PATTERNS = {
    ".python-version": re.compile(rf"\s*(?:cpython-|python-)?{_VERSION}"),
    ".tool-versions": re.compile(rf"\s*python\s+{_VERSION}"),
    "runtime.txt": re.compile(rf"\s*python-{_VERSION}"),
    # The oldest that will do, where nothing says which it is.
    _PROJECT: re.compile(rf"\s*requires-python\s*=\s*[\"'](?:>=|==|~=)\s*{_VERSION}"),
    "Dockerfile": re.compile(rf"(?i:FROM)\s+(?:--\S{{1,80}}\s+)?(?:\S{{1,200}}/)?python:{_VERSION}"),
}


def standard_library(case: Case) -> Asking[Discovery | None]:
    """A file of the standard library, at the tag of the patch release or else on the branch."""
    place = place_of(case.frame.path)
    if isinstance(place, Sourceless):
        yield from case.inquiry.blame(_RULE, place.reason, curable=False)
    if not isinstance(place, Standard):
        return None
    version = place.patch or place.minor or (yield from _version_of(case))
    refs = (f"v{version}", version.rpartition(".")[0]) if version.count(".") > 1 else (version,)
    known = [ref for ref in refs if ref]
    opened = yield from releases.open_first(case.inquiry, _RULE, CPYTHON, [*known, _NEWEST], place.paths)
    if isinstance(opened, Absent):
        text = f"{CPYTHON} is not on {case.inquiry.host}, or not visible to you."
        if opened is Absent.REF:
            text = f"{CPYTHON} has none of {', '.join([*known, _NEWEST])}."
        yield from case.inquiry.blame(_RULE, text)
        return None
    if not known:
        text = (
            f"No version of Python is known: shown is {CPYTHON} at {opened.ref}, lines may not match. "
            "Add a file .python-version to the service."
        )
        yield from case.inquiry.note(_RULE, text)
    elif opened.ref != known[0]:
        text = f"{CPYTHON} has no {known[0]}: shown is {opened.ref}, lines may not match."
        yield from case.inquiry.note(_RULE, text)
    discovery = yield from reach(case.inquiry, opened, [Candidate(_RULE, path) for path in place.paths])
    if discovery is None:
        text = f"{place.paths[0]} is not in {CPYTHON} at {opened.ref}: it may have been made by the build."
        yield from case.inquiry.blame(_RULE, text)
    return discovery


def version_files(root_path: str) -> tuple[str, ...]:
    """Where a service may say which Python it runs on, most telling first."""
    folders = dict.fromkeys((root_path, ""))
    found = (paths.under(folder, name) for folder in folders for name in VERSION_FILES)
    return tuple(path for path in found if path)


def _version_of(case: Case) -> Asking[str]:
    """What the service's files say; of one that only says what it needs at least, that is noted."""
    if case.home is None:
        return ""
    wanted = version_files(case.service.root_path)
    for position, path in enumerate(wanted):
        file: File | None = yield from case.inquiry.read(_RULE, case.home, path, wanted[position + 1 :])
        pattern = _PATTERNS[path.rpartition("/")[2]]
        lines = file.content[: 64 * 1024].decode("utf-8", "replace").splitlines() if file else []
        for line in lines[:_MAX_LINES]:
            if found := pattern.match(line):
                if path.endswith(_PROJECT):
                    text = f"{path} only names the oldest Python, {found[1]}: lines may not match."
                    yield from case.inquiry.note(_RULE, text)
                return found[1]
    return ""
