"""GetFile is measured on a real proxy with a session, and what is measured is an answer."""

from __future__ import annotations

import base64
import json
import os
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench import __main__ as command
from bench import load, nginx, sample, sources
from bench.getfile import NotAnsweredError, _static, run_cold, warm
from bench.targets import places

if TYPE_CHECKING:
    from pathlib import Path

WHERE = places(os.sched_getaffinity(0))


def test_the_sample_answers_and_shows_no_session(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with sample.running(tmp_path, WHERE) as target:
        body = warm(target)
        assert base64.b64decode(json.loads(body)["content"]) == sources.content_of(0)
        assert target.cookie not in repr(target)
        assert target.cpu_seconds() > 0
        assert target.peak_memory() > 1 << 20
        with pytest.raises(NotAnsweredError, match="HTTP 401"):
            warm(replace(target, cookie="x"))
        with pytest.raises(NotAnsweredError, match="HTTP 404"):
            warm(replace(target, question={**target.question, "localPath": "gone.rb"}))
        run_cold(target, sample.every_question(target)[1:4])
        assert "3 files that nobody asked for before" in capsys.readouterr().out
        run = load.run(target.request(), 2, 0.2, WHERE.around)
        assert run.requests > 0
        assert run.errors == 0
    with pytest.raises(NotAnsweredError):
        warm(target)


@pytest.mark.skipif(nginx.find() is None, reason="nginx is not installed")
def test_nginx_gives_out_the_same_bytes(tmp_path: Path) -> None:
    with (
        _static(str(nginx.find()), tmp_path / "static", b"body", WHERE) as program,
        urllib.request.urlopen(f"{program.url}/answer", timeout=30) as answer,  # noqa: S310 - our own
    ):
        assert answer.read() == b"body"


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        ([], "all"),
        (["all"], "all"),
        (["passthrough"], "passthrough"),
        (["--rounds", "1", "getfile"], "getfile"),
    ],
)
def test_without_a_word_everything_is_measured(arguments: list[str], what: str) -> None:
    assert command._parser().parse_args(arguments).what == what


def test_a_proxy_that_runs_has_to_be_described(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command._parser().parse_args(["known"])
    assert "--cookie-file" in capsys.readouterr().err
