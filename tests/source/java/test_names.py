from __future__ import annotations

import pytest

from proxy.source import java
from proxy.source.model import Frame, Repository, Service
from tests.source.transcript import run

CART = Service(Repository("acme", "shop"), "main", "services/cart")


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("org/example/App$Inner.method", "org/example/App"),
        ("org/example/App.main", "org/example/App"),
        ("org/example/App", "org/example/App"),
        ("org/example/App.<init>", "org/example/App"),
        ("org/example/App.run(Ljava/lang/String;)V", "org/example/App"),
        ("org/example/App$$Lambda.run", "org/example/App"),
        ("org/example/App$$Lambda$14/0x0000000800c03000.run", "org/example/App"),
        ("org/example/App$$Lambda.0x00007f.run", "org/example/App"),
        ("org/example/App$$EnhancerBySpringCGLIB$$1a2b.run", "org/example/App"),
        ("org/example/App$$FastClassBySpringCGLIB$$1.invoke", "org/example/App"),
        ("java/lang/invoke/LambdaForm$MH/0x000000080.invoke", "java/lang/invoke/LambdaForm"),
        ("org/example/App$1$2.call", "org/example/App"),
        ("org/example/App$.apply", "org/example/App"),
        ("org/example/AppKt.main", "org/example/AppKt"),
        ("org/example/app.run", "org/example/app"),
        ("App.main", "App"),
        ("org.example.App.main", "org/example/App"),
        ("org.example.App$Inner.method", "org/example/App"),
        ("org.example.App.Inner.method", "org/example/App"),
        ("org.example.lower$Inner.method", "org/example/lower"),
        ("org.example.lower.method", "org/example/lower"),
        ("org.example.App.run(java.lang.String)", "org/example/App"),
        ("", None),
        ("$Proxy12.call", None),
        ("org/example/$Proxy12.call", None),
        (".", None),
        ("../../etc/Passwd.x", None),
        ("org/../../Passwd.x", None),
        ("a" * 5000, None),
    ],
)
def test_the_class_of_a_function(function: str, expected: str | None) -> None:
    assert java.class_of(function) == expected


@pytest.mark.parametrize(
    ("path", "function", "expected"),
    [
        ("", "o/App.m", ("o/App.java", "o/App.kt", "o/App.scala", "o/App.groovy")),
        ("App.java", "o/App$I.m", ("o/App.java",)),
        ("App.kt", "o/App.m", ("o/App.kt",)),
        ("App.kt", "o/AppKt.m", ("o/App.kt", "o/AppKt.kt")),
        ("Helpers.kt", "o/Tool.m", ("o/Helpers.kt", "o/Tool.kt")),
        ("", "o/AppKt.m", ("o/AppKt.java", "o/AppKt.kt", "o/App.kt", "o/AppKt.scala", "o/AppKt.groovy")),
        ("0.kt", "Kt", ("0.kt", "Kt.kt")),
        ("App.scala", "o/App$.apply", ("o/App.scala",)),
        ("App.groovy", "o/App.m", ("o/App.groovy",)),
        ("App.txt", "o/App.m", ("o/App.java", "o/App.kt", "o/App.scala", "o/App.groovy")),
        ("App.java", "", ()),
    ],
)
def test_files_of_a_class(path: str, function: str, expected: tuple[str, ...]) -> None:
    assert java.class_files(Frame(path, function)) == expected


@pytest.mark.parametrize(
    ("path", "function", "file"),
    [
        ("App.java", "org/example/App.main", "src/main/java/org/example/App.java"),
        ("", "org/example/App.main", "src/main/java/org/example/App.java"),
        ("", "org.example.App.main", "src/org/example/App.java"),
        ("App.java", "org/example/App.main", "org/example/App.java"),
        ("App.java", "org/example/App.main", "app/src/main/java/org/example/App.java"),
        ("App.java", "org/example/AppTest.x", "src/test/java/org/example/AppTest.java"),
        ("App.kt", "org/example/AppKt.main", "src/main/kotlin/org/example/App.kt"),
        ("App.kt", "org/example/App.main", "src/main/java/org/example/App.kt"),
        ("App.scala", "org/example/App.main", "src/main/scala/org/example/App.scala"),
        ("", "org/example/App.main", "src/main/kotlin/org/example/App.kt"),
    ],
)
@pytest.mark.parametrize("root", ["services/cart/", ""])
def test_usual_source_roots(root: str, path: str, function: str, file: str) -> None:
    transcript = run({"acme/shop": {"main": {root + file: "x"}}}, path, function, service=CART)
    assert transcript.found == ("java_source_root", "acme/shop", "main", root + file)


def test_under_the_root_path_comes_first_and_sources_before_tests() -> None:
    name = "java/org/example/App.java"
    files = dict.fromkeys([f"src/main/{name}", f"services/cart/src/test/{name}"], "x")
    assert (
        run({"acme/shop": {"main": files}}, "App.java", "org/example/App.m", service=CART)
        .found[3]
        .startswith("services/")
    )
    files[f"services/cart/src/main/{name}"] = "x"
    found = run({"acme/shop": {"main": files}}, "App.java", "org/example/App.m", service=CART).found
    assert found[3] == f"services/cart/src/main/{name}"


def test_a_path_with_folders_is_tried_as_well() -> None:
    files = {"modules/core/App.java": "x"}
    assert run({"acme/shop": {"main": files}}, "/build/modules/core/App.java", "").found[0] == "suffix"


@pytest.mark.parametrize(
    "function", ["java/lang/Thread.run", "jdk/internal/Foo.x", "sun/misc/Unsafe.park", "java.util.List.of"]
)
def test_classes_of_the_jdk_are_not_looked_for_in_the_service(function: str) -> None:
    transcript = run({"acme/shop": {"main": {}}}, "", function)
    assert "is a class of the JDK" in transcript.reason
    assert transcript.read == [".pyroscope.yaml"]


@pytest.mark.parametrize(
    ("name", "is_java"),
    [
        ("org/example/App.main", True),
        ("org/example/App$$Lambda$14/0x08.run", True),
        ("org.example.App.main", True),
        ("github.com/acme/shop/pkg.Func", False),
        ("main", False),
        ("net/http.(*conn).serve", False),
        ("System.Threading.Thread.Start", False),
        ("", False),
    ],
)
def test_a_name_that_shows_that_it_is_javas(name: str, *, is_java: bool) -> None:
    assert java.is_function(name) is is_java
