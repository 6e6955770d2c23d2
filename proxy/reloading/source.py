"""Where a configuration comes from, so that it can be read again and a change of its files be noticed."""

from __future__ import annotations

import errno
import os
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from proxy import config
from proxy.config.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_FILE_BYTES: Final = 1024 * 1024


class UnreadableError(Exception):
    """The configuration's file cannot be read; the message says which and why."""


class Stamp(NamedTuple):
    """The state of a file, links followed: another content has another one.

    Kubernetes swaps a symbolic link on the way to a mounted file, which then is another file altogether.
    """

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


class Source:
    """A configuration's file, the environment and the flags.

    Args:
        file: the file, YAML; ``None``: there is none.
        environ: the environment.
        overrides: flags, by the paths of the keys that they beat.

    Attributes:
        stamps: the files that the last reading looked into, and the state in which they were; ``None``
            where one could not be read.
    """

    def __init__(self, file: str | None, environ: Mapping[str, str], overrides: Mapping[str, str]) -> None:
        self.file = file
        self._environ = environ
        self._overrides = overrides
        self.stamps: Mapping[str, Stamp | None] = {}
        self._held_something = False

    def load(self) -> config.Config:
        """Read everything and check it.

        Raises:
            UnreadableError: the file cannot be read, or is empty now and was not before: it is being written
                or was lost, and all that it held would be lost with it.
            ConfigFaults: it is faulty, with every fault.
        """
        stamps: dict[str, Stamp | None] = {}

        def read(name: str) -> str:
            stamps[name] = stamp(name)
            text, stamps[name] = _read(name)
            return text

        try:
            text = self._text(read)
            self._refuse_emptied(text)
            found = config.parse(text, self._environ, read_file=read, overrides=self._overrides)
        except (UnreadableError, config.ConfigFaults):
            # It may have ended before all files were read: those of before count as well.
            self.stamps = {**self.stamps, **stamps}
            raise
        for path in (path for path in KEYS if path.endswith("_file")):
            named = attrgetter(path)(found)
            if named and named not in stamps:
                stamps[named] = stamp(named)
        self.stamps = stamps
        self._held_something = bool(text.strip())
        return found

    def now(self) -> Mapping[str, Stamp | None]:
        """The state in which the files of ``stamps`` are now."""
        return {name: stamp(name) for name in self.stamps}

    def _refuse_emptied(self, text: str) -> None:
        if self._held_something and not text.strip():
            raise UnreadableError(f"{self.file} is empty; restart to run without what it held")

    def _text(self, read: Callable[[str], str]) -> str:
        if self.file is None:
            return ""
        try:
            return read(self.file)
        except OSError as error:
            raise UnreadableError(f"cannot read {self.file}: {error.strerror}") from None
        except ValueError:
            raise UnreadableError(f"cannot read {self.file}: it is not text in UTF-8") from None


def read_file(name: str) -> str:
    """Read a text file of bounded length; relative names start at the working directory.

    Raises:
        OSError: when it cannot be read or is too large.
        ValueError: when it is not UTF-8, or the name cannot be one.
    """
    return _read(name)[0]


def stamp(name: str) -> Stamp | None:
    """The state of a file now; ``None`` when it cannot be looked at."""
    try:
        return _stamp(Path(name).stat())
    except (OSError, ValueError):
        return None


def _read(name: str) -> tuple[str, Stamp]:
    with Path(name).open("rb") as file:
        # Of the very file that is read, whatever has its name by now.
        state = os.fstat(file.fileno())
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content.decode("utf-8-sig"), _stamp(state)


def _stamp(state: os.stat_result) -> Stamp:
    return Stamp(state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
