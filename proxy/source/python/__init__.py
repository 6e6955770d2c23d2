"""Python: the path from which a module was loaded, mostly absolute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import own
from proxy.source.model import Frame, Language
from proxy.source.python import packages, standard
from proxy.source.python.places import (
    EXTENSIONS,
    FROZEN,
    Installed,
    Sourceless,
    Standard,
    is_python,
    place_of,
)
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Service

__all__ = ["EXTENSIONS", "FROZEN", "ROOM", "foreign", "is_python", "own_candidates"]


def foreign(frame: Frame) -> str | None:
    """Why the module is not the service's own."""
    place = place_of(frame.path)
    if isinstance(place, Installed):
        return "a file of an installed package"
    if isinstance(place, Standard):
        return "a file of Python's standard library"
    return "made while the program ran, or compiled" if isinstance(place, Sourceless) else None


def own_candidates(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    """The path under the root path, then any suffix."""
    return () if foreign(frame) else own.any_suffix(frame.path, service)


def _wishes(frame: Frame, service: Service) -> tuple[str, ...]:
    place = place_of(frame.path)
    if isinstance(place, Installed):
        return packages.wished_files(service.root_path)
    unknown = isinstance(place, Standard) and not place.minor
    return standard.version_files(service.root_path) if unknown else ()


ROOM = Room(
    language=Language.PYTHON,
    spellings=own.as_recorded,
    mapped=own.rest_of_path,
    own=own_candidates,
    foreign=foreign,
    rules=(
        standard.standard_library,
        packages.own_package,
        packages.package,
        own.own_files,
        packages.unpacked,
    ),
    wishes=_wishes,
    avoid=frozenset({"site-packages", "dist-packages", "node_modules"}),
)
