from __future__ import annotations

import json

import pytest

from proxy.source.model import Lookup, Repository, Service, Unreachable
from tests.source.go.costs import calls, lookups
from tests.source.transcript import Web, World, run

SHOP = Service(Repository("acme", "shop"), "main")
CART = Service(Repository("acme", "shop"), "main", "services/cart")
CACHE = "/go/pkg/mod/"


def shop(go_mod: str = "", **files: str) -> World:
    found = {path.replace("__", "/"): text for path, text in files.items()}
    return {"acme/shop": {"main": {**found, **({"go.mod": go_mod} if go_mod else {})}}}


def info(module: str, version: str, **values: str) -> Web:
    return {(Lookup.GO_MODULE_PROXY, f"{module}/@v/{version}.info"): json.dumps({"Origin": values})}


def page(module: str, *tags: str) -> Web:
    metas = "".join(f'<meta name="{tag.split()[0]}" content="{tag.partition(" ")[2]}">' for tag in tags)
    return {(Lookup.GO_GET, f"https://{module}?go-get=1"): f"<head>{metas}</head>"}


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


def test_a_whole_transcript() -> None:
    go_mod = "module github.com/acme/shop\nrequire github.com/x/y v1.2.4\n"
    world: World = {**shop(go_mod), "x/y": {"v1.2.4": {"f.go": "x"}}}
    transcript = run(world, CACHE + "github.com/x/y@v1.2.3/f.go", "github.com/x/y.F")
    assert transcript.lines == [
        "ref: acme/shop@main? yes",
        "configuration: acme/shop@main:.pyroscope.yaml? no",
        "go_mod: acme/shop@main:go.mod? yes",
        "go_mod! go.mod has v1.2.4 of github.com/x/y, the path v1.2.3: shown is the one of go.mod.",
        "go_github: x/y@v1.2.4? yes",
        "go_github: x/y@v1.2.4:f.go? yes",
    ]
    assert calls(transcript) == 2


def test_the_paths_version_counts_where_go_mods_is_not_there() -> None:
    world: World = {**shop("require github.com/x/y v1.2.4"), "x/y": {"v1.2.3": {"f.go": "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go")
    assert transcript.found[2] == "v1.2.3"
    assert "v1.2.4 of github.com/x/y is not in x/y: no v1.2.4." in transcript.notes


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("services__cart__go.mod", ["services/cart/go.mod"]),
        ("services__go.mod", ["services/cart/go.mod", "services/go.mod"]),
        ("go.mod", ["services/cart/go.mod", "services/go.mod", "go.mod"]),
    ],
)
def test_go_mod_is_read_in_the_root_path_then_upward(where: str, read: list[str]) -> None:
    world: World = {**shop(**{where: "require github.com/x/y v1.2.4"}), "x/y": {"v1.2.4": {"f.go": "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go", service=CART)
    assert transcript.found[2] == "v1.2.4"
    assert transcript.read[1:-1] == read
    assert calls(transcript) == 2


@pytest.mark.parametrize(
    ("line", "repository", "ref"),
    [
        ("github.com/x/y => github.com/fork/y v1.9.0", "fork/y", "v1.9.0"),
        ("github.com/x/y v1.2.3 => github.com/fork/y v1.9.0", "fork/y", "v1.9.0"),
        ("github.com/x/y v1.0.0 => github.com/fork/y v1.9.0", "x/y", "v1.2.3"),
        ("github.com/x/z => github.com/fork/y v1.9.0", "x/y", "v1.2.3"),
        ("github.com/x/y => github.com/fork/y v0.0.0-20210101000000-abcdefabcdef", "fork/y", "abcdefabcdef"),
        ("github.com/x/y => github.com/fork/mono/y v1.9.0", "fork/mono", "y/v1.9.0"),
    ],
)
def test_replaced_by_another_module(line: str, repository: str, ref: str) -> None:
    file = "y/f.go" if repository == "fork/mono" else "f.go"
    world: World = {**shop(f"require github.com/x/y v1.2.3\nreplace {line}"), repository: {ref: {file: "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go")
    assert transcript.found == ("go_github", repository, ref, file)
    assert calls(transcript) == 2


@pytest.mark.parametrize(
    ("target", "file"),
    [
        ("./lib", "services/cart/lib/f.go"),
        ("../../lib/y", "lib/y/f.go"),
        ("../..", "f.go"),
        ('"../a b"', "services/a b/f.go"),
    ],
)
def test_replaced_by_a_folder_relative_to_go_mod(target: str, file: str) -> None:
    go_mod = f"require github.com/x/y v1.2.3\nreplace github.com/x/y => {target}"
    world: World = {"acme/shop": {"main": {"services/cart/go.mod": go_mod, file: "x"}}}
    transcript = run(world, "github.com/x/y@v1.2.3/f.go", service=CART)
    assert transcript.found == ("go_replace", "acme/shop", "main", file)


@pytest.mark.parametrize("target", ["../../../lib", "/abs/lib", '"C:\\\\lib"', "./a\0"])
def test_replaced_by_a_folder_outside(target: str) -> None:
    world = shop(f"require github.com/x/y v1.2.3\nreplace github.com/x/y => {target}")
    transcript = run(world, "github.com/x/y@v1.2.3/f.go")
    assert any("which is outside the repository" in note for note in transcript.notes)
    assert "github.com/x/y@v1.2.3/f.go is a file of a Go module outside" in transcript.reason


def test_the_services_own_module_at_a_version() -> None:
    world = shop("module github.com/acme/shop", **{"pkg__f.go": "x"})
    assert run(world, "github.com/acme/shop@v1.0.0/pkg/f.go").found == (
        "repository_name",
        "acme/shop",
        "main",
        "pkg/f.go",
    )


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


@pytest.mark.parametrize("service", [SHOP, CART])
def test_what_is_nowhere_may_be_in_the_vendor_folder(service: Service) -> None:
    file = "vendor/git.acme.corp/team/lib/f.go"
    transcript = run(
        {"acme/shop": {"main": {file: "x"}}}, "git.acme.corp/team/lib@v1.0.0/f.go", service=service
    )
    assert transcript.found == ("go_vendor", "acme/shop", "main", file)


def test_a_missing_repository_is_said_once() -> None:
    transcript = run(shop(), "github.com/x/y/sub@v1.0.0/f.go")
    assert "x/y, where github.com/x/y/sub is kept, is not there or not visible to you." in transcript.notes
    assert sum(line.startswith("go_github: x/y@") for line in transcript.lines) == 1


def test_modules_are_found_without_the_services_repository() -> None:
    world: World = {"x/y": {"v1.0.0": {"f.go": "x"}}}
    assert run(world, "github.com/x/y@v1.0.0/f.go").found == ("go_github", "x/y", "v1.0.0", "f.go")


def test_a_go_mod_that_is_too_large_is_said() -> None:
    world: World = {**shop("/" * (1024 * 1024 + 1)), "x/y": {"v1.0.0": {"f.go": "x"}}}
    transcript = run(world, "github.com/x/y@v1.0.0/f.go")
    assert transcript.notes == ["go.mod is not used: it is larger than 1024 KiB."]
    assert transcript.found[2] == "v1.0.0"


def test_a_vendored_file_that_was_not_committed() -> None:
    world: World = {**shop("require github.com/x/y v1.0.0"), "x/y": {"v1.0.0": {"sub/f.go": "x"}}}
    transcript = run(world, "/src/shop/vendor/github.com/x/y/sub/f.go", "github.com/x/y/sub.F")
    assert transcript.found == ("go_github", "x/y", "v1.0.0", "sub/f.go")


def test_a_vendor_folder_somewhere_else() -> None:
    file = "services/cart/vendor/github.com/x/y/f.go"
    world: World = {"acme/shop": {"main": {file: "x", "y/f.go": "wrong", "f.go": "wrong"}}}
    assert run(world, "/src/vendor/github.com/x/y/f.go").found == ("go_vendor", "acme/shop", "main", file)
    assert (
        "is not there"
        in run({"acme/shop": {"main": {"y/f.go": "wrong"}}}, "/src/vendor/github.com/x/y/f.go").reason
    )


@pytest.mark.parametrize(
    "name", ["com_github_x_y_z", "gazelle~~go_deps~com_github_x_y_z", "gazelle++go_deps+com_github_x_y_z"]
)
@pytest.mark.parametrize("prefix", ["", "/build/sandbox/linux/1/execroot/_main/"])
def test_a_repository_of_a_bazel_build(prefix: str, name: str) -> None:
    world: World = {**shop("require github.com/x/y-z v1.0.0"), "x/y-z": {"v1.0.0": {"sub/f.go": "x"}}}
    transcript = run(world, f"{prefix}external/{name}/sub/f.go")
    assert transcript.found == ("go_github", "x/y-z", "v1.0.0", "sub/f.go")


def test_a_repository_of_a_bazel_build_is_never_the_services_own() -> None:
    transcript = run(shop(**{"f.go": "wrong"}), "external/com_github_x_y/f.go")
    assert "is a file of another repository of a Bazel build" in transcript.reason
    assert (
        run(shop(**{"external__tools__f.go": "x"}), "external/tools/f.go").found[3] == "external/tools/f.go"
    )


def test_a_mapping_names_a_module_without_its_version_in_any_cache() -> None:
    text = (
        "source_code: {mappings: [{path: [{prefix: github.com/x/y}], language: go, "
        "source: {github: {owner: mine, repo: y, ref: v9}}}]}"
    )
    world: World = {"acme/shop": {"main": {".pyroscope.yaml": text}}, "mine/y": {"v9": {"sub/f.go": "x"}}}
    for module in ("github.com/x/y@v1.0.0/sub", "github.com/x/y/v2@v2.0.0/sub", "github.com/x/y/sub@v1.0.0"):
        for prefix in (CACHE, ""):
            assert run(world, f"{prefix}{module}/f.go").found == (
                "mapping_github",
                "mine/y",
                "v9",
                "sub/f.go",
            )
