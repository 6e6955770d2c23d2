"""The objects of a repository: loose, packed, borrowed from another repository.

Layout: https://git-scm.com/docs/gitrepository-layout
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from pathlib import Path

from proxy.demo.github.gitstore.errors import GitError, MissingObjectError
from proxy.demo.github.gitstore.objects import KINDS, RawObject
from proxy.demo.github.gitstore.pack import Pack

_MAX_ALTERNATES = 5


class ObjectDatabase:
    """Reads objects by id; keeps the last ones read, up to ``cache_size`` bytes."""

    def __init__(self, folder: Path, *, cache_size: int) -> None:
        self._folders = _with_alternates(folder, _MAX_ALTERNATES)
        self._packs: dict[Path, Pack] = {}
        self._recent: OrderedDict[str, RawObject] = OrderedDict()
        self._recent_size = 0
        self._cache_size = cache_size

    def close(self) -> None:
        """Let go of the packs."""
        for pack in self._packs.values():
            pack.close()
        self._packs.clear()

    def __contains__(self, oid: str) -> bool:
        try:
            self.read(oid)
        except MissingObjectError:
            return False
        return True

    def read(self, oid: str) -> RawObject:
        """The object of that id (40 lower-case hexadecimal digits).

        Raises:
            MissingObjectError: it is not there.
            GitError: it is damaged.
        """
        recent = self._recent.get(oid)
        if recent is not None:
            self._recent.move_to_end(oid)
            return recent
        found = self._loose(oid) or self._packed(oid)
        if found is None:
            # `git gc` and pushes make new packs while we are open.
            self._open_new_packs()
            found = self._packed(oid) or self._loose(oid)
        if found is None:
            raise MissingObjectError(oid)
        self._remember(oid, found)
        return found

    def with_prefix(self, prefix: str) -> set[str]:
        """The ids that begin with ``prefix`` (at least 4 lower-case hexadecimal digits)."""
        self._open_new_packs()
        found = {oid for pack in self._packs.values() for oid in pack.with_prefix(prefix)}
        for folder in self._folders:
            for path in (folder / prefix[:2]).glob(f"{prefix[2:]}*"):
                found.add(prefix[:2] + path.name)
        return found

    def _loose(self, oid: str) -> RawObject | None:
        for folder in self._folders:
            try:
                data = zlib.decompress((folder / oid[:2] / oid[2:]).read_bytes())
            except FileNotFoundError:
                continue
            except zlib.error:
                raise GitError(f"object {oid} is damaged") from None
            head, _, content = data.partition(b"\0")
            kind, _, size = head.decode("ascii", "replace").partition(" ")
            if kind not in KINDS or size != str(len(content)):
                raise GitError(f"object {oid} is damaged")
            return RawObject(kind, content)
        return None

    def _packed(self, oid: str) -> RawObject | None:
        name = bytes.fromhex(oid)
        for pack in self._packs.values():
            offset = pack.find(name)
            if offset is not None:
                return pack.read(offset)
        return None

    def _open_new_packs(self) -> None:
        for folder in self._folders:
            for index in sorted((folder / "pack").glob("*.idx")):
                if index not in self._packs:
                    self._packs[index] = Pack(index)

    def _remember(self, oid: str, found: RawObject) -> None:
        if len(found.data) > self._cache_size:
            return
        self._recent[oid] = found
        self._recent_size += len(found.data)
        while self._recent_size > self._cache_size:
            _, oldest = self._recent.popitem(last=False)
            self._recent_size -= len(oldest.data)


def _with_alternates(folder: Path, depth: int) -> list[Path]:
    folders = [folder]
    listing = folder / "info" / "alternates"
    if depth and listing.is_file():
        for line in listing.read_text("utf-8").splitlines():
            if line and not line.startswith("#"):
                folders += _with_alternates(folder / Path(line), depth - 1)
    return folders
