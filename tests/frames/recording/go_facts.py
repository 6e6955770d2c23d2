"""Where Go modules come from: what their owners publish, written down by hand.

A repository's tag of a module in a subfolder starts with the folder, without the major version:
https://go.dev/ref/mod#vcs-version. None of this is asked of the code that is tested.
"""

from __future__ import annotations

import re
from typing import NamedTuple

# Module path prefix → the repository, as the pages behind ``go-import`` and ``go-source`` say.
HOMES = {
    "cloud.google.com/go": "googleapis/google-cloud-go",
    "filippo.io/edwards25519": "FiloSottile/edwards25519",
    "go.etcd.io/bbolt": "etcd-io/bbolt",
    "go.mongodb.org/mongo-driver": "mongodb/mongo-go-driver",
    "go.opentelemetry.io/auto": "open-telemetry/opentelemetry-go-instrumentation",
    "go.opentelemetry.io/contrib": "open-telemetry/opentelemetry-go-contrib",
    "go.opentelemetry.io/otel": "open-telemetry/opentelemetry-go",
    "go.uber.org/multierr": "uber-go/multierr",
    "go.uber.org/zap": "uber-go/zap",
    "go.yaml.in/yaml/v2": "yaml/go-yaml",
    "go.yaml.in/yaml/v3": "yaml/go-yaml",
    "golang.org/x/crypto": "golang/crypto",
    "golang.org/x/exp": "golang/exp",
    "golang.org/x/net": "golang/net",
    "golang.org/x/sync": "golang/sync",
    "golang.org/x/sys": "golang/sys",
    "golang.org/x/term": "golang/term",
    "golang.org/x/text": "golang/text",
    "golang.org/x/time": "golang/time",
    "gonum.org/v1/gonum": "gonum/gonum",
    "google.golang.org/genproto": "googleapis/go-genproto",
    "google.golang.org/grpc": "grpc/grpc-go",
    "google.golang.org/protobuf": "protocolbuffers/protobuf-go",
    "gopkg.in/inf.v0": "go-inf/inf",
    "gopkg.in/ini.v1": "go-ini/ini",
    "gopkg.in/natefinch/lumberjack.v2": "natefinch/lumberjack",
    "gopkg.in/yaml.v3": "go-yaml/yaml",
    "k8s.io/apimachinery": "kubernetes/apimachinery",
    "k8s.io/klog/v2": "kubernetes/klog",
    "k8s.io/kube-openapi": "kubernetes/kube-openapi",
    "k8s.io/utils": "kubernetes/utils",
    "sigs.k8s.io/json": "kubernetes-sigs/json",
    "sigs.k8s.io/randfill": "kubernetes-sigs/randfill",
    "sigs.k8s.io/structured-merge-diff/v6": "kubernetes-sigs/structured-merge-diff",
    "sigs.k8s.io/yaml": "kubernetes-sigs/yaml",
}
# Modules of which the repository is on another host than GitHub.
ELSEWHERE = {
    "modernc.org/mathutil": "https://gitlab.com/cznic/mathutil",
}
# Modules whose /vN is a real folder of the repository.
MAJOR_FOLDERS = {"github.com/blang/semver/v4", "github.com/aws/aws-sdk-go-v2/internal/endpoints/v2"}
# What these hosts answer to ?go-get=1 instead of the repository itself: the address in go-import, and
# the one in go-source where there is one.
GO_SOURCE = re.compile(r"golang\.org/x/|google\.golang\.org/protobuf|gopkg\.in/")

_PSEUDO = re.compile(r"[-.]\d{14}-([0-9a-f]{12})(?:\+incompatible)?\Z")


class Home(NamedTuple):
    """A module's repository; its folder there; its tag, or the start of its commit."""

    repository: str
    folder: str
    tag: str
    commit: str


def home(module: str, version: str) -> Home | None:
    """Where a module at a version comes from; ``None``: not from GitHub."""
    if module in ELSEWHERE:
        return None
    repository, inner = _split(module)
    folder = re.sub(r"(?:\A|/)v\d+\Z", "", inner)
    prefix = f"{folder}/" if folder else ""
    if module in MAJOR_FOLDERS:
        folder = inner
    pseudo = _PSEUDO.search(version)
    if pseudo:
        return Home(repository, folder, "", pseudo[1])
    return Home(repository, folder, prefix + version.removesuffix("+incompatible"), "")


def go_get(module: str) -> str | None:
    """The page behind ``https://MODULE?go-get=1``, its head only; ``None`` for modules on GitHub."""
    if module in ELSEWHERE:
        return _page(module, ELSEWHERE[module], "")
    prefix = _prefix(module)
    if prefix is None:
        return None
    address = f"https://github.com/{HOMES[prefix]}"
    if not GO_SOURCE.match(module):
        return _page(prefix, address, "")
    last = prefix.rpartition("/")[2]
    served = f"https://{prefix}" if prefix.startswith("gopkg.in/") else f"https://go.googlesource.com/{last}"
    return _page(prefix, served, address)


def _page(prefix: str, repository: str, source: str) -> str:
    page = f'<html><head><meta name="go-import" content="{prefix} git {repository}">'
    if source:
        page += f'<meta name="go-source" content="{prefix} {source} {source}/tree/master{{/dir}} '
        page += f'{source}/blob/master{{/dir}}/{{file}}#L{{line}}">'
    return f"{page}</head><body>go get {prefix}</body></html>"


def _split(module: str) -> tuple[str, str]:
    if module.startswith("github.com/"):
        owner, name, *rest = module.split("/")[1:]
        return f"{owner}/{name}", "/".join(rest)
    prefix = _prefix(module)
    if prefix is None:
        raise SystemExit(f"say in go_facts.py where {module} comes from")
    return HOMES[prefix], module[len(prefix) :].lstrip("/")


def _prefix(module: str) -> str | None:
    known = [prefix for prefix in HOMES if module == prefix or module.startswith(f"{prefix}/")]
    return max(known, key=len, default=None)
