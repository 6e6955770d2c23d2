from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import proxy.source
from proxy.errors import Code, RpcError
from proxy.source import inquiry, rules
from proxy.source.mapping import parse
from proxy.source.model import Found, Frame, Language, Open, Repository, Service
from proxy.source.resolve import RULES, resolve
from tests.source.test_paths import HOSTILE
from tests.source.transcript import SERVICE, World, run

MAPS_APP = (
    "source_code: {mappings: [{path: [{prefix: /app}], language: python, source: {local: {path: src}}}]}"
)
MAPS_LIB = (
    "source_code: {mappings: [{path: [{prefix: /lib}], language: python, "
    "source: {github: {owner: o, repo: lib, ref: v1}}}]}"
)


def shop(files: dict[str, str]) -> World:
    return {"acme/shop": {"main": files}}


def test_a_whole_transcript() -> None:
    transcript = run(shop({"shop/cart.py": "x"}), "/build/shop/cart.py")
    assert transcript.lines == [
        "ref: acme/shop@main? yes",
        "configuration: acme/shop@main:.pyroscope.yaml? no",
        "root_path: acme/shop@main:build/shop/cart.py? no",
        "suffix: acme/shop@main:shop/cart.py? yes",
    ]
    assert isinstance(transcript.result, Found)
    assert transcript.result.language is Language.PYTHON


def test_one_call_can_answer_everything_about_an_own_file() -> None:
    service = Service(SERVICE.repository, "main", "svc")
    transcript = run(shop({}), "/build/shop/cart.py", service=service)
    opening = transcript.questions[0]
    assert isinstance(opening, Open)
    assert opening.wishes == (
        "svc/.pyroscope.yaml",
        "svc/build/shop/cart.py",
        "build/shop/cart.py",
        "svc/shop/cart.py",
        "shop/cart.py",
        "svc/cart.py",
        "cart.py",
    )
    assert set(transcript.read) <= set(opening.wishes)


def test_the_ref_is_cleaned_and_said() -> None:
    world: World = {"acme/shop": {"abc1234": {"a.py": "x"}}}
    transcript = run(world, "a.py", service=Service(SERVICE.repository, "v1-2-gabc1234-dirty"))
    assert transcript.found[2] == "abc1234"
    assert [line.split("!")[0] for line in transcript.lines[:2]] == ["ref", "ref"]


def test_no_ref_is_the_default_branch() -> None:
    world: World = {"acme/shop": {"HEAD": {"a.py": "x"}}}
    assert run(world, "a.py", service=Service(SERVICE.repository)).found[2] == "HEAD"


@pytest.mark.parametrize(
    "service",
    [
        Service(SERVICE.repository, "a b"),
        Service(SERVICE.repository, "main", "../x"),
        Service(SERVICE.repository, "main", "a\0"),
    ],
)
def test_labels_that_cannot_be_are_refused(service: Service) -> None:
    with pytest.raises(RpcError) as caught:
        next(resolve(Frame("a.py"), service))
    assert caught.value.code is Code.INVALID_ARGUMENT


def test_a_missing_ref_is_said_and_nothing_takes_its_place() -> None:
    transcript = run({"acme/shop": {"other": {"a.py": "x"}}}, "a.py")
    assert transcript.reason == (
        "The ref main is not in acme/shop: was the commit pushed? Check the label service_git_ref."
    )
    assert transcript.lines == ["ref: acme/shop@main? ref"]


def test_a_missing_repository_is_said() -> None:
    assert "acme/shop is not there, or you may not see it" in run({}, "a.py").reason


def test_what_needs_no_own_repository_is_found_without_it() -> None:
    world: World = {"o/lib": {"v1": {"x.py": "x"}}}
    transcript = run(world, "/lib/x.py", operator=parse(MAPS_LIB.encode()))
    assert transcript.found == ("operator_mapping_github", "o/lib", "v1", "x.py")


def test_a_broken_configuration_is_reported_and_ignored() -> None:
    broken = "source_code: {mappings: [{path: [{prefix: /}], language: rust}]}"
    transcript = run(shop({".pyroscope.yaml": broken, "app/x.py": "x"}), "/app/x.py")
    first, second = transcript.notes
    assert first.startswith(
        ".pyroscope.yaml is not used: mapping[0].language: 'rust' is not supported, write one of go"
    )
    assert second.startswith(
        ".pyroscope.yaml is not used: mapping[0].source: exactly one of local and github"
    )
    assert transcript.found[0] == "root_path"


def test_unknown_keys_are_noted_and_the_rest_is_used() -> None:
    transcript = run(shop({".pyroscope.yaml": f"extra: 1\n{MAPS_APP}", "src/x.py": "x"}), "/app/x.py")
    assert transcript.notes == [".pyroscope.yaml: the file.extra: unknown key, ignored"]
    assert transcript.found[0] == "mapping_local"


def test_resolution_goes_on_when_the_mapped_file_is_not_there() -> None:
    transcript = run(shop({".pyroscope.yaml": MAPS_APP, "app/x.py": "x"}), "/app/x.py")
    assert transcript.lines[2:] == [
        "mapping_local: acme/shop@main:src/x.py? no",
        "mapping_local: the tree of acme/shop@main? yes",
        "mapping_local! mapping[0] of .pyroscope.yaml matches, but src/x.py is not in acme/shop at main.",
        "root_path: acme/shop@main:app/x.py? yes",
    ]


@pytest.mark.parametrize(("world", "what"), [({}, "o/lib"), ({"o/lib": {}}, "v1 of o/lib")])
def test_a_mapping_to_what_is_not_there_is_noted(world: World, what: str) -> None:
    transcript = run({**world, **shop({".pyroscope.yaml": MAPS_LIB, "x.py": "x"})}, "/lib/x.py")
    name = "mapping[0] of .pyroscope.yaml"
    assert transcript.notes[0] == f"{name} matches, but {what} is not there or not visible to you."
    assert transcript.found[0] == "suffix"


def test_the_repository_is_asked_before_the_operator() -> None:
    operator = parse(MAPS_APP.replace("path: src", "path: operator").encode())
    files = {".pyroscope.yaml": MAPS_APP, "src/x.py": "x", "operator/x.py": "x"}
    assert run(shop(files), "/app/x.py", operator=operator).found == (
        "mapping_local",
        "acme/shop",
        "main",
        "src/x.py",
    )
    del files["src/x.py"]
    assert run(shop(files), "/app/x.py", operator=operator).found[0] == "operator_mapping_local"
    del files[".pyroscope.yaml"]
    assert run(shop(files), "/app/x.py", operator=operator).found[0] == "operator_mapping_local"


def test_the_language_of_the_mapping_counts_for_what_follows() -> None:
    configuration = MAPS_APP.replace("language: python", "language: javascript")
    transcript = run(shop({".pyroscope.yaml": configuration, "x.vue": "x"}), "/app/x.vue")
    assert isinstance(transcript.result, Found)
    assert transcript.result.language is Language.JAVASCRIPT


def test_a_failure_ends_the_resolution_and_is_not_taken_for_an_answer() -> None:
    generator = resolve(Frame("a.py"), SERVICE)
    next(generator)
    limited = RpcError(Code.RESOURCE_EXHAUSTED, "rate limited")
    with pytest.raises(RpcError) as caught:
        generator.throw(limited)
    assert caught.value is limited


def test_not_found_says_what_was_tried_and_what_to_do() -> None:
    assert run(shop({}), "/build/shop/cart.py").reason == (
        "No source of /build/shop/cart.py in acme/shop at main: "
        "acme/shop/build/shop/cart.py, acme/shop/shop/cart.py, "
        "acme/shop/cart.py is not there; check the labels service_root_path and service_git_ref, "
        "or add a mapping in .pyroscope.yaml."
    )
    foreign = run(shop({}), "/x/site-packages/y.py").reason
    assert foreign.startswith("/x/site-packages/y.py is a file of an installed package: The Python index ")
    assert "Neither path nor function name of the frame" in run(shop({}), "", "").reason
    assert "Neither path nor function name" in run(shop({}), "a\0.py").reason


def test_the_number_of_questions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inquiry, "MAX_QUESTIONS", 5)
    transcript = run(shop({}), "/a/b/c/d/e/f/g.py")
    assert len(transcript.questions) == 5
    assert transcript.reason.startswith("Gave up looking in acme/shop at main after")


def test_the_deepest_frames_stay_below_the_limit() -> None:
    operator = parse(
        b"source_code: {mappings: [{path: [{prefix: d}], language: java, source: {local: {path: x}}}]}"
    )
    service = Service(SERVICE.repository, "main", "root")
    for path in ("d/" * 120 + "x", "d/" * 120 + "x.py", "d/" * 120 + "x.kt"):
        reason = run(shop({}), path, "a/" * 60 + "BKt.m", service=service, operator=operator).reason
        assert reason.startswith("No source of ")


CONFIGURATIONS = st.one_of(
    st.just(""),
    st.sampled_from([MAPS_APP, MAPS_LIB, "a: [", "version: v9"]),
    st.tuples(HOSTILE, HOSTILE, st.sampled_from(["go", "java", "python", "javascript"])).map(
        lambda given_: (
            (
                f"source_code: {{mappings: [{{path: [{{prefix: {given_[0]!r}}}], language: {given_[2]}, "
                f"source: {{local: {{path: {given_[1]!r}}}}}}}]}}"
            )
            .encode("utf-8", "replace")
            .decode()
        )
    ),
)
FUNCTIONS = st.one_of(
    HOSTILE,
    st.lists(
        st.sampled_from(["a", "/", ".", "$", "$$", "App", "Kt", "(", "0x", "..", "\\"]), max_size=40
    ).map("".join),
)
ENDINGS = st.sampled_from(["", ".go", ".py", ".js", ".js:f:1", ".tsx?x", ".java", ".kt", ".rb"])


@settings(max_examples=300)
@given(
    st.builds(Frame, st.builds(str.__add__, HOSTILE, ENDINGS), FUNCTIONS), HOSTILE, HOSTILE, CONFIGURATIONS
)
def test_any_frame_ends_without_escaping_or_asking_twice(
    frame: Frame, ref: str, root_path: str, configuration: str
) -> None:
    """The transcript itself holds that paths are clean, nothing is asked twice and the limit is kept."""
    files = {".pyroscope.yaml": configuration, "a": "x", "b.py": "x", "src/a": "x"}
    for service in (Service(SERVICE.repository, ref, root_path), Service(SERVICE.repository, "main", "")):
        try:
            transcript = run(shop(files), frame.path, frame.function_name, service=service)
        except RpcError as error:
            assert error.code is Code.INVALID_ARGUMENT  # noqa: PT017 - both ends are right, each is looked at
        else:
            assert isinstance(transcript.result, Found) or transcript.result.reason
            if isinstance(transcript.result, Found):
                assert transcript.result.rule in RULES


@pytest.mark.parametrize("ending", [".go", ".py", ".js", ".java", ".rb", ""])
@pytest.mark.parametrize(
    "piece", ["a/", "../", "a.", "%2e", "$", "vendor/", "webpack://", "a.js:", "go/1", "@v1", "pkg/mod/"]
)
@pytest.mark.parametrize("size", [4000, 1024 * 1024])
def test_huge_frames_end(piece: str, ending: str, size: int) -> None:
    huge = piece * (size // len(piece)) + ending
    for path, function in ((huge, huge), ("", huge), (huge, "")):
        assert len(run(shop({}), path, function).reason) < 1000


def test_what_is_too_long_is_not_looked_at_and_that_is_said() -> None:
    transcript = run(shop({}), "a" * 4097 + ".py")
    assert transcript.notes == ["What is longer than 4096 characters is not looked at."]
    assert transcript.read == [".pyroscope.yaml"]


def test_rule_names_are_bounded_and_each_once() -> None:
    names = {name: value for name, value in vars(rules).items() if isinstance(value, str) and name.isupper()}
    assert set(names.values()) == {*RULES, *rules.STEPS, rules.NONE}
    assert len({*RULES, *rules.STEPS, rules.NONE}) == len(names)
    assert set(rules.DESCRIPTIONS) == {*RULES, *rules.STEPS}


@pytest.mark.parametrize(
    "file", sorted(Path(proxy.source.__file__).parent.rglob("*.py")), ids=lambda file: file.name
)
def test_the_resolver_is_pure(file: Path) -> None:
    imported = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            top = node.module.partition(".")[0]
            imported.add(".".join(node.module.split(".")[:2]) if top == "proxy" else top)
    assert not imported & {
        "aiohttp",
        "asyncio",
        "prometheus_client",
        "os",
        "time",
        "socket",
        "random",
        "subprocess",
    }
    assert {name for name in imported if name.startswith("proxy")} <= {"proxy.source", "proxy.errors"}


def test_a_repository_is_the_same_in_any_case() -> None:
    configuration = MAPS_LIB.replace("owner: o, repo: lib, ref: v1", "owner: ACME, repo: Shop, ref: main")
    transcript = run(shop({".pyroscope.yaml": configuration, "x.py": "x"}), "/lib/x.py")
    assert transcript.found == ("mapping_github", str(Repository("acme", "shop")), "main", "x.py")
    assert sum(isinstance(question, Open) for question in transcript.questions) == 1
