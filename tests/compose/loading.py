"""``deploy/compose.yaml`` as Docker Compose itself understands it; that takes no engine."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy/compose.yaml"
FOLDER = ROOT / "deploy/compose"


@cache
def project(*profiles: str, **environ: str) -> dict[str, Any]:
    """The whole project, defaults filled in, as ``docker compose config`` prints it.

    Args:
        profiles: those that are switched on.
        environ: the environment.
    """
    flags = [flag for profile in profiles for flag in ("--profile", profile)]
    command = [str(Path(sys.executable).parent / "docker-compose"), "--file", str(COMPOSE), *flags]
    done = subprocess.run(
        [*command, "config", "--format", "json"], capture_output=True, text=True, check=False, env=environ
    )
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def services() -> dict[str, dict[str, Any]]:
    """Every service, those of profiles too."""
    return dict(project("redis")["services"])


def document(path: Path) -> Any:
    """A file of YAML."""
    return yaml.safe_load(path.read_text("utf-8"))
