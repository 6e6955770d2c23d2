"""Which language a frame is of, and the room of each language."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from proxy.source import go, java, javascript, native, own, paths, python
from proxy.source.model import Frame, Language
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Service


def language_of(frame: Frame) -> Language:
    """The language by the path's extension; without one, by what the function's name shows."""
    extension = paths.extension(frame.path)
    if go.is_go(frame.path):
        return Language.GO
    if extension in java.EXTENSIONS:
        return Language.JAVA
    if python.is_python(frame.path):
        return Language.PYTHON
    if javascript.is_script(frame.path):
        return Language.JAVASCRIPT
    return Language.OTHER if extension else _by_function(frame.function_name)


def _by_function(name: str) -> Language:
    if javascript.is_script(name):
        return Language.JAVASCRIPT
    return Language.JAVA if java.is_function(name) else Language.OTHER


def _own_whole_path(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    # Only the whole path: the suffix `src/lib.rs` of somebody's library is a file of many services.
    return own.whole_path(frame.path, service)


def _no_tails(_frame: Frame) -> tuple[str, ...]:
    return ()


def _never_foreign(_frame: Frame) -> None:
    return None


_OTHER = Room(
    language=Language.OTHER,
    spellings=own.as_recorded,
    mapped=own.rest_of_path,
    own=_own_whole_path,
    foreign=_never_foreign,
    rules=(own.own_files, native.native_code),
    tails=_no_tails,
)

ROOMS = MappingProxyType(
    {room.language: room for room in (go.ROOM, java.ROOM, python.ROOM, javascript.ROOM, _OTHER)}
)
