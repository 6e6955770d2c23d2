"""Java, Kotlin, Scala and Groovy: the class in the function's name says where its file is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from proxy.source import own
from proxy.source.java import jdk, sources
from proxy.source.java.names import EXTENSIONS, class_files, class_of, is_function, spellings
from proxy.source.model import Language
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.model import Frame

__all__ = ["EXTENSIONS", "ROOM", "class_files", "class_of", "is_function"]


def mapped(frame: Frame, cut: int) -> tuple[str, ...]:
    """The class's files; without a class, what follows the prefix."""
    return class_files(frame) or own.rest_of_path(frame, cut)


ROOM = Room(
    language=Language.JAVA,
    spellings=spellings,
    mapped=mapped,
    own=sources.own_candidates,
    foreign=sources.foreign,
    rules=(jdk.jdk_class, own.own_files, sources.in_tree, sources.elsewhere),
    tails=sources.tails,
)
