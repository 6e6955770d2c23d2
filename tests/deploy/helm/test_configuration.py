"""The configuration that the chart writes is what the proxy reads, with the files that the pod has."""

from __future__ import annotations

import base64
import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import trustme
import yaml

from proxy.config import Config, Secret, parse, warnings
from proxy.config.keys import FILE_KEYS, KEYS
from tests.deploy.helm.chart import CHART, CI_VALUES, ROOT, Helm, Object, Objects, RefusedError, values_of

if TYPE_CHECKING:
    from pathlib import Path

FILLED = [path for path in CI_VALUES if not values_of(path).get("existingConfigMap")]
ETC = "/etc/pyroscope-source-proxy"
OPERATORS = {
    "client_secret": "operators-client-secret",
    "session_secret": "operators-session-secret\nthe-older-secret",
}


def files_of(objects: Objects) -> dict[str, str]:
    """What the proxy's container finds below ``/etc/pyroscope-source-proxy``, by name."""
    volumes = {volume["name"]: volume for volume in objects.pod["spec"]["volumes"]}
    secrets = {each["metadata"]["name"]: each["data"] for each in objects.of("Secret")}
    found: dict[str, str] = {}
    for mount in objects.proxy["volumeMounts"]:
        volume = volumes[mount["name"]]
        if name := volume.get("configMap", {}).get("name"):
            data = [each["data"] for each in objects.of("ConfigMap") if each["metadata"]["name"] == name]
            found |= {f"{mount['mountPath']}/{key}": value for each in data for key, value in each.items()}
        for source in volume.get("projected", {}).get("sources", []):
            data = secrets.get(source["secret"]["name"], {})
            for item in source["secret"]["items"]:
                held = base64.b64decode(data.get(item["key"], "")).decode()
                text = held or OPERATORS.get(item["key"], "redis://operators-redis")
                found[f"{mount['mountPath']}/{item['path']}"] = text
        if "secret" in volume:
            found |= {f"{mount['mountPath']}/{name}": pem for name, pem in certificate().items()}
    return found


@cache
def certificate() -> dict[str, str]:
    """The files of a Secret of type ``kubernetes.io/tls``."""
    issued = trustme.CA().issue_cert("profiles.example.com")
    chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
    return {"tls.crt": chain.decode(), "tls.key": issued.private_key_pem.bytes().decode()}


def environment_of(objects: Objects) -> dict[str, str]:
    return {variable["name"]: variable.get("value", "given") for variable in objects.proxy.get("env", [])}


def load(objects: Objects) -> Config:
    """The configuration as the proxy's own loader reads it in the pod; a file that is missing is a fault."""
    files = files_of(objects)

    def read_file(name: str) -> str:
        if name not in files:
            raise FileNotFoundError(2, "No such file or directory")
        return files[name]

    arguments = objects.proxy["args"]
    assert arguments[:2] == ["serve", "--config"]
    return parse(files[arguments[2]], environment_of(objects), read_file=read_file)


@pytest.mark.parametrize("values_file", FILLED, ids=lambda path: path.name)
def test_the_proxy_accepts_it(rendered: Objects, values_file: Path) -> None:
    config = load(rendered)
    assert warnings(config) == ()
    ports = {port["name"]: port["containerPort"] for port in rendered.proxy["ports"]}
    assert (config.listen.port, config.admin_listen.port) == (ports["http"], ports["metrics"])
    assert config.github_app_configured is (values_file.name != "default-values.yaml")
    needed = config.shutdown_delay + config.shutdown_grace
    assert rendered.pod["spec"]["terminationGracePeriodSeconds"] > needed


def test_secrets_arrive_as_they_were_given(helm: Helm) -> None:
    (path,) = [path for path in CI_VALUES if path.name == "github-app-values.yaml"]
    given, config = values_of(path), load(helm.template(path))
    assert config.github.client_secret == Secret(given["secret"]["clientSecret"])
    assert config.session.secrets == (
        Secret("the-new-secret-that-seals"),
        Secret("the-old-secret-that-opens"),
    )
    assert config.cache.redis_url == Secret(given["redis"]["url"])
    assert config.resolver.mappings_file == f"{ETC}/config/mappings.yaml"


@pytest.mark.parametrize("values_file", CI_VALUES, ids=lambda path: path.name)
def test_no_secret_is_anywhere_but_in_secrets(rendered: Objects, values_file: Path) -> None:
    values = values_of(values_file)
    hidden = [*values.get("secret", {}).values(), values.get("redis", {}).get("url", "")]
    others = yaml.safe_dump([each for each in rendered if each["kind"] != "Secret"])
    for secret in hidden:
        for piece in re.findall(r"\S{8,}", secret):
            assert piece not in others


def test_a_configmap_of_ones_own_gets_the_secrets_by_the_environment_and_the_ports_by_flags(
    helm: Helm,
) -> None:
    own = {"existingConfigMap": "mine", "existingSecret": "github", "config": {"listen": "0.0.0.0:8041"}}
    objects = helm.template(values=own)
    assert not [each for each in objects.of("ConfigMap") if "config.yaml" in each["data"]]
    variables = set(environment_of(objects))
    assert variables == {key.variable for key in KEYS.values() if key.variable} - {"GITHUB_CALLBACK_URL"}
    arguments = objects.proxy["args"]
    assert arguments[3:] == ["--listen", "0.0.0.0:8041", "--admin-listen", "0.0.0.0:4043"]


@pytest.mark.parametrize(
    ("config", "path", "value"),
    [
        ({"github": {"client_secret": "${MINE}"}}, "github.client_secret", "${MINE}"),
        ({"github": {"client_secret_file": "/vault/x"}}, "github.client_secret_file", "/vault/x"),
        ({"session": {"secrets": ["${NEW}", "${OLD:-}"]}}, "session.secrets", ["${NEW}", "${OLD:-}"]),
        ({"upstream": {"url": "http://p:4040/{{ x }}"}}, "upstream.url", "http://p:4040/{{ x }}"),
        ({"github": {"rate_limit_reserve": 1000000}}, "github.rate_limit_reserve", 1000000),
        ({"cache": {"max_size": 268435456}}, "cache.max_size", 268435456),
        (
            {"github": {"client_id": 'it\'s "quoted": #1 \\ ünï'}},
            "github.client_id",
            'it\'s "quoted": #1 \\ ünï',
        ),
    ],
)
def test_what_an_operator_writes_stays_as_it_is(helm: Helm, config: Object, path: str, value: Any) -> None:
    (written,) = helm.template(values={"existingSecret": "github", "config": config}).of("ConfigMap")
    section, name = path.split(".")
    found = yaml.safe_load(written["data"]["config.yaml"])[section]
    assert found[name] == value
    assert not {name, f"{name}_file"} <= set(found)


@pytest.mark.parametrize(
    ("values", "complaint"),
    [
        (
            {"config": {"github": {"client_secret": "hush-hush"}}},
            "config.github.client_secret would put a secret",
        ),
        (
            {"config": {"github": {"client_secret": "${X:-hush-hush}"}}},
            "config.github.client_secret would put",
        ),
        ({"config": {"session": {"secrets": ["hush-hush"]}}}, "config.session.secrets would put a secret"),
        (
            {"config": {"cache": {"redis_url": "redis://:hush-hush@r"}}},
            "config.cache.redis_url would put a secret",
        ),
        ({"redis": {"url": "hush-hush"}, "existingSecret": "x"}, "redis.url must start with"),
    ],
)
def test_a_secret_in_the_wrong_place_is_refused_and_not_shown(
    helm3: Helm, helm4: Helm, values: Object, complaint: str
) -> None:
    for helm in (helm3, helm4):
        with pytest.raises(RefusedError, match=re.escape(complaint)) as refused:
            helm.template(values=values)
        assert "hush" not in str(refused.value)


def keys_of(schema: Object) -> set[str]:
    return {
        f"{name}.{key}" if "properties" in each else name
        for name, each in schema["properties"].items()
        for key in each.get("properties", [""])
    }


def test_the_schema_knows_every_key_of_the_configuration_and_no_other() -> None:
    schema = yaml.safe_load((CHART / "values.schema.json").read_text("utf-8"))
    known = keys_of(schema["definitions"]["config"])
    assert known == {*KEYS, *FILE_KEYS}


def test_the_example_configuration_fits_the_chart(helm: Helm) -> None:
    example = yaml.safe_load((ROOT / "config.example.yaml").read_text("utf-8"))
    assert load(helm.template(values={"config": example})) == Config(
        shutdown_delay=example.get("shutdown_delay") and 0.0
    )
