"""The tree of a repository at a commit as an index: is it there, where else, and what is in the way.

One fetch lists every path of a commit (https://docs.github.com/en/rest/git/trees#get-a-tree); this
answers from it whatever a rule wants to know. What is in here:

- Every path is kept once, backwards and with a ``/`` behind it, in the order of these spellings. So
  all paths with the same end stand side by side, and the longest end that a path shares with any of
  them is the one it shares with a neighbour: two binary searches find it in any tree.
- Everything is in four flat buffers, so ``size`` is what the index really holds.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from proxy.source import paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINK = "120000"
SUBMODULE = "160000"
MAX_LOOKED_AT = 128
MAX_MATCHES = 16
NO_ELEMENTS: frozenset[str] = frozenset()

_MODES = ("100644", "100755", LINK, SUBMODULE)
_FOLDER_TYPE = "tree"
_OID_BYTES = (20, 32)  # SHA-1 and SHA-256: https://git-scm.com/docs/hash-function-transition
_AFTER_ANY = b"\xff"  # greater than every byte of UTF-8
_TESTS = frozenset(
    {"test", "tests", "testing", "testdata", "testFixtures", "__tests__", "androidTest", "integrationTest"}
    | {"spec", "specs", "it", "jmh", "fixtures", "e2e"}
)


class Entry(NamedTuple):
    """What git's tree says of a path: ``mode`` in octal (``100644``), ``type`` blob, tree or commit."""

    path: str
    mode: str
    type: str
    oid: str


class Turn(NamedTuple):
    """A symbolic link or submodule on the way to a path.

    Attributes:
        path: of the link or submodule.
        is_submodule: whether it is a submodule.
        oid: of the submodule's commit, or of the blob that holds the link's target.
        rest: what of the path lies behind it, ``""`` when it is the path itself.
    """

    path: str
    is_submodule: bool
    oid: str
    rest: str


class Matches(NamedTuple):
    """The files that end like a path.

    Attributes:
        elements: how many elements of the path, counted from its end, they share.
        paths: the files, best first, at most ``MAX_MATCHES``.
        total: how many there are in all.
        alike: how many of all are as near and as likely as the first.
    """

    elements: int
    paths: tuple[str, ...]
    total: int
    alike: int


NO_MATCHES = Matches(0, (), 0, 0)


class TreeIndex:
    """The files, links and submodules of one commit.

    Args:
        entries: of the whole tree, in any order; folders may be among them and are left out.

    Raises:
        ValueError: when an entry's id is none that git can have.
    """

    __slots__ = ("_ends", "_modes", "_names", "_oids", "_turns", "_width", "size")

    def __init__(self, entries: Iterable[Entry]) -> None:
        known = sorted(_spelt(entries))
        self._names = b"".join(name for name, _, _ in known)
        self._ends = array("I", [0])
        end = 0
        for name, _, _ in known:
            end += len(name)
            self._ends.append(end)
        self._modes = bytes(mode for _, mode, _ in known)
        self._width = len(known[0][2]) if known else _OID_BYTES[0]
        if any(len(oid) != self._width for _, _, oid in known):
            raise ValueError("the ids of a tree are of two kinds")
        self._oids = b"".join(oid for _, _, oid in known)
        # Where nothing is linked, which is most often, no path needs to be walked.
        self._turns = any(mode >= _MODES.index(LINK) for mode in self._modes)
        buffers = (self._names, self._ends, self._modes, self._oids)
        self.size = sys.getsizeof(self) + sum(map(sys.getsizeof, buffers))
        """How much memory it holds, in bytes."""

    def __len__(self) -> int:
        return len(self._modes)

    def entries(self) -> Iterator[Entry]:
        """Every file, link and submodule."""
        for index in range(len(self._modes)):
            mode = _MODES[self._modes[index]]
            yield Entry(self._path(index), mode, "commit" if mode == SUBMODULE else "blob", self._oid(index))

    def contains(self, path: str) -> bool:
        """Whether there is a file, a link or a submodule of this path."""
        return self._find(path) is not None

    def may_have_folder(self, path: str) -> bool:
        """Whether anything lies below this path, or that is too long to find out."""
        key = _key(path)
        # What lies below is spelt NAME + wanted, to the end of its spelling.
        wanted, at = b"/" + (key or b""), -1
        for _ in range(MAX_MATCHES * MAX_LOOKED_AT):
            if key is None or (at := self._names.find(wanted, at + 1)) < 0:
                return False
            end = at + len(wanted)
            after = bisect_left(self._ends, end)
            if self._ends[after] == end and self._ends[after - 1] <= at:
                return True
        return True

    def oid_of(self, path: str) -> str | None:
        """The id of the file's blob, of the link's blob or of the submodule's commit, hexadecimal."""
        index = self._find(path)
        return None if index is None else self._oid(index)

    def mode_of(self, path: str) -> str | None:
        """The mode as git writes it: ``100644``, ``100755``, ``120000`` (link), ``160000`` (submodule)."""
        index = self._find(path)
        return None if index is None else _MODES[self._modes[index]]

    def resolve_link(self, path: str) -> Turn | None:
        """The first link or submodule on the way to a path, itself included."""
        if not self._turns:
            return None
        slash = -1
        while slash < len(path):
            slash = path.find("/", slash + 1)
            slash = len(path) if slash < 0 else slash
            index = self._find(path[:slash])
            if index is not None and _MODES[self._modes[index]] in (LINK, SUBMODULE):
                submodule = _MODES[self._modes[index]] == SUBMODULE
                return Turn(path[:slash], submodule, self._oid(index), path[slash + 1 :])
        return None

    def ending_with(
        self, suffix: str, under: str = "", *, without: frozenset[str] = NO_ELEMENTS
    ) -> tuple[str, ...]:
        """Every file whose path is ``suffix`` or ends in ``/suffix``, best first.

        Args:
            suffix: a clean path.
            under: the root path: the nearer to it, the better.
            without: names of folders; what lies in one of them is no match.
        """
        return self._matches(suffix, under, without).paths

    def longest_suffix(self, path: str, under: str = "", *, without: frozenset[str] = NO_ELEMENTS) -> Matches:
        """The files that share the most elements with the end of a path.

        At equal length the nearest to ``under`` comes first, sources before tests. Arguments as in
        ``ending_with``.
        """
        key = _key(path)
        if key is None or not self._modes:
            return NO_MATCHES
        place = self._bisect(key)
        near = (self._name(index) for index in (place - 1, place) if 0 <= index < len(self._modes))
        shared = key.rfind(b"/", 0, max(_common(key, name) for name in near))
        while shared > 0:
            found = self._matches(key[shared - 1 :: -1].decode(), under, without)
            if found.paths:
                return found
            shared = key.rfind(b"/", 0, shared)
        return NO_MATCHES

    def _matches(self, suffix: str, under: str, without: frozenset[str]) -> Matches:
        key = _key(suffix)
        if key is None:
            return NO_MATCHES
        low, high = self._bisect(key), self._bisect(key + _AFTER_ANY)
        ranked = []
        for path in self._in_range(low, high, suffix, under):
            folders = path[: -len(suffix)].split("/")
            if without.isdisjoint(folders):
                ranked.append((_rank(folders, under), path))
        ranked.sort()
        alike = sum(rank[:2] == ranked[0][0][:2] for rank, _ in ranked)
        # A tree may hold names that no question may have.
        best = tuple(path for _, path in ranked[:MAX_MATCHES] if paths.clean(path) == path)
        total = high - low if high - low > MAX_LOOKED_AT else len(ranked)
        return Matches(suffix.count("/") + 1, best, total, alike)

    def _in_range(self, low: int, high: int, suffix: str, under: str) -> Iterator[str]:
        """Of too many, those in the folders above the root path and the first ones."""
        seen = set()
        if high - low > MAX_LOOKED_AT:
            for folder in _upward(under):
                path = f"{folder}/{suffix}" if folder else suffix
                if self.contains(path):
                    seen.add(path)
                    yield path
        for index in range(low, min(high, low + MAX_LOOKED_AT)):
            if self._modes[index] != _MODES.index(SUBMODULE) and (path := self._path(index)) not in seen:
                yield path

    def _find(self, path: str) -> int | None:
        key = _key(path)
        if key is None:
            return None
        index = self._bisect(key)
        return index if index < len(self._modes) and self._name(index) == key else None

    def _bisect(self, key: bytes) -> int:
        low, high = 0, len(self._modes)
        while low < high:
            middle = (low + high) // 2
            if self._name(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def _name(self, index: int) -> bytes:
        return self._names[self._ends[index] : self._ends[index + 1]]

    def _path(self, index: int) -> str:
        return self._name(index)[-2::-1].decode()

    def _oid(self, index: int) -> str:
        return self._oids[index * self._width : (index + 1) * self._width].hex()


def _spelt(entries: Iterable[Entry]) -> Iterator[tuple[bytes, int, bytes]]:
    for entry in entries:
        # A name that is not UTF-8 can be in no question.
        if entry.type == _FOLDER_TYPE or (name := _key(entry.path)) is None:
            continue
        oid = bytes.fromhex(entry.oid)
        if len(oid) not in _OID_BYTES:
            raise ValueError("an id of the tree is none that git can have")
        # Git has known further modes of files (100664); all of them are files.
        yield name, _MODES.index(entry.mode) if entry.mode in _MODES else 0, oid


def _key(path: str) -> bytes | None:
    try:
        return f"/{path}".encode()[::-1]
    except UnicodeEncodeError:
        return None


def _common(one: bytes, other: bytes) -> int:
    """How many bytes two spellings share from their start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _rank(folders: list[str], under: str) -> tuple[int, bool, int]:
    """How far from the root path, whether among tests, how deep: the least is the best."""
    wanted = under.split("/") if under else []
    shared = 0
    for folder, other in zip(folders, wanted, strict=False):
        if folder != other:
            break
        shared += 1
    return len(wanted) - shared, not _TESTS.isdisjoint(folders), len(folders)


def _upward(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""
