"""Java, Kotlin, Scala and Groovy: the class in the function's name says where its file is.

Names are those of the JVM (``org/example/App$Inner.method``,
https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html#jvms-4.2.1), or with dots. The path
of a frame is at best the ``SourceFile`` attribute: a bare name such as ``App.kt``.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import TYPE_CHECKING

from proxy.source import own, paths, rules
from proxy.source.model import Frame, Language
from proxy.source.room import Room

if TYPE_CHECKING:
    from proxy.source.inquiry import Candidate
    from proxy.source.model import Service

EXTENSIONS = (".java", ".kt", ".scala", ".groovy")

_SOURCE_FOLDERS = {".java": "java", ".kt": "kotlin", ".scala": "scala", ".groovy": "groovy"}
_RUNTIME = ("java/", "javax/", "jdk/", "sun/", "com/sun/")
# Only a JVM name has this shape without a path beside it: package elements without dots, then CLASS.METHOD.
_FUNCTION = re.compile(r"(?:[\w$-]{1,255}/){1,64}[\w$]{1,255}\.[\w$<>]+")
_DOTTED = re.compile(r"(?:[a-z_][\w]{0,254}\.){1,64}[A-Z][\w$]{0,254}\.[\w$<>]+")
_KOTLIN_FACADE = "Kt"
_FEW = 8


def is_function(name: str) -> bool:
    """Whether a function's name alone shows that it is the JVM's."""
    head = name[: paths.MAX_BYTES].partition("(")[0]
    return bool(_FUNCTION.match(head) or _DOTTED.match(head))


def spellings(frame: Frame) -> tuple[Frame, ...]:
    """The frame, and its function's name with slashes when it came with dots."""
    if "/" in frame.function_name or (class_name := class_of(frame.function_name)) is None:
        return (frame,)
    return (frame, Frame(frame.path, class_name))


def class_of(function_name: str) -> str | None:
    """The outermost class that a function belongs to, ``org/example/App``, or ``None``."""
    if len(function_name) > paths.MAX_BYTES:
        return None
    # Lambdas and what frameworks generate: App$$Lambda$14/0x0000000800c03000.run
    name = function_name.partition("(")[0].partition("$$")[0]
    elements = name.split("/")
    if len(elements) > 1 and elements[-1].startswith(
        "0x"
    ):  # hidden classes: LambdaForm$MH/0x000000080.invoke
        elements.pop()
    package, last = elements[:-1], elements[-1]
    if not package and "." in last:
        return _dotted(last)
    simple = re.split(r"[.$]", last, maxsplit=1)[0]
    return paths.clean("/".join([*package, simple])) if simple else None


def class_files(frame: Frame) -> tuple[str, ...]:
    """The files that may define the frame's class, relative to a source root, most likely first."""
    class_name = class_of(frame.function_name)
    if class_name is None:
        return ()
    package, _, simple = class_name.rpartition("/")
    file_name = frame.path.replace("\\", "/").rpartition("/")[2]
    given = paths.extension(file_name)
    names = [file_name] if given in EXTENSIONS else []
    for extension in [given] if names else EXTENSIONS:
        names.append(f"{simple}{extension}")
        if extension == ".kt" and simple.endswith(_KOTLIN_FACADE) and simple != _KOTLIN_FACADE:
            names.append(f"{simple.removesuffix(_KOTLIN_FACADE)}{extension}")
    found = (paths.under(package, name) for name in names)
    return tuple(dict.fromkeys(path for path in found if path))


def mapped(frame: Frame, cut: int) -> tuple[str, ...]:
    """The class's files; without a class, what follows the prefix."""
    return class_files(frame) or own.rest_of_path(frame, cut)


def foreign(frame: Frame) -> str | None:
    """Why the class is not the service's own."""
    class_name = class_of(frame.function_name)
    return "a class of the JDK" if class_name and f"{class_name}/".startswith(_RUNTIME) else None


def own_candidates(frame: Frame, service: Service) -> tuple[Candidate, ...]:
    """The class's files in the usual source roots, then the path, when it is more than a name."""
    if foreign(frame):
        return ()
    guesses: list[Candidate] = []
    for name in class_files(frame):
        guesses += own.below(_source_roots(name), [name], service, rules.JAVA_SOURCE_ROOT)
    if service.root_path:
        guesses.sort(key=lambda guess: not guess.path.startswith(f"{service.root_path}/"))
    by_path = (
        own.any_suffix(frame.path, service) if "/" in frame.path else own.whole_path(frame.path, service)
    )
    return own.distinct((*guesses[: own.MAX_CANDIDATES - len(by_path[-_FEW:])], *by_path[-_FEW:]))


def _source_roots(name: str) -> list[str]:
    """Maven's and Gradle's folders of sources, then of tests."""
    own_folder = _SOURCE_FOLDERS[paths.extension(name)]
    mixed = ["java"] if own_folder != "java" else []
    mains = [f"src/main/{folder}" for folder in (own_folder, *mixed)]
    return [
        *mains,
        "src",
        "",
        f"app/src/main/{own_folder}",
        *([] if mixed else ["java"]),
        f"src/test/{own_folder}",
    ]


def _dotted(name: str) -> str | None:
    """``org.example.App.Inner.method``: packages are written small, the first capital is the class."""
    outer = name.partition("$")[0].split(".")
    package = list(takewhile(lambda element: not element[:1].isupper(), outer))
    if len(package) == len(outer):  # no capital: the last element is the method, unless `$` has cut it off
        package = outer[:-1] if "$" not in name else outer
        return paths.clean("/".join(package))
    return paths.clean("/".join([*package, outer[len(package)]]))


ROOM = Room(
    language=Language.JAVA,
    spellings=spellings,
    mapped=mapped,
    own=own_candidates,
    foreign=foreign,
    rules=(own.own_files,),
)
