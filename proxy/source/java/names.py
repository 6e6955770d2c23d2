"""The class in a function's name, and the files that may define it.

Names are those of the JVM (``org/example/App$Inner.method``,
https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html#jvms-4.2.1), or with dots. The path
of a frame is at best the ``SourceFile`` attribute: a bare name such as ``App.kt``.
"""

from __future__ import annotations

import re
from itertools import takewhile

from proxy.source import paths
from proxy.source.model import Frame

EXTENSIONS = (".java", ".kt", ".scala", ".groovy")

# Only a JVM name has this shape without a path beside it: package elements without dots, then CLASS.METHOD.
_FUNCTION = re.compile(r"(?:[\w$-]{1,255}/){1,64}[\w$]{1,255}\.[\w$<>]+")
_DOTTED = re.compile(r"(?:[a-z_][\w]{0,254}\.){1,64}[A-Z][\w$]{0,254}\.[\w$<>]+")
_KOTLIN_FACADE = "Kt"
# What the JVM and frameworks make while the program runs, with no outer class that has a file.
_GENERATED = re.compile(
    r"(?:.*[/.])?(?:\$Proxy\d+|Generated(?:Method|Constructor|SerializationConstructor)Accessor\d*)(?:[.$_].*)?",
    re.DOTALL,
)
# async-profiler marks how a frame ran: https://github.com/async-profiler/async-profiler/blob/master/docs/OutputFormats.md
_FRAME_TYPE = re.compile(r"_\[[a-z0-9]\]\Z")
_MANY_DOTS = 2


def is_function(name: str) -> bool:
    """Whether a function's name alone shows that it is the JVM's."""
    head = name[: paths.MAX_BYTES].partition("(")[0]
    return bool(_FUNCTION.match(head) or _DOTTED.match(head) or _GENERATED.fullmatch(head))


def is_generated(name: str) -> bool:
    """Whether the class was made while the program ran."""
    return _GENERATED.fullmatch(name[: paths.MAX_BYTES].partition("(")[0]) is not None


def spellings(frame: Frame) -> tuple[Frame, ...]:
    """The frame, and its function's name with slashes when it came with dots."""
    if "/" in frame.function_name or (class_name := class_of(frame.function_name)) is None:
        return (frame,)
    return (frame, Frame(frame.path, class_name))


def class_of(function_name: str) -> str | None:
    """The outermost class that a function belongs to, ``org/example/App``, or ``None``."""
    if len(function_name) > paths.MAX_BYTES:
        return None
    # Before the arguments there may be a type: void org.example.App.run(String).
    head = _FRAME_TYPE.sub("", function_name.partition("(")[0].strip()).rpartition(" ")[2]
    # Lambdas and what frameworks generate: App$$Lambda$14/0x0000000800c03000.run, App_$$_jvst.run
    name, generated, _ = head.partition("$$")
    name = name.rstrip("_") if generated else name
    elements = name.split("/")
    # hidden classes: LambdaForm$MH/0x000000080.invoke
    if len(elements) > 1 and elements[-1].startswith("0x"):
        elements.pop()
    package, last = elements[:-1], elements[-1]
    # LOADER/MODULE@VERSION/CLASS.METHOD: https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/StackTraceElement.html
    if "." in last and (not package or last.partition("$")[0].count(".") >= _MANY_DOTS):
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


def _dotted(name: str) -> str | None:
    """``org.example.App.Inner.method``: packages are written small, the first capital is the class."""
    outer = name.partition("$")[0].split(".")
    package = list(takewhile(lambda element: not element[:1].isupper(), outer))
    if len(package) == len(outer):  # no capital: the last element is the method, unless `$` has cut it off
        package = outer[:-1] if "$" not in name else outer
        return paths.clean("/".join(package))
    return paths.clean("/".join([*package, outer[len(package)]]))
