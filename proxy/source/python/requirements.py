"""Which versions of which distributions a service runs: what its lock and requirements files say.

Machine-written TOML (uv.lock, poetry.lock, pdm.lock) is read line by line: it may be megabytes long,
and of its one regular form only a few keys matter. Every reader takes time linear in its input.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from proxy.source.hostile import json_object, table, text, toml_table

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_LOCK = 8 * 1024 * 1024
MAX_REQUIREMENTS = 256 * 1024  # some 5,000 lines
MAX_INCLUDES = 4

_RUNS = re.compile(r"[-_.]+")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,63}")
_LOCK_KEY = re.compile(r'([a-z_]{1,24}) = "([^"\\]{0,1024})"\s*\Z')
_LOCK_SOURCE = re.compile(r'(git|editable|virtual|directory) = "([^"\\]{0,1024})"')
# NAME[EXTRAS] == VERSION; MARKER: https://packaging.python.org/en/latest/specifications/dependency-specifiers/
_PIN = re.compile(
    r"([A-Za-z0-9][A-Za-z0-9._-]{0,99})\s*(?:\[[^\]]{0,200}\])?\s*\(?\s*={2,3}\s*([^\s;,)#\\]{1,64})"
)
_DIRECT = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]{0,99})\s*(?:\[[^\]]{0,200}\])?\s*@\s*(\S{1,1024})")
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]{0,99})")
_INCLUDE = re.compile(r"(?:-r|--requirement|-c|--constraint)[ =]?\s*(\S{1,256})")


class Pin(NamedTuple):
    """Which version of a distribution runs.

    Attributes:
        version: the version, without a local part; empty when only the source is known.
        url: of the git repository it is installed from, else empty.
        ref: of that repository.
        folder: of the service's own repository it is installed from, relative to the file; else ``None``.
    """

    version: str = ""
    url: str = ""
    ref: str = ""
    folder: str | None = None


class Requirements(NamedTuple):
    """What a file says: pins by normalised name, the project's own name, further files to read."""

    pins: dict[str, Pin]
    project: str = ""
    includes: tuple[str, ...] = ()


NOTHING = Requirements({})


def normalised(name: str) -> str:
    """As names are compared, ``""`` when it is no name.

    https://packaging.python.org/en/latest/specifications/name-normalization/
    """
    return _RUNS.sub("-", name).lower() if _NAME.fullmatch(name) else ""


def read(file_name: str, content: bytes) -> Requirements:
    """What a file of this name says; one that cannot be read says nothing."""
    reader = _READERS.get(file_name)
    if reader is not None:
        return reader(content) if len(content) <= MAX_LOCK else NOTHING
    return _requirements(content) if len(content) <= MAX_REQUIREMENTS else NOTHING


def _lock(content: bytes) -> Requirements:
    """``[[package]]`` blocks, as in https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile."""
    pins: dict[str, Pin] = {}
    block: dict[str, str] = {}
    inside = False
    for line in content.decode("utf-8", "replace").splitlines():
        if line.startswith("["):
            if line.startswith("[[package"):
                _keep(pins, block)
                block, inside = {}, True
            else:
                inside = line.startswith("[package.source]")
        elif inside and (pair := _LOCK_KEY.match(line)):
            block.setdefault(pair[1], pair[2])
        elif inside and line.startswith("source = {") and (source := _LOCK_SOURCE.search(line)):
            block[source[1]] = source[2]
    _keep(pins, block)
    return Requirements(pins)


def _keep(pins: dict[str, Pin], block: dict[str, str]) -> None:
    name = normalised(block.get("name", ""))
    if not name:
        return
    git = block.get("git", "")
    folder = next((block[key] for key in ("editable", "virtual", "directory") if key in block), None)
    if block.get("type") == "git":
        git = block.get("url", "")
    elif block.get("type") == "directory":
        folder = block.get("url")
    ref = block.get("resolved_reference") or block.get("revision") or git.partition("#")[2]
    # The first of several versions, which differ by platform.
    pins.setdefault(name, Pin(_version(block.get("version", "")), re.split("[?#]", git)[0], ref, folder))


def _pipfile_lock(content: bytes) -> Requirements:
    """https://pipenv.pypa.io/en/latest/pipfile.html."""
    document = json_object(content)
    pins: dict[str, Pin] = {}
    for section in ("develop", "default"):
        for name, entry in table(document, section).items():
            version = text(table(entry).get("version")).removeprefix("==")
            git = text(table(entry).get("git"))
            folder = text(table(entry).get("path")) or None
            pins[normalised(name)] = Pin(_version(version), git, text(table(entry).get("ref")), folder)
    return Requirements(pins)


def _pyproject(content: bytes) -> Requirements:
    """https://packaging.python.org/en/latest/specifications/pyproject-toml/."""
    document = toml_table(content)
    project, poetry = table(document, "project"), table(document, "tool", "poetry")
    pins: dict[str, Pin] = {}
    extras = table(project, "optional-dependencies").values()
    for group in (project.get("dependencies"), *extras, *table(document, "dependency-groups").values()):
        for item in group if isinstance(group, list) else ():
            _require(pins, text(item))
    for name, wanted in table(poetry, "dependencies").items():
        version = text(wanted) or text(table(wanted).get("version"))
        if version[:1].isdigit():
            pins[normalised(name)] = Pin(_version(version))
    return Requirements(pins, normalised(text(project.get("name")) or text(poetry.get("name"))))


def _requirements(content: bytes) -> Requirements:
    """https://pip.pypa.io/en/stable/reference/requirements-file-format/."""
    pins: dict[str, Pin] = {}
    includes: list[str] = []
    for line in content.decode("utf-8", "replace").splitlines():
        item = line[:4096].strip()
        if include := _INCLUDE.match(item):
            includes.append(include[1])
        elif item and not item.startswith("#"):
            _require(pins, item)
    return Requirements(pins, "", tuple(includes[:MAX_INCLUDES]))


def _require(pins: dict[str, Pin], item: str) -> None:
    item = item.removeprefix("-e ").strip()
    if pin := _PIN.match(item):
        if version := _version(pin[2]):
            pins.setdefault(normalised(pin[1]), Pin(version))
    elif direct := _DIRECT.match(item):
        _direct(pins, direct[1], direct[2])
    elif item.startswith("git+") and (egg := _EGG.search(item[:1024])):
        _direct(pins, egg[1], item.split()[0])


def _direct(pins: dict[str, Pin], name: str, url: str) -> None:
    """https://pip.pypa.io/en/stable/topics/vcs-support/: ``git+https://HOST/O/R.git@REF#egg=NAME``."""
    if url.startswith("git+"):
        address, _, ref = re.split("[#?]", url)[0].removeprefix("git+").rpartition("@")
        if "/" in ref or not address:  # the @ was that of user@host
            address, ref = f"{address}@{ref}" if address else ref, ""
        pins.setdefault(normalised(name), Pin("", address, ref))


def _version(version: str) -> str:
    """https://packaging.python.org/en/latest/specifications/version-specifiers/, the local part dropped."""
    public = version.partition("+")[0].strip()
    return public if _VERSION.fullmatch(public) and "*" not in public else ""


_READERS: MappingProxyType[str, Callable[[bytes], Requirements]] = MappingProxyType(
    {
        "uv.lock": _lock,
        "poetry.lock": _lock,
        "pdm.lock": _lock,
        "pylock.toml": _lock,
        "Pipfile.lock": _pipfile_lock,
        "pyproject.toml": _pyproject,
    }
)
