"""``go.mod``."""

from __future__ import annotations

import re

from proxy.source.go.gomod import GoMod, parse

_SIGNS = frozenset({"(", ")", "=>"})
_GO = re.compile(r"1\.[0-9.rcbeta]{1,12}")


def check(data: bytes) -> None:
    """Nothing is raised, no text is longer than the file, and what was read reads the same when written."""
    found = parse(data, "folder")
    assert found is not None
    texts = [found.module, found.go, found.toolchain, *found.requires, *found.requires.values()]
    for (module, version), target in found.replaces.items():
        texts += [module, version, target.path, target.version]
        assert found.replacement(module, version) is not None
    assert all(len(text) <= len(data) for text in texts)
    assert all(not text or _GO.fullmatch(text) for text in (found.go, found.toolchain))
    if all(map(_is_plain, texts)):
        assert parse(_written(found).encode(), "folder") == found


def _is_plain(text: str) -> bool:
    """Whether it can be written within quotes and found again.

    A sign of the syntax counts as such also within quotes, which no module or version has for a name.
    """
    if text in _SIGNS:
        return False
    return len(text) < 1000 and "\n" not in text and "\r" not in text and "\ufffd" not in text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _written(found: GoMod) -> str:
    lines = [f"module {_quoted(found.module)}"] if found.module else []
    lines += [f"go {found.go}"] if found.go else []
    lines += [f"toolchain go{found.toolchain}"] if found.toolchain else []
    lines += [f"require {_quoted(name)} {_quoted(version)}" for name, version in found.requires.items()]
    for (module, version), target in found.replaces.items():
        left = [_quoted(module), *([_quoted(version)] if version else [])]
        right = [_quoted(target.path), *([_quoted(target.version)] if target.version else [])]
        lines.append(f"replace {' '.join(left)} => {' '.join(right)}")
    return "\n".join(lines)
