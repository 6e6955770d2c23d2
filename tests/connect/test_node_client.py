"""The public client for node, over a real socket: what Grafana's own front ends are built on."""

from __future__ import annotations

import asyncio
import base64
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from proxy.errors import Code
from proxy.proto import vcs_pb2
from tests.connect.descriptors import described_set
from tests.connect.service import serving

HERE = Path(__file__).parent / "node"
NAMES = ["proto-gzip", "proto-identity", "json-gzip", "json-identity"]


def require_node() -> None:
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"CI has to run the check with node, but has no {' and no '.join(missing)}")
    if missing:
        pytest.skip(f"{' and '.join(missing)} not found; install node 20 or later to run the client for node")


def installed() -> Path:
    """The folder where the locked packages lie, installed once for each state of the lock file."""
    lock = (HERE / "package-lock.json").read_bytes()
    name = f"connect-node-{os.getuid()}-{hashlib.sha256(lock).hexdigest()[:16]}"
    folder = Path(tempfile.gettempdir()) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    # Test processes run side by side; the first one installs, the others wait for it.
    with (folder / "lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            for file in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(HERE / file, folder)
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts"], cwd=folder, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            (folder / "done").touch()
        shutil.copy(HERE / "check.js", folder)
    return folder


async def run(folder: Path, *arguments: str) -> Any:
    process = await asyncio.create_subprocess_exec(
        "node", "check.js", *arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return json.loads(out)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Any:
    require_node()
    descriptors = tmp_path_factory.mktemp("node") / "descriptors.bin"
    descriptors.write_bytes(described_set(vcs_pb2.DESCRIPTOR))
    folder = installed()

    async def check() -> Any:
        async with serving() as url:
            return await run(folder, str(url.origin()), str(descriptors))

    return asyncio.run(check())


@pytest.fixture(params=NAMES)
def found(results: Any, request: pytest.FixtureRequest) -> Any:
    return results[request.param]


def test_messages_arrive_whole(found: Any) -> None:
    assert found["app"] == {"clientID": "client"}
    assert base64.b64decode(found["file"]["content"]) == b"main.go" * 3000
    assert found["file"]["URL"] == "r"
    author = {"login": "gopher", "avatarURL": "r"}
    assert found["commits"] == {"commits": [{"sha": "a", "author": author}, {"sha": "b", "author": author}]}


def test_64_bit_integers_arrive_exactly(found: Any) -> None:
    assert found["login"]["tokenExpiresAt"] == "1800000000000"
    assert found["login"]["refreshTokenExpiresAt"] == "9007199254740993"


def test_every_code_arrives_with_its_message(found: Any) -> None:
    expected = {code.value: {"code": code.value, "message": f"“{code.value}” was asked for"} for code in Code}
    assert found["errors"] == expected


def test_a_timeout_ends_the_call(found: Any) -> None:
    assert found["timeout"]["code"] == "deadline_exceeded"


def test_an_unexpected_error_is_internal(found: Any) -> None:
    assert found["unexpected"]["code"] == "internal"


def test_the_lock_names_no_registry() -> None:
    assert "resolved" not in (HERE / "package-lock.json").read_text()


def test_without_node_ci_fails_and_others_skip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no node and no npm"):
        require_node()
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="node and npm not found"):
        require_node()
