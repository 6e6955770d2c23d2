"""Lock files, requirements and submodules."""

from __future__ import annotations

import re

from fuzz.targets.target import split
from proxy.source import gitmodules
from proxy.source.javascript import locks
from proxy.source.javascript.cleaning import Module
from proxy.source.model import Repository
from proxy.source.python import requirements

_PYTHON = (
    b"uv.lock",
    b"poetry.lock",
    b"pylock.toml",
    b"Pipfile.lock",
    b"pyproject.toml",
    b"requirements.txt",
)
_JAVASCRIPT = tuple(name.encode() for name in locks.NAMES)
_SUBMODULES = b".gitmodules"
_KINDS = (*_PYTHON, *_JAVASCRIPT, _SUBMODULES)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!+_-]{0,80}")
_MODULES = (
    Module("a", "x.js", "node_modules/a", ""),
    Module("@s/b", "y.js", "web/node_modules/a/node_modules/@s/b", "1.0.0"),
)
_PARENT = Repository("acme", "shop")


def check(data: bytes) -> None:
    """Nothing is raised; what is found is a version, an address or a folder of bounded length."""
    kind, content = split(data, _KINDS)
    if kind in _PYTHON:
        _python(kind.decode(), content)
    elif kind in _JAVASCRIPT:
        for module in _MODULES:
            found = locks.find(kind.decode(), content, module)
            if found is not None:
                assert not found.version or _VERSION.fullmatch(found.version)
                assert found.others >= 0
                _check_source(found.url, found.ref, found.folder, content)
    else:
        url = gitmodules.url_of(content, "lib")
        if url is not None:
            assert len(url) <= len(content)
            repository = gitmodules.repository_of(url, _PARENT, "github.com")
            assert repository is None or str(repository).isprintable()


def _python(name: str, content: bytes) -> None:
    found = requirements.read(name, content)
    assert len(found.includes) <= requirements.MAX_INCLUDES
    assert found.project == requirements.normalised(found.project)
    for key, pin in found.pins.items():
        assert key == requirements.normalised(key)
        assert not pin.version or _VERSION.fullmatch(pin.version)
        _check_source(pin.url, pin.ref, pin.folder, content)


def _check_source(url: str, ref: str, folder: str | None, content: bytes) -> None:
    # One byte that is no UTF-8 becomes one character.
    assert len(url) + len(ref) + len(folder or "") <= 3 * len(content)
