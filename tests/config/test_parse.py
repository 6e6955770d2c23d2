from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from proxy.config import Config, ConfigFaults, HostPort, ListenTls, Secret
from tests.config.reading import faults, read

SECRET = "hunter2-hunter2-hunter2"


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "{}", "github:\nsession:\n", "session: {secrets: }"]
)
def test_an_empty_document_is_the_defaults(text: str) -> None:
    assert read(text) == Config()


def test_every_section_is_read() -> None:
    config = read(
        """
listen: "[::1]:1"
admin_listen: localhost:2
shutdown_delay: 5s
shutdown_grace: 0s
upstream: {url: http://pyroscope/prefix/, connect_timeout: 500ms, response_timeout: 1m30s}
tenancy: {multitenancy_enabled: true}
github:
  url: https://ghe.example
  api_url: https://ghe.example/api/v3
  client_id: 0123
  client_secret: 1e5
  callback_url: https://grafana.example/callback
  request_timeout: 2s
  rate_limit_reserve: 0
session: {secrets: [one, 'two']}
cache: {max_size: 64KiB, ref_ttl: 1s, access_ttl: 2s, missing_ttl: 0s, redis_url: 'redis://:x@cache/1'}
resolver: {mappings_file: /etc/m.yaml, go_module_proxy: "", python_index: , npm_registry: http://npm}
egress: {allow_private_addresses: yes}
log: {level: WARN, format: json}
""",
        contents={"/etc/m.yaml": "version: v1"},
    )
    assert config.listen == HostPort("::1", 1)
    assert config.admin_listen == HostPort("localhost", 2)
    assert (config.shutdown_delay, config.shutdown_grace) == (5, 0)
    assert (config.upstream.url, config.upstream.connect_timeout) == (URL("http://pyroscope/prefix"), 0.5)
    assert config.upstream.response_timeout == 90
    assert config.tenancy.multitenancy_enabled is True
    assert (config.github.url, config.github.api_url) == (
        URL("https://ghe.example"),
        URL("https://ghe.example/api/v3"),
    )
    assert (config.github.client_id, config.github.client_secret) == ("0123", Secret("1e5"))
    assert config.github.callback_url == "https://grafana.example/callback"
    assert (config.github.request_timeout, config.github.rate_limit_reserve) == (2, 0)
    assert config.session.secrets == (Secret("one"), Secret("two"))
    assert (config.cache.max_size, config.cache.redis_url) == (65536, Secret("redis://:x@cache/1"))
    assert (config.cache.ref_ttl, config.cache.access_ttl, config.cache.missing_ttl) == (1, 2, 0)
    assert config.resolver.mappings_file == "/etc/m.yaml"
    assert (config.resolver.go_module_proxy, config.resolver.python_index) == (None, None)
    assert config.resolver.npm_registry == URL("http://npm")
    assert config.egress.allow_private_addresses is True
    assert (config.log.level, config.log.format) == ("warning", "json")


def test_every_fault_is_told_at_once_in_the_order_of_the_document() -> None:
    text = """\
lisen: a:1
listen: nowhere
upstream:
  url: pyroscope:4040
  connect_timeout: 0s
  connect_timeout: 1s
  response_timeout: 5 minutes
tenancy: [true]
github:
  client_secret: a
  client_secret_file: b
  rate_limit_reserve: "100"
  request_timeout: ${TIMEOUT}
session:
  secrets: one
cache:
  max_size: 256MB
  redis_url_file: /missing
resolver:
  mappings_file: {}
egress:
  allow_private_addresses: perhaps
log: {level: loud, format: !x json}
"""
    assert faults(text, overrides={"listen": "x", "upstream.url": "y"}) == [
        "line 1: lisen: unknown key (did you mean listen?)",
        "line 2: listen: 'nowhere' is no HOST:PORT, like 0.0.0.0:4041, localhost:4041 or [::]:4041",
        "line 4: upstream.url: must start with http:// or https://",
        "line 5: upstream.connect_timeout: '0s' must be longer than zero",
        "line 6: upstream.connect_timeout: given twice, first on line 5; keep one",
        (
            "line 7: upstream.response_timeout: '5 minutes' is no duration: "
            "write whole numbers with units, like 500ms, 30s, 1m30s or 8h"
        ),
        "line 8: tenancy: must be a mapping, with keys such as multitenancy_enabled",
        "line 11: github.client_secret: given on line 10 and as client_secret_file here; keep one",
        "line 12: github.rate_limit_reserve: '100' is no whole number (write it without quotes)",
        (
            "line 13: github.request_timeout: '${TIMEOUT}' needs TIMEOUT from the environment, which is not"
            " set (set it, or give a default as in ${TIMEOUT:-default})"
        ),
        "line 15: session.secrets: must be a list, one item per line after a dash",
        (
            "line 17: cache.max_size: '256MB' is no size: "
            "write a whole number with KiB, MiB or GiB, like 256MiB, or plain bytes"
        ),
        "line 18: cache.redis_url_file: cannot be read: No such file or directory",
        "line 20: resolver.mappings_file: must be a single value, not a list or a mapping",
        "line 22: egress.allow_private_addresses: 'perhaps' is not true or false",
        "line 23: log.level: 'loud' is none of debug, info, warning, error",
        "line 23: log.format: 'json' has a tag, which is not understood here (quote a text with a !)",
        "--listen: 'x' is no HOST:PORT, like 0.0.0.0:4041, localhost:4041 or [::]:4041",
        "--upstream-url: must start with http:// or https://",
    ]


def test_flags_and_the_environment_are_checked_even_when_the_document_is_not_yaml() -> None:
    assert faults("a: [", {"GITHUB_CLIENT_ID": "a\nb"}, overrides={"admin_listen": "x"}) == [
        "line 1: is not YAML: while parsing a flow node, expected the node content, but found '<stream end>'",
        "github.client_id: GITHUB_CLIENT_ID from the environment holds a control character",
        "--admin-listen: 'x' is no HOST:PORT, like 0.0.0.0:4041, localhost:4041 or [::]:4041",
    ]


def test_variables_are_expanded_and_then_typed() -> None:
    environ = {
        "MULTI": "true",
        "TTL": "2m",
        "RESERVE": "7",
        "HOST": "pyroscope",
        "COLON": "a: b\nlisten: x:1",
    }
    config = read(
        """
upstream: {url: "http://${HOST}:${PORT:-4040}"}
tenancy: {multitenancy_enabled: "${MULTI:-false}"}
github:
  rate_limit_reserve: ${RESERVE}
  client_id: '$${HOST}'
cache: {ref_ttl: "${TTL}"}
session: {secrets: ["${COLON}", "${OLD:-}", "x${OLD:-}"]}
resolver: {python_index: "${INDEX:-}"}
""",
        environ,
    )
    assert config.upstream.url == URL("http://pyroscope:4040")
    assert config.tenancy.multitenancy_enabled is True
    assert (config.github.rate_limit_reserve, config.github.client_id) == (7, "${HOST}")
    assert config.cache.ref_ttl == 120
    assert config.session.secrets == (Secret("a: b\nlisten: x:1"), Secret("x"))
    assert config.resolver.python_index is None
    assert config.listen == Config().listen


def test_what_a_variable_held_is_not_shown() -> None:
    told = faults("log:\n  level: ${LEVEL}\n", {"LEVEL": SECRET})
    assert told == ["line 2: log.level: '${LEVEL}' is none of debug, info, warning, error"]


def test_one_address_cannot_serve_both() -> None:
    assert faults("listen: a:1\nadmin_listen: a:1") == [
        "admin_listen: must not be the same address as listen"
    ]


def test_the_files_of_tls_come_together_and_are_looked_into() -> None:
    files = {"c": "-----BEGIN CERTIFICATE-----", "k": "-----BEGIN EC PRIVATE KEY-----", "x": "word"}
    tls = "listen_tls: {cert_file: %s, key_file: %s}"
    assert read(tls % ("c", "k"), contents=files).listen_tls == ListenTls("c", "k")
    assert faults(tls % ("c", "''"), contents=files) == [
        "listen_tls.key_file: is missing, while listen_tls.cert_file is given"
    ]
    assert faults(tls % ("''", "k"), contents=files) == [
        "listen_tls.cert_file: is missing, while listen_tls.key_file is given"
    ]
    assert faults(tls % ("x", "c"), contents=files) == [
        "line 1: listen_tls.cert_file: x: holds no certificate in PEM form",
        "line 1: listen_tls.key_file: c: holds no private key in PEM form",
    ]
    (gone, _) = faults(tls % ("gone", "gone"), contents=files)
    assert gone == "line 1: listen_tls.cert_file: gone: cannot be read: No such file or directory"


def test_a_fault_in_a_list_tells_its_item_and_line() -> None:
    text = "session:\n  secrets:\n    - a\n    - [b]\n    - ${UNSET}\n"
    told = faults(text)
    assert told[0] == "line 4: session.secrets[1]: must be a single value, not a list or a mapping"
    assert told[1].startswith("line 5: session.secrets[2]: needs UNSET")


@pytest.mark.parametrize(
    "text",
    [
        f"github: {{client_secret: [{SECRET}]}}",
        f"github: {{client_secret: {{a: {SECRET}}}}}",
        f"github: {{client_secret: !{SECRET} {SECRET}}}",
        f'github: {{client_secret: "{SECRET}\\n{SECRET}"}}',
        f"github: {{client_secret: '{SECRET}${{'}}",
        f"github: {{client_secret: '${{UNSET}}{SECRET}'}}",
        f"github: {{client_secret_file: {SECRET}}}",
        f"github: {{client_secret: *{SECRET}}}",
        f"github: {{url: 'https://user:{SECRET}@host'}}",
        f"upstream: {{url: '{SECRET}'}}",
        f"session: {SECRET}",
        f"session: [{SECRET}]",
        f"session: {{secrets: {SECRET}}}",
        f"session: {{secrets: {{a: {SECRET}}}}}",
        f"session: {{secrets: [[{SECRET}], *{SECRET}]}}",
        f"session: {{secrets_file: {SECRET}}}",
        f"cache: {{redis_url: '{SECRET}'}}",
        f"cache: {{redis_url: 'redis://:{SECRET}@host:x'}}",
    ],
)
def test_no_fault_repeats_a_secret(text: str) -> None:
    with pytest.raises(ConfigFaults) as caught:
        read(text)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


KEY = st.sampled_from(
    ["listen", "github", "session", "cache", "log", "client_secret", "secrets", "secrets_file", "x"]
)
DOCUMENT = st.recursive(
    st.text(max_size=5) | st.integers() | st.booleans() | st.none() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENT)
def test_any_document_ends_in_a_configuration_or_in_faults(document: object) -> None:
    try:
        outcome: object = read(json.dumps(document))
    except ConfigFaults as error:
        outcome = error.faults
    assert isinstance(outcome, Config) or outcome
