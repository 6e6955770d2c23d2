"""The demo's page of text: every line in it explained, nothing that a shell could misread."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import Any

import pytest

from proxy.demo.story import Example, Places, story

PLACES = Places(
    proxy="http://127.0.0.1:4041",
    admin="http://127.0.0.1:4043",
    upstream="http://127.0.0.1:4040",
    github="http://127.0.0.1:4042",
    session_file="/tmp/demo/session",  # noqa: S108 - nothing is written
)
EXAMPLE = Example(
    services=("checkout", "recommender"),
    service="checkout",
    repository="https://github.com/acme/shop",
    ref="v1",
    root_path="services/checkout",
    path="/src/a.go",
    function_name="github.com/acme/shop/services/checkout/internal/coupon.Parse",
    person="Mara Lindqvist",
    login="mara",
)


def lines_to_try(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.startswith("  curl ")]


def test_it_names_every_address_and_says_what_is_there() -> None:
    text = story(PLACES, "Iv1.x", EXAMPLE)
    commit = f"{PLACES.github}/acme/shop/commit/v1"
    for address in (PLACES.proxy, f"{PLACES.admin}/metrics", PLACES.upstream, commit):
        (line,) = re.findall(rf"^  .*{re.escape(address)}$\n^ +(\w.*)$", text, re.MULTILINE)[:1]
        assert line
    assert f"\n  {PLACES.proxy}/\n" in text
    assert "Ctrl-C" in text


def test_its_prose_fits_a_terminal() -> None:
    prose = [line for line in story(PLACES, "Iv1.x", EXAMPLE).splitlines() if not line.startswith("  curl ")]
    assert max(map(len, prose)) <= 110


def test_three_lines_are_to_be_tried_and_each_is_explained() -> None:
    text = story(PLACES, "Iv1.x", EXAMPLE)
    lines = lines_to_try(text)
    assert [line.partition(".v1.")[2].split("/")[1].split()[0] for line in lines] == [
        "LabelValues",
        "GithubLogin",
        "GetFile",
    ]
    explained = text.split("\n  curl ")
    for number, before in enumerate(explained[:-1], 1):
        assert f"{number}. " in before
        assert "You see: " in before.rpartition(f"{number}. ")[2]


@pytest.mark.parametrize("field", ["repository", "ref", "path", "function_name"])
@pytest.mark.parametrize("value", ["it's", 'a "b"', "$(id)", "a\\b", "`id`", "; id", "!x"])
def test_whatever_an_example_holds_stays_inside_its_quotes(field: str, value: str) -> None:
    changed: dict[str, Any] = {field: value}
    (_, _, line) = lines_to_try(story(PLACES, "Iv1.x", replace(EXAMPLE, **changed)))
    words = shlex.split(line, posix=True)
    body = words[words.index("-d") + 1]
    assert words[words.index("-d") + 2] == "|"
    assert value in json.loads(body).values()


def test_a_path_with_spaces_stays_one_word() -> None:
    places = replace(PLACES, session_file="/tmp/my demo/session")  # noqa: S108 - nothing is written
    (_, login, file) = lines_to_try(story(places, "Iv1.x", EXAMPLE))
    assert "/tmp/my demo/session" in shlex.split(login.rpartition("| ")[2].removesuffix("; echo"))  # noqa: S108 - the same
    assert "@/tmp/my demo/session" in shlex.split(file)
