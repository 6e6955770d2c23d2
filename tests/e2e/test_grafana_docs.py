"""The lines of docs/grafana.md that a reader types to see that it works, typed."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.fakes.programs import path_of
from tests.fakes.system import running_system

DOCS = (Path(__file__).parents[2] / "docs" / "grafana.md").read_text("utf-8")
SHOWN_HOST = "http://pyroscope-source-proxy:4041"


def lines() -> list[str]:
    section = DOCS.partition("## See that it works")[2].partition("\n## ")[0].replace("\\\n", " ")
    return [
        line.strip() for line in section.splitlines() if line.startswith("    curl ") and SHOWN_HOST in line
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    list(zip(lines(), ["ready", '"clientID"', '"profileTypes"', '"unauthenticated"'], strict=True)),
)
async def test_every_line_shows_what_it_is_said_to(line: str, expected: str) -> None:
    path_of("curl")
    async with running_system() as system:
        typed = line.replace(SHOWN_HOST, system.url)
        done = await asyncio.to_thread(
            subprocess.run, ["sh", "-c", typed], capture_output=True, text=True, timeout=60, check=False
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert expected in done.stdout
    if expected == '"unauthenticated"':
        assert re.match("invalid token: the request carries no cookie", json.loads(done.stdout)["message"])
