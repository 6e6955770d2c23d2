from __future__ import annotations

import pytest

from proxy.source.model import Frame, Language
from proxy.source.rooms import ROOMS, language_of
from tests.source.transcript import run


@pytest.mark.parametrize(
    ("path", "function", "language"),
    [
        ("a/b.go", "", Language.GO),
        ("a/b.s", "", Language.GO),
        ("A.java", "", Language.JAVA),
        ("A.kt", "", Language.JAVA),
        ("A.scala", "", Language.JAVA),
        ("A.groovy", "", Language.JAVA),
        ("a.py", "", Language.PYTHON),
        ("a.pyi", "", Language.PYTHON),
        ("<frozen importlib._bootstrap>", "", Language.PYTHON),
        ("a.js", "", Language.JAVASCRIPT),
        ("a.tsx?x", "", Language.JAVASCRIPT),
        ("./a.js:fn:12", "", Language.JAVASCRIPT),
        ("node:fs", "", Language.JAVASCRIPT),
        ("", "./a.js:fn:12", Language.JAVASCRIPT),
        ("", "org/example/App.main", Language.JAVA),
        ("", "org.example.App.main", Language.JAVA),
        ("Unknown Source", "org/example/App.main", Language.JAVA),
        ("a.rb", "org/example/App.main", Language.OTHER),
        ("", "main", Language.OTHER),
        ("", "", Language.OTHER),
    ],
)
def test_language(path: str, function: str, language: Language) -> None:
    assert language_of(Frame(path, function)) is language


def test_every_language_has_a_room() -> None:
    assert set(ROOMS) == set(Language)
    assert all(ROOMS[language].language is language for language in Language)


def test_another_language_is_looked_for_by_its_whole_path_only() -> None:
    world = {"acme/shop": {"main": {"src/lib.rs": "x"}}}
    assert run(world, "src/lib.rs").found == ("root_path", "acme/shop", "main", "src/lib.rs")
    assert "No source of /rustc/1a2b/src/lib.rs" in run(world, "/rustc/1a2b/src/lib.rs").reason
