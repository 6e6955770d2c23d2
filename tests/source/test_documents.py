"""Every example and rule of "Integrate your source code on GitHub", as the documents have them."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from proxy.source.model import Repository, Service
from tests.source.documents import GO_STANDARD_LIBRARY, GO_VENDOR, JAVA, PYTHON
from tests.source.transcript import World, run

Example: TypeAlias = "tuple[str, str, str, str, str, str]"
"""The configuration, the frame's path and function, and the repository, ref and path that are expected."""

SPRING = "spring-projects/spring-framework"

EXAMPLES = [
    (
        GO_STANDARD_LIBRARY,
        "$GOROOT/src/fmt/print.go",
        "fmt.Println",
        "golang/go",
        "go1.24.10",
        "src/fmt/print.go",
    ),
    (
        GO_STANDARD_LIBRARY,
        "/usr/local/go/src/net/http/server.go",
        "net/http.(*conn).serve",
        "golang/go",
        "go1.24.10",
        "src/net/http/server.go",
    ),
    (JAVA, "", "org/example/myapp/App.main", "acme/shop", "main", "src/main/java/org/example/myapp/App.java"),
    (
        JAVA,
        "App.java",
        "org/example/myapp/App$Inner.method",
        "acme/shop",
        "main",
        "src/main/java/org/example/myapp/App.java",
    ),
    (JAVA, "", "org.example.myapp.App.main", "acme/shop", "main", "src/main/java/org/example/myapp/App.java"),
    (
        JAVA,
        "",
        "java/lang/Math.floorMod",
        "openjdk/jdk",
        "jdk-17+0",
        "src/java.base/share/classes/java/lang/Math.java",
    ),
    (
        JAVA,
        "Thread.java",
        "java/lang/Thread.run",
        "openjdk/jdk",
        "jdk-17+0",
        "src/java.base/share/classes/java/lang/Thread.java",
    ),
    (
        JAVA,
        "",
        "org/springframework/web/servlet/DispatcherServlet.doService",
        SPRING,
        "v5.3.20",
        "spring-webmvc/src/main/java/org/springframework/web/servlet/DispatcherServlet.java",
    ),
    (
        JAVA,
        "",
        "org/springframework/web/client/RestTemplate.execute",
        SPRING,
        "v5.3.20",
        "spring-web/src/main/java/org/springframework/web/client/RestTemplate.java",
    ),
    (
        JAVA,
        "",
        "org/springframework/http/HttpHeaders.get",
        SPRING,
        "v5.3.20",
        "spring-web/src/main/java/org/springframework/http/HttpHeaders.java",
    ),
    (
        GO_VENDOR,
        "vendor/github.com/x/y/z.go",
        "github.com/x/y.Z",
        "acme/shop",
        "main",
        "vendor/github.com/x/y/z.go",
    ),
    (
        GO_VENDOR,
        "github.com/prometheus/client_golang/prometheus/counter.go",
        "f",
        "prometheus/client_golang",
        "v1.19.0",
        "prometheus/counter.go",
    ),
    (
        GO_VENDOR,
        "github.com/prometheus/client_golang@v1.17.0/prometheus/counter.go",
        "f",
        "prometheus/client_golang",
        "v1.19.0",
        "prometheus/counter.go",
    ),
    (PYTHON, "/app/src/shop/cart.py", "Cart.total", "acme/shop", "main", "src/shop/cart.py"),
    (PYTHON, "/usr/lib/python3.12/difflib.py", "ratio", "python/cpython", "v3.12.0", "Lib/difflib.py"),
    (
        PYTHON,
        "/usr/local/lib/python3.12/json/decoder.py",
        "decode",
        "python/cpython",
        "v3.12.0",
        "Lib/json/decoder.py",
    ),
    (
        PYTHON,
        "/usr/local/lib/python3.12/site-packages/requests/api.py",
        "get",
        "psf/requests",
        "v2.31.0",
        "src/requests/api.py",
    ),
]


@pytest.mark.parametrize("root_path", ["", "services/cart", "/services/cart/"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_mappings_of_the_documents(example: Example, root_path: str) -> None:
    configuration, path, function, repository, ref, file = example
    root = root_path.strip("/")
    own = repository == "acme/shop"
    wanted = f"{root}/{file}".lstrip("/") if own else file
    world: dict[str, dict[str, dict[str, str]]] = {
        "acme/shop": {"main": {f"{root}/.pyroscope.yaml".lstrip("/"): configuration, "README.md": "no"}}
    }
    world.setdefault(repository, {}).setdefault(ref, {})[wanted] = "yes"
    transcript = run(world, path, function, service=Service(Repository("acme", "shop"), "main", root_path))
    rule = "mapping_local" if own else "mapping_github"
    assert transcript.found == (rule, repository, ref, wanted)
    assert transcript.notes == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_mapped_file_costs_two_calls_one_after_the_other(example: Example) -> None:
    configuration, path, function, repository, ref, file = example
    world: dict[str, dict[str, dict[str, str]]] = {"acme/shop": {"main": {".pyroscope.yaml": configuration}}}
    world.setdefault(repository, {}).setdefault(ref, {})[file] = "yes"
    transcript = run(world, path, function)
    calls, known = 0, set[str]()
    for question in transcript.questions:
        wishes = getattr(question, "wishes", ())
        asked = getattr(question, "path", None)
        calls += asked not in known
        known |= {asked, *wishes} if asked else set(wishes)
    assert calls <= 2


def test_the_order_of_mappings_does_not_matter() -> None:
    head, *entries = JAVA.split("    - function_name:\n")
    reversed_file = head + "".join(
        "    - function_name:\n" + entry.rstrip() + "\n" for entry in reversed(entries)
    )
    path = "spring-webmvc/src/main/java/org/springframework/web/servlet/View.java"
    world: World = {
        "acme/shop": {"main": {".pyroscope.yaml": reversed_file}},
        SPRING: {"v5.3.20": {path: "x"}},
    }
    assert run(world, "", "org/springframework/web/servlet/View.render").found[3] == path


def test_the_configuration_is_read_in_the_root_path_only() -> None:
    world: World = {
        "acme/shop": {
            "main": {".pyroscope.yaml": PYTHON, "src/cart.py": "wrong", "cart/app/src/cart.py": "right"}
        }
    }
    transcript = run(world, "/app/src/cart.py", service=Service(Repository("acme", "shop"), "main", "cart"))
    assert transcript.read[0] == "cart/.pyroscope.yaml"
    assert ".pyroscope.yaml" not in transcript.read
    assert transcript.found == ("root_path", "acme/shop", "main", "cart/app/src/cart.py")


def test_a_local_path_may_leave_the_root_path_but_not_the_repository() -> None:
    text = (
        "source_code: {mappings: [{path: [{prefix: /lib}], language: python, source: {local: {path: %s}}}]}"
    )
    service = Service(Repository("acme", "shop"), "main", "services/cart")
    files = {"services/cart/.pyroscope.yaml": text % "../../lib", "lib/log.py": "x"}
    assert run({"acme/shop": {"main": files}}, "/lib/log.py", service=service).found[3] == "lib/log.py"
    files["services/cart/.pyroscope.yaml"] = text % "../../../lib"
    transcript = run({"acme/shop": {"main": files}}, "/lib/log.py", service=service)
    assert transcript.notes == [
        "mapping[0] of .pyroscope.yaml: source.local.path leads out of the repository."
    ]
    assert transcript.found == ("repository_root", "acme/shop", "main", "lib/log.py")


def test_a_bazel_path() -> None:
    text = (
        "source_code: {mappings: [{path: [{prefix: external/gazelle++go_deps+com_github_stretchr_testify}], "
    )
    text += "language: go, source: {github: {owner: stretchr, repo: testify, ref: v1.10.0}}}]}"
    world: World = {
        "acme/shop": {"main": {".pyroscope.yaml": text}},
        "stretchr/testify": {"v1.10.0": {"require/require.go": "x"}},
    }
    path = "external/gazelle++go_deps+com_github_stretchr_testify/require/require.go"
    assert run(world, path).found == ("mapping_github", "stretchr/testify", "v1.10.0", "require/require.go")
