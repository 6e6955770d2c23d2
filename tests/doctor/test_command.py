"""``doctor`` as a process of its own, against everything that it asks."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import subprocess
import sys
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import trustme

from proxy.demo.github import StandIn
from proxy.demo.upstream import Upstream
from tests.fakes.programs import redis_server
from tests.fakes.system import running_system
from tests.tracing.collector import running_collector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from faults.around.redis import RedisServer

COMMAND = [sys.executable, "-m", "proxy", "doctor"]
SECRETS = {
    "GITHUB_CLIENT_ID": "Iv1.standin",
    "GITHUB_CLIENT_SECRET": "stand-in-secret",
    "GITHUB_SESSION_SECRET": "q7Yx2LrV9tZ0mKc4WbHs8NfJ3dGpA6eU",
}
SLOW = re.compile(r"\btook [0-9]+ ms|Redis takes [0-9.e+]+ ms")
REDIS_PASSWORD = "redis-hush"
CONFIG = """\
listen: 127.0.0.1:0
admin_listen: 127.0.0.1:0
upstream: {{url: "{upstream}"}}
github: {{url: "{github}", api_url: "{github}"}}
cache: {{redis_url: "{redis}"}}
resolver: {{go_module_proxy: "{github}", python_index: "{github}", npm_registry: ""}}
"""


@dataclass
class Around:
    """All that the proxy depends on, and a configuration that names it."""

    github: StandIn
    upstream: Upstream
    redis: RedisServer
    file: Path

    def change(self, old: str, new: str) -> None:
        text = self.file.read_text("utf-8")
        assert old in text
        self.file.write_text(text.replace(old, new), "utf-8")

    async def report(self, **environ: str) -> dict[str, dict[str, str]]:
        """The findings by their checks; the exit code has to fit them, and no secret to be among them."""
        done = await run_doctor("--config", str(self.file), "--json", **environ)
        report = json.loads(done.stdout)
        assert done.returncode == (1 if report["failures"] else 0), done.stderr
        for secret in (*SECRETS.values(), REDIS_PASSWORD):
            assert secret == SECRETS["GITHUB_CLIENT_ID"] or secret not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return {found["check"]: found for found in report["checks"]}


async def run_doctor(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(
        subprocess.run,
        [*COMMAND, *arguments],
        env=without_proxies() | SECRETS | environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def without_proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


@asynccontextmanager
async def all_around(folder: Path) -> AsyncIterator[Around]:
    redis = redis_server("--maxmemory", "64mb", "--maxmemory-policy", "allkeys-lru", password=REDIS_PASSWORD)
    async with StandIn() as github, Upstream() as upstream, redis:
        file = folder / "config.yaml"
        text = CONFIG.format(upstream=upstream.url, github=github.web_url, redis=redis.url)
        file.write_text(text, "utf-8")
        yield Around(github, upstream, redis, file)


def outcomes(report: dict[str, dict[str, str]], *groups: str) -> dict[str, str]:
    """How the checks of some groups ended; that a busy machine is slow is no fault of what is checked."""
    return {
        check: "ok" if SLOW.search(found["found"]) else found["outcome"]
        for check, found in report.items()
        if not groups or check.startswith(groups)
    }


async def test_all_is_well(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        report = await around.report()
    # How the machine is that runs the tests is not for them to say; plain http is worth a warning.
    assert outcomes(report, "sessions", "upstream", "redis", "egress.g", "egress.p", "egress.n") == {
        "sessions.secrets": "ok",
        "upstream.loop": "ok",
        "upstream.ready": "ok",
        "upstream.queries": "ok",
        "egress.proxy": "ok",
        "egress.private_addresses": "ok",
        "egress.go_module_proxy": "ok",
        "egress.python_index": "ok",
        "egress.npm_registry": "skipped",
        "redis.usable": "ok",
        "redis.eviction": "ok",
    }
    assert set(outcomes(report, "github").values()) == {"ok"}
    assert outcomes(report, "machine.clock", "machine.listen", "machine.admin") == {
        "machine.listen": "ok",
        "machine.admin_listen": "ok",
        "machine.clock": "ok",
    }
    assert report["configuration.file"]["outcome"] == "warning"
    assert "plain http" in report["configuration.file"]["found"]


async def test_it_asks_github_for_nothing_of_a_person(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        await around.report()
        routes = [call.route for call in around.github.calls]
    assert routes.count("/login/oauth/access_token") == 1
    assert len(routes) <= 6


async def test_wrong_credentials(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        report = await around.report(GITHUB_CLIENT_SECRET="wrong")
    assert report["github.app"]["outcome"] == "failure"
    assert "does not accept" in report["github.app"]["found"]
    assert "copy both" in report["github.app"]["advice"]


async def test_everything_is_gone(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        await around.upstream.stop()
        await around.github.stop()
        around.redis.kill()
        report = await around.report()
    failed = {check for check, outcome in outcomes(report).items() if outcome == "failure"}
    assert failed >= {
        "upstream.ready",
        "upstream.queries",
        "github.web",
        "github.api",
        "github.graphql",
        "github.app",
        "redis.usable",
    }
    assert report["egress.go_module_proxy"]["outcome"] == "warning"
    assert report["machine.clock"]["outcome"] == "skipped"
    assert all(found["advice"] for check, found in report.items() if check in failed)


async def test_an_enterprise_server_and_the_wrong_address_of_one(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        url = around.github.web_url
        around.change(f'api_url: "{url}"', f'api_url: "{url}/api/v3"')
        assert set(outcomes(await around.report(), "github").values()) == {"ok"}
        around.change("/api/v3", "/api/v4")
        report = await around.report()
    assert report["github.graphql"]["outcome"] == "failure"


async def test_pyroscope_is_something_else(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        around.change(str(around.upstream.url), around.github.web_url)
        report = await around.report()
    assert report["upstream.queries"]["outcome"] == "failure"
    assert "query-frontend" in report["upstream.queries"]["advice"]


async def test_beside_a_running_proxy_its_addresses_are_fine(tmp_path: Path) -> None:
    async with running_system() as system, all_around(tmp_path) as around:
        around.change("admin_listen: 127.0.0.1:0", f"admin_listen: {system.proxy.admin_address}")
        around.change("listen: 127.0.0.1:0", f"listen: {system.proxy.address}")
        report = await around.report()
    assert "is in use, and a proxy that runs here is healthy" in report["machine.listen"]["found"]
    assert report["machine.admin_listen"]["outcome"] == "ok"


async def test_a_collector_and_a_certificate(tmp_path: Path) -> None:
    issued = trustme.CA().issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    async with all_around(tmp_path) as around:
        report = await around.report()
        assert set(outcomes(report, "tracing", "machine.certificate").values()) == {"skipped"}
        with running_collector() as collector:
            files = f"cert_file: {tmp_path / 'cert.pem'}, key_file: {tmp_path / 'key.pem'}"
            more = f"listen_tls: {{{files}}}\ntracing: {{endpoint: '{collector.url}'}}\nupstream"
            around.change("upstream", more)
            report = await around.report()
        assert outcomes(report, "tracing", "machine.certificate") == {
            "tracing.collector": "ok",
            "machine.certificate": "ok",
        }
        trustme.CA().issue_cert("127.0.0.1").private_key_pem.write_to_path(tmp_path / "key.pem")
        report = await around.report()
    assert report["tracing.collector"]["outcome"] == "failure"
    assert "is not the key of" in report["machine.certificate"]["found"]


async def test_another_program_has_the_address(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        around.change("admin_listen: 127.0.0.1:0", f"admin_listen: {around.upstream.url.authority}")
        report = await around.report()
    assert report["machine.admin_listen"]["outcome"] == "failure"


async def test_every_fault_of_the_configuration_and_exit_2(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("lisen: a\nlog: {format: xml}\n", "utf-8")
    done = await run_doctor("--config", str(file))
    assert (done.returncode, done.stderr) == (2, "")
    assert "line 1: lisen: unknown key (did you mean listen?)" in done.stdout
    assert "line 2: log.format: 'xml' is none of logfmt, json" in done.stdout
    assert "2 failures" in done.stdout
    done = await run_doctor("--config", str(file), "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["failures"]) == (2, 2)
    done = await run_doctor("--config", str(tmp_path / "none.yaml"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "cannot read" in done.stderr


async def test_no_colours_and_no_progress_where_there_is_no_terminal(tmp_path: Path) -> None:
    async with all_around(tmp_path) as around:
        done = await run_doctor("--config", str(around.file))
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""
    assert done.stdout.startswith("configuration\n├─ ")
    assert done.stdout.count("\n\n") == 8


@pytest.mark.parametrize("environ", [{}, {"NO_COLOR": "1"}])
async def test_a_terminal_has_colours_and_progress(tmp_path: Path, environ: dict[str, str]) -> None:
    async with all_around(tmp_path) as around:
        shown = await asyncio.to_thread(in_terminal, [*COMMAND, "--config", str(around.file)], environ)
    assert ("\x1b[32m✓\x1b[0m" in shown) is (not environ)
    assert "checks done, waiting for" in shown
    assert "✓" in shown


def in_terminal(command: list[str], environ: dict[str, str]) -> str:
    """What a command shows in a terminal, standard output and error alike."""
    inner, outer = pty.openpty()
    everything: dict[str, Any] = without_proxies() | SECRETS | {"TERM": "xterm"}
    everything.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=outer, stderr=outer, env=everything | environ) as process:
        os.close(outer)
        shown = b""
        while True:
            try:
                piece = os.read(inner, 65536)
            except OSError:  # how Linux says that the other end is closed
                break
            if not piece:
                break
            shown += piece
        process.wait(120)
    os.close(inner)
    return shown.decode()
