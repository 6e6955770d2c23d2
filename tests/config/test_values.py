from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.config import values
from proxy.config.values import InvalidValueError, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable

READERS: list[Callable[[Scalar], object]] = [
    values.encodable,
    values.line,
    values.boolean,
    values.whole_number(0, 10),
    values.choice("a", "b"),
    values.ratio,
    values.name,
    values.duration(zero=False),
    values.size,
    values.host_port,
    values.base_url,
    values.optional_base_url,
    values.callback_url,
    values.redis_url,
    values.one_line_secret,
    values.any_secret,
]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("500ms", 0.5),
        ("1ms", 0.001),
        ("30s", 30),
        ("5m", 300),
        ("8h", 28800),
        ("1d", 86400),
        ("1m30s", 90),
        ("1h0m1s5ms", 3601.005),
        ("365d", 31536000),
        ("90m", 5400),
    ],
)
def test_durations(text: str, seconds: float) -> None:
    assert values.duration(zero=False)(Scalar(text)) == seconds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no duration"),
        ("30", "no duration"),
        ("s", "no duration"),
        ("1.5h", "no duration"),
        ("5 m", "no duration"),
        ("5min", "no duration"),
        ("30s1m", "no duration"),
        ("5M", "no duration"),
        ("1us", "no duration"),
        ("\u0665s", "no duration"),
        ("5m\n", "no duration"),
        ("-5s", "negative"),
        ("0s", "longer than zero"),
        ("366d", "longer than a year"),
        ("999999999999d", "longer than a year"),
        ("9" * 10_000 + "s", "no duration"),
    ],
)
def test_what_is_no_duration(text: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        values.duration(zero=False)(Scalar(text))


def test_a_period_may_be_zero() -> None:
    assert values.duration(zero=True)(Scalar("0s")) == 0


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, values.MAX_DURATION_MS))
def test_a_written_duration_reads_back(milliseconds: int) -> None:
    text = values.write_duration(milliseconds / 1000)
    assert values.duration(zero=True)(Scalar(text)) == milliseconds / 1000


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1", 1),
        ("65536", 65536),
        ("10B", 10),
        ("64KiB", 65536),
        ("256MiB", 2**28),
        ("1GiB", 2**30),
        ("1TiB", 2**40),
    ],
)
def test_sizes(text: str, count: int) -> None:
    assert values.size(Scalar(text)) == count


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no size"),
        ("256MB", "no size"),
        ("256M", "no size"),
        ("256mib", "no size"),
        ("1.5GiB", "no size"),
        ("256 MiB", "no size"),
        ("MiB", "no size"),
        ("-1MiB", "negative"),
        ("0", "more than zero"),
        ("0MiB", "more than zero"),
        ("1025TiB", "larger"),
        ("9999999999999999TiB", "larger"),
        ("9" * 10_000, "no size"),
    ],
)
def test_what_is_no_size(text: str, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        values.size(Scalar(text))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(1, values.MAX_SIZE))
def test_a_written_size_reads_back(count: int) -> None:
    assert values.size(Scalar(values.write_size(count))) == count


@pytest.mark.parametrize(("text", "truth"), [("true", True), ("True", True), ("on", True), ("no", False)])
def test_booleans(text: str, truth: bool) -> None:
    assert values.boolean(Scalar(text)) is truth


@pytest.mark.parametrize("scalar", [Scalar(""), Scalar("1"), Scalar("y"), Scalar("true", plain=False)])
def test_what_is_no_boolean(scalar: Scalar) -> None:
    with pytest.raises(InvalidValueError, match="true or false"):
        values.boolean(scalar)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("+3", 3), ("10", 10)])
def test_whole_numbers(text: str, number: int) -> None:
    assert values.whole_number(0, 10)(Scalar(text)) == number


@pytest.mark.parametrize(
    ("scalar", "why"),
    [
        (Scalar("-1"), "between 0 and 10"),
        (Scalar("11"), "between 0 and 10"),
        (Scalar("9" * 10_000), "no whole number"),
        (Scalar("1.0"), "no whole number"),
        (Scalar("1_0"), "no whole number"),
        (Scalar("0x1"), "no whole number"),
        (Scalar(""), "no whole number"),
        (Scalar("5", plain=False), "without quotes"),
    ],
)
def test_what_is_no_whole_number(scalar: Scalar, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        values.whole_number(0, 10)(scalar)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("1.0", 1.0),
        ("0.25", 0.25),
        (".5", 0.5),
        ("1e-05", 0.00001),
        ("+1", 1.0),
        ("-0", 0.0),
    ],
)
def test_ratios(text: str, number: float) -> None:
    assert values.ratio(Scalar(text)) == number


@pytest.mark.parametrize(
    ("scalar", "why"),
    [
        (Scalar(""), "no number"),
        (Scalar("half"), "no number"),
        (Scalar("nan"), "no number"),
        (Scalar("inf"), "no number"),
        (Scalar("1e400"), "between 0 and 1"),
        (Scalar("50%"), "no number"),
        (Scalar("0,5"), "no number"),
        (Scalar("1_0"), "no number"),
        (Scalar("\u0661"), "no number"),
        (Scalar("."), "no number"),
        (Scalar("0.5", plain=False), "without quotes"),
        (Scalar("1.1"), "between 0 and 1"),
        (Scalar("-0.1"), "between 0 and 1"),
    ],
)
def test_what_is_no_ratio(scalar: Scalar, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        values.ratio(scalar)


@pytest.mark.parametrize("text", ["", " ", "a\nb"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"empty|control character"):
        values.name(Scalar(text))


def test_choices_ignore_capitals_and_know_other_words() -> None:
    level = values.choice("info", "warning", warn="warning")
    assert [level(Scalar(text)) for text in ("INFO", "warn", "Warning")] == ["info", "warning", "warning"]
    with pytest.raises(InvalidValueError, match="is none of info, warning"):
        level(Scalar("verbose"))


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "a\x7f", "a\x85", "a\udcff"])
def test_a_line_holds_no_control_character(text: str) -> None:
    with pytest.raises(InvalidValueError):
        values.line(Scalar(text))


def test_a_session_secret_may_hold_anything_that_is_text() -> None:
    assert values.any_secret(Scalar("a\nb\x00")).reveal() == "a\nb\x00"
    with pytest.raises(InvalidValueError, match="UTF-8"):
        values.any_secret(Scalar("\udcff"))


MARKED = st.text(st.characters(exclude_characters="Q")).map(lambda text: f"QQQ{text}QQQ")


@pytest.mark.parametrize("reader", READERS)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters()) | MARKED | st.from_regex(r"(https?|rediss?)://[^ ]{0,20}"), st.booleans())
def test_no_reader_fails_otherwise_or_tells_the_value(
    reader: Callable[[Scalar], object], text: str, plain: bool
) -> None:
    assert "QQQ" not in _refusal(reader, Scalar(text, plain=plain))


def _refusal(reader: Callable[[Scalar], object], scalar: Scalar) -> str:
    try:
        reader(scalar)
    except InvalidValueError as error:
        return str(error)
    return ""
