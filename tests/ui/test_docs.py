"""What the documentation and the demo say of the page is there."""

from __future__ import annotations

import re
from pathlib import Path

from proxy.demo.story import Example, Places, story
from proxy.ui.assets import FOLDER
from proxy.ui.ticket import COOKIE_NAME

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "function-details.md").read_text("utf-8")
SCRIPTS = "".join(path.read_text("utf-8") for path in (FOLDER / "js").glob("*.js"))


def test_every_file_that_is_named_is_there() -> None:
    for name in re.findall(r"\]\(((?!https?:)[^)]+)\)", DOCS):
        assert (ROOT / "docs" / name).is_file(), name


def test_every_button_that_is_named_is_there() -> None:
    for name in ("How this file was found", "Edit repository", "Whole file"):
        assert f"| {name} |" in DOCS
        assert f'"{name}"' in SCRIPTS


def test_the_cookies_are_named() -> None:
    assert f"`{COOKIE_NAME}`" in DOCS


def test_the_demo_leads_to_the_page_first() -> None:
    example = Example(("a",), "a", "https://github.com/o/r", "v1", "", "a.go", "a.f", "Ada", "ada")
    text = story(Places("http://p", "http://a", "http://u", "http://g", "session"), "id", example)
    assert text.index("  http://p/-/source/\n") < text.index("  http://p/\n") < text.index("  curl ")
