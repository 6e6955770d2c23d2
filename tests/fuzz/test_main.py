"""The command: it runs atheris where that is installed, and says what to do where it is not."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from fuzz.__main__ import main

ROOT = Path(__file__).parent.parent.parent
HAS_ATHERIS = importlib.util.find_spec("atheris") is not None


def fuzz(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fuzz", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_an_unknown_target_is_refused_with_those_that_there_are() -> None:
    done = fuzz("gomid")
    assert done.returncode == 2
    assert "there is no target gomid" in done.stderr
    assert "gomod" in done.stderr


def test_without_atheris_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "atheris", None)
    assert main(["gomod"]) == 2
    assert "pip install 'pyroscope-source-proxy[fuzz]'" in capsys.readouterr().err


@pytest.mark.skipif(not HAS_ATHERIS, reason="needs atheris, the extra fuzz")
def test_a_target_is_fuzzed_from_its_corpus_on() -> None:
    done = fuzz("gomod", "--seconds", "1")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("gomod: ")
    assert " inputs tried" in done.stdout
