"""The rules as they are delivered, and Prometheus' own tool to try them with."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
FILE = ROOT / "deploy" / "helm" / "files" / "rules" / "source-proxy.rules.yaml"


def rules() -> Iterator[dict[str, Any]]:
    """Every rule."""
    for group in yaml.safe_load(FILE.read_text("utf-8"))["groups"]:
        yield from group["rules"]


def alerts() -> dict[str, dict[str, Any]]:
    """The alerting rules by name."""
    return {rule["alert"]: rule for rule in rules() if "alert" in rule}


def records() -> dict[str, str]:
    """The recording rules: name and expression."""
    return {rule["record"]: rule["expr"] for rule in rules() if "record" in rule}


def promtool(*arguments: str, stdin: str = "") -> str:
    """What ``promtool`` prints; raises with it when it finds fault."""
    command = [path_of("promtool"), *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout + done.stderr
