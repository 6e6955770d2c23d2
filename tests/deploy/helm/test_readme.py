"""Who follows the chart's README to the letter gets what it says."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
import yaml

from proxy.config import parse
from tests.deploy.helm.chart import CHART, ROOT, Helm, Object, values_of
from tests.deploy.helm.test_configuration import environment_of, files_of, load
from tests.deploy.helm.test_values import complaints

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

README = CHART / "README.md"
BLOCK = re.compile(r"^(?: {4,}\S.*\n(?: {4,}.*\n)*)", re.MULTILINE)
# Pairs of blocks and commands are told apart by their first word.
PROGRAMS = {"helm", "kubectl", "docker"}


def blocks(path: Path) -> Iterator[list[str]]:
    """The indented blocks of a document, line by line."""
    for block in BLOCK.findall(path.read_text("utf-8")):
        lines = block.splitlines()
        indent = min(len(line) - len(line.lstrip()) for line in lines)
        yield [line[indent:] for line in lines]


def commands(path: Path) -> list[list[str]]:
    """The commands in a document, their words."""
    shell = ["\n".join(lines) for lines in blocks(path) if lines[0].split()[0] in PROGRAMS]
    joined = "\n".join(shell).replace("\\\n", " ")
    return [shlex.split(line) for line in joined.splitlines() if line.split()[0] in PROGRAMS]


SNIPPETS = [
    yaml.safe_load("\n".join(lines)) for lines in blocks(README) if lines[0].split()[0] not in PROGRAMS
]
VALUES = [snippet for snippet in SNIPPETS if not {"jsonData", "github"} & set(snippet)]


@pytest.mark.parametrize("values", VALUES, ids=lambda values: next(iter(values)))
def test_every_example_fits(helm: Helm, values: Object) -> None:
    assert complaints(values) == []
    load(helm.template(values={"existingSecret": "github"} | values))


def test_there_are_examples_of_what_people_look_for() -> None:
    shown = str(VALUES)
    for wanted in (
        "multitenancy_enabled",
        "/api/v3",
        "HTTPS_PROXY",
        "SSL_CERT_FILE",
        "redis",
        "serviceMonitor",
    ):
        assert wanted in shown


@pytest.mark.parametrize(
    "document", [README, ROOT / "README.md"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_command_that_installs_works(helm: Helm, document: Path) -> None:
    (words,) = [words for words in commands(document) if words[:2] == ["helm", "install"]]
    assert words[3] == "deploy/helm"
    objects = helm.template(release=words[2], flags=tuple(words[4:]))
    assert objects.proxy["image"] == "REGISTRY/pyroscope-source-proxy:0.1.0"
    assert str(load(objects).upstream.url.origin()) == "http://pyroscope:4040"


def test_the_files_that_it_names_for_a_configmap_of_ones_own_are_those_that_are_mounted(helm: Helm) -> None:
    (snippet,) = [snippet for snippet in SNIPPETS if "github" in snippet]
    redis = {"existingSecret": "redis"}
    mine = helm.template(values={"existingConfigMap": "mine", "existingSecret": "github", "redis": redis})
    files = files_of(mine)
    config = parse(yaml.safe_dump(snippet), environment_of(mine), read_file=files.__getitem__)
    assert config.github_app_configured
    assert len(config.session.secrets) == 2


def test_the_secret_that_it_creates_has_the_keys_that_the_chart_wants(helm: Helm) -> None:
    created = [words for words in commands(README) if words[:4] == ["kubectl", "create", "secret", "generic"]]
    assert len(created) == 2
    for words in created:
        given = {
            word.removeprefix("--from-literal=").partition("=")[0] for word in words if "literal" in word
        }
        assert words[4] == values_of(CHART / "sidecar" / "source-values.yaml")["existingSecret"]
        assert given == {"client_id", "client_secret", "session_secret"}


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)h][^)]*)\)", README.read_text("utf-8")))
def test_links_lead_somewhere(target: str) -> None:
    name, _, anchor = target.partition("#")
    assert (CHART / name).exists()
    headings = re.findall(r"^#+ (.+)$", README.read_text("utf-8"), re.MULTILINE)
    assert not anchor or name or anchor in {heading.lower().replace(" ", "-") for heading in headings}
