"""What the Dockerfile promises, read from it without building anything."""

from __future__ import annotations

import fnmatch
import re
import subprocess
import sys
from pathlib import Path

import pytest

import proxy
from proxy import healthcheck
from proxy.config.model import Config
from tests.image.dockerfile import DOCKERFILE, ROOT, Stage, assignments, exec_form, expand, stages

SAMPLE = ROOT / "deploy/compose/sample/Dockerfile"
BEFORE, (BUILDER, FINAL) = stages()


def pip_installs(stage: Stage) -> list[str]:
    lines = [part for value in stage.values("RUN") for part in value.split("&&")]
    return [line for line in lines if re.search(r"\bpip\b.*\binstall\b", line)]


@pytest.mark.parametrize("path", [DOCKERFILE, SAMPLE], ids=lambda path: str(path.relative_to(ROOT)))
def test_hadolint_finds_nothing(path: Path) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    found = subprocess.run([hadolint, "--no-color", path], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout + found.stderr) == (0, "")


def test_both_bases_can_be_given_by_digest() -> None:
    settings = {name: value for step in BEFORE for name, value in assignments(step.value).items()}
    assert settings == {
        "PYTHON_IMAGE": "python:3.13-slim-bookworm",
        "RUNTIME_IMAGE": "${PYTHON_IMAGE}",
    }
    assert (BUILDER.base, FINAL.base) == ("${PYTHON_IMAGE}", "${RUNTIME_IMAGE}")
    pinned = "python@sha256:" + 64 * "0"
    assert expand(settings["RUNTIME_IMAGE"], {"PYTHON_IMAGE": pinned}) == pinned


def test_dependencies_are_wheels_with_hashes_and_ours_comes_from_this_tree() -> None:
    tools, run_time, ours = pip_installs(BUILDER)
    for line, lock in ((tools, "build"), (run_time, "image")):
        assert {"--only-binary", ":all:", "--require-hashes"} <= set(line.split())
        assert line.split()[-2:] == ["--requirement", f"requirements/{lock}.txt"]
    assert {"--no-deps", "--no-index"} <= set(ours.split())


def test_what_runs_needs_no_shell() -> None:
    assert not FINAL.values("RUN")
    assert not FINAL.values("SHELL")
    assert exec_form(FINAL.value("ENTRYPOINT")) == ["pyroscope-source-proxy"]
    assert exec_form(FINAL.value("CMD")) == ["serve"]
    assert exec_form(FINAL.value("HEALTHCHECK")) == ["python3", "-m", "proxy.healthcheck"]


def test_it_runs_as_a_numbered_user_and_stops_as_the_proxy_does() -> None:
    assert FINAL.value("USER") == "10001:10001"
    assert FINAL.value("STOPSIGNAL") == "SIGTERM"


def test_ports_are_the_defaults() -> None:
    config = Config()
    assert FINAL.value("EXPOSE").split() == [str(config.listen.port), str(config.admin_listen.port)]
    assert healthcheck.ADDRESS.rpartition(":")[2] == str(config.admin_listen.port)


def test_the_version_is_that_of_the_package() -> None:
    assert f"VERSION={proxy.__version__}" in FINAL.values("ARG")


def test_the_stages_agree_on_the_prefix() -> None:
    (prefix,) = {
        value for value in BUILDER.values("ARG") + FINAL.values("ARG") if value.startswith("PREFIX=")
    }
    assert prefix == "PREFIX=/opt/source-proxy"
    assert FINAL.value("COPY") == "--from=builder ${PREFIX} ${PREFIX}"


@pytest.mark.parametrize("value", BUILDER.values("COPY"))
def test_only_what_is_copied_reaches_the_builder(value: str) -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = [rule[1:] for rule in rules if rule.startswith("!")]
    for source in value.split()[:-1]:
        assert (ROOT / source).exists()
        assert any(fnmatch.fnmatch(source, rule) or source.startswith(f"{rule}/") for rule in allowed)


def test_no_secret_and_no_history_reaches_the_builder() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    allowed = {line[1:] for line in lines if line.startswith("!")}
    assert allowed == {"LICENSE", "README.md", "pyproject.toml", "proxy", "requirements"}


@pytest.mark.parametrize("value", ['serve --listen "x"', '["a", 1]', "[]"])
def test_a_shell_form_is_refused(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
        exec_form(value)
