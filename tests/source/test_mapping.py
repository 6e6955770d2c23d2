from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.mapping import External, InvalidMappingsError, Local, Mapping, Mappings, find, parse
from proxy.source.model import Frame, Language, Repository

WHOLE = """\
version: v1
source_code:
  mappings:
    - path:
        - prefix: path/to/match
        - prefix: another/path
      function_name:
        - prefix: function/prefix
      language: go
      source:
        local:
          path: src/main/java
    - path: [{prefix: $GOROOT/src}]
      language: go
      source: {github: {owner: golang, repo: go, ref: go1.24.10, path: src}}
"""


def test_the_whole_format() -> None:
    first = Mapping(
        0, ("path/to/match", "another/path"), ("function/prefix",), Language.GO, Local("src/main/java")
    )
    second = Mapping(
        1, ("$GOROOT/src",), (), Language.GO, External(Repository("golang", "go"), "go1.24.10", "src")
    )
    assert parse(WHOLE.encode()) == Mappings((first, second))


def one(text: str) -> bytes:
    """A file with one mapping, whose keys are given as a YAML flow mapping's inside."""
    return f"source_code: {{mappings: [{{{text}}}]}}".encode()


PATH = "path: [{prefix: /app}]"
LOCAL = "source: {local: {path: src}}"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"---\n",
        b"version: v1\n",
        b"source_code:\n",
        b"source_code:\n  mappings:\n",
        b"source_code: {mappings: []}",
    ],
)
def test_without_mappings(data: bytes) -> None:
    assert parse(data) == Mappings()


@pytest.mark.parametrize("language", ["go", "java", "python", "javascript"])
def test_languages(language: str) -> None:
    mapping = parse(one(f"{PATH}, language: {language}, {LOCAL}")).mappings[0]
    assert mapping.language.value == language


@pytest.mark.parametrize(
    ("prefixes", "expected"),
    [
        ("[{prefix: /app}]", ("/app",)),
        ("[{prefix: [/app]}]", ("/app",)),
        ('[{prefix: ""}]', ("",)),
        ("[{prefix: 1.20}]", ("1.20",)),
        ("[{prefix: /a}, {prefix: /b}]", ("/a", "/b")),
    ],
)
def test_prefixes(prefixes: str, expected: tuple[str, ...]) -> None:
    for key in ("path", "function_name"):
        mapping = parse(one(f"{key}: {prefixes}, language: go, {LOCAL}")).mappings[0]
        assert (mapping.paths or mapping.function_names) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("local: {path: src}", Local("src")),
        ("local: {path: ../shared}", Local("../shared")),
        ("local: {}", Local("")),
        ("local: {path: }", Local("")),
        ("local: {path: src}, github: ", Local("src")),
        (
            "github: {owner: psf, repo: requests, ref: v2.31.0, path: src/requests}",
            External(Repository("psf", "requests"), "v2.31.0", "src/requests"),
        ),
        ('github: {owner: a, repo: b, ref: main, path: ""}', External(Repository("a", "b"), "main", "")),
        ("github: {owner: a, repo: b}", External(Repository("a", "b"), "HEAD", "")),
        (
            "github: {owner: a, repo: b, ref: 3.10, path: /Lib/}",
            External(Repository("a", "b"), "3.10", "Lib"),
        ),
        ("github: {owner: a, repo: b, ref: jdk-17+0}", External(Repository("a", "b"), "jdk-17+0", "")),
    ],
)
def test_sources(source: str, expected: Local | External) -> None:
    assert parse(one(f"{PATH}, language: go, source: {{{source}}}")).mappings[0].source == expected


@pytest.mark.parametrize(
    ("data", "faults"),
    [
        (b"- a", ["the file: write keys and values (version, source_code)"]),
        (b"text", ["the file: write keys"]),
        (b"version: v2", ["version: 'v2' is not supported, write v1"]),
        (b"version: [v1]", ["version: this is not supported"]),
        (b"source_code: x", ["source_code: write keys"]),
        (b"source_code: {mappings: {}}", ["source_code.mappings: write a list"]),
        (b"source_code: {mappings: [x]}", ["mapping[0]: write path"]),
        (
            one(f"language: go, {LOCAL}"),
            ["mapping[0]: at least one path or function_name prefix is required"],
        ),
        (one(f"path: [], language: go, {LOCAL}"), ["mapping[0]: at least one"]),
        (one(f"path: /app, language: go, {LOCAL}"), ["mapping[0].path: write a list"]),
        (one(f"path: [/app], language: go, {LOCAL}"), ["mapping[0].path[0].prefix: write one text"]),
        (one(f"path: [{{}}], language: go, {LOCAL}"), ["mapping[0].path[0].prefix"]),
        (one(f"path: [{{prefix: }}], language: go, {LOCAL}"), ["mapping[0].path[0].prefix"]),
        (one(f"path: [{{prefix: [a, b]}}], language: go, {LOCAL}"), ["mapping[0].path[0].prefix"]),
        (
            one(f"{PATH}, {LOCAL}"),
            ["mapping[0].language: required, write one of go, java, python, javascript"],
        ),
        (one(f"{PATH}, language: rust, {LOCAL}"), ["mapping[0].language: 'rust' is not supported"]),
        (one(f"{PATH}, language: other, {LOCAL}"), ["mapping[0].language: 'other' is not supported"]),
        (one(f"{PATH}, language: [go], {LOCAL}"), ["mapping[0].language: required"]),
        (
            one(f"{PATH}, language: go"),
            ["mapping[0].source: exactly one of local and github is required, neither"],
        ),
        (
            one(f"{PATH}, language: go, source: x"),
            ["mapping[0].source: write keys", "mapping[0].source: exactly one"],
        ),
        (
            one(f"{PATH}, language: go, source: {{local: {{}}, github: {{}}}}"),
            ["mapping[0].source: exactly one of local and github is required, both"],
        ),
        (one(f"{PATH}, language: go, source: {{local: x}}"), ["mapping[0].source.local: write keys"]),
        (
            one(f"{PATH}, language: go, source: {{local: {{path: [x]}}}}"),
            ["mapping[0].source.local.path: write one text"],
        ),
        (
            one(f'{PATH}, language: go, source: {{local: {{path: "a%00"}}}}'),
            ["mapping[0].source.local.path: too long"],
        ),
        (
            one(f"{PATH}, language: go, source: {{github: {{}}}}"),
            ["mapping[0].source.github.owner: required", "mapping[0].source.github.repo: required"],
        ),
        (
            one(f"{PATH}, language: go, source: {{github: {{owner: a/b, repo: c}}}}"),
            ["mapping[0].source.github: 'a/b/c' is no repository"],
        ),
        (
            one(f"{PATH}, language: go, source: {{github: {{owner: a, repo: b, ref: c d}}}}"),
            ["mapping[0].source.github.ref: it has a space"],
        ),
        (
            one(f"{PATH}, language: go, source: {{github: {{owner: a, repo: b, path: ../c}}}}"),
            ["mapping[0].source.github.path: leads out"],
        ),
        (b"a: b\na: c", ["line 2: the key 'a' comes twice"]),
        (b"\xff", ["the file is not UTF-8"]),
    ],
)
def test_faults_name_their_place(data: bytes, faults: list[str]) -> None:
    with pytest.raises(InvalidMappingsError) as caught:
        parse(data)
    assert len(caught.value.faults) == len(faults)
    for said, expected in zip(caught.value.faults, faults, strict=True):
        assert said.startswith(expected)


def test_every_fault_at_once() -> None:
    good = b"{path: [{prefix: a}], language: go, source: {local: {}}}"
    data = b"version: v3\nsource_code: {mappings: [{language: c}, " + good + b", 7]}"
    with pytest.raises(InvalidMappingsError) as caught:
        parse(data)
    places = [fault.split(":")[0] for fault in caught.value.faults]
    assert places == ["version", "mapping[0]", "mapping[0].language", "mapping[0].source", "mapping[2]"]


def test_a_flood_of_faults_is_cut() -> None:
    with pytest.raises(InvalidMappingsError) as caught:
        parse(b"source_code:\n  mappings:\n" + b"    - x\n" * 1000)
    assert len(caught.value.faults) == 51
    assert caught.value.faults[-1] == "and 950 more"


def test_unknown_keys_are_ignored_and_noted() -> None:
    mappings = parse(
        b"v: 1\n" + one(f"{PATH}, langage: go, language: go, source: {{local: {{path: a, ref: b}}}}")
    )
    assert len(mappings.mappings) == 1
    assert mappings.notes == (
        "the file.v: unknown key, ignored",
        "mapping[0].langage: unknown key, ignored",
        "mapping[0].source.local.ref: unknown key, ignored",
    )


def test_a_key_that_a_terminal_would_act_on_is_noted_with_escapes() -> None:
    assert parse(b'"ve\\trsion\\e[31m": v1').notes == (r"the file.'ve\trsion\x1b[31m': unknown key, ignored",)


def test_further_documents_are_noted() -> None:
    assert parse(b"version: v1\n---\nversion: v7\n").notes == ("only the first YAML document is read",)


def mappings_of(*entries: tuple[tuple[str, ...], tuple[str, ...]]) -> Mappings:
    return Mappings(tuple(Mapping(i, p, f, Language.GO, Local("")) for i, (p, f) in enumerate(entries)))


@pytest.mark.parametrize(
    ("entries", "path", "function", "index", "cut"),
    [
        ([(("/app",), ()), (("/app/src",), ())], "/app/src/x.go", "", 1, 8),
        ([(("/app/src",), ()), (("/app",), ())], "/app/src/x.go", "", 0, 8),
        ([(("/app/", "/app/s"), ()), (("/app",), ())], "/app/src/x.go", "", 0, 6),
        ([(("/ap",), ())], "/app/src/x.go", "", 0, 3),
        ([(("/app",), ()), (("/app",), ())], "/app/x.go", "", 0, 4),
        ([((), ("org/a",)), ((), ("org/a/b",))], "x.go", "org/a/b/C.m", 1, 0),
        ([(("/app",), ()), ((), ("main.Lo",))], "/app/x.go", "main.Long", 1, 0),
        ([(("/a",), ("main.Lo",)), (("/app",), ())], "/app/x.go", "main.Long", 0, 2),
        ([(("/zzz",), ("main.Lo",))], "/app/x.go", "main.Long", 0, 0),
        ([(("",), ())], "", "", 0, 0),
        ([(("",), ()), (("/b",), ())], "/app/x.go", "", 0, 0),
        ([(("/b",), ("other",))], "/app/x.go", "main.F", None, 0),
        ([], "/app/x.go", "main.F", None, 0),
    ],
)
def test_the_longest_prefix_wins(
    entries: list[tuple[tuple[str, ...], tuple[str, ...]]],
    path: str,
    function: str,
    index: int | None,
    cut: int,
) -> None:
    match = find(mappings_of(*entries), Frame(path, function))
    assert (match.mapping.index if match else None) == index
    assert (match.cut if match else 0) == cut


SHORT = st.text(alphabet="ab/", max_size=4)


@given(
    st.lists(st.tuples(st.lists(SHORT, max_size=3), st.lists(SHORT, max_size=3)), max_size=5), SHORT, SHORT
)
def test_no_mapping_matches_longer_than_the_one_found(
    entries: list[tuple[list[str], list[str]]], path: str, function: str
) -> None:
    match = find(mappings_of(*[(tuple(p), tuple(f)) for p, f in entries]), Frame(path, function))
    lengths = [
        max(
            [len(x) for x in p if path.startswith(x)] + [len(x) for x in f if function.startswith(x)],
            default=-1,
        )
        for p, f in entries
    ]
    if match is None:
        assert max(lengths, default=-1) == -1
    else:
        assert match.length == max(lengths)
        assert match.mapping.index == lengths.index(match.length)
        assert match.cut <= len(path)


@given(st.binary(max_size=200))
def test_any_bytes_give_mappings_or_faults(data: bytes) -> None:
    try:
        parse(data)
    except InvalidMappingsError as invalid:
        assert invalid.faults  # noqa: PT017 - both ends are right, each is looked at
