from __future__ import annotations

import io
import json
import logging
import re
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy import logs
from proxy.config import Log, Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

LOGFMT = logs.LogfmtFormatter()
JSON = logs.JsonFormatter()
# A reader of logfmt that was written from the format's description, not from the code.
PAIR = re.compile(r'([A-Za-z0-9_.-]+)=("(?:[^"\\]|\\.)*"|[^\s"=\\]+)( |$)')
ANYTHING = st.text(st.characters()) | st.text(st.sampled_from('a ="\\\n\r\t\x00\x1b\x85\u2028\u202e\ud800é'))


def record(
    message: str = "said", fields: object = None, *, created: float = 0.0, **more: Any
) -> logging.LogRecord:
    made = logging.LogRecord("proxy.x", logging.INFO, "", 0, message, more.get("args"), more.get("exc_info"))
    made.created = created
    made.stack_info = more.get("stack_info")
    made.__dict__["fields"] = fields
    return made


def read_logfmt(line: str) -> list[tuple[str, str]]:
    pairs, end = [], 0
    while end < len(line):
        match = PAIR.match(line, end)
        assert match, f"not logfmt at {end}: {line!r}"
        text = match[2]
        pairs.append((match[1], json.loads(text) if text.startswith('"') else text))
        end = match.end()
    return pairs


def raise_error(message: str) -> None:
    raise ValueError(message)


def raised() -> Any:
    try:
        raise_error("first\nsecond level=error")
    except ValueError:
        return sys.exc_info()
    return None


def test_a_logfmt_line() -> None:
    fields = {
        "status": 200,
        "ok": True,
        "none": None,
        "seconds": 0.25,
        "path": "/a b",
        "empty": "",
        "plain": "a/b?c",
    }
    assert LOGFMT.format(record("request", fields, created=1_800_000_000.0789)) == (
        "ts=2027-01-15T08:00:00.078Z level=info logger=proxy.x msg=request"
        ' status=200 ok=true none=null seconds=0.25 path="/a b" empty="" plain=a/b?c'
    )


def test_a_json_line() -> None:
    fields = {
        "status": 200,
        "ok": False,
        "none": None,
        "seconds": 0.25,
        "path": 'a "b"\n',
        "nan": float("nan"),
    }
    line = JSON.format(record("request", fields, created=1_800_000_000.0789))
    assert json.loads(line) == {
        "ts": "2027-01-15T08:00:00.078Z",
        "level": "info",
        "logger": "proxy.x",
        "msg": "request",
        "status": 200,
        "ok": False,
        "none": None,
        "seconds": 0.25,
        "path": 'a "b"\n',
        "nan": "nan",
    }


@pytest.mark.parametrize(
    ("created", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (0.9999, "1970-01-01T00:00:00.999Z"),
        (951_782_400.5, "2000-02-29T00:00:00.500Z"),
        (1_800_000_000.001, "2027-01-15T08:00:00.001Z"),
    ],
)
def test_timestamps_are_utc_with_milliseconds(created: float, text: str) -> None:
    assert LOGFMT.format(record(created=created)).startswith(f"ts={text} ")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a=b", '"a=b"'),
        ('a"b', r'"a\"b"'),
        ("a\\b", r'"a\\b"'),
        ("a\nb", r'"a\nb"'),
        ("a\x1b[31m", r'"a\u001b[31m"'),
        ("a\x85b", r'"a\u0085b"'),
        ("a\u2028b", r'"a\u2028b"'),
        ("a\u202eb", r'"a\u202eb"'),
        ("a\udcffb", r'"a\udcffb"'),
        ("Jürgen", '"Jürgen"'),
        (HTTPStatus.OK, "200"),
        pytest.param(10**5000, "<int>", id="huge"),
        (Secret("hunter2"), "Secret('***')"),
        (["a", 1], "\"['a', 1]\""),
        (b"\n", r'''"b'\\n'"'''),
    ],
)
def test_how_values_are_written(value: object, written: str) -> None:
    line = LOGFMT.format(record(fields={"key": value}))
    assert line.partition(" key=")[2] == written
    assert "hunter2" not in JSON.format(record(fields={"key": value}))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, st.lists(st.tuples(st.text(st.sampled_from("ab_.="), min_size=1), ANYTHING), max_size=4))
def test_no_text_can_forge_a_logfmt_line(message: str, fields: list[tuple[str, str]]) -> None:
    line = LOGFMT.format(record(message, dict(fields)))
    assert line.splitlines() == [line]
    assert line.isprintable()
    keys, values = zip(*read_logfmt(line), strict=True)
    assert keys == ("ts", "level", "logger", "msg", *(key.replace("=", "_") for key in dict(fields)))
    assert values[3:] == (message, *dict(fields).values())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ANYTHING, st.dictionaries(st.from_regex("[ab_.]{1,3}", fullmatch=True), ANYTHING, max_size=4))
def test_no_text_can_forge_a_json_line(message: str, fields: dict[str, str]) -> None:
    line = JSON.format(record(message, fields))
    assert line.splitlines() == [line]
    assert line.isascii()
    read = json.loads(line)
    assert read.pop("msg") == message
    assert {key: read[key] for key in fields} == fields
    assert len(read) == 3 + len(fields)


@pytest.mark.parametrize("formatter", [LOGFMT, JSON])
def test_our_names_are_not_taken_and_names_are_safe(formatter: logging.Formatter) -> None:
    fields = {"ts": 1, "level": 2, "msg": 3, "logger": 4, "exception": 5, "stack": 6, "a b\n": 7, "": 8, 9: 9}
    line = formatter.format(record(fields=fields))
    read = json.loads(line) if formatter is JSON else dict(read_logfmt(line))
    assert {key: int(value) for key, value in read.items() if str(value).isdecimal()} == {
        "ts_": 1,
        "level_": 2,
        "msg_": 3,
        "logger_": 4,
        "exception_": 5,
        "stack_": 6,
        "a_b_": 7,
        "_": 8,
        "9": 9,
    }


def test_an_exception_is_one_field() -> None:
    made = record(exc_info=raised(), stack_info="Stack:\n  here")
    pairs = dict(read_logfmt(LOGFMT.format(made)))
    assert pairs["exception"].startswith("Traceback (most recent call last):\n")
    assert pairs["exception"].endswith("ValueError: first\nsecond level=error")
    assert pairs["stack"] == "Stack:\n  here"
    assert pairs["level"] == "info"
    assert json.loads(JSON.format(made))["exception"] == pairs["exception"]


def test_no_exception_is_no_field() -> None:
    assert "exception" not in LOGFMT.format(record(exc_info=(None, None, None)))


class Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize("formatter", [LOGFMT, JSON])
def test_what_cannot_be_written_costs_no_line(formatter: logging.Formatter) -> None:
    assert "<Unprintable>" in formatter.format(record(fields={"key": Unprintable()}))
    assert "%d items" in formatter.format(record("%d items", args=("x",)))
    assert "3 items" in formatter.format(record("%d items", args=(3,)))


@pytest.mark.parametrize("formatter", [LOGFMT, JSON])
def test_lines_are_bounded(formatter: logging.Formatter) -> None:
    line = formatter.format(record("m" * 10**6, {"key": "v" * 10**6}))
    assert len(line) < 2 * logs.MAX_VALUE + 200


class TestLogger:
    @pytest.fixture(autouse=True)
    def root(self) -> Iterator[logging.Logger]:
        root = logging.getLogger()
        handlers, level = list(root.handlers), root.level
        yield root
        root.handlers[:] = handlers
        root.setLevel(level)

    def test_lines_arrive_in_the_format_that_is_configured(self) -> None:
        stream = io.StringIO()
        logs.configure(Log("info", "json"), stream)
        logs.log_line(logging.getLogger("proxy.a"), logging.INFO, "100%", status=200)
        logging.getLogger("other").warning("said %s", "it", extra={"fields": {"key": "value"}})
        first, second = map(json.loads, stream.getvalue().splitlines())
        assert (first["logger"], first["msg"], first["status"]) == ("proxy.a", "100%", 200)
        assert (second["level"], second["msg"], second["key"]) == ("warning", "said it", "value")

    @pytest.mark.parametrize(("level", "count"), [("debug", 4), ("info", 3), ("warning", 2), ("error", 1)])
    def test_the_level_holds(self, level: str, count: int) -> None:
        stream = io.StringIO()
        logs.configure(Log(level, "logfmt"), stream)
        for number in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
            logs.log_line(logging.getLogger("proxy.b"), number, "said")
        assert len(stream.getvalue().splitlines()) == count

    def test_configured_again_it_replaces_itself_and_nothing_else(self, root: logging.Logger) -> None:
        logs.configure(Log(), io.StringIO())
        others = root.handlers[:-1]
        first, second = io.StringIO(), io.StringIO()
        logs.configure(Log(), first)
        logs.configure(Log(), second)
        logs.log_line(logging.getLogger("proxy.c"), logging.INFO, "said")
        assert first.getvalue() == ""
        assert second.getvalue().count("\n") == 1
        assert root.handlers[: len(others)] == others
        assert len(root.handlers) == len(others) + 1

    def test_fields_may_have_the_names_of_arguments(self) -> None:
        stream = io.StringIO()
        logs.configure(Log(), stream)
        logs.log_line(logging.getLogger("proxy.d"), logging.INFO, "said", level="x", logger="y", message="z")
        assert stream.getvalue().endswith("msg=said level_=x logger_=y message=z\n")

    def test_an_exception_is_handed_over(self) -> None:
        stream = io.StringIO()
        logs.configure(Log(), stream)
        error = raised()[1]
        logs.log_line(logging.getLogger("proxy.e"), logging.ERROR, "failed", exc_info=error, request_id="1")
        pairs = dict(read_logfmt(stream.getvalue().removesuffix("\n")))
        assert pairs["request_id"] == "1"
        assert "ValueError: " in pairs["exception"]
