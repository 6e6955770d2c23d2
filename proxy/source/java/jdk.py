"""The rule for classes of the JDK: https://github.com/openjdk/jdk, one folder of sources for each module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from proxy.source import links, paths, releases, rules
from proxy.source.inquiry import Candidate
from proxy.source.java.modules import module_of
from proxy.source.java.names import class_of, is_generated
from proxy.source.mapping import External
from proxy.source.model import Absent

if TYPE_CHECKING:
    from proxy.source.inquiry import Discovery
    from proxy.source.model import Asking
    from proxy.source.room import Case

_RULE = rules.JAVA_JDK
_JDK = re.compile(r"(?:open)?jdk(?:[-_]?\d{1,2}u?)?(?:-dev)?", re.IGNORECASE)
# https://openjdk.org/jeps/201: what differs by platform lies beside what does not.
_PLATFORMS = ("share", "unix", "linux", "windows", "macosx")


def jdk_class(case: Case) -> Asking[Discovery | None]:
    """A class of the JDK, in the repository and at the ref that a mapping to a JDK names."""
    if is_generated(case.frame.function_name):
        text = "Its class was made while the program ran and has no file."
        yield from case.inquiry.blame(_RULE, text, curable=False)
        return None
    name = class_of(case.frame.function_name)
    module = module_of(name) if name is not None else None
    if name is None or module is None:
        return None
    source = _configured(case)
    if source is None:
        text = (
            "It is a class of the JDK, and nothing says of which: map the function_name prefix java to "
            "openjdk/jdk at the tag of your JDK (such as jdk-21+35), path src/java.base/share/classes."
        )
        yield from case.inquiry.blame(_RULE, text, curable=False)
        return None
    places = [f"src/{module}/{platform}/classes/{name}.java" for platform in _PLATFORMS]
    places += [f"jdk/src/share/classes/{name}.java", f"src/share/classes/{name}.java"]  # JDK 8
    candidates = [Candidate(_RULE, path) for place in places if (path := paths.clean(place))]
    opened = yield from releases.open_first(
        case.inquiry, _RULE, source.repository, [source.ref], [each.path for each in candidates]
    )
    if isinstance(opened, Absent):
        where = f"{source.repository} at {source.ref}"
        text = f"It is a class of the JDK, and {where} is not there or not visible to you."
        yield from case.inquiry.blame(_RULE, text)
        return None
    discovery = yield from links.reach(case.inquiry, opened, candidates)
    if discovery is None:
        text = f"It is a class of the JDK, but {name}.java is not in {opened.repository} at {opened.ref}."
        yield from case.inquiry.blame(_RULE, text)
    return discovery


def _configured(case: Case) -> External | None:
    """The first mapping whose repository is a JDK's."""
    sources = (mapping.source for mappings in case.mappings for mapping in mappings.mappings)
    external = (source for source in sources if isinstance(source, External))
    return next((source for source in external if _JDK.fullmatch(source.repository.name)), None)
