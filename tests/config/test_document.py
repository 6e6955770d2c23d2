from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from proxy.config.document import MAX_CHARACTERS, MAX_DEPTH, entries
from proxy.config.keys import FILE_KEYS, KEYS, SECTIONS

if TYPE_CHECKING:
    from proxy.config.faults import Fault


def told(text: str) -> list[str]:
    faults: list[Fault] = []
    entries(text, faults)
    return [str(fault) for fault in faults]


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "---\n", "~", "{}", "\ufefflog: {}", "log:\n  # level: info\n", "log: null"]
)
def test_a_document_without_keys(text: str) -> None:
    faults: list[Fault] = []
    assert entries(text, faults) == {}
    assert faults == []


def test_keys_are_found_with_their_lines() -> None:
    faults: list[Fault] = []
    found = entries("listen: a:1\n\nlog:\n  level: info\n  format:\n    json\ncache: {ref_ttl: 1m}\n", faults)
    assert {path: (entry.line, entry.node.value) for path, entry in found.items()} == {
        "listen": (1, "a:1"),
        "log.level": (4, "info"),
        "log.format": (5, "json"),
        "cache.ref_ttl": (7, "1m"),
    }
    assert faults == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("lisen: x", "line 1: lisen: unknown key (did you mean listen?)"),
        ("cache:\n  reft_ttl: 1m", "line 2: cache.reft_ttl: unknown key (did you mean ref_ttl?)"),
        ("gihub: {}", "line 1: gihub: unknown key (did you mean github?)"),
        ("client_id: x", "line 1: client_id: unknown key (did you mean github.client_id?)"),
        ("github.client_id: x", "line 1: github.client_id: unknown key (write client_id under github)"),
        ("log:\n  verbosity: x", "line 2: log.verbosity: unknown key"),
        ("log:\n  client_id_file: x", "line 2: log.client_id_file: unknown key"),
        (
            "github:\n  client_id_file: x",
            "line 2: github.client_id_file: unknown key (did you mean client_id?)",
        ),
        ("1: x", "line 1: 1: unknown key"),
        ("? [a]\n: x", "line 1: has a key that is not a plain name"),
        ("log: {? {a: b} : x}", "line 1: log: has a key that is not a plain name"),
        ("<<: {listen: a}", "line 1: <<: unknown key"),
        ("listen: a\nlisten: b", "line 2: listen: given twice, first on line 1; keep one"),
        ("log: {}\nlog: {}", "line 2: log: given twice, first on line 1; keep one"),
        ("log:\n  level: a\n  level: b", "line 3: log.level: given twice, first on line 2; keep one"),
        ("- a", "line 1: must be a mapping, with keys such as listen, admin_listen"),
        ("text", "line 1: must be a mapping, with keys such as listen, admin_listen"),
        ("\n\nlog: info", "line 3: log: must be a mapping, with keys such as level, format"),
        ("log:\n  - level", "line 1: log: must be a mapping, with keys such as level, format"),
        ("a\x07: x", "line 1: holds the character U+0007, which YAML does not allow"),
        ("a: x\nb: \x00", "line 2: holds the character U+0000, which YAML does not allow"),
        ("a: x\nb: \ud800", "line 2: holds the character U+D800, which YAML does not allow"),
    ],
)
def test_a_fault_has_key_and_line(text: str, fault: str) -> None:
    assert told(text) == [fault]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("log: [", 1),
        ("a: b\n c: d", 2),
        ("a: 'b\n\nc", 3),
        ("a:\n\tb: c", 2),
        ("a: b\n---\nc: d", 2),
        ("a: *unknown", 1),
        ("a: b\nc", 2),
        ("%YAML 3.0\n---\na: b", 1),
        ('a: "\\q"', 1),
    ],
)
def test_broken_yaml_is_told_with_its_line(text: str, line: int) -> None:
    (fault,) = told(text)
    assert fault.startswith(f"line {line}: is not YAML: ")


@pytest.mark.parametrize(
    "text",
    [
        "client_secret: *hunter2",
        "client_secret: &hunter2 a\nb: &hunter2 c",
        "client_secret: !hunter2!x y",
        "client_secret: 'hunter2",
        'client_secret: "hunter2\\',
        "client_secret: @hunter2",
        "client_secret: %hunter2",
        "client_secret: hunter2: x",
        "%TAG ! hunter2\n--- a",
        "%TAG !a! hunter2\n%TAG !a! hunter2\n--- a",
    ],
)
def test_broken_yaml_is_not_repeated(text: str) -> None:
    faults = told(text)
    assert faults
    assert not any("hunter2" in fault for fault in faults)


@pytest.mark.parametrize(
    "text", ["[" * 5000, "{a: " * 5000, "- " * 5000, "\n".join(" " * n + "a:" for n in range(50))]
)
def test_nesting_is_bounded(text: str) -> None:
    (fault,) = told(text)
    assert f"more than {MAX_DEPTH} levels deep" in fault


def test_aliases_are_not_multiplied() -> None:
    laughs = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 100))
    assert len(told(f"a0: &a0 [x]\n{laughs}")) == 100
    assert told("log: &log\n  level: *log") == []  # what level holds is for whoever reads it


def test_size_is_bounded() -> None:
    assert told("#" * (MAX_CHARACTERS + 1)) == [f"longer than {MAX_CHARACTERS} characters"]
    assert told("#" * MAX_CHARACTERS) == []


@pytest.mark.parametrize("text", ['a: "\\UFFFFFFFF"', "%YAML 1." + "9" * 5000 + "\n--- a"])
def test_numbers_beyond_all_bounds_are_no_yaml(text: str) -> None:
    (fault,) = told(text)
    assert "is not YAML" in fault


def test_a_long_or_strange_key_is_shown_short_and_printable() -> None:
    (fault,) = told('"a\\n\\e[31mb": x')
    assert fault == r"line 1: 'a\n\x1b[31mb': unknown key"
    (fault,) = told("k" * 500 + ": x")
    assert len(fault) < 100


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text() | st.text(alphabet=st.sampled_from("a:-?[]{},&*!|>'\"%@` \n\t#.\\U0<~")))
@example("? ")
@example("&a [*a]")
def test_any_text_ends_in_entries_or_faults(text: str) -> None:
    faults: list[Fault] = []
    found = entries(text, faults)
    assert set(found) <= {*KEYS, *FILE_KEYS}
    assert all(isinstance(entry.node, yaml.Node) for entry in found.values())
    assert all("\n" not in str(fault) for fault in faults)


def test_sections_come_from_the_keys() -> None:
    sections = ("upstream", "tenancy", "github", "session", "cache", "resolver", "egress", "log", "tracing")
    assert ("listen_tls", *sections) == SECTIONS
    assert set(FILE_KEYS) == {"github.client_secret_file", "session.secrets_file", "cache.redis_url_file"}
