"""The house rules that no single module can hold: who may import whom, who is pure, how long is too long.

A module that no line of ``tests/layers.py`` names fails the first test: give it its place there.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.layers import IO, LAYERS, MAY_IMPORT_DEMO, PURE

ROOT = Path(__file__).parent.parent

IMPURE_MODULES = {
    "aiohttp", "asyncio", "concurrent", "ctypes", "fcntl", "glob", "http.client", "http.server",
    "importlib", "io", "logging", "mmap", "multiprocessing", "os", "platform", "prometheus_client",
    "random", "redis", "secrets", "select", "selectors", "shutil", "signal", "socket", "socketserver", "ssl",
    "subprocess", "tempfile", "threading", "time", "urllib.request", "uvloop",
}  # fmt: skip
IMPURE_NAMES = {"pathlib.Path", "uuid.uuid1", "uuid.uuid4"}
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint", "__import__"}
IMPURE_METHODS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "Path": {"open", "read_bytes", "read_text", "cwd", "home"},
}

MAX_LINES = 300
MAX_FUNCTION_LINES = 60


class Import(NamedTuple):
    """One imported name, as ``module`` or ``module.name``, and the line it stands in."""

    name: str
    line: int


def sources(folder: str) -> list[Path]:
    """The Python files below a folder, what protoc and the recorded programs wrote left out."""
    found = sorted((ROOT / folder).rglob("*.py"))
    return [path for path in found if not path.name.endswith("_pb2.py") and "recording" not in path.parts]


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sources("proxy")}
GENERATED = {module_name(path) for path in (ROOT / "proxy/proto").glob("*_pb2.py")}
FOLDERS = ("proxy", "tests", "bench", "deploy", "faults", "fuzz")
EVERY_FILE = [path for folder in FOLDERS for path in sources(folder)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def place_of(module: str) -> tuple[int, bool] | None:
    """The layer of a module, counted from the ground, and its purity; the most precise line counts."""
    best: tuple[int, tuple[int, bool]] | None = None
    for level, layer in enumerate(LAYERS.values()):
        for pattern, purity in layer.items():
            name = pattern.removesuffix(".*")
            if module == name or (pattern != name and module.startswith(f"{name}.")):
                precision = 2 * len(name) + (pattern == name)
                if best is None or precision > best[0]:
                    best = (precision, (level, purity))
    return best[1] if best else None


def placed(module: str) -> tuple[int, bool]:
    place = place_of(module)
    assert place is not None, f"{module}: add it to a layer in tests/layers.py"
    return place


def imports_of(tree: ast.Module, module: str, *, is_package: bool) -> list[Import]:
    """Every import of a module, wherever it stands, also those for types alone."""
    found: list[Import] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            origin = node.module or ""
            if node.level:
                here = module.split(".")
                base = here[: len(here) - node.level + is_package]
                origin = ".".join([*base, *([node.module] if node.module else [])])
            found += [Import(f"{origin}.{alias.name}", node.lineno) for alias in node.names]
    return found


def ours(imported: str) -> str | None:
    """The module of ours that an imported name lives in."""
    name = imported
    while name:
        if name in MODULES or name in GENERATED:
            return name
        name = name.rpartition(".")[0]
    return None


@cache
def imports(module: str) -> tuple[Import, ...]:
    path = MODULES[module]
    return tuple(imports_of(tree_of(path), module, is_package=path.name == "__init__.py"))


@cache
def neighbours(module: str) -> frozenset[str]:
    """The modules of ours that a module imports, itself left out."""
    if module in GENERATED:
        return frozenset()
    found = {ours(imported.name) for imported in imports(module)}
    return frozenset(name for name in found if name is not None and name != module)


def impurities(tree: ast.Module, module: str, *, is_package: bool) -> list[str]:
    """What a pure module must not do, each with its line."""
    found = []
    for name, line in imports_of(tree, module, is_package=is_package):
        parts = name.split(".")
        prefixes = {".".join(parts[: end + 1]) for end in range(len(parts))}
        if prefixes & IMPURE_MODULES or name in IMPURE_NAMES:
            found.append(f"line {line} imports {name}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS:
            found.append(f"line {node.lineno} calls {node.func.id}")
        if isinstance(node, ast.Attribute):
            owner = (
                node.value.attr if isinstance(node.value, ast.Attribute) else getattr(node.value, "id", "")
            )
            if node.attr in IMPURE_METHODS.get(owner, ()):
                found.append(f"line {node.lineno} uses {owner}.{node.attr}")
    return found


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_place(module: str) -> None:
    placed(module)


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_upward(module: str) -> None:
    level, _ = placed(module)
    upward = sorted(name for name in neighbours(module) if placed(name)[0] > level)
    assert not upward, f"{module} is in layer {list(LAYERS)[level]!r}, below {upward}"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_but_the_command_line_knows_the_demo(module: str) -> None:
    if module == "proxy.demo" or module.startswith("proxy.demo.") or module in MAY_IMPORT_DEMO:
        return
    assert not [name for name in neighbours(module) if f"{name}.".startswith("proxy.demo.")]


@pytest.mark.parametrize("module", [name for name in MODULES if (place_of(name) or (0, IO))[1] is PURE])
def test_pure_modules_do_no_io_and_read_no_clock(module: str) -> None:
    path = MODULES[module]
    assert impurities(tree_of(path), module, is_package=path.name == "__init__.py") == []
    assert not [name for name in neighbours(module) if placed(name)[1] is not PURE]


def test_there_are_no_cycles() -> None:
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"a cycle: {' -> '.join((*way[way.index(module) :], module))}"
        if module not in done:
            for name in sorted(neighbours(module)):
                visit(name, (*way, module))
            done.add(module)

    for module in MODULES:
        visit(module, ())


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_and_functions_stay_short_and_keep_no_global_state(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{lines} lines: give the second subject a module of its own"
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"line {node.lineno}: {node.name} has {length} lines"
        assert not isinstance(node, ast.Global), f"line {node.lineno}: state belongs to an object"


@pytest.mark.parametrize("pattern", [pattern for layer in LAYERS.values() for pattern in layer])
def test_no_pattern_stands_in_two_layers(pattern: str) -> None:
    assert sum(pattern in layer for layer in LAYERS.values()) == 1


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("import asyncio", "line 1 imports asyncio"),
        ("import os.path", "line 1 imports os.path"),
        ("from time import monotonic", "line 1 imports time.monotonic"),
        ("def f():\n    import aiohttp.web", "line 2 imports aiohttp.web"),
        ("from urllib.request import urlopen", "line 1 imports urllib.request.urlopen"),
        ("from pathlib import Path", "line 1 imports pathlib.Path"),
        ("import datetime\ndatetime.datetime.now()", "line 2 uses datetime.now"),
        ("from datetime import datetime as datetime\nx = datetime.utcnow", "line 2 uses datetime.utcnow"),
        ("open('x')", "line 1 calls open"),
    ],
)
def test_impurities_are_seen(code: str, finding: str) -> None:
    assert finding in impurities(ast.parse(code), "proxy.errors", is_package=False)


@pytest.mark.parametrize(
    "code",
    ["from pathlib import PurePosixPath", "from urllib.parse import quote", "from datetime import datetime"],
)
def test_what_is_pure_is_let_be(code: str) -> None:
    assert impurities(ast.parse(code), "proxy.errors", is_package=False) == []


@pytest.mark.parametrize(
    ("code", "is_package", "name"),
    [
        ("from . import wire", True, "proxy.github.wire"),
        ("from .wire import Request", True, "proxy.github.wire.Request"),
        ("from .. import errors", True, "proxy.errors"),
        ("from . import wire", False, "proxy.wire"),
        ("import proxy.errors as e", False, "proxy.errors"),
    ],
)
def test_relative_imports_are_understood(code: str, is_package: bool, name: str) -> None:
    assert [found.name for found in imports_of(ast.parse(code), "proxy.github", is_package=is_package)] == [
        name
    ]
