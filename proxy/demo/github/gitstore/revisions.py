"""From what a person writes (``main``, ``v1.0``, ``HEAD~2``, ``main:src/app.py``) to an object id.

Grammar: https://git-scm.com/docs/gitrevisions
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.demo.github.gitstore.errors import MissingObjectError
from proxy.demo.github.gitstore.objects import COMMIT, KINDS, OID_LENGTH, TAG, TREE, parse_commit, parse_tag

if TYPE_CHECKING:
    from proxy.demo.github.gitstore.reader import Reader

_SHORT_SHA = re.compile(r"[0-9a-fA-F]{4,40}")
_STEPS = re.compile(r"\^\{[a-z]*\}|\^\d*|~\d*")
_REVISION = re.compile(rf"(?P<name>[^~^:]+)(?P<steps>(?:{_STEPS.pattern})*)")
_PLACES = ("{}", "refs/{}", "refs/tags/{}", "refs/heads/{}")
_MAX_STEPS = 10_000


def resolve(store: Reader, expression: str) -> str | None:
    """The id of the object that ``expression`` names; ``None`` when there is no such object.

    A short SHA that fits several objects names none, unless exactly one of them is a commit.
    """
    revision, colon, path = expression.partition(":")
    oid = _revision(store, revision)
    if oid is None or not colon:
        return oid
    tree = peel(store, oid, TREE)
    if tree is None or not path:
        return tree
    entry = store.entry(tree, path.removesuffix("/"))
    if entry is None or (path.endswith("/") and entry.kind != TREE):
        return None
    return entry.oid


def peel(store: Reader, oid: str, kind: str) -> str | None:
    """Follow tags, and a commit to its tree, to an object of that kind; to any but a tag for ``""``."""
    for _ in range(_MAX_STEPS):
        try:
            raw = store.raw(oid)
        except MissingObjectError:
            return None
        if raw.kind == kind or (not kind and raw.kind != TAG):
            return oid
        if raw.kind == TAG:
            oid = parse_tag(oid, raw.data).target
        elif raw.kind == COMMIT and kind == TREE:
            oid = parse_commit(oid, raw.data).tree
        else:
            return None
    return None


def _revision(store: Reader, text: str) -> str | None:
    match = _REVISION.fullmatch(text)
    if match is None:
        return None
    oid = _name(store, match["name"])
    for step in _STEPS.findall(match["steps"]):
        if oid is None:
            return None
        oid = _step(store, oid, step)
    return oid


def _step(store: Reader, oid: str, step: str) -> str | None:
    if step.startswith("^{"):
        kind = step[2:-1]
        return peel(store, oid, kind) if not kind or kind in KINDS else None
    number = int(step[1:][:9] or 1)
    if step[0] == "^":
        return _parent(store, oid, number)
    current: str | None = oid
    for _ in range(min(number, _MAX_STEPS)):
        current = _parent(store, current, 1) if current else None
    return current


def _parent(store: Reader, oid: str, number: int) -> str | None:
    commit = peel(store, oid, COMMIT)
    if commit is None or number == 0:
        return commit
    parents = store.commit(commit).parents
    return parents[number - 1] if number <= len(parents) else None


def _name(store: Reader, name: str) -> str | None:
    if len(name) == OID_LENGTH and _SHORT_SHA.fullmatch(name):
        return name.lower() if store.has(name.lower()) else None
    for place in _PLACES:
        full = place.format("HEAD" if name == "@" else name)
        if full == "HEAD" or full.startswith("refs/"):
            oid = store.refs.get(full)
            if oid is not None:
                return oid
    return _short(store, name.lower()) if _SHORT_SHA.fullmatch(name) else None


def _short(store: Reader, prefix: str) -> str | None:
    found = store.with_prefix(prefix)
    if len(found) > 1:
        found = {oid for oid in found if store.raw(oid).kind == COMMIT}
    return found.pop() if len(found) == 1 else None
