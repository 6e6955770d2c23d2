from __future__ import annotations

import pytest

from proxy.config import ConfigFaults, Fault


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("github.client_secret", 7, "names no file"), "line 7: github.client_secret: names no file"),
        (Fault("--listen", None, "is no HOST:PORT"), "--listen: is no HOST:PORT"),
        (Fault("", 3, "is not YAML"), "line 3: is not YAML"),
        (Fault("", None, "too long"), "too long"),
    ],
)
def test_a_fault_tells_line_key_and_message(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_the_exception_carries_all_faults_in_order() -> None:
    error = ConfigFaults([Fault("a", 1, "x"), Fault("b", None, "y")])
    assert error.faults == (Fault("a", 1, "x"), Fault("b", None, "y"))
    assert str(error) == "line 1: a: x\nb: y"
