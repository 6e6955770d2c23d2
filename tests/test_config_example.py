from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from proxy.config import Config, Secret, parse, render, warnings
from proxy.config.keys import FILE_KEYS, KEYS

EXAMPLE = (Path(__file__).parent.parent / "config.example.yaml").read_text(encoding="utf-8")


def no_files(name: str) -> str:
    raise FileNotFoundError(name)


def paths_of(section: Any, prefix: str = "") -> list[str]:
    found = []
    for each in fields(section):
        value = getattr(section, each.name)
        found += paths_of(value, f"{each.name}.") if is_dataclass(value) else [prefix + each.name]
    return found


def paths_in(document: dict[str, Any]) -> list[str]:
    return [
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in document.items()
        for key in (value if isinstance(value, dict) else [""])
    ]


def test_every_key_of_the_model_is_in_the_example_and_no_other() -> None:
    assert sorted(paths_in(yaml.safe_load(EXAMPLE))) == sorted(paths_of(Config()))


def test_the_reader_knows_every_key_of_the_model_and_no_other() -> None:
    assert sorted(KEYS) == sorted(paths_of(Config()))


def test_the_example_and_what_is_rendered_have_one_order() -> None:
    assert paths_in(yaml.safe_load(EXAMPLE)) == paths_in(yaml.safe_load(render(Config())))


def test_the_example_is_valid_and_holds_the_defaults() -> None:
    config = parse(EXAMPLE, {}, read_file=no_files)
    assert config == Config()
    assert warnings(config) == ()


def test_the_example_takes_the_secrets_of_a_pyroscope_from_the_environment() -> None:
    environ = {
        "GITHUB_CLIENT_ID": "id",
        "GITHUB_CLIENT_SECRET": "secret",
        "GITHUB_SESSION_SECRET": "session",
        "GITHUB_CALLBACK_URL": "https://grafana.example/callback",
    }
    config = parse(EXAMPLE, environ, read_file=no_files)
    assert config == parse("", environ, read_file=no_files)
    assert config.github_app_configured
    assert config.session.secrets == (Secret("session"),)


def test_every_section_and_key_is_explained() -> None:
    lines = EXAMPLE.splitlines()
    for path in KEYS:
        section, _, name = path.rpartition(".")
        indent = "  " if section else ""
        (line,) = [
            number
            for number, line in enumerate(lines)
            if line.startswith(f"{indent}{name}:") and (not section or section_of(lines, number) == section)
        ]
        above = lines[line - 1].strip()
        shared = path in {
            "resolver.python_index",
            "resolver.npm_registry",
        }  # explained with the one above them
        assert shared or above.startswith("#"), path


def section_of(lines: list[str], number: int) -> str:
    heads = [line for line in lines[:number] if line[:1].isalpha()]
    return heads[-1].partition(":")[0] if heads else ""


@pytest.mark.parametrize("path", sorted(FILE_KEYS))
def test_every_secret_file_is_mentioned(path: str) -> None:
    assert f"Instead: {path.rpartition('.')[2]}: " in EXAMPLE


@pytest.mark.parametrize("variable", sorted(key.variable for key in KEYS.values() if key.variable))
def test_every_variable_is_mentioned(variable: str) -> None:
    assert f"${{{variable}:-}}" in EXAMPLE
