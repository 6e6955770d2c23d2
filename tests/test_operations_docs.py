"""docs/operations.md and docs/grafana.md say what is true: YAML, commands, keys, messages, links."""

from __future__ import annotations

import argparse
import ast
import itertools
import re
import shlex
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry
from yarl import URL

from proxy import arguments, config
from proxy.config import Config
from proxy.config.keys import FILE_KEYS, KEYS, SECTIONS
from proxy.doctor.judging.github import GRAFANA_CALLBACK, PAGE_CALLBACK, callback_url
from proxy.doctor.model import Outcome
from proxy.errors import Code
from proxy.metrics import Metrics
from proxy.session import COOKIE_NAME
from proxy.tenancy import HEADER
from proxy.ui.login import CALLBACK

ROOT = Path(__file__).parent.parent
NAMES = ("operations.md", "grafana.md")
TEXTS = {name: (ROOT / "docs" / name).read_text("utf-8") for name in NAMES}
BOTH = "\n".join(TEXTS.values())
OPERATIONS, GRAFANA = TEXTS.values()
CODES = {code.value: code for code in Code}
BLOCK = re.compile(r"^( *)```yaml\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
# What stands for a place of the reader's own is no route of ours.
ROUTE = re.compile(r"`(?:GET )?(?::404[13])?(/(?:-/|metrics|vcs\.v1|source\.v1)[^`\s]*)`")


def blocks() -> list[Any]:
    return [
        pytest.param(textwrap.dedent(body), id=f"{name}-{number}")
        for name, text in TEXTS.items()
        for number, (_, body) in enumerate(BLOCK.findall(text))
    ]


@pytest.mark.parametrize("block", blocks())
def test_every_configuration_is_accepted_and_every_data_source_whole(block: str) -> None:
    document = yaml.safe_load(block)
    if block.startswith("# config.yaml\n"):
        environ = {"OLD_SESSION_SECRET": "o" * 40, "NEW_SESSION_SECRET": "n" * 40}
        secret = {"redis_url": "redis://redis:6379"}
        found = config.parse(block, environ, read_file=lambda name: secret.get(Path(name).name, "0" * 40))
        assert found != Config()
        assert [text for text in config.warnings(found) if "plain http" in text] == []
        return
    for source in document["datasources"]:
        assert source["type"] == "grafana-pyroscope-datasource"
        assert URL(source["url"]).port == Config().listen.port
        data = source["jsonData"]
        assert data["keepCookies"] == [COOKIE_NAME]
        headers = {name: value for name, value in data.items() if name.startswith("httpHeaderName")}
        assert set(headers.values()) <= {HEADER}
        values = {name.replace("Value", "Name") for name in source.get("secureJsonData", {})}
        assert values == headers.keys()


def test_what_is_fenced_as_yaml_is_found() -> None:
    assert BOTH.count("```yaml") == len(blocks()) >= 8


def test_the_rotation_of_session_secrets_goes_from_one_list_to_the_other() -> None:
    first, second = (
        yaml.safe_load(body)["session"]["secrets"]
        for _, body in BLOCK.findall(OPERATIONS)
        if "SESSION_SECRET" in body
    )
    assert first == second[::-1] == ["${OLD_SESSION_SECRET}", "${NEW_SESSION_SECRET}"]
    # While replicas are exchanged, each opens what those of the step before and after it seal.
    steps = [first[:1], first, second]
    for before, after in itertools.pairwise(steps):
        assert before[0] in after
        assert after[0] in before


def parsers() -> dict[str, argparse.ArgumentParser]:
    (found,) = (
        action for action in arguments.parser("")._actions if isinstance(action, argparse._SubParsersAction)
    )
    return dict(found.choices)


def commands() -> list[str]:
    joined = BOTH.replace("\\\n", " ")
    shown = re.findall(r"(?:^    .*?|`)(pyroscope-source-proxy (?:[a-z-]+)\b[^`\n#]*)", joined, re.MULTILINE)
    return sorted(set(shown))


@pytest.mark.parametrize("command", commands())
def test_every_command_is_one(command: str) -> None:
    _, name, *rest = shlex.split(command)
    parser = parsers()[name]
    parser.parse_args(rest)


def test_commands_are_found() -> None:
    assert {command.split()[1] for command in commands()} >= {"doctor", "serve", "check-config", "resolve"}


def test_every_key_exists() -> None:
    named = re.findall(rf"`((?:{'|'.join(SECTIONS)})\.[a-z_]+)[:`]", BOTH)
    assert len(set(named)) >= 20
    assert set(named) - KEYS.keys() - FILE_KEYS.keys() == set()


def test_every_metric_exists() -> None:
    metrics = Metrics(CollectorRegistry(), version="", revision="")
    families = list(metrics.registry.collect())
    existing = {family.name for family in families}
    existing |= {sample.name for family in families for sample in family.samples}
    named = set(re.findall(r"`(sourceproxy_\w+)", BOTH))
    assert named
    assert named <= existing


def test_every_route_of_ours_is_served() -> None:
    served = {"/metrics", "/-/healthy", "/-/ready", "/-/config", "/-/source/", PAGE_CALLBACK}
    named = set(ROUTE.findall(BOTH))
    assert named >= {"/metrics", "/-/healthy", "/-/ready", "/-/config"}
    assert named <= served
    text = "".join(path.read_text("utf-8") for path in (ROOT / "proxy").glob("admin*.py"))
    text += "".join(path.read_text("utf-8") for path in (ROOT / "proxy").glob("admin/*.py"))
    assert [
        route for route in ("/metrics", "/-/healthy", "/-/ready", "/-/config") if f'"{route}"' not in text
    ] == []


def test_every_method_that_curl_calls_exists() -> None:
    text = "\n".join(path.read_text("utf-8") for path in (ROOT / "proxy" / "proto").glob("*.proto"))
    called = re.findall(r"/((?:vcs|querier|source)\.v1)\.(\w+)/(\w+)", BOTH)
    assert called
    for package, service, method in called:
        assert f"package {package};" in text
        assert f"service {service} " in text
        assert re.search(rf"rpc {method}\b", text) or f'"{method}"' in _code(), method


def test_the_callback_paths_are_those_that_are_served() -> None:
    assert PAGE_CALLBACK == CALLBACK
    assert f"`https://GRAFANA{GRAFANA_CALLBACK}`" in GRAFANA
    assert f"`https://PAGE{CALLBACK}`" in GRAFANA
    for url in re.findall(rf"https://[\w./]+{GRAFANA_CALLBACK}", GRAFANA):
        assert callback_url(URL(url)).outcome is Outcome.OK


def test_every_code_has_its_status() -> None:
    rows = re.findall(r"^\| .*? \| (\d{3}) `([a-z_]+)` \|", GRAFANA, re.MULTILINE)
    assert len(rows) >= 10
    for status, code in rows:
        # What passes through answers a failing upstream as a gateway does.
        expected = {CODES[code].http_status} | ({502} if code == "unavailable" else set())
        assert int(status) in expected


def _headings(path: Path) -> set[str]:
    """The anchors that GitHub gives to headings."""
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", TEXTS[name])
    assert links
    for file, anchor in links:
        path = (ROOT / "docs" / (file or name)).resolve()
        assert path.is_file(), file
        assert not anchor or anchor in _headings(path), f"{file}#{anchor}"


@cache
def _code() -> str:
    """Every text in the code, one a line; what is put into it stands as "…"."""
    texts = []
    for path in (ROOT / "proxy").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "…" for part in node.values]
                texts.append("".join(map(str, parts)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value if "\n" in node.value else f'{node.value}\n"{node.value}"')
    return "\n".join(texts)


def messages() -> list[str]:
    """The messages in the first column of the tables of Troubleshooting."""
    section = OPERATIONS.partition("## Troubleshooting")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (.+?) \|", section, re.MULTILINE)
    return [text for cell in cells for text in re.findall(r"`([^`]+)`", cell)]


@pytest.mark.parametrize("message", messages())
def test_every_message_is_one_of_the_code(message: str) -> None:
    code = _code()
    if match := re.fullmatch(r"\(([a-z_]+)\)", message):  # GitHub's own word, in our sentence
        assert f'"{match[1]}"' in code
        assert "GitHub refused to give a token (…): " in code
    elif message == "X-Source-Stale: true":
        assert '"X-Source-Stale"' in code
    elif message == "invalid token: ":
        assert "invalid token: …" in code
    else:
        assert message in code


def test_messages_are_found() -> None:
    assert len(messages()) >= 35
