"""What is compared really passes through, and keeps its connections to the upstream."""

from __future__ import annotations

import os
import shutil
import urllib.request
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from bench import haproxy, nginx, passthrough
from bench.load import Request
from bench.processes import Program, free_port
from bench.targets import one_round, places

if TYPE_CHECKING:
    from pathlib import Path


WHERE = places(os.sched_getaffinity(0))
pytestmark = pytest.mark.skipif(nginx.find() is None, reason="nginx is not installed")


def test_every_target_gives_out_what_the_upstream_does(tmp_path: Path) -> None:
    with ExitStack() as stack:
        programs = [stack.enter_context(it) for it in passthrough._programs(tmp_path, WHERE)]
        expected = (tmp_path / "files" / "1024").read_bytes()
        for program in programs:
            with urllib.request.urlopen(f"{program.url}/1024", timeout=30) as answer:  # noqa: S310 - our own
                assert answer.read() == expected
    names = [program.name for program in programs]
    assert names == ["no proxy", "nginx", *(["haproxy"] if haproxy.find() else []), "source-proxy"]


@pytest.mark.skipif(haproxy.find() is None, reason="haproxy is not installed")
def test_haproxy_runs_as_one_program_on_its_port(tmp_path: Path) -> None:
    upstream, port = free_port(), free_port()
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a").write_bytes(b"body")
    (tmp_path / "haproxy.cfg").write_text(haproxy.proxy_config(port, upstream))
    (tmp_path / "upstream").mkdir()
    (tmp_path / "upstream" / "nginx.conf").write_text(nginx.upstream_config(upstream, tmp_path / "files"))
    serve = nginx.command(str(nginx.find()), tmp_path / "upstream" / "nginx.conf")
    between = haproxy.command(str(haproxy.find()), str(tmp_path / "haproxy.cfg"))
    with (
        Program("nginx", serve, upstream, tmp_path / "upstream.log", WHERE.around),
        Program("haproxy", between, port, tmp_path / "haproxy.log", WHERE.measured) as program,
        urllib.request.urlopen(f"{program.url}/a", timeout=30) as answer,  # noqa: S310 - our own
    ):
        assert answer.read() == b"body"
        program.forget_peak()
        assert program.peak_memory() > 1 << 20


@pytest.mark.skipif(shutil.which("wrk") is None, reason="a whole second of load needs a fast client")
def test_a_round_measures_one_target(tmp_path: Path) -> None:
    with ExitStack() as stack:
        *_, proxy = [stack.enter_context(it) for it in passthrough._programs(tmp_path, WHERE)]
        sample = one_round(proxy, Request(f"{proxy.url}/1024"), 1, WHERE)
    assert sample.errors == 0
    assert min(sample.p50, sample.p50_many, sample.throughput, sample.cpu, sample.memory) > 0
