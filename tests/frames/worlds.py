"""The repositories and the registries that recorded frames lead to, as they were listed.

A listing (``data/LANGUAGE.worlds.txt``, written by ``recording/output.py``) says ``# owner/name``, perhaps
with the name that it had before, then for each commit ``@ SHA refs…``, perhaps ``< program`` (whose files
in ``recording/programs`` it has), then folders with their files. Of other files than a program's only the
path is known: they are empty here.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proxy.source.model import (
    Absent,
    Fetch,
    Fetched,
    File,
    Link,
    Lookup,
    Note,
    Open,
    Question,
    Read,
    Repository,
    Snapshot,
    Tree,
)
from proxy.source.tree import Entry, TreeIndex

HERE = Path(__file__).parent
DATA = HERE / "data"
PROGRAMS = HERE / "recording/programs"
_ABBREVIATED = re.compile(r"[0-9a-f]{7,40}")


@dataclass
class Commit:
    """What a repository has at one commit; ``contents`` of the paths where it is known."""

    repository: str
    sha: str
    refs: list[str]
    paths: set[str] = field(default_factory=set)
    contents: dict[str, bytes] = field(default_factory=dict)

    @functools.cached_property
    def tree(self) -> TreeIndex:
        return TreeIndex(Entry(path, "100644", "blob", _oid(path)) for path in self.paths)


class World:
    """Answers the questions of resolutions."""

    def __init__(self, language: str) -> None:
        listing = (DATA / f"{language}.worlds.txt").read_text(encoding="utf-8")
        self._commits: dict[str, list[Commit]] = {}
        self._renamed: dict[str, str] = {}
        for commit in _commits(listing):
            name, *former = commit.repository.split(" ")
            commit.repository = name
            self._commits.setdefault(name.lower(), []).append(commit)
            self._renamed |= {each.lower(): name.lower() for each in former}
        answers = json.loads((DATA / f"{language}.web.json").read_text(encoding="utf-8"))
        self._web = {Lookup(lookup): known for lookup, known in answers.items()}

    def commit(self, repository: str, ref: str) -> Commit | Absent:
        """A tag, a branch, a whole SHA or the start of one."""
        name = repository.lower()
        commits = self._commits.get(self._renamed.get(name, name))
        if commits is None:
            return Absent.REPOSITORY
        for commit in commits:
            if ref in commit.refs or (_ABBREVIATED.fullmatch(ref) and commit.sha.startswith(ref)):
                return commit
        return Absent.REF

    def answer(self, question: Question[Any]) -> object:
        if isinstance(question, Open):
            commit = self.commit(str(question.repository), question.ref)
            if isinstance(commit, Absent):
                return commit
            return Snapshot(Repository(*commit.repository.split("/")), question.ref, commit.sha)
        if isinstance(question, Read):
            commit = self._of(question.snapshot)
            if question.path not in commit.paths:
                return None
            data = commit.contents.get(question.path, b"")
            return File(question.snapshot, question.path, _oid(question.path), data)
        if isinstance(question, Tree):
            return self._of(question.snapshot).tree
        if isinstance(question, Fetch):
            known = self._fetched(question.service, question.path)
            body = known if isinstance(known, str) else json.dumps(known)
            return None if known is None else Fetched(body.encode(), question.path)
        assert isinstance(question, Note | Link), question
        return None

    def _of(self, snapshot: Snapshot) -> Commit:
        commit = self.commit(str(snapshot.repository), snapshot.commit)
        assert isinstance(commit, Commit)
        return commit

    def _fetched(self, service: Lookup, path: str) -> object:
        known = self._web.get(service, {})
        if service is Lookup.PYTHON_INDEX:
            return _release(known, path)
        if service is Lookup.NPM_REGISTRY:
            return _package(known, urllib.parse.unquote(path))
        return known.get(urllib.parse.unquote(path))


def _release(known: dict[str, Any], path: str) -> object:
    """``pypi/NAME/VERSION/json``, and ``pypi/NAME/json``, which is about the latest version."""
    name = re.sub(r"[-_.]+", "-", path.split("/")[1]).lower() if path.count("/") > 1 else ""
    versions = {key: value for key, value in known.items() if key.startswith(f"pypi/{name}/")}
    if path.count("/") == 2:
        return next(iter(versions.values()), None)
    return versions.get(f"pypi/{name}/{'/'.join(path.split('/')[2:])}")


def _package(known: dict[str, Any], path: str) -> object:
    """``NAME/VERSION``, and ``NAME``, which is about all versions."""
    if path in known:
        return known[path]
    versions = {each["version"]: each for key, each in known.items() if key.rpartition("/")[0] == path}
    if not versions:
        return None
    last = next(reversed(versions.values()))
    return {key: last[key] for key in ("name", "repository") if key in last} | {"versions": versions}


def _commits(listing: str) -> list[Commit]:
    repository, folder = "", ""
    found: list[Commit] = []
    for line in listing.splitlines():
        if line.startswith("# "):
            repository = line[2:]
        elif line.startswith("@ "):
            sha, *refs = line[2:].split(" ")
            found.append(Commit(repository, sha, refs))
        elif line.startswith("< "):
            found[-1].contents = _program(line[2:])
            found[-1].paths |= set(found[-1].contents)
        elif line.startswith(" "):
            found[-1].paths.add(folder + line[1:])
        else:
            folder = line.lstrip("/")
    return found


def _program(name: str) -> dict[str, bytes]:
    folder = PROGRAMS / name
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def _oid(path: str) -> str:
    return hashlib.sha1(path.encode()).hexdigest()  # noqa: S324 - as long as git's, and as stable
