"""The collector of traces: what its answers mean."""

from __future__ import annotations

import pytest
from yarl import URL

from proxy.doctor.judging.answers import Heard, Silent, Trouble
from proxy.doctor.judging.tracing import collector, off
from proxy.doctor.model import Outcome

WHERE = URL("http://u:hush@collector:4318/v1/traces")


@pytest.mark.parametrize(
    ("status", "outcome", "words", "advice"),
    [
        (200, Outcome.OK, "collector:4318 takes traces", ""),
        (204, Outcome.FAILURE, "HTTP 204", "4318"),
        (301, Outcome.FAILURE, "does not take traces at /v1/traces (HTTP 301)", "4318"),
        (400, Outcome.FAILURE, "HTTP 400", "4318"),
        (401, Outcome.FAILURE, "HTTP 401", "login"),
        (403, Outcome.FAILURE, "HTTP 403", "login"),
        (404, Outcome.FAILURE, "HTTP 404", "tracing.endpoint"),
        (429, Outcome.FAILURE, "HTTP 429", "load"),
        (503, Outcome.FAILURE, "HTTP 503", "log"),
    ],
)
def test_an_answer(status: int, outcome: Outcome, words: str, advice: str) -> None:
    finding = collector(Heard(status, {}, b"", 0.01, 0), WHERE)
    assert finding.outcome is outcome
    assert words in finding.found
    assert advice in finding.advice
    assert bool(finding.advice) is (outcome is not Outcome.OK)
    assert "hush" not in finding.found + finding.advice


@pytest.mark.parametrize("trouble", list(Trouble))
def test_silence(trouble: Trouble) -> None:
    finding = collector(Silent(trouble, "x"), WHERE)
    assert finding.outcome is Outcome.FAILURE
    assert "collector:4318" in finding.found
    assert finding.advice


def test_no_tracing() -> None:
    assert off().outcome is Outcome.SKIPPED
