from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

import proxy
from proxy import cli
from proxy.config import Config, HostPort, Secret, parse
from proxy.reloading.source import MAX_FILE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLE = str(Path(__file__).parent.parent / "config.example.yaml")


@pytest.fixture(autouse=True)
def environ(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith(("GITHUB_", "SOURCEPROXY_"))]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _root_logger() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], str]:
    def to_file(text: str) -> str:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return to_file


class Runs:
    """Stands for what a command starts: keeps what it was started with, and ends as it is told."""

    def __init__(self, end: int | BaseException = 0) -> None:
        self.end = end
        self.calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def __call__(self, *args: Any, **kwargs: Any) -> int:
        self.calls.append((args, kwargs))
        if isinstance(self.end, BaseException):
            raise self.end
        return self.end


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    module = ModuleType("proxy.serving")
    module.__dict__["serve"] = runs
    monkeypatch.setitem(sys.modules, "proxy.serving", module)
    return runs


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    module = ModuleType("proxy.demo.run")
    module.__dict__["run"] = runs
    monkeypatch.setitem(sys.modules, "proxy.demo.run", module)
    return runs


class TestUsage:
    @pytest.mark.parametrize(
        "argv",
        [
            [],
            ["nonsense"],
            ["serve", "x"],
            ["serve", "--port", "1"],
            ["serve", "--conf", "x"],
            ["check-config"],
        ],
    )
    def test_wrong_usage_exits_with_2(self, argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(argv)
        assert caught.value.code == 2
        assert "usage: pyroscope-source-proxy" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("argv", "words"),
        [
            (["--help"], ["serve", "demo", "check-config", "examples:", "exit codes:"]),
            (
                ["serve", "--help"],
                ["--config", "--listen", "--admin-listen", "--upstream-url", "GITHUB_SESSION_SECRET"],
            ),
            (["demo", "--help"], ["--listen", "Ctrl-C"]),
            (["check-config", "--help"], ["FILE", "masked"]),
            (["doctor", "--help"], ["--config", "--json", "kubectl exec", "Exits with 1"]),
        ],
    )
    def test_help(self, argv: list[str], words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            cli.main(argv)
        assert caught.value.code == 0
        out = capsys.readouterr().out
        assert [word for word in words if word not in out] == []
        assert max(map(len, out.splitlines())) <= 110

    @pytest.mark.parametrize(("revision", "shown"), [("", "(Python"), ("abc123", "(revision abc123, Python")])
    def test_version(
        self, revision: str, shown: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(cli.REVISION_VARIABLE, revision)
        with pytest.raises(SystemExit) as caught:
            cli.main(["--version"])
        assert caught.value.code == 0
        assert capsys.readouterr().out.startswith(f"pyroscope-source-proxy {proxy.__version__} {shown}")


class TestCheckConfig:
    def test_it_prints_what_the_configuration_amounts_to(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["check-config", EXAMPLE]) == 0
        out, err = capsys.readouterr()
        assert parse(out, {}, read_file=str) == Config()
        assert err == ""

    def test_secrets_are_masked_and_warnings_apart(
        self, write: Callable[[str], str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_SESSION_SECRET", "hunter2")
        file = write("github: {client_secret: hunter2}")
        assert cli.main(["check-config", file]) == 0
        out, err = capsys.readouterr()
        assert "hunter2" not in out + err
        assert out.count("***") == 2
        assert [line.partition(": ")[0] for line in err.splitlines()] == [file, file]
        assert err.startswith(f"{file}: warning: nobody can log in with GitHub: github.client_id missing")

    def test_every_fault_is_printed(
        self, write: Callable[[str], str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = write("lisen: a\nlog:\n  format: xml\n")
        assert cli.main(["check-config", file]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == [
            f"pyroscope-source-proxy: {file}: line 1: lisen: unknown key (did you mean listen?)",
            f"pyroscope-source-proxy: {file}: line 3: log.format: 'xml' is none of logfmt, json",
            "pyroscope-source-proxy: 2 faults in the configuration",
        ]

    def test_a_file_that_is_not_there(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["check-config", str(tmp_path / "none.yaml")]) == 2
        assert capsys.readouterr().err == (
            f"pyroscope-source-proxy: cannot read {tmp_path}/none.yaml: No such file or directory\n"
        )

    @pytest.mark.parametrize(
        ("content", "reason"),
        [(b"listen: \xff", "it is not text in UTF-8"), (b"#" * (MAX_FILE_BYTES + 1), "File too large")],
    )
    def test_a_file_that_cannot_be_one(
        self, content: bytes, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "config.yaml"
        path.write_bytes(content)
        assert cli.main(["check-config", str(path)]) == 2
        assert capsys.readouterr().err == f"pyroscope-source-proxy: cannot read {path}: {reason}\n"

    def test_a_directory(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["check-config", str(tmp_path)]) == 2
        assert capsys.readouterr().err.endswith(": Is a directory\n")

    def test_secrets_come_from_files_and_a_byte_order_mark_does_no_harm(
        self, write: Callable[[str], str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "secret").write_bytes(b"\xef\xbb\xbf0123456789abcdef\n")
        assert cli.main(["check-config", write(f"\ufeffsession:\n  secrets_file: {tmp_path}/secret\n")]) == 0
        assert "secrets:\n  - '***'\n" in capsys.readouterr().out


class TestServe:
    def test_without_a_file_defaults_and_environment_hold(
        self, app: Runs, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GITHUB_SESSION_SECRET", "from the environment")
        monkeypatch.setenv(cli.REVISION_VARIABLE, "abc123")
        assert cli.main(["serve"]) == 0
        (((config, _), kwargs),) = app.calls
        assert config.session.secrets == (Secret("from the environment"),)
        assert config.listen == Config().listen
        assert kwargs == {"revision": "abc123"}

    def test_flags_beat_the_file(self, app: Runs, write: Callable[[str], str]) -> None:
        file = write("listen: a:1\nadmin_listen: b:2\nupstream: {url: http://c, connect_timeout: 1s}")
        flags = ["--listen", "localhost:0", "--upstream-url", "http://d:4040/prefix/"]
        assert cli.main(["serve", "--config", file, *flags]) == 0
        config = app.calls[0][0][0]
        assert (config.listen, config.admin_listen) == (HostPort("localhost", 0), HostPort("b", 2))
        assert (config.upstream.url, config.upstream.connect_timeout) == (URL("http://d:4040/prefix"), 1)

    def test_faults_of_file_and_flags_are_told_together(
        self, app: Runs, write: Callable[[str], str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        file = write("listen: nowhere\n")
        assert cli.main(["serve", "--config", file, "--admin-listen", "x", "--upstream-url", ""]) == 2
        told = capsys.readouterr().err.splitlines()
        assert app.calls == []
        address = "is no HOST:PORT, like 0.0.0.0:4041, localhost:4041 or [::]:4041"
        assert told[:-1] == [
            f"pyroscope-source-proxy: {file}: line 1: listen: 'nowhere' {address}",
            f"pyroscope-source-proxy: --admin-listen: 'x' {address}",
            "pyroscope-source-proxy: --upstream-url: must start with http:// or https://",
        ]
        assert told[-1] == "pyroscope-source-proxy: 3 faults in the configuration"

    def test_one_fault_is_counted_as_one(self, app: Runs, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["serve", "--listen", "x"]) == 2
        assert (
            capsys.readouterr().err.splitlines()[-1] == "pyroscope-source-proxy: 1 fault in the configuration"
        )
        assert app.calls == []

    def test_warnings_are_logged_as_configured(
        self, app: Runs, write: Callable[[str], str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["serve", "--config", write("github: {client_id: id}\nlog: {format: json}")]) == 0
        (line,) = capsys.readouterr().err.splitlines()
        assert '"level":"warning"' in line
        assert "nobody can log in with GitHub" in line
        assert len(app.calls) == 1

    def test_the_code_of_the_application_is_handed_on(self, app: Runs) -> None:
        app.end = 1
        assert cli.main(["serve"]) == 1

    def test_a_port_that_is_taken_is_told_without_a_traceback(
        self, app: Runs, capsys: pytest.CaptureFixture[str]
    ) -> None:
        app.end = OSError("listen: 0.0.0.0:4041 is in use")
        assert cli.main(["serve"]) == 1
        assert (
            capsys.readouterr().err
            == "pyroscope-source-proxy: could not run: listen: 0.0.0.0:4041 is in use\n"
        )

    def test_an_interrupt_is_quiet(self, app: Runs, capsys: pytest.CaptureFixture[str]) -> None:
        app.end = KeyboardInterrupt()
        assert cli.main(["serve"]) == 130
        assert capsys.readouterr() == ("", "")


class TestDemo:
    def test_it_runs_where_it_likes(self, demo: Runs) -> None:
        assert cli.main(["demo"]) == 0
        assert demo.calls == [((), {"listen": None})]

    @pytest.mark.parametrize("address", [HostPort("127.0.0.1", 5000), Config().admin_listen])
    def test_it_runs_where_it_is_told(self, demo: Runs, address: HostPort) -> None:
        assert cli.main(["demo", "--listen", str(address)]) == 0
        assert demo.calls == [((), {"listen": address})]

    def test_a_faulty_address_is_told(self, demo: Runs, capsys: pytest.CaptureFixture[str]) -> None:
        assert cli.main(["demo", "--listen", "4041"]) == 2
        told = capsys.readouterr().err
        assert told.startswith("pyroscope-source-proxy: --listen: '4041' is no HOST:PORT")
        assert told.endswith("pyroscope-source-proxy: 1 fault in the configuration\n")
        assert demo.calls == []
