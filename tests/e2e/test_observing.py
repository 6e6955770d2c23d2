"""What operators see of the real process: metrics, health, the configuration, the log."""

from __future__ import annotations

import re
import signal

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e import process
from tests.e2e.process import SECRETS, Process, ask

upstream, proxy = process.upstream, process.proxy

DESIGNED = {
    "sourceproxy_request_duration_seconds": "histogram",
    "sourceproxy_inflight_requests": "gauge",
    "sourceproxy_upstream_errors": "counter",
    "sourceproxy_cache_requests": "counter",
    "sourceproxy_cache_evictions": "counter",
    "sourceproxy_cache_entries": "gauge",
    "sourceproxy_cache_size_bytes": "gauge",
    "sourceproxy_cache_max_size_bytes": "gauge",
    "sourceproxy_github_request_duration_seconds": "histogram",
    "sourceproxy_github_rate_limit_limit": "gauge",
    "sourceproxy_github_rate_limit_remaining": "gauge",
    "sourceproxy_github_rate_limit_reset_timestamp_seconds": "gauge",
    "sourceproxy_github_rate_limited": "counter",
    "sourceproxy_sessions": "counter",
    "sourceproxy_source_resolutions": "counter",
    "sourceproxy_build_info": "gauge",
}


def test_the_metrics_are_there_in_prometheus_text(proxy: Process) -> None:
    status, headers, text = proxy.admin("/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain")
    parsed = text_string_to_metric_families(text)
    families = {family.name: family for family in parsed}
    assert {name: families[name].type for name in DESIGNED} == DESIGNED
    assert all(families[name].documentation for name in DESIGNED)
    assert "process_cpu_seconds" in families


def test_the_metrics_are_there_in_open_metrics(proxy: Process) -> None:
    wanted = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    _, headers, text = proxy.admin("/metrics", {"Accept": wanted})
    assert headers["Content-Type"].startswith("application/openmetrics-text")
    parsed = openmetrics.text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # it has none
    families = {family.name for family in parsed}
    assert families >= set(DESIGNED)


def test_requests_are_counted(proxy: Process) -> None:
    connection = proxy.connect()
    for path in ("/a?token=1", "/b", "/querier.v1.QuerierService/Series"):
        assert ask(connection, path)[0] == 200
    connection.close()
    text = proxy.admin("/metrics")[2]
    name = "sourceproxy_request_duration_seconds_count"
    assert f'{name}{{route="other",status_code="200"}} 2.0\n' in text
    assert f'{name}{{route="querier.v1.QuerierService/Series",status_code="200"}} 1.0\n' in text


def test_health_and_configuration(proxy: Process) -> None:
    assert proxy.admin("/-/healthy")[0] == 200
    assert proxy.admin("/-/ready")[0] == 200
    status, _, text = proxy.admin("/-/config")
    assert status == 200
    assert "client_id: id" in text
    assert not any(secret in text for secret in SECRETS.values())
    assert not any(secret in line for secret in SECRETS.values() for line in proxy.lines)


def test_no_answer_says_what_runs_here(proxy: Process) -> None:
    for path in ("/metrics", "/-/nothing"):
        assert "Server" not in proxy.admin(path)[1]
    connection = proxy.connect()
    for path in ("/vcs.v1.VCSService/GithubApp", "/vcs.v1.VCSService/Nothing", "/-/source/nothing"):
        connection.request("POST", path, "{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        assert answer.getheader("Server") is None
        answer.read()
    connection.close()


def test_one_line_a_request_with_its_id_and_nothing_secret(proxy: Process) -> None:
    connection = proxy.connect()
    headers = {
        "Cookie": "pyroscope_git_session=cookie-hush",
        "Authorization": "Bearer token-hush",
        "X-Request-Id": "req-1",
    }
    connection.request("GET", "/a%0Alevel=error?code=query-hush", headers=headers)
    connection.getresponse().read()
    connection.request("POST", "/vcs.v1.VCSService/GithubApp", "{}", {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.end() == 0
    lines = [line for line in proxy.lines if "msg=request" in line]
    assert len(lines) == 2
    assert ' request_id=req-1 method=GET path="/a%0Alevel=error" route=other status=200 ' in lines[0]
    assert re.search(r" request_id=[0-9a-f]{8}-\w+ method=POST path=/vcs.v1.VCSService/GithubApp ", lines[1])
    assert "hush" not in "".join(proxy.lines)
    for line in proxy.lines:
        assert line.startswith("ts=")


def test_large_heads_reach_our_routes_and_what_no_route_takes_is_not_logged(proxy: Process) -> None:
    json_type = {"Content-Type": "application/json"}
    heads = [
        # Browsers keep many cookies for one host, and a person's session is one of them.
        ({"Cookie": "; ".join(f"hush{n}={'x' * 4000}" for n in range(12))}, 200),
        ({f"X-Hush-{n}": "hush" for n in range(200)}, 200),
        # What the parser of our own application refuses and the one in front of it does not.
        ({"Sec-WebSocket-Key1": "hush", "Cookie": "hush"}, 400),
    ]
    for headers, status in heads:
        connection = proxy.connect()
        connection.request("POST", "/vcs.v1.VCSService/GithubApp", "{}", json_type | headers)
        answer = connection.getresponse()
        assert (answer.status, b"hush" in answer.read()) == (status, False)
        connection.close()
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.end() == 0
    assert len([line for line in proxy.lines if "msg=request" in line]) == len(heads)
    assert not [line for line in proxy.lines if "hush" in line or "level=error" in line]
