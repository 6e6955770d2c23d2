from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source.java.modules import MODULES, module_of
from proxy.source.java.names import class_of, is_generated
from proxy.source.model import Frame, Language, Repository, Service
from proxy.source.rooms import language_of
from tests.source.test_paths import HOSTILE
from tests.source.transcript import Files, World, assert_clean, run

CART = Service(Repository("acme", "shop"), "main", "services/cart")
JDK = (
    "source_code: {mappings: [{function_name: [{prefix: java}, {prefix: javax}], language: java, "
    "source: {github: {owner: openjdk, repo: jdk, ref: jdk-17+0, path: src/java.base/share/classes}}}]}"
)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("org/example/App.method_[j]", "org/example/App"),
        ("org.example.App.method_[i]", "org/example/App"),
        ("org.example.App.method(java.lang.String, int)", "org/example/App"),
        ("void org.example.App.method(String)", "org/example/App"),
        ("java.base/java.lang.Thread.run", "java/lang/Thread"),
        ("java.base@17.0.1/java.lang.Thread.run", "java/lang/Thread"),
        ("app//org.example.App.method", "org/example/App"),
        ("org/example/App_$$_jvst123_0.run", "org/example/App"),
        ("org/example/App$HibernateProxy$a1.run", "org/example/App"),
        ("org/example/App$$SpringCGLIB$$0.run", "org/example/App"),
        ("org/example/App$$anonfun$main$1.apply", "org/example/App"),
        ("org/example/AppKt$main$1.invokeSuspend", "org/example/AppKt"),
    ],
)
def test_spellings_of_profilers_and_frameworks(function: str, expected: str) -> None:
    assert class_of(function) == expected


@pytest.mark.parametrize(
    ("function", "generated"),
    [
        ("com/sun/proxy/$Proxy12.call", True),
        ("jdk.proxy2.$Proxy34.call", True),
        ("$Proxy1.x", True),
        ("jdk/internal/reflect/GeneratedMethodAccessor12.invoke", True),
        ("org/example/Proxy1.call", False),
        ("org/example/App.GeneratedX", False),
    ],
)
def test_generated_classes(function: str, *, generated: bool) -> None:
    assert is_generated(function) is generated
    if generated:
        reason = run({"acme/shop": {"main": {}}}, "", function).reason
        assert "made while the program ran" in reason
        assert "mapping" not in reason


@pytest.mark.parametrize(
    ("path", "function", "files", "expected"),
    [
        ("App.java", "org/example/App.m", ["modules/core/java/org/example/App.java"], 0),
        ("App.java", "org/example/App.m", ["b/test/org/example/App.java", "z/main/org/example/App.java"], 1),
        ("App.java", "org/example/App.m", ["a/org/example/App.java", "services/cart/x/org/example/App.java"],
         1),
        ("", "org/example/App.m", ["x/org/example/App.kt"], 0),
        ("Util.kt", "org/example/AppKt.m", ["x/org/example/Util.kt"], 0),
        ("Util.kt", "org/example/net/App.m", ["x/src/net/Util.kt"], 0),
        ("Util.kt", "org/example/net/App.m", ["x/src/Util.kt"], 0),
        ("", "org/example/AppKt.m", ["x/org/example/App.kt"], 0),
        ("App.java", "org/example/App.m", ["App.java", "other/App.java", "x/com/example/App.java"], None),
        ("Util.kt", "org/example/net/App.m", ["x/src/Util.kt", "y/src/Util.kt"], None),
    ],
)  # fmt: skip
def test_anywhere_in_the_repository(path: str, function: str, files: list[str], expected: int | None) -> None:
    world: World = {"acme/shop": {"main": dict.fromkeys(files, "x")}}
    transcript = run(world, path, function, service=CART)
    if expected is None:
        assert (
            "is not in acme/shop at main. If it is the service's own, check the labels" in transcript.reason
        )
        assert "map the function_name prefix org/example" in transcript.reason
    else:
        assert transcript.found == ("java_tree", "acme/shop", "main", files[expected])


def test_several_files_that_may_be_it_are_said() -> None:
    files = dict.fromkeys(["a/java/org/example/App.java", "b/java/org/example/App.java"], "x")
    transcript = run({"acme/shop": {"main": files}}, "App.java", "org/example/App.m", service=CART)
    assert "2 files of acme/shop may be org/example/App; shown is a/java/" in transcript.notes[0]


def test_without_a_tree_the_usual_folders_are_all_tried() -> None:
    files: Files = {"src/main/kotlin/org/example/App.kt": "x"}
    transcript = run({"acme/shop": {"main": files}}, "", "org/example/App.m", service=CART, trees=False)
    assert transcript.found[3] == "src/main/kotlin/org/example/App.kt"


@pytest.mark.parametrize(
    ("function", "file"),
    [
        ("java/lang/Thread.run", "src/java.base/share/classes/java/lang/Thread.java"),
        ("java.util.logging.Logger.log", "src/java.logging/share/classes/java/util/logging/Logger.java"),
        ("java/sql/DriverManager.x", "src/java.sql/share/classes/java/sql/DriverManager.java"),
        ("jdk/internal/net/http/A.x", "src/java.net.http/share/classes/jdk/internal/net/http/A.java"),
        ("sun/nio/ch/EPollSelectorImpl.x", "src/java.base/linux/classes/sun/nio/ch/EPollSelectorImpl.java"),
        ("java/util/HashMap$Node.x", "jdk/src/share/classes/java/util/HashMap.java"),
    ],
)  # fmt: skip
def test_classes_of_the_jdk(function: str, file: str) -> None:
    world: World = {"acme/shop": {"main": {".pyroscope.yaml": JDK}}, "openjdk/jdk": {"jdk-17+0": {file: "x"}}}
    _, repository, ref, path = run(world, "", function).found
    assert (repository, ref, path) == ("openjdk/jdk", "jdk-17+0", file)


def test_why_a_class_of_the_jdk_is_not_found() -> None:
    shop: World = {"acme/shop": {"main": {"src/main/java/java/lang/Thread.java": "wrong"}}}
    assert (
        "map the function_name prefix java to openjdk/jdk at the tag of your JDK"
        in run(shop, "", "java/lang/Thread.run").reason
    )
    configured: World = {"acme/shop": {"main": {".pyroscope.yaml": JDK}}}
    assert "openjdk/jdk at jdk-17+0 is not there" in run(configured, "", "java/sql/X.run").reason
    empty: World = {**configured, "openjdk/jdk": {"jdk-17+0": {}}}
    assert "java/sql/X.java is not in openjdk/jdk at jdk-17+0" in run(empty, "", "java/sql/X.run").reason


def test_libraries_are_said() -> None:
    assert (
        "Kotlin's standard library (JetBrains/kotlin"
        in run({"acme/shop": {"main": {}}}, "", "kotlin/collections/CollectionsKt.map").reason
    )
    assert (
        "map the function_name prefix org/springframework/web to its repository"
        in run({"acme/shop": {"main": {}}}, "A.java", "org/springframework/web/servlet/A.x").reason
    )


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("java/lang/Thread", "java.base"),
        ("java/util/logging/Logger", "java.logging"),
        ("java/net/http/HttpClient", "java.net.http"),
        ("javax/xml/parsers/SAXParser", "java.xml"),
        ("com/sun/net/httpserver/HttpServer", "jdk.httpserver"),
        ("sun/misc/Unsafe", "jdk.unsupported"),
        ("jdk/jfr/Event", "jdk.jfr"),
        ("org/w3c/dom/Node", "java.xml"),
        ("javax/servlet/Filter", None),
        ("javax/annotation/PostConstruct", None),
        ("javax/transaction/Transactional", None),
        ("com/sun/jna/Native", None),
        ("org/example/App", None),
        ("Thread", None),
    ],
)
def test_modules(name: str, module: str | None) -> None:
    assert module_of(name) == module


def test_every_prefix_is_a_package() -> None:
    for prefix in MODULES:
        assert_clean(prefix)


@given(HOSTILE)
def test_any_name_gives_a_clean_class(text: str) -> None:
    for name in (text, f"org.example.{text}.x", f"java.base/{text}", f"{text}$$Lambda"):
        if (found := class_of(name)) is not None:
            assert_clean(found)


@pytest.mark.parametrize("unit", ["$Proxy1", "a.", "a/", "$$", "_[j]", "Generated", " ", "(", "::a"])
def test_long_names_end(unit: str) -> None:
    run({"acme/shop": {"main": {}}}, "", unit * (4096 // len(unit)))


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/usr/lib/jvm/lib/server/libjvm.so", ""),
        ("", "libc.so.6"),
        ("", "[libpthread.so.0]"),
        ("[kernel.kallsyms]", "do_syscall_64"),
        ("", "do_syscall_64_[k]"),
        ("", "[unknown_Java]"),
        ("", "I2C/C2I adapters"),
        ("", "JavaThread::run"),
        ("", "v8::internal::Runtime_X(int)"),
    ],
)
def test_native_code_has_no_source(path: str, function: str) -> None:
    assert language_of(Frame(path, function)) is Language.OTHER
    reason = run({"acme/shop": {"main": {}}}, path, function).reason
    assert "there is no source to show" in reason
    assert "mapping" not in reason
