from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proxy.config.expansion import escape, expand
from proxy.config.values import InvalidValueError

ENVIRON = {"NAME": "value", "EMPTY": "", "TRICKY": "${NAME} $${ x: y", "_u1": "under"}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("", ""),
        ("plain", "plain"),
        ("${NAME}", "value"),
        ("a${NAME}b${NAME}c", "avaluebvaluec"),
        ("${_u1}", "under"),
        ("${EMPTY}", ""),
        ("${EMPTY:-default}", "default"),
        ("${NAME:-default}", "value"),
        ("${UNSET:-default}", "default"),
        ("${UNSET:-}", ""),
        ("${UNSET:-a:-b c$d}", "a:-b c$d"),
        ("${TRICKY}", "${NAME} $${ x: y"),  # what was put in is not expanded again
        ("$${NAME}", "${NAME}"),
        ("$$${NAME}", "$${NAME}"),
        ("$", "$"),
        ("$$", "$$"),
        ("pa$$w0rd$NAME", "pa$$w0rd$NAME"),
        ("{NAME}", "{NAME}"),
    ],
)
def test_references_are_replaced(text: str, expanded: str) -> None:
    assert expand(text, ENVIRON) == expanded


@pytest.mark.parametrize(
    "text",
    ["${", "${NAME", "${}", "${1NAME}", "${NA-ME}", "${NAME-default}", "${A:-${B}}", "${ NAME }", "${NAMÉ}"],
)
def test_a_broken_reference_is_a_fault(text: str) -> None:
    with pytest.raises(InvalidValueError, match=r"neither \$\{NAME\} nor"):
        expand(text, ENVIRON)


def test_every_unset_variable_is_named_once() -> None:
    with pytest.raises(InvalidValueError, match=r"^needs B, A from the environment, which is not set"):
        expand("${B} ${A} ${B} ${NAME}", ENVIRON)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.sampled_from("${}:-aA_ ")) | st.text())
def test_an_escaped_text_expands_to_itself(text: str) -> None:
    assert expand(escape(text), {}) == text
