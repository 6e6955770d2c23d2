"""What the path of a Python frame is the path of: an installed package, the standard library, or neither.

https://docs.python.org/3/library/site.html, https://docs.python.org/3/library/sysconfig.html#installation-paths;
Debian installs packages into ``dist-packages``.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from proxy.source import paths

EXTENSIONS = frozenset({".py", ".pyi"})
FROZEN = "<frozen "

_INSTALLED = re.compile(r"(?:\A|/)(?:site|dist)-packages/")
# NAME-VERSION-py3-none-any.whl/ of PEX, NAME-VERSION-py3.11.egg/: the path says which version it is.
_ARCHIVE = re.compile(r"/([A-Za-z0-9_.]{1,100})-(\d[\w.!+]{0,60})-(?:py|cp)[^/]{1,80}\.(?:egg|whl)/")
# /nix/store/HASH-python3.11-NAME-VERSION/ and conda's pkgs/NAME-VERSION-py311_0/.
_STORE = re.compile(
    r"/(?:nix/store/\w{1,64}-python3\.\d{1,2}-([A-Za-z0-9_.-]{1,100})-(\d[\w.!+]{0,60})"
    r"|pkgs/([A-Za-z0-9_.-]{1,100})-(\d[\w.!]{0,60})-py[\w]{1,40})/"
)
_LIBRARY = re.compile(r"(?:\A|/)python(\d)\.(\d{1,2})t?/|(?:\A|/)python(\d)(\d{1,2})\.zip/", re.IGNORECASE)
# Python312\Lib, hostedtoolcache\windows\Python\3.11.9\x64\Lib, PythonSoftwareFoundation.Python.3.12_…\Lib.
_WINDOWS = re.compile(
    r"(?:\A|/)(?:[^/]{0,80}\.)?c?python[-./]?(\d)\.?(\d{1,2})[^/]{0,80}/(?:(?:x64|x86|arm64|tools)/)?lib/",
    re.IGNORECASE,
)
_CONDA_WINDOWS = re.compile(r"/(?:mini|ana)conda\d?/(?:envs/[^/]{1,80}/)?Lib/")
_PYPY = re.compile(r"/pypy\d\.\d{1,2}/")
_MODULE = re.compile(r"<frozen ([A-Za-z_][\w.]{0,200})>")
_COMPILED = re.compile(r"\.(?:so|pyd)\Z")
_COMPILED_TAG = re.compile(r"[./](?:cpython-|cp)\d{2,3}|/lib-dynload/")
_MADE = re.compile(
    r"<(?:string|stdin|built-?in|console|template|attrs generated|decorator-gen|ipython-input"
    r"|lambdifygenerated|__array_function__)",
    re.IGNORECASE,
)


class Installed(NamedTuple):
    """A file of an installed package: its path from ``site-packages`` on, and what the path says of it."""

    path: str
    distribution: str = ""
    version: str = ""


class Standard(NamedTuple):
    """A file of Python itself.

    Attributes:
        paths: where it may be in Python's repository, most likely first.
        minor: the version as 3.12, empty where the path does not say it.
        patch: the version as 3.12.1, likewise.
    """

    paths: tuple[str, ...]
    minor: str = ""
    patch: str = ""


class Sourceless(NamedTuple):
    """What has no source file; ``reason`` is a sentence."""

    reason: str


Place = Installed | Standard | Sourceless


def is_python(path: str) -> bool:
    """Whether a path is one of Python."""
    if paths.extension(path) in EXTENSIONS or path.startswith(FROZEN) or _MADE.match(path):
        return True
    return _COMPILED.search(path) is not None and _COMPILED_TAG.search(path.replace("\\", "/")) is not None


def place_of(recorded: str) -> Place | None:
    """What the path is the path of; ``None``: perhaps the service's own."""
    path = recorded.replace("\\", "/")
    if path.startswith("<"):
        return _unwritten(path)
    installed = _last(_INSTALLED, path)
    if installed or (archive := _ARCHIVE.search(path)):
        start = installed.end() if installed else archive.end() if archive else 0
        return _installed(path, start)
    return _standard(path)


def _installed(path: str, start: int) -> Place | None:
    inner = path[start:]
    if (archive := _last(_ARCHIVE, path)) and archive.end() > start:
        inner = path[archive.end() :]
    if _COMPILED.search(inner):
        return Sourceless(
            "It is a compiled extension module: the package's repository has it in another language."
        )
    module = paths.clean(inner)
    if module is None:
        return None
    if archive:
        return Installed(module, archive[1], archive[2])
    if store := _last(_STORE, path):
        return Installed(module, store[1] or store[3], store[2] or store[4])
    return Installed(module)


def _standard(path: str) -> Place | None:
    if _PYPY.search(path):
        return Sourceless("It is a file of PyPy's standard library, which differs from CPython's.")
    found = _last(_LIBRARY, path) or _last(_WINDOWS, path)
    if found is None:
        conda = _CONDA_WINDOWS.search(path)
        inner = paths.clean(path[conda.end() :]) if conda else None
        return Standard((f"Lib/{inner}",)) if inner else None
    digits = [group for group in found.groups() if group is not None]
    minor = f"{digits[0]}.{digits[1]}"
    patch = re.search(rf"(?<![\d.]){re.escape(minor)}\.\d{{1,3}}(?:(?:a|b|rc)\d{{1,2}})?(?![\d.])", path)
    inner = paths.clean(path[found.end() :])
    if inner is None:
        return None
    files = _extension_module(inner) if _COMPILED.search(inner) else (f"Lib/{inner}",)
    return Standard(files, minor, patch[0] if patch else "")


def _extension_module(path: str) -> tuple[str, ...]:
    """``lib-dynload/_json.cpython-312-x86_64-linux-gnu.so`` is made of ``Modules/_json.c``."""
    name = path.rpartition("/")[2].partition(".")[0]
    bare = name.lstrip("_")
    files = (f"{name}.c", f"{name}module.c", f"{bare}module.c", f"{name}/{name}.c", f"{name}/{bare}.c")
    return tuple(place for file in (*files, f"{name}/module.c") if (place := paths.under("Modules", file)))


def _unwritten(path: str) -> Place | None:
    """https://docs.python.org/3/library/functions.html#compile: what was not read from a file."""
    if module := _MODULE.fullmatch(path):
        if module[1] == "getpath":
            return Standard(("Modules/getpath.py",))
        name = module[1].replace(".", "/")
        files = (f"Lib/{name}.py", f"Lib/{name}/__init__.py")
        return Standard(tuple(file for file in files if paths.clean(file) == file))
    return Sourceless("It was made while the program ran and has no file.")


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    found = None
    for found in pattern.finditer(text):  # noqa: B007 - the last one is what is wanted
        pass
    return found
