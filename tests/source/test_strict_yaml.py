from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.strict_yaml import MAX_DEPTH, MAX_NODES, MAX_SIZE, YamlError, load


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# only a remark\n", None),
        ("---\n", None),
        ("a: 1.20\n", {"a": "1.20"}),
        ("a: yes\nb: 0x10\nc: 2024-01-01\n", {"a": "yes", "b": "0x10", "c": "2024-01-01"}),
        ("a: ~\nb: null\nc:\nd: ''\ne: 'null'\n", {"a": None, "b": None, "c": None, "d": "", "e": "null"}),
        ("[a, {b: c}, []]", ["a", {"b": "c"}, []]),
        ("a: &x {b: c}\nd: *x\n", {"a": {"b": "c"}, "d": {"b": "c"}}),
        (
            "a: &x {b: c, e: f}\nd:\n  <<: *x\n  e: g\n",
            {"a": {"b": "c", "e": "f"}, "d": {"b": "c", "e": "g"}},
        ),
        (
            "a: &x {b: 1}\nc: &y {b: 2, d: 3}\ne: {<<: [*x, *y]}\n",
            {"a": {"b": "1"}, "c": {"b": "2", "d": "3"}, "e": {"b": "1", "d": "3"}},
        ),
        ("\ufeffa: b\n", {"a": "b"}),
        ("a: |\n  two\n  lines\n", {"a": "two\nlines\n"}),
    ],
)
def test_values_are_texts(text: str, value: object) -> None:
    assert load(text.encode()) == (value, False)


@pytest.mark.parametrize("text", ["a: b\n---\nc: d\n", "a: b\n--- [\n", "a: b\n...\n---\n"])
def test_only_the_first_document_is_read_and_that_is_said(text: str) -> None:
    assert load(text.encode()) == ({"a": "b"}, True)


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 10)
)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"a: \xff\xfe", r"not UTF-8 \(byte 3\)"),
        ("a: b".encode("utf-16"), "not UTF-8"),
        (b"a: b\0", "."),
        (b"a: \x01\n", "."),
        (b"a: [b\n", "line 2: "),
        (b"a: 'b\n", "line "),
        (b"\ta: b\n", "line 1: "),
        (b"a: b\n c: d\n", "line "),
        (b"%YAML 9.9.9\n", "line 1"),
        (b"a: b\na: c\n", "line 2: the key 'a' comes twice"),
        (b"{a: b, a: c}", "line 1: the key 'a' comes twice"),
        (b"a: !!python/object:os.system x\n", "line 1: tags"),
        (b"a: !!str x\n", "line 1: tags"),
        (b"!x {a: b}", "line 1: tags"),
        (b"%TAG ! tag:x,2024:\n---\n!y a\n", "tags"),
        (b"? [a, b]\n: c\n", "line 1: a key must be"),
        (b"? {a: b}\n: c\n", "line 1: a key must be"),
        (b"a: &x b\n*x : c\n", "line 2: a key must be"),
        (b"a: &x [*x]\n", "line 1: the alias refers to itself"),
        (b"a: &x {b: *x}\n", "line 1: the alias refers to itself"),
        (b"a: &x b\nc: &x [*x]\n", "line 2: the alias refers to itself"),
        (b"a: *nothing\n", "line 1: the alias refers to itself or to nothing"),
        (b"a: {<<: text}\n", "line 1: << takes"),
        (BOMB.encode(), f"more than {MAX_NODES} values"),
        (b"[" * (MAX_DEPTH + 1), f"nested more than {MAX_DEPTH} deep"),
        (b"[" * MAX_SIZE, f"nested more than {MAX_DEPTH} deep"),
        (b"{a: " * (MAX_SIZE // 4), f"nested more than {MAX_DEPTH} deep"),
        (b"- " * (MAX_SIZE // 2), f"nested more than {MAX_DEPTH} deep"),
        (b"? " * (MAX_SIZE // 2), "."),
        (b"- a\n" * (MAX_SIZE // 4), f"more than {MAX_NODES} values"),
        (b"a: &x b\n- *x\n" * 5, "."),
        (b"x" * (MAX_SIZE + 1), "more than the 256 KiB"),
        (b"a: b\n" * (2 * 1024 * 1024), "10485760 bytes, more than the 256 KiB"),
    ],
)
def test_hostile_documents_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(YamlError, match=says) as caught:
        load(data)
    assert len(str(caught.value)) < 200


def test_nested_as_deep_as_allowed() -> None:
    assert load(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH).value is not None


def test_aliases_count_as_what_they_stand_for() -> None:
    base = "a: &a [" + "x, " * 998 + "x]\n"
    assert load((base + "b: [" + "*a, " * 17 + "]\n").encode()).value
    with pytest.raises(YamlError, match="aliases counted"):
        load((base + "b: [" + "*a, " * 20 + "]\n").encode())


@given(
    st.binary(max_size=300)
    | st.text(alphabet="ab:-?&*!|>%@`{}[],#'\"\\ \n\t<~x0", max_size=120).map(str.encode)
)
def test_any_bytes_give_a_document_or_a_refusal(data: bytes) -> None:
    try:
        document = load(data)
    except YamlError as error:
        assert str(error)  # noqa: PT017 - both ends are right, each is looked at
    else:
        assert isinstance(document.value, str | list | dict | None)
