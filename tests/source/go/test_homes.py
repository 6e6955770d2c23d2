from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.address import repository
from proxy.source.go import homes, known

ENTERPRISE = "git.acme.example"


@pytest.mark.parametrize(
    ("module", "where", "subfolder"),
    [
        ("github.com/x/y", "x/y", ""),
        ("github.com/x/y/v2", "x/y", "v2"),
        ("github.com/x/v2ray-core", "x/v2ray-core", ""),
        ("github.com/aws/aws-sdk-go-v2/service/s3", "aws/aws-sdk-go-v2", "service/s3"),
    ],
)
def test_on_github(module: str, where: str, subfolder: str) -> None:
    found = homes.on_github(module, "github.com")
    assert found is not None
    assert (str(found.repository), found.subfolder) == (where, subfolder)


@pytest.mark.parametrize("module", ["github.com/x", "github.com", "gitlab.com/x/y", "example.com/x/y"])
def test_not_on_github(module: str) -> None:
    assert homes.on_github(module, "github.com") is None


def test_on_an_enterprise_server() -> None:
    found = homes.on_github(f"{ENTERPRISE}/team/lib/v2", ENTERPRISE)
    assert found is not None
    assert (str(found.repository), found.subfolder) == ("team/lib", "v2")
    assert homes.on_github("github.com/x/y", ENTERPRISE) is None
    assert not homes.reaches_public(ENTERPRISE)
    assert homes.reaches_public("github.com")
    assert homes.reaches_public("127.0.0.1:8080")


@pytest.mark.parametrize(
    ("module", "where", "subfolder"),
    [
        ("gopkg.in/yaml.v3", "go-yaml/yaml", ""),
        ("gopkg.in/check.v1", "go-check/check", ""),
        ("gopkg.in/DataDog/dd-trace-go.v1", "DataDog/dd-trace-go", ""),
        ("gopkg.in/natefinch/lumberjack.v2", "natefinch/lumberjack", ""),
        ("gopkg.in/src-d/go-git.v4", "src-d/go-git", ""),
        ("gopkg.in/tomb.v2-unstable", "go-tomb/tomb", ""),
        ("golang.org/x/net", "golang/net", ""),
        ("golang.org/x/tools/gopls", "golang/tools", "gopls"),
        ("go.googlesource.com/text", "golang/text", ""),
        ("google.golang.org/protobuf", "protocolbuffers/protobuf-go", ""),
        ("google.golang.org/grpc", "grpc/grpc-go", ""),
        ("google.golang.org/grpc/cmd/protoc-gen-go-grpc", "grpc/grpc-go", "cmd/protoc-gen-go-grpc"),
        ("google.golang.org/api", "googleapis/google-api-go-client", ""),
        ("google.golang.org/genproto/googleapis/rpc", "googleapis/go-genproto", "googleapis/rpc"),
        ("k8s.io/client-go", "kubernetes/client-go", ""),
        ("k8s.io/klog/v2", "kubernetes/klog", "v2"),
        ("sigs.k8s.io/kustomize/api", "kubernetes-sigs/kustomize", "api"),
        ("go.uber.org/zap", "uber-go/zap", ""),
        ("go.uber.org/net/metrics", "yarpc/metrics", ""),
        ("go.opentelemetry.io/otel/sdk/metric", "open-telemetry/opentelemetry-go", "sdk/metric"),
        (
            "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp",
            "open-telemetry/opentelemetry-go-contrib",
            "instrumentation/net/http/otelhttp",
        ),
        ("go.opentelemetry.io/collector/pdata", "open-telemetry/opentelemetry-collector", "pdata"),
        ("go.opentelemetry.io/proto/otlp", "open-telemetry/opentelemetry-proto-go", "otlp"),
        ("cloud.google.com/go", "googleapis/google-cloud-go", ""),
        ("cloud.google.com/go/compute/metadata", "googleapis/google-cloud-go", "compute/metadata"),
        ("go.etcd.io/etcd/client/v3", "etcd-io/etcd", "client/v3"),
        ("go.etcd.io/bbolt", "etcd-io/bbolt", ""),
        ("gorm.io/driver/postgres", "go-gorm/postgres", ""),
        ("gorm.io/gorm", "go-gorm/gorm", ""),
        ("go4.org/netipx", "go4org/netipx", ""),
        ("tailscale.com", "tailscale/tailscale", ""),
        ("mvdan.cc/sh/v3", "mvdan/sh", "v3"),
    ],
)
def test_well_known(module: str, where: str, subfolder: str) -> None:
    found = homes.well_known(module)
    assert found is not None
    assert (str(found.repository), found.subfolder) == (where, subfolder)


@pytest.mark.parametrize(
    "module",
    [
        "example.com/x",
        "golang.org/x",
        "k8s.io",
        "gopkg.in/x",
        "gopkg.in/yaml.v3x",
        "k8s.io.evil.example/x",
        "",
    ],
)
def test_not_well_known(module: str) -> None:
    assert homes.well_known(module) is None


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("https://go.googlesource.com/text", "golang/text"),
        ("https://gopkg.in/yaml.v3", "go-yaml/yaml"),
        ("https://go.googlesource.com/text.git/", "golang/text"),
        ("https://gitlab.com/x/y", "None"),
        ("https://go.googlesource.com/text/more", "None"),
        ("", "None"),
    ],
)
def test_mirrors(url: str, where: str) -> None:
    assert str(homes.mirror_of(url)) == where


def test_the_table_has_names_that_github_can_have() -> None:
    for prefix, named in known.REPOSITORIES.items():
        assert repository(*named.split("/")) is not None
        assert "." in prefix.partition("/")[0]
        assert not prefix.endswith("/")
    assert all(repository(owner, "x") for owner in known.OWNERS.values())


@given(
    st.text(alphabet="gopkin.v1/-x\0%@", max_size=60),
    st.sampled_from(["", "gopkg.in/", "golang.org/x/", "https://"]),
)
def test_any_text_names_a_repository_or_none(text: str, prefix: str) -> None:
    for found in (homes.well_known(prefix + text), homes.on_github(prefix + text, "github.com")):
        if found is not None:
            assert repository(found.repository.owner, found.repository.name) == found.repository
    homes.mirror_of(prefix + text)
