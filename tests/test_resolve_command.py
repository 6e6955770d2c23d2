"""``resolve`` explains one resolution in the terminal, against a GitHub with real history."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from proxy import resolve_command
from proxy.proto import source_pb2
from tests.fakes.github import GitRepository, running_github

if TYPE_CHECKING:
    from pathlib import Path

GO = "package cart\n\nfunc Total() int { return 1 }\n"


async def _resolve(
    tmp_path: Path, *arguments: str, token: str | None = None
) -> subprocess.CompletedProcess[str]:
    repository = GitRepository(tmp_path / "shop")
    repository.commit({"svc/internal/cart/cart.go": GO}, "Start")
    async with running_github() as github:
        github.add_user("ada")
        github.add_repository("acme", "shop", repository.path, private=True, readers=["ada"])
        config = tmp_path / "config.yaml"
        config.write_text(f"github:\n  url: {github.web_url}\n  api_url: {github.api_url}\n", "utf-8")
        environ = dict(os.environ, GITHUB_TOKEN=github.token_for("ada") if token is None else token)
        command = [sys.executable, "-m", "proxy", "resolve", "--config", str(config), *arguments]
        return await asyncio.to_thread(
            subprocess.run, command, env=environ, capture_output=True, text=True, timeout=60, check=False
        )


FOUND = ("--repository", "https://github.com/acme/shop", "--path", "/go/src/svc/internal/cart/cart.go")


async def test_a_file_that_is_found(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND, "--function", "acme/shop/cart.Total", "--line", "3")
    assert done.returncode == 0, done.stderr
    assert "found by the rule suffix: acme/shop at HEAD: svc/internal/cart/cart.go" in done.stdout
    assert "✓ ref" in done.stdout
    assert "does not fit" not in done.stdout
    assert "\x1b[" not in done.stdout  # no colours where there is no terminal


async def test_a_file_that_does_not_fit(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND, "--function", "acme/shop/cart.Gone")
    assert "does not fit: svc/internal/cart/cart.go has no definition of Gone" in done.stdout


async def test_json(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND, "--json")
    answer = json.loads(done.stdout)
    assert answer["rule"] == "suffix"
    assert answer["file"]["path"] == "svc/internal/cart/cart.go"
    assert answer["githubCalls"] >= 1


async def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, "--repository", "github.com/acme/shop", "--path", "/x/nowhere.go")
    assert done.returncode == 1
    assert "not found:" in done.stdout


async def test_a_refusal_of_github_is_part_of_the_explanation(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND, token="wrong")
    assert done.returncode == 1
    assert "failed (unauthenticated):" in done.stdout
    assert "Traceback" not in done.stderr


async def test_no_token(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND, token="")
    assert done.returncode == 2
    assert "set GITHUB_TOKEN" in done.stderr


async def test_no_repository(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, "--repository", "https://gitlab.com/acme/shop", "--path", "/a.go")
    assert done.returncode == 2
    assert "gitlab.com" in done.stderr


@pytest.mark.parametrize("colour", [True, False])
def test_the_tree_shows_every_step(colour: bool) -> None:
    answer = source_pb2.ExplainFileResponse(
        reason="nothing",
        steps=[
            source_pb2.Step(
                rule="ref", question="Which?", answer="this", outcome=source_pb2.OUTCOME_FOUND, githubCalls=1
            ),
            source_pb2.Step(rule="configuration", question="a remark", outcome=source_pb2.OUTCOME_NOTE),
            source_pb2.Step(rule="suffix", question="There?", answer="no", outcome=source_pb2.OUTCOME_ABSENT),
        ],
    )
    text = resolve_command.as_tree(source_pb2.ExplainFileRequest(localPath="/a.go"), answer, colour=colour)
    assert ("\x1b[" in text) is colour
    for shown in ("/a.go", "Which?", "this", "1 call to GitHub", "a remark", "There?", "└─", "nothing"):
        assert shown in text


async def test_a_frame_without_path_and_function_is_no_frame(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND[:2])
    assert done.returncode == 2
    assert done.stderr == "pyroscope-source-proxy: --path or --function is needed to find a file\n"


async def test_a_path_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    done = await _resolve(tmp_path, *FOUND[:2], "--path", "/b/\x1b[31mevil.go")
    assert done.returncode == 1
    assert "/b/�[31mevil.go" in done.stdout
    assert "\x1b" not in done.stdout
