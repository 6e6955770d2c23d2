from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.demo.upstream.selector import MAX_LENGTH, parse
from proxy.errors import Code, RpcError

from .profiles import UNHURRIED

LABELS = {"service_name": "checkout", "region": "eu-central", "path": 'a"b\\c', "__name__": "process_cpu"}


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("", True),
        ("{}", True),
        (" { } ", True),
        ('{service_name="checkout"}', True),
        ('{service_name="check"}', False),
        ("{service_name='checkout'}", True),
        ("{service_name=`checkout`}", True),
        ('{service_name!="checkout"}', False),
        ('{service_name!="other"}', True),
        ('{region=~"eu-.+"}', True),
        ('{region=~"eu"}', False),
        ('{region=~"central"}', False),
        ('{region!~"eu-.+"}', False),
        ('{region!~"us-.+"}', True),
        ('{region=~"us-east|eu-central"}', True),
        ('{service_name="checkout",region="eu-central"}', True),
        ('{service_name="checkout", region="us-east"}', False),
        ('{ service_name = "checkout" , region =~ ".*" , }', True),
        ('{missing=""}', True),
        ('{missing!=""}', False),
        ('{missing=~".*"}', True),
        ('{missing=~".+"}', False),
        ('{service_name="checkout",service_name=~"check.*"}', True),
        (r'{path="a\"b\\c"}', True),
        (r'{path="a\x22b\u005cc"}', True),
        (r'{path=`a"b\c`}', True),
        ("process_cpu", True),
        ("memory", False),
        ('process_cpu{region="eu-central"}', True),
        ('memory{region="eu-central"}', False),
        ('{region=~"(?i)EU-CENTRAL"}', True),
        ('{region=~"[[:alpha:]-]+"}', False),
    ],
)
def test_what_a_selector_selects(text: str, selected: bool) -> None:
    assert parse(text).matches(LABELS) is selected


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{a}",
        "{a=}",
        "{a=b}",
        '{a="b"',
        '{a="b" c="d"}',
        '{a="b",,}',
        '{,a="b"}',
        '{a=="b"}',
        '{a>"b"}',
        '{"a"="b"}',
        '{a="b"}x',
        '{a="b\nc"}',
        r'{a="\q"}',
        '{a=~"("}',
        '{a=~"[z-a]"}',
        '{a=~"x{99999999999}"}',
        "{\0}",
        '{a="' + "x" * MAX_LENGTH + '"}',
    ],
)
def test_what_is_no_selector_is_refused(text: str) -> None:
    with pytest.raises(RpcError) as caught:
        parse(text)
    assert caught.value.code is Code.INVALID_ARGUMENT


@UNHURRIED
@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse(text).matches(LABELS)
    except RpcError as error:
        assert error.code is Code.INVALID_ARGUMENT  # noqa: PT017 - both outcomes are right here


@UNHURRIED
@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"]), max_size=50))
def test_any_value_can_be_asked_for(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert parse(f'{{label="{quoted}"}}').matches({"label": value})
    assert not parse(f'{{label!="{quoted}"}}').matches({"label": value})
