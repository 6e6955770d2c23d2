"""A real Prometheus scrapes a real proxy under load: each metric, each rule, each query of the dashboard."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
import yaml

from proxy.demo.github import StandIn
from tests.deploy.monitoring.catalog import selectors
from tests.deploy.monitoring.dashboard import expressions
from tests.deploy.monitoring.prometheus import Prometheus, running_prometheus
from tests.deploy.monitoring.rules import promtool, records, rules
from tests.e2e.load import Person, constant_load, log_in, passed, pushed
from tests.e2e.process import Process, running_proxy, running_upstream
from tests.fakes.github import GitRepository
from tests.fakes.programs import path_of
from tests.fakes.system import SECRET, SHOP
from tests.test_metrics_docs import documented

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LABELS = {"cluster": "eu", "namespace": "profiling", "job": "source-proxy"}
CART = "cart/cart.go"
CONTENT = "package cart\n"
NOT_IN_THIS_LOAD = {"4..", "5..", "5..|timeout|error"}
"""What matchers ask for that only comes when something fails."""


@pytest.fixture
async def github(tmp_path: Path) -> AsyncIterator[StandIn]:
    shop = GitRepository(tmp_path / "shop")
    shop.commit({CART: CONTENT})
    async with StandIn() as stand_in:
        stand_in.add_user("ada")
        stand_in.add_repository("acme", "shop", shop.path)
        yield stand_in


def written(folder: Path, github: StandIn) -> Path:
    """The configuration: with a Redis that is not there, so that its errors are seen too."""
    file = folder / "config.yaml"
    app = {"client_id": github.client_id, "client_secret": github.client_secret}
    settings = {
        "github": {"url": github.web_url, "api_url": github.api_url, **app},
        "session": {"secrets": [SECRET]},
        "cache": {"redis_url": f"unix://{folder / 'nobody'}"},
    }
    file.write_text(yaml.safe_dump(settings))
    return file


async def test_prometheus_sees_all_of_it(github: StandIn, tmp_path: Path) -> None:
    path_of("prometheus")
    await asyncio.to_thread(scrape_under_load, github, tmp_path)


def scrape_under_load(github: StandIn, folder: Path) -> None:
    config, environ = str(written(folder, github)), os.environ | {"SOURCEPROXY_REVISION": "abc"}
    with (
        running_upstream() as upstream,
        running_proxy("--config", config, upstream=upstream, environ=environ) as proxy,
        running_prometheus(folder, f"127.0.0.1:{proxy.admin_port}", LABELS) as prometheus,
    ):
        connection = proxy.connect()
        cookie = log_in(connection, github, "ada")
        connection.close()
        person = Person(cookie, {"repositoryURL": SHOP, "ref": "main", "localPath": CART}, CONTENT.encode())
        with constant_load(proxy.connect, [passed, pushed, person]) as load:
            load.more(20)
            # Twice, so that there are rates.
            scraped = "count_over_time(sourceproxy_build_info[1m]) >= 3"
            prometheus.wait_until(lambda: prometheus.query(scraped), "the proxy")
            prometheus.wait_until(lambda: records_there(prometheus), "what is recorded")
        assert load.failures == []
        check_metrics(prometheus, proxy)
        check_rules(prometheus)
        check_queries(prometheus)


def records_there(prometheus: Prometheus) -> bool:
    """Whether everything that is recorded has been, from scrapes that saw every kind of request."""
    names = prometheus.ask("label/__name__/values")
    return set(records()) <= set(names)


def check_metrics(prometheus: Prometheus, proxy: Process) -> None:
    there, metadata = set(prometheus.ask("label/__name__/values")), prometheus.ask("metadata")
    for name, (kind, labels) in documented().items():
        series = f"{name}_count" if kind == "histogram" else name
        assert series in there, name
        # It asks for OpenMetrics, where families of counters are named without "_total".
        assert metadata[name.removesuffix("_total")][0]["type"] == kind
        (first, *_) = prometheus.seen(series)
        assert set(first["metric"]) == {*labels, "__name__", "instance", *LABELS}
    promtool("check", "metrics", stdin=proxy.admin("/metrics")[2])


def check_rules(prometheus: Prometheus) -> None:
    evaluated = prometheus.rules()
    assert len(evaluated) == len(list(rules()))
    assert {rule["health"] for rule in evaluated} == {"ok"}, evaluated
    assert not [rule["name"] for rule in evaluated if rule.get("state") == "firing"]


def check_queries(prometheus: Prometheus) -> None:
    for expression in (*expressions(), *(rule["expr"] for rule in rules())):
        prometheus.query(expression)
        for selector in selectors(expression):
            # Also the values that are asked for are there, not only names and labels.
            if not {matcher.value for matcher in selector.matchers.matchers} & NOT_IN_THIS_LOAD:
                series = selector.prettify().partition(" offset ")[0]
                assert prometheus.seen(series), series
