"""Opening what is shared: what is missing is said at the start, what comes later is waited for behind."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
import trustme
from prometheus_client import CollectorRegistry

from proxy.cache import open_shared
from proxy.cache.shared.dialing import _translated, dialer
from proxy.cache.shared.limits import Reason
from proxy.cache.shared.wire import RefusedError
from proxy.config.model import Secret
from proxy.live import Live
from proxy.metrics import Metrics
from tests.cache.shared.conftest import until
from tests.fakes.programs import redis_server

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faults.around.redis import RedisServer
    from tests.cache.shared.conftest import Replicas

URL = Secret("redis://:hunter2@127.0.0.1:1/0")
SECRETS = (Secret("a session secret"),)


def metrics() -> Metrics:
    return Metrics(CollectorRegistry(), version="0", revision="0")


@pytest.mark.parametrize(
    ("url", "secrets"), [(Secret(""), SECRETS), (URL, ()), (URL, (Secret(""),)), (Secret(""), ())]
)
async def test_nothing_to_share(url: Secret, secrets: tuple[Secret, ...]) -> None:
    async with open_shared(url, Live(secrets), metrics()) as store:
        assert store is None


async def test_a_missing_package_is_said_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(OSError, match=r"pip install 'pyroscope-source-proxy\[redis\]'"):
        async with open_shared(URL, Live(SECRETS), metrics()):
            pass


@pytest.mark.parametrize(
    "url",
    [
        "redis://:hunter2@127.0.0.1:1/0?hunter2=1",
        "redis://:hunter2@127.0.0.1:1/0?socket_timeout=hunter2",
        "http://:hunter2@127.0.0.1",
    ],
)
def test_a_url_that_the_client_does_not_take_is_said_without_the_password(url: str) -> None:
    with pytest.raises(OSError, match=r"^cache\.redis_url: the Redis client takes no such URL") as caught:
        dialer(Secret(url))
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_every_series_is_there_from_the_start() -> None:
    shown = metrics()
    async with open_shared(Secret(""), Live(()), shown):
        for reason in Reason:
            value = shown.registry.get_sample_value(
                "sourceproxy_shared_cache_errors_total", {"reason": reason.value}
            )
            assert value == 0


async def test_options_of_the_url_cannot_take_the_bytes_away(server: RedisServer, replicas: Replicas) -> None:
    url = f"{server.url}?decode_responses=true&socket_timeout=0.001"
    one, other = await replicas.ready(url), await replicas.ready(url)
    one.named().put("key", b"\xff")
    await one.settled()
    assert await other.named().find("key") == b"\xff"


async def test_over_tls(replicas: Replicas, tmp_path: Path, unused_tcp_port: int) -> None:
    authority = trustme.CA()
    certificate, ca = tmp_path / "redis.pem", tmp_path / "ca.pem"
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(certificate)
    authority.cert_pem.write_to_path(ca)
    options = ("--tls-port", str(unused_tcp_port), "--tls-auth-clients", "no", "--tls-ca-cert-file", str(ca))
    files = ("--tls-cert-file", str(certificate), "--tls-key-file", str(certificate))
    async with redis_server(*options, *files):
        url = f"rediss://localhost:{unused_tcp_port}"
        one, other = [await replicas.ready(f"{url}?ssl_ca_certs={ca}") for _ in range(2)]
        one.named().put("key", b"x")
        await one.settled()
        assert await other.named().find("key") == b"x"
        unknown = await replicas.open(url)
        await until(lambda: "connection" in unknown.errors())
        assert not unknown.store.up


async def test_over_tcp(replicas: Replicas, unused_tcp_port: int) -> None:
    async with redis_server("--port", str(unused_tcp_port), password="hunter2"):
        url = f"redis://:hunter2@127.0.0.1:{unused_tcp_port}/3"
        one, other = await replicas.ready(url), await replicas.ready(f"{url}?protocol=3")
        one.named().put("key", b"x")
        await one.settled()
        assert await other.named().find("key") == b"x"


@pytest.mark.parametrize(
    ("answer", "kind", "reason", "word"),
    [
        ("OOM command not allowed", RefusedError, Reason.FULL, "OOM"),
        ("WRONGTYPE Operation against a key", RefusedError, Reason.GARBLED, "WRONGTYPE"),
        ("NOPERM User default has no permissions", RefusedError, Reason.REFUSED, ""),
        ("ERR unknown command", RefusedError, Reason.REFUSED, ""),
        ("secret-value-of-somebody", RefusedError, Reason.REFUSED, "ERR"),
        ("LOADING Redis is loading", Exception, Reason.REFUSED, "LOADING"),
        ("NOAUTH Authentication required.", Exception, Reason.REFUSED, "NOAUTH"),
        ("WRONGPASS invalid username-password pair", Exception, Reason.REFUSED, "NOAUTH"),
        ("READONLY You can't write", Exception, Reason.REFUSED, "READONLY"),
        ("MOVED 3999 127.0.0.1:6381", Exception, Reason.REFUSED, "MOVED"),
        ("CLUSTERDOWN Hash slot not served", Exception, Reason.REFUSED, "CLUSTERDOWN"),
        ("MASTERDOWN Link with MASTER is down", Exception, Reason.REFUSED, ""),
        ("ERR max number of clients reached", Exception, Reason.CONNECTION, ""),
    ],
)
def test_what_redis_says_keeps_its_meaning(
    answer: str, kind: type[Exception], reason: Reason, word: str
) -> None:
    from redis._parsers.base import BaseParser

    parse: Callable[[str], Exception] = BaseParser.parse_error
    error = _translated(parse(answer))
    assert isinstance(error, RefusedError) == (kind is RefusedError)
    assert error.reason is reason
    assert not word or error.word == word
    assert "somebody" not in f"{error}{error!r}"
