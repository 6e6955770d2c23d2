"""Python: the path from which a module was loaded, mostly absolute."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import own
from proxy.source.model import Frame, Language
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Service

EXTENSIONS = frozenset({".py", ".pyi"})
FROZEN = "<frozen "

# https://docs.python.org/3/library/site.html; Debian installs into dist-packages.
_INSTALLED = re.compile(r"(?:\A|/)(?:site|dist)-packages/")
_STANDARD_LIBRARY = re.compile(
    r"(?:\A|/)(?:python\d\.\d{1,2}(?:t|\.zip)?/|python\d{2,3}/lib/)", re.IGNORECASE
)


def foreign(frame: Frame) -> str | None:
    """Why the module is not the service's own."""
    path = frame.path.replace("\\", "/")
    if _INSTALLED.search(path):
        return "a file of an installed package"
    if path.startswith(FROZEN) or _STANDARD_LIBRARY.search(path):
        return "a file of Python's standard library"
    return None


def own_candidates(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    """The path under the root path, then any suffix."""
    return () if foreign(frame) else own.any_suffix(frame.path, service)


ROOM = Room(
    language=Language.PYTHON,
    spellings=own.as_recorded,
    mapped=own.rest_of_path,
    own=own_candidates,
    foreign=foreign,
    rules=(own.own_files,),
)
