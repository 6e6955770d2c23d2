from __future__ import annotations

import pytest
from yarl import URL

from proxy.config import Config, ConfigFaults, HostPort, Secret, parse
from tests.config.reading import faults, read

SECRET = "hunter2-hunter2-hunter2"


class TestFiles:
    def test_a_secret_is_read_without_the_line_breaks_at_its_end(self) -> None:
        config = read(
            "github: {client_secret_file: /a}\ncache: {redis_url_file: '${DIR}/b'}",
            {"DIR": "/dir"},
            {"/a": " secret \r\n\n", "/dir/b": "redis://cache\n"},
        )
        assert config.github.client_secret == Secret(" secret ")
        assert config.cache.redis_url == Secret("redis://cache")

    def test_session_secrets_stand_one_on_a_line(self) -> None:
        config = read("session: {secrets_file: /s}", {}, {"/s": "new one\r\n\nold\n  \n"})
        assert config.session.secrets == (Secret("new one"), Secret("old"))

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("github: {client_secret_file: /none}", "cannot be read: No such file or directory"),
            ("github: {client_secret_file: /empty}", "names an empty file"),
            ("github: {client_secret_file: ''}", "names no file"),
            ("github: {client_secret_file: }", "names no file"),
            ("github: {client_secret_file: [a]}", "must be a single value, not a list or a mapping"),
            ("github: {client_secret_file: /two}", "holds a control character"),
        ],
    )
    def test_what_cannot_be_read_is_a_fault(self, text: str, message: str) -> None:
        told = faults(text, {}, {"/empty": " \n", "/two": "a\nb\n"})
        assert told == [f"line 1: github.client_secret_file: {message}"]

    @pytest.mark.parametrize(
        ("error", "message"),
        [
            (PermissionError(13, "Permission denied", "/x"), "cannot be read: Permission denied"),
            (OSError(SECRET), "cannot be read: the system gives no reason"),
            (UnicodeDecodeError("utf-8", b"\xff", 0, 1, SECRET), "cannot be read: it is not text in UTF-8"),
            (ValueError("embedded null byte"), "cannot be read: it is not text in UTF-8"),
        ],
    )
    def test_what_reading_raises_is_a_fault(self, error: Exception, message: str) -> None:
        def failing(_name: str) -> str:
            raise error

        with pytest.raises(ConfigFaults) as caught:
            parse("session:\n  secrets_file: x", {}, read_file=failing)
        assert str(caught.value) == f"line 2: session.secrets_file: {message}"


class TestMappingsFile:
    TEXT = "log: {level: info}\nresolver:\n  mappings_file: ${DIR:-/etc}/m.yaml\n"

    @pytest.mark.parametrize("content", ["", "version: v1", "source_code: {mappings: []}"])
    def test_a_valid_one(self, content: str) -> None:
        assert read(self.TEXT, {}, {"/etc/m.yaml": content}).resolver.mappings_file == "/etc/m.yaml"

    def test_none(self) -> None:
        assert read("resolver: {mappings_file: ''}").resolver.mappings_file == ""

    @pytest.mark.parametrize(
        ("contents", "messages"),
        [
            ({}, ["cannot be read: No such file or directory"]),
            (
                {"/etc/m.yaml": "version: v9\nsource_code: {mappings: [1]}"},
                [
                    "version: 'v9' is not supported, write v1",
                    "mapping[0]: write path or function_name, language and source",
                ],
            ),
            ({"/etc/m.yaml": "["}, ["line 2: did not find expected node content"]),
        ],
    )
    def test_all_its_faults_are_told_beside_the_others(
        self, contents: dict[str, str], messages: list[str]
    ) -> None:
        told = faults(self.TEXT + "  nonsense: 1\n", {}, contents)
        expected = [f"line 3: resolver.mappings_file: ${{DIR:-/etc}}/m.yaml: {it}" for it in messages]
        assert told == [*expected, "line 4: resolver.nonsense: unknown key"]


class TestEnvironment:
    ENVIRON = {  # noqa: RUF012 - read only
        "GITHUB_CLIENT_ID": "id",
        "GITHUB_CLIENT_SECRET": "secret",
        "GITHUB_SESSION_SECRET": "session secret\n",
        "GITHUB_CALLBACK_URL": "https://grafana.example/callback",
    }

    def test_it_fills_what_the_document_leaves_out(self) -> None:
        config = read("", self.ENVIRON)
        assert (config.github.client_id, config.github.client_secret) == ("id", Secret("secret"))
        assert config.github.callback_url == "https://grafana.example/callback"
        # Pyroscope takes the variable as it is, a line break at its end included.
        assert config.session.secrets == (Secret("session secret\n"),)
        assert config.github_app_configured

    def test_the_document_beats_it(self) -> None:
        text = """
github: {client_id: mine, client_secret_file: /f, callback_url: ""}
session: {secrets: []}
"""
        config = read(text, self.ENVIRON, {"/f": "mine too"})
        assert (config.github.client_id, config.github.client_secret) == ("mine", Secret("mine too"))
        assert (config.github.callback_url, config.session.secrets) == ("", ())

    def test_empty_variables_fill_nothing(self) -> None:
        assert read("", dict.fromkeys(self.ENVIRON, "")) == Config()

    def test_its_faults_name_the_variable_and_not_the_value(self) -> None:
        told = faults("", {"GITHUB_CALLBACK_URL": SECRET, "GITHUB_SESSION_SECRET": f"{SECRET}\udcff"})
        assert told == [
            "github.callback_url: GITHUB_CALLBACK_URL from the environment must start with http:// or https://",
            "session.secrets: GITHUB_SESSION_SECRET from the environment is not valid UTF-8",
        ]


class TestFlags:
    def test_they_beat_the_document(self) -> None:
        overrides = {"listen": "localhost:0", "admin_listen": "localhost:0", "upstream.url": "http://b/"}
        config = read("listen: a:1\nupstream: {url: http://a, connect_timeout: 1s}", overrides=overrides)
        assert (config.listen, config.admin_listen) == (HostPort("localhost", 0), HostPort("localhost", 0))
        assert (config.upstream.url, config.upstream.connect_timeout) == (URL("http://b"), 1)

    def test_variables_are_not_expanded_in_them(self) -> None:
        assert faults("", {"A": "a:1"}, overrides={"listen": "${A}"}) == [
            "--listen: '${A}' is no HOST:PORT, like 0.0.0.0:4041, localhost:4041 or [::]:4041"
        ]
