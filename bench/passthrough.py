"""Passing through: the proxy, nginx, and no proxy at all, in front of the same upstream."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench import haproxy, load, nginx
from bench.processes import Program, free_port
from bench.report import Sample, aligned, table
from bench.targets import MANY, Places, one_round

if TYPE_CHECKING:
    from pathlib import Path

SIZES = {"1 KiB": 1 << 10, "100 KiB": 100 << 10, "5 MiB": 5 << 20}
_TRACED = {"traceparent": "00-0000000000000001{n}-{n}-01"}
ASKED: dict[str, tuple[str, dict[str, str]]] = {
    "1 KiB": (f"/{SIZES['1 KiB']}", {}),
    "1 KiB, each request with a traceparent of its own": (f"/{SIZES['1 KiB']}", _TRACED),
    "100 KiB": (f"/{SIZES['100 KiB']}", {}),
    "100 KiB in chunks": (f"{nginx.IN_CHUNKS}{SIZES['100 KiB']}", {}),
    "5 MiB": (f"/{SIZES['5 MiB']}", {}),
}
DIRECT, NGINX, HAPROXY, PROXY = "no proxy", "nginx", "haproxy", "source-proxy"
_CONFIG = "log:\n  level: warning\n"


def run(folder: Path, rounds: int, seconds: float, where: Places) -> None:
    """Measure and print.

    Args:
        folder: an empty folder for files that end with the run.
        rounds: how often each target is measured, taking turns.
        seconds: how long each of a round's two runs of load takes.
        where: the processors to use.

    Raises:
        bench.processes.DidNotStartError: a program did not start.
        bench.load.LoadFailedError: the client did not work.
    """
    print("Passing through")
    with ExitStack() as stack:
        targets = {program.name: stack.enter_context(program) for program in _programs(folder, where)}
        at_rest = {name: program.peak_memory() for name, program in targets.items()}
        for title, (path, headers) in ASKED.items():
            samples: dict[str, list[Sample]] = {name: [] for name in targets}
            for _ in range(rounds):
                for name, program in targets.items():
                    request = load.Request(program.url + path, headers=headers)
                    samples[name].append(one_round(program, request, seconds, where))
            print(f"\nanswers of {title}; requests/s and CPU at {MANY} connections")
            print("\n".join(table(samples, NGINX)), flush=True)
        print("\npeak memory before the first request, MiB")
        print("\n".join(aligned([[name, f"{size / 2**20:.1f}"] for name, size in at_rest.items()])))


def _programs(folder: Path, where: Places) -> list[Program]:
    """Each target, the upstream itself first."""
    files = folder / "files"
    files.mkdir()
    for size in SIZES.values():
        (files / str(size)).write_bytes(os.urandom(size))
    found = nginx.find()
    if found is None:
        print(f"nginx is not installed, so there is nothing to compare with: {nginx.INSTALL}")
        upstream = free_port()
        command = [sys.executable, "-m", "bench.upstream", str(upstream), str(files)]
        direct = Program(DIRECT, command, upstream, folder / "upstream.log", where.around)
        return [direct, _proxy(folder, upstream, where)]
    upstream, between = free_port(), free_port()
    served = nginx.upstream_config(upstream, files)
    passed = nginx.proxy_config(between, upstream)
    served_by = _nginx(found, folder / "upstream", served)
    passed_by = _nginx(found, folder / "between", passed)
    return [
        Program(DIRECT, served_by, upstream, folder / "upstream.log", where.around),
        Program(NGINX, passed_by, between, folder / "between.log", where.measured),
        *_haproxy(folder, upstream, where),
        _proxy(folder, upstream, where),
    ]


def _haproxy(folder: Path, upstream: int, where: Places) -> list[Program]:
    found = haproxy.find()
    if found is None:
        print(f"haproxy is not installed, so it is left out: {haproxy.INSTALL}")
        return []
    port, config = free_port(), folder / "haproxy.cfg"
    config.write_text(haproxy.proxy_config(port, upstream))
    command = haproxy.command(found, str(config))
    return [Program(HAPROXY, command, port, folder / "haproxy.log", where.measured)]


def _nginx(found: str, folder: Path, config: str) -> list[str]:
    folder.mkdir()
    (folder / "nginx.conf").write_text(config)
    return nginx.command(found, folder / "nginx.conf")


def _proxy(folder: Path, upstream: int, where: Places) -> Program:
    """The proxy as an operator starts it; one line a request is off, as nginx's access log is."""
    config = folder / "config.yaml"
    config.write_text(_CONFIG)
    port, admin = free_port(), free_port()
    command = [
        *(sys.executable, "-m", "proxy", "serve", "--config", str(config)),
        *("--listen", f"127.0.0.1:{port}", "--admin-listen", f"127.0.0.1:{admin}"),
        *("--upstream-url", f"http://127.0.0.1:{upstream}"),
    ]
    return Program(PROXY, command, port, folder / "proxy.log", where.measured)
