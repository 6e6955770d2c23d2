"""What the image contains and how it runs, without an engine: see ``building`` and ``jail``.

Its wheels come from a package index, which is more than other tests need: ``make image-check`` runs these.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import proxy
from tests.e2e.process import WAIT_SECONDS, Process, Upstream, ask, running_upstream
from tests.image import jail
from tests.image.building import REVISION, Image
from tests.image.locks import IMAGE_LOCK, SAMPLE_LOCK, locked
from tests.image.sbom import components, is_valid

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    "IMAGE_CHECK" not in os.environ, reason="takes wheels from a package index: make image-check"
)
OURS = "pyroscope-source-proxy"
SECRETS = {"GITHUB_CLIENT_ID": "id", "GITHUB_CLIENT_SECRET": "hush", "GITHUB_SESSION_SECRET": 4 * "hush-hush"}


def installed(image: Image) -> dict[str, Distribution]:
    (packages,) = image.prefix.glob("lib/python3.*/site-packages")
    return {
        dist.metadata["Name"].lower().replace("_", "-"): dist for dist in distributions(path=[str(packages)])
    }


def inside(image: Image, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    folder.mkdir(exist_ok=True)
    entered = jail.entering(image, command, root=folder)
    return subprocess.run(entered, capture_output=True, text=True, check=False, timeout=WAIT_SECONDS)


@contextmanager
def running(image: Image, folder: Path, upstream: Upstream) -> Iterator[Process]:
    """The image's own command, on free ports."""
    command = [*image.entrypoint, *image.command, "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"]
    command += ["--upstream-url", f"http://127.0.0.1:{upstream.server_address[1]}"]
    folder.mkdir()
    changed = replace(image, environ=image.environ | SECRETS)
    entered = jail.entering(changed, command, root=folder)
    with subprocess.Popen(entered, stderr=subprocess.PIPE, text=True) as popen:
        try:
            yield Process(popen)
        finally:
            popen.kill()


def snapshot(folder: Path) -> dict[str, tuple[int, int]]:
    paths = (path.lstat() for path in folder.rglob("*"))
    return {f"{found.st_ino}": (found.st_mtime_ns, found.st_size) for found in paths}


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("lock", [IMAGE_LOCK, SAMPLE_LOCK], ids=lambda path: path.parent.name)
def test_there_are_wheels_with_these_hashes_everywhere(
    version: str, machine: str, lock: Path, tmp_path: Path
) -> None:
    # bookworm has glibc 2.36.
    platform = [f"--python-platform={machine}-manylinux_2_36", f"--python-version={version}"]
    flags = ["--only-binary=:all:", "--require-hashes", f"--target={tmp_path}", "--quiet"]
    uv = str(Path(sys.executable).parent / "uv")
    done = subprocess.run(
        [uv, "pip", "install", *platform, *flags, "--requirement", str(lock)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


class TestContents:
    def test_it_holds_what_the_lock_says_and_ours(self, image: Image) -> None:
        found = {name: dist.version for name, dist in installed(image).items()}
        assert found.pop(OURS) == proxy.__version__
        assert found == {name: lock.version for name, lock in locked(IMAGE_LOCK).items() if lock.applies()}

    def test_it_holds_neither_tests_nor_build_tools(self, image: Image) -> None:
        (packages,) = image.prefix.glob("lib/python3.*/site-packages")
        assert not {"tests", "bench", "pip", "hatchling", "setuptools"} & {
            path.name for path in packages.iterdir()
        }

    def test_bytecode_is_in_one_place(self, image: Image) -> None:
        assert not list((image.prefix / "lib").rglob("*.pyc"))
        assert {path.name for path in image.prefix.rglob("*.pyc") if path.parent.name == "joining"}

    def test_nobody_but_root_may_write(self, image: Image) -> None:
        paths = [path for path in image.prefix.rglob("*") if not path.is_symlink()]
        assert not [path for path in paths if path.stat().st_mode & 0o022]

    def test_the_bill_of_materials_names_all_of_it(self, image: Image) -> None:
        text = (image.prefix / "sbom.cdx.json").read_text("utf-8")
        assert is_valid(text)
        bill = json.loads(text)
        assert (bill["metadata"]["component"]["name"], bill["metadata"]["component"]["version"]) == (
            OURS,
            proxy.__version__,
        )
        found = {name: dist.version for name, dist in installed(image).items() if name != OURS}
        assert {name: version for name, version in components(bill).items() if name != OURS} == found

    def test_labels(self, image: Image) -> None:
        assert image.labels["org.opencontainers.image.revision"] == REVISION
        assert image.labels["org.opencontainers.image.version"] == proxy.__version__
        assert image.labels["org.opencontainers.image.base.name"] == "python:3.13-slim-bookworm"


class TestRunning:
    def test_the_revision_is_told(self, image: Image, tmp_path: Path) -> None:
        done = inside(image, [*image.entrypoint, "--version"], tmp_path / "root")
        assert f"revision {REVISION}" in done.stdout

    @pytest.mark.skipif(not jail.possible(), reason="needs root and mount namespaces")
    def test_the_jail_has_no_shell_and_nothing_to_write_to(self, image: Image, tmp_path: Path) -> None:
        code = (
            "import os, pathlib\n"
            "assert os.getresuid() == (10001,) * 3 and os.getresgid() == (10001,) * 3\n"
            "absent = '/bin/sh', '/usr/bin/sh', '/usr/bin/env', '/dev/shm'\n"
            "assert not any(os.path.exists(path) for path in absent)\n"
            "for place in ('/', os.environ['PATH'].partition(':')[0]):\n"
            "    try:\n"
            "        pathlib.Path(place, 'x').write_text('')\n"
            "    except OSError as error:\n"
            "        print(error.strerror)\n"
        )
        done = inside(image, ["python3", "-c", code], tmp_path / "root")
        assert (done.stdout.splitlines(), done.stderr) == (["Read-only file system"] * 2, "")

    @pytest.mark.parametrize("imported", ["proxy.healthcheck", "proxy.app, proxy.cli"])
    def test_nothing_has_to_be_compiled(self, image: Image, imported: str, tmp_path: Path) -> None:
        done = inside(image, ["python3", "-v", "-c", f"import {imported}"], tmp_path / "root")
        assert done.returncode == 0
        sources = re.findall(r"^# code object from '?([^'\n]+?)'?$", done.stderr, re.MULTILINE)
        assert sources
        assert [path for path in sources if not path.endswith(".pyc")] == []

    def test_it_serves_tells_its_health_and_ends_with_zero(self, image: Image, tmp_path: Path) -> None:
        before = snapshot(image.prefix)
        with running_upstream() as upstream, running(image, tmp_path / "root", upstream) as served:
            connection = served.connect()
            status, body = ask(connection, "/pyroscope/render?query=x%2Fy")
            assert (status, json.loads(body)["path"]) == (200, "/pyroscope/render?query=x%2Fy")
            connection.close()
            assert served.admin("/-/ready")[0] == 200
            assert f'revision="{REVISION}"' in served.admin("/metrics")[2]
            address = f"127.0.0.1:{served.admin_port}"
            healthy = inside(image, [*image.health, address], tmp_path / "check")
            assert (healthy.returncode, healthy.stderr) == (0, "")
            served.process.send_signal(signal.Signals[image.stop_signal])
            assert served.end() == 0
        gone = inside(image, [*image.health, address], tmp_path / "gone")
        assert (gone.returncode, gone.stderr) == (
            1,
            f"{address} is not ready: [Errno 111] Connection refused\n",
        )
        assert not [line for line in served.lines if re.search(r"level=(warn|error)", line)]
        assert snapshot(image.prefix) == before

    def test_a_draining_proxy_is_not_healthy(self, image: Image, tmp_path: Path) -> None:
        with running_upstream() as upstream, running(image, tmp_path / "root", upstream) as served:
            connection = served.connect()
            connection.request("GET", "/wait")
            assert upstream.asked.acquire(timeout=WAIT_SECONDS)
            served.process.send_signal(signal.Signals[image.stop_signal])
            while served.admin("/-/ready")[0] == 200:
                pass
            address = f"127.0.0.1:{served.admin_port}"
            draining = inside(image, [*image.health, address], tmp_path / "check")
            assert (draining.returncode, draining.stderr) == (1, f"{address} is not ready: it answers 503\n")
            upstream.go_on.set()
            assert connection.getresponse().status == 200
            connection.close()
            assert served.end() == 0
