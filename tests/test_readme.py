"""The README says what is true: commands exist, links lead somewhere, addresses are the defaults."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from proxy import arguments
from proxy.config.model import Config

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    (found,) = (
        action for action in arguments.parser("")._actions if isinstance(action, argparse._SubParsersAction)
    )
    return dict(found.choices)


def test_every_command_is_described_with_every_option() -> None:
    lines = {
        match[2]: match[1]
        for match in re.finditer(r"^\| `(pyroscope-source-proxy ([a-z-]+)[^`]*)`", README, re.MULTILINE)
    }
    assert lines.keys() == commands().keys()
    for name, parser in commands().items():
        options = {option for action in parser._actions for option in action.option_strings} - {
            "-h",
            "--help",
        }
        assert set(re.findall(r"--[a-z-]+", lines[name])) == options


@pytest.mark.parametrize("target", re.findall(r"^    make ([a-z-]+)", README, re.MULTILINE))
def test_every_make_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


@pytest.mark.parametrize("link", re.findall(r"\]\((?!https?:)([^)#]+)\)", README))
def test_every_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).is_file()


def test_the_addresses_are_the_defaults() -> None:
    config = Config()
    assert f"`{config.listen}`" in README
    assert f"`{config.admin_listen}`" in README


def test_something_runs_by_line_25() -> None:
    assert "    make demo" in README.splitlines()[:25]


def test_the_extras_and_dependencies_are_those_of_the_package() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    (block,) = re.findall(r"^dependencies = \[(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    for name in re.findall(r'"([a-z-]+)', block):
        assert f"`{name}`" in README
    assert re.search(r"^test = \[", project, re.MULTILINE)
