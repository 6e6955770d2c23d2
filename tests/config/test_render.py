from __future__ import annotations

from dataclasses import replace

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from proxy.config import (
    Cache,
    Config,
    Egress,
    GitHub,
    HostPort,
    ListenTls,
    Log,
    Resolver,
    Secret,
    Session,
    Tenancy,
    Tracing,
    Upstream,
    render,
)
from proxy.config.keys import KEYS, MASK
from proxy.config.values import MAX_DURATION_MS, MAX_SIZE
from tests.config.reading import read

LINE = st.text(st.characters(exclude_categories=["Cc", "Cs"])) | st.text(
    st.sampled_from("${}:# '\"*&!-\\|>%@A")
)
TIMEOUT = st.integers(1, MAX_DURATION_MS).map(lambda ms: ms / 1000)
PERIOD = st.integers(0, MAX_DURATION_MS).map(lambda ms: ms / 1000)
HOST = st.from_regex(r"[a-z][a-z0-9_.]{0,20}[a-z0-9]", fullmatch=True)
ADDRESS = st.builds(HostPort, HOST | st.ip_addresses().map(str), st.integers(0, 65535))
BASE_URL = st.builds(
    lambda scheme, host, port, path: URL(str(URL(f"{scheme}://{host}:{port}{path}"))),
    st.sampled_from(["http", "https"]),
    HOST,
    st.sampled_from([80, 443]) | st.integers(1, 65535),
    st.from_regex(r"(/[a-z%][A-Za-z0-9{}$]{0,8}){0,3}", fullmatch=True),
)
CALLBACK = st.just("") | BASE_URL.map(lambda url: f"{url}?a=${{B}}")
PEM_FILES = {"c.pem": "-----BEGIN CERTIFICATE-----", "k.pem": "-----BEGIN PRIVATE KEY-----"}
CONFIGS = st.builds(
    Config,
    listen=ADDRESS,
    admin_listen=ADDRESS,
    shutdown_delay=PERIOD,
    listen_tls=st.sampled_from([ListenTls(), ListenTls("c.pem", "k.pem")]),
    shutdown_grace=PERIOD,
    upstream=st.builds(Upstream, BASE_URL, TIMEOUT, TIMEOUT),
    tenancy=st.builds(Tenancy, st.booleans()),
    github=st.builds(
        GitHub, BASE_URL, BASE_URL, LINE, st.just(Secret("")), CALLBACK, TIMEOUT, st.integers(0, 1_000_000)
    ),
    cache=st.builds(Cache, st.integers(1, MAX_SIZE), PERIOD, PERIOD, PERIOD),
    resolver=st.builds(Resolver, LINE, st.none() | BASE_URL, st.none() | BASE_URL, st.none() | BASE_URL),
    egress=st.builds(Egress, st.booleans()),
    tracing=st.builds(Tracing, st.none() | BASE_URL, st.floats(0, 1), LINE.filter(str.strip)),
    log=st.builds(
        Log, st.sampled_from(["debug", "info", "warning", "error"]), st.sampled_from(["logfmt", "json"])
    ),
).filter(lambda config: config.listen != config.admin_listen)
SECRETS = st.text(min_size=1).map(Secret)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONFIGS)
def test_what_is_rendered_reads_back(config: Config) -> None:
    assert read(render(config), contents=PEM_FILES | {config.resolver.mappings_file: ""}) == config


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CONFIGS, SECRETS, st.lists(SECRETS, max_size=3).map(tuple))
def test_secrets_are_masked_and_the_rest_stays(
    config: Config, client_secret: Secret, secrets: tuple[Secret, ...]
) -> None:
    full = replace(
        config, github=replace(config.github, client_secret=client_secret), session=Session(secrets=secrets)
    )
    again = read(render(full), contents=PEM_FILES | {config.resolver.mappings_file: ""})
    assert again.github.client_secret == Secret(MASK)
    assert again.session.secrets == (Secret(MASK),) * len(secrets)
    assert replace(again, github=config.github, session=config.session) == config


def test_no_secret_is_in_it() -> None:
    config = Config(
        github=GitHub(client_secret=Secret("hunter2")),
        session=Session(secrets=(Secret("hunter2"), Secret("hunter2"))),
        cache=Cache(redis_url=Secret("redis://:hunter2@cache")),
    )
    text = render(config)
    assert "hunter2" not in text
    assert text.count(MASK) == 4


def test_it_is_ascii_and_written_as_a_person_would() -> None:
    text = render(Config(github=GitHub(client_id="J\u00fcrgen\u202e")))
    assert text.isascii()
    assert "max_size: 256MiB\n" in text
    assert "response_timeout: 5m\n" in text
    assert "listen: 0.0.0.0:4041\n" in text


def test_every_key_is_in_it_once() -> None:
    document = yaml.safe_load(render(Config()))
    paths = [
        f"{name}.{key}" if isinstance(value, dict) else name
        for name, value in document.items()
        for key in (value if isinstance(value, dict) else [""])
    ]
    assert paths == list(KEYS)
