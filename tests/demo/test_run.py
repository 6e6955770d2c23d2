"""The demo as a person runs it: the real process, the printed lines in a real shell, Ctrl-C."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

USUAL_PORTS = (4040, 4041, 4042, 4043)
LAST_LINE = "a line here for each request"
BASH = shutil.which("bash")
CURL = shutil.which("curl")
needs_a_shell = pytest.mark.skipif(not (BASH and CURL), reason="the printed lines need bash and curl")


@dataclass
class Demo:
    """A running demo and what it has printed."""

    process: subprocess.Popen[str]
    text: str
    errors: Path
    temporary: Path

    @property
    def lines(self) -> list[str]:
        return [line.strip() for line in self.text.splitlines() if line.startswith("  curl ")]

    @property
    def ports(self) -> list[int]:
        return [
            int(port)
            for port in re.findall(r"^  (?!curl)\w.* http://127\.0\.0\.1:(\d+)", self.text, re.MULTILINE)
        ]

    def log(self) -> list[str]:
        return self.errors.read_text().splitlines()

    def end(self, number: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        """Press Ctrl-C; the exit code and what is printed then."""
        self.process.send_signal(number)
        said, _ = self.process.communicate()
        return self.process.returncode, said


@contextmanager
def running_demo(folder: Path, *arguments: str, **environment: str) -> Iterator[Demo]:
    errors, temporary = folder / "errors", folder / "temporary"
    temporary.mkdir()
    with errors.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "proxy", "demo", *arguments],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            env={**os.environ, "TMPDIR": str(temporary), **environment},
            start_new_session=True,
        )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if LAST_LINE in line:
                break
        yield Demo(process, "".join(said), errors, temporary)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def shell(line: str) -> str:
    """What a person sees who pastes a line."""
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@needs_a_shell
def test_the_three_lines_show_a_query_a_login_and_a_file(tmp_path: Path) -> None:
    # A proxy for http that the environment names has no part in what stays on this machine.
    with running_demo(tmp_path, HTTP_PROXY="http://127.0.0.1:1", NO_PROXY="example.com") as demo:
        query, login, file = demo.lines
        services = json.loads(shell(query))["names"]
        assert services == ["checkout", "recommender"]
        assert f"You see: {', '.join(services)}." in demo.text

        (cookie,) = shell(login).splitlines()
        assert re.fullmatch(r"Cookie: pyroscope_git_session=[A-Za-z0-9+/=]+", cookie)
        assert set(json.loads(base64.b64decode(cookie.partition("=")[2]))) == {"metadata", "expiry"}

        source = shell(file)
        assert "\npackage coupon\n" in source
        assert "\nfunc Parse(" in source
        assert shell(file) == source
        shell(login)

        # A line is written when its answer has been sent: at the end all of them are there.
        assert demo.end()[0] == 0
        log = demo.log()
        assert len(log) == 5
        assert all(re.match(r"ts=\S+ level=info logger=proxy\.access msg=request ", line) for line in log), (
            log
        )
        assert [re.search(r"route=(\S+) status=(\d+)", line).groups() for line in log] == [  # type: ignore[union-attr]
            ("querier.v1.QuerierService/LabelValues", "200"),
            ("vcs.v1.VCSService/GithubLogin", "200"),
            ("vcs.v1.VCSService/GetFile", "200"),
            ("vcs.v1.VCSService/GetFile", "200"),
            ("vcs.v1.VCSService/GithubLogin", "200"),
        ]


@needs_a_shell
def test_the_page_and_the_metrics_are_where_it_says(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        proxy, metrics, upstream, github = re.findall(
            r"^  (?!curl)\w.* (http://\S+)", demo.text, re.MULTILINE
        )
        assert "<html" in shell(f"curl -sSf {proxy}/").lower()
        assert "\nsourceproxy_build_info{" in shell(f"curl -sSf {metrics}")
        assert "<html" in shell(f"curl -sSf {upstream}").lower()
        assert shell(f"curl -sSf {github}").startswith("commit 52f61f7")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_all_and_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with running_demo(tmp_path) as demo:
        ports = demo.ports
        assert len(list(demo.temporary.iterdir())) == 1
        assert _children(demo.process.pid) == []
        code, said = demo.end(number)
        assert (code, said.strip()) == (0, "The demo has ended.")
        assert demo.log() == []
        assert list(demo.temporary.iterdir()) == []
        for port in ports:
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port), 1)


def test_ctrl_c_does_not_wait_for_a_browser_that_stays(tmp_path: Path) -> None:
    with running_demo(tmp_path) as demo:
        with socket.create_connection(("127.0.0.1", demo.ports[0])) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert browser.recv(12) == b"HTTP/1.1 200"
            assert demo.end()[0] == 0
        assert len(demo.log()) == 1


def test_where_its_ports_are_taken_it_takes_free_ones(tmp_path: Path) -> None:
    taken = []
    try:
        for port in USUAL_PORTS:
            try:
                taken.append(socket.create_server(("127.0.0.1", port)))
            except OSError:  # then somebody else has it, perhaps only for now
                continue
        held = {each.getsockname()[1] for each in taken}
        with running_demo(tmp_path) as demo:
            assert len(set(demo.ports)) == 4
            assert not set(demo.ports) & held
            assert demo.end()[0] == 0
    finally:
        for each in taken:
            each.close()


def test_it_listens_where_it_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running_demo(tmp_path, "--listen", f"127.0.0.1:{port}") as demo:
        assert demo.ports[0] == port
        assert demo.end()[0] == 0


def test_an_address_that_is_taken_ends_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with running_demo(tmp_path, "--listen", address) as demo:
            said, _ = demo.process.communicate()
    assert (demo.process.returncode, demo.text + said) == (1, "")
    (line,) = demo.log()
    assert line.startswith("pyroscope-source-proxy: could not run: ")
    assert address in line
    assert list(demo.temporary.iterdir()) == []


def _children(pid: int) -> list[str]:
    tasks = Path(f"/proc/{pid}/task/{pid}/children")
    return tasks.read_text().split() if tasks.exists() else []
