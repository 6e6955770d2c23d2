from __future__ import annotations

import pytest

from proxy.source.model import Lookup, Unreachable
from tests.source.go.costs import calls, lookups
from tests.source.go.worlds import CACHE, info, page, shop
from tests.source.transcript import Web, World, run


@pytest.mark.parametrize(
    ("path", "repository", "ref", "file"),
    [
        ("github.com/x/lib@v1.2.3/src/main.go", "x/lib", "v1.2.3", "src/main.go"),
        ("github.com/!burnt!sushi/toml@v1.2.0/lex.go", "BurntSushi/toml", "v1.2.0", "lex.go"),
        ("github.com/x/y/v2@v2.0.1/f.go", "x/y", "v2.0.1", "f.go"),
        ("github.com/x/y/v2@v2.0.1/f.go", "x/y", "v2.0.1", "v2/f.go"),
        ("github.com/x/v2ray-core@v1.0.0/f.go", "x/v2ray-core", "v1.0.0", "f.go"),
        ("github.com/x/y@v2.0.0+incompatible/f.go", "x/y", "v2.0.0", "f.go"),
        ("github.com/x/y@v0.0.0-20210101000000-abcdefabcdef/f.go", "x/y", "abcdefabcdef", "f.go"),
        (
            "github.com/aws/aws-sdk-go-v2/service/s3@v1.40.0/api.go",
            "aws/aws-sdk-go-v2",
            "service/s3/v1.40.0",
            "service/s3/api.go",
        ),
        ("github.com/x/y/sub@v1.0.0/f.go", "x/y", "v1.0.0", "sub/f.go"),
        ("github.com/x/y/sub/v3@v3.1.0/f.go", "x/y", "sub/v3.1.0", "sub/v3/f.go"),
        ("github.com/x/y/sub/v3@v3.1.0/f.go", "x/y", "sub/v3.1.0", "sub/f.go"),
        (
            "github.com/mattn/go-sqlite3@v1.14.17/sqlite3-binding.c",
            "mattn/go-sqlite3",
            "v1.14.17",
            "sqlite3-binding.c",
        ),
        ("github.com/x/y@v1.0.0/asm_amd64.s", "x/y", "v1.0.0", "asm_amd64.s"),
        ("github.com/x/y@v1.0.0/vendor/a.b/c/f.go", "x/y", "v1.0.0", "vendor/a.b/c/f.go"),
    ],
)
@pytest.mark.parametrize("prefix", [CACHE, "", "C:\\Users\\me\\go\\pkg\\mod\\"])
def test_modules_on_github(prefix: str, path: str, repository: str, ref: str, file: str) -> None:
    if path.endswith(".c") and not prefix.startswith("/"):
        prefix = CACHE
    world: World = {**shop(), repository: {ref: {file: "x"}}}
    transcript = run(world, prefix + path, "f")
    assert transcript.found == ("go_github", repository, ref, file)
    assert lookups(transcript) == []
    assert calls(transcript) <= 2 + (ref == "v1.0.0" and "sub/" in file)


def test_the_module_proxy_is_asked_first_where_the_path_is_not_on_github() -> None:
    web = info(
        "golang.org/x/net",
        "v0.20.0",
        VCS="git",
        URL="https://go.googlesource.com/net",
        Ref="refs/tags/v0.20.0",
    )
    world: World = {**shop(), "golang/net": {"v0.20.0": {"http2/frame.go": "x"}}}
    transcript = run(world, CACHE + "golang.org/x/net@v0.20.0/http2/frame.go", web=web)
    assert transcript.found == ("go_module_proxy", "golang/net", "v0.20.0", "http2/frame.go")
    assert lookups(transcript) == ["golang.org/x/net/@v/v0.20.0.info"]
    assert calls(transcript) == 2


def test_the_module_proxy_names_folder_tag_and_commit() -> None:
    commit = "0123456789abcdef0123456789abcdef01234567"
    origin = {
        "URL": "https://github.com/ex/mono",
        "Subdir": "go/lib",
        "Ref": "refs/tags/go/lib/v1.0.0",
        "Hash": commit,
    }
    web = info("example.com/!lib", "v1.0.0-!r!c1", **origin)
    path = CACHE + "example.com/!lib@v1.0.0-!r!c1/f.go"
    for ref in ("go/lib/v1.0.0", commit, "go/lib/v1.0.0-RC1", "v1.0.0-RC1"):
        world: World = {**shop(), "ex/mono": {ref: {"go/lib/f.go": "x"}}}
        assert run(world, path, web=web).found == ("go_module_proxy", "ex/mono", ref, "go/lib/f.go")


@pytest.mark.parametrize("answer", ["{}", "garbage", "", None])
def test_the_table_where_the_module_proxy_says_nothing(answer: str | None) -> None:
    web: Web = {} if answer is None else {(Lookup.GO_MODULE_PROXY, "go.uber.org/zap/@v/v1.27.0.info"): answer}
    world: World = {**shop(), "uber-go/zap": {"v1.27.0": {"logger.go": "x"}}}
    transcript = run(world, "go.uber.org/zap@v1.27.0/logger.go", web=web)
    assert transcript.found == ("go_known_home", "uber-go/zap", "v1.27.0", "logger.go")
    assert len(lookups(transcript)) == 1


def test_what_cannot_be_reached_is_said_and_the_next_way_is_tried() -> None:
    web: Web = {(Lookup.GO_MODULE_PROXY, "gopkg.in/yaml.v3/@v/v3.0.1.info"): Unreachable("timed out")}
    world: World = {**shop(), "go-yaml/yaml": {"v3.0.1": {"decode.go": "x"}}}
    transcript = run(world, CACHE + "gopkg.in/yaml.v3@v3.0.1/decode.go", web=web)
    assert transcript.found[:2] == ("go_known_home", "go-yaml/yaml")
    assert transcript.notes == [
        "go_module_proxy could not be asked for gopkg.in/yaml.v3/@v/v3.0.1.info: timed out"
    ]


@pytest.mark.parametrize(
    ("module", "version", "repository", "ref", "file"),
    [
        ("go.etcd.io/etcd/client/v3", "v3.5.9", "etcd-io/etcd", "client/v3.5.9", "client/v3/f.go"),
        ("go.etcd.io/etcd/client/pkg/v3", "v3.5.9", "etcd-io/etcd", "client/pkg/v3.5.9", "client/pkg/f.go"),
        ("k8s.io/klog/v2", "v2.120.1", "kubernetes/klog", "v2.120.1", "f.go"),
        (
            "cloud.google.com/go/storage",
            "v1.36.0",
            "googleapis/google-cloud-go",
            "storage/v1.36.0",
            "storage/f.go",
        ),
        (
            "go.opentelemetry.io/otel/sdk",
            "v1.24.0",
            "open-telemetry/opentelemetry-go",
            "sdk/v1.24.0",
            "sdk/f.go",
        ),
        (
            "google.golang.org/genproto/googleapis/rpc",
            "v0.0.0-20240123012728-ef4313101c80",
            "googleapis/go-genproto",
            "ef4313101c80",
            "googleapis/rpc/f.go",
        ),
    ],
)
def test_well_known_hosts(module: str, version: str, repository: str, ref: str, file: str) -> None:
    world: World = {**shop(), repository: {ref: {file: "x"}}}
    transcript = run(world, f"{CACHE}{module}@{version}/f.go")
    assert transcript.found == ("go_known_home", repository, ref, file)
    assert calls(transcript) == 2


@pytest.mark.parametrize(
    ("tags", "ref", "file"),
    [
        (["go-import example.com/lib git https://github.com/ex/lib"], "v1.0.0", "f.go"),
        (
            [
                "go-import example.com/lib git https://git.ex.com/lib",
                "go-source example.com/lib https://github.com/ex/lib _ _",
            ],
            "v1.0.0",
            "f.go",
        ),
        (
            [
                "go-source example.com/lib https://ex.com/lib _ _",
                "go-import example.com/lib git https://github.com/ex/lib",
            ],
            "v1.0.0",
            "f.go",
        ),
        (["go-import example.com git https://github.com/ex/lib.git"], "lib/v1.0.0", "lib/f.go"),
        (["go-import example.com/lib git https://github.com/ex/lib go/src"], "go/src/v1.0.0", "go/src/f.go"),
    ],
)
def test_the_page_of_a_module(tags: list[str], ref: str, file: str) -> None:
    world: World = {**shop(), "ex/lib": {ref: {file: "x"}}}
    transcript = run(world, "example.com/lib@v1.0.0/f.go", web=page("example.com/lib", *tags))
    assert transcript.found == ("go_get", "ex/lib", ref, file)
    assert lookups(transcript) == ["example.com/lib/@v/v1.0.0.info", "https://example.com/lib?go-get=1"]
    assert calls(transcript) == 2


def test_a_module_that_is_not_on_github_is_said_to_be_elsewhere() -> None:
    web = {
        **info("example.com/lib", "v1.0.0", URL="https://gitlab.com/ex/lib"),
        **page("example.com/lib", "go-import example.com/lib git https://gitlab.com/ex/lib"),
    }
    transcript = run(shop(), "example.com/lib@v1.0.0/f.go", web=web)
    assert (
        "example.com/lib is kept at 'https://gitlab.com/ex/lib', which is not on github.com."
        in transcript.notes
    )
    assert "a file of a Go module outside" in transcript.reason


def test_a_missing_repository_is_said_once() -> None:
    transcript = run(shop(), "github.com/x/y/sub@v1.0.0/f.go")
    assert "x/y, where github.com/x/y/sub is kept, is not there or not visible to you." in transcript.notes
    assert sum(line.startswith("go_github: x/y@") for line in transcript.lines) == 1


def test_modules_are_found_without_the_services_repository() -> None:
    world: World = {"x/y": {"v1.0.0": {"f.go": "x"}}}
    assert run(world, "github.com/x/y@v1.0.0/f.go").found == ("go_github", "x/y", "v1.0.0", "f.go")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "x/lib, where github.com/x/lib is kept, is not there or not visible to you"),
        ({"x/lib": {"v0.9.0": {"f.go": "x"}}}, "v1.2.3 of github.com/x/lib is not in x/lib: no v1.2.3"),
    ],
)
def test_the_answer_itself_says_why_a_module_is_not_shown(files: World, said: str) -> None:
    reason = run({"acme/shop": {"main": {}}, **files}, "/go/pkg/mod/github.com/x/lib@v1.2.3/f.go").reason
    assert "is a file of a Go module outside the service's repository: " in reason
    assert said in reason
    assert "add a mapping in .pyroscope.yaml" in reason


def test_what_the_go_tools_made_needs_no_mapping() -> None:
    reason = run({"acme/shop": {"main": {}}}, "_cgo_gotypes.go", "main._Cfunc_x").reason
    assert reason == (
        "No source of _cgo_gotypes.go: It is made by the Go tools while building and in no repository."
    )
