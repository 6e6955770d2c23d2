from __future__ import annotations

from prometheus_client import CollectorRegistry, generate_latest

from faults.judging import counting
from faults.judging.counting import Seen, disagreements
from proxy.metrics import Metrics


def scrape() -> tuple[Metrics, str]:
    metrics = Metrics(CollectorRegistry(), version="1", revision="2")
    metrics.request_duration.labels("other", "502").observe(0.1)
    metrics.request_duration.labels("other", "200").observe(0.1)
    metrics.request_duration.labels("other", "200").observe(0.1)
    metrics.upstream_errors.labels("reset").inc(3)
    metrics.config_reloads.labels("failure").inc(2)
    return metrics, generate_latest(metrics.registry).decode()


def test_a_scrape_is_read_by_route_and_status() -> None:
    counted = counting.requests(scrape()[1])
    assert (counted["other", "200"], counted["other", "502"]) == (2, 1)
    assert counted["vcs.v1.VCSService/GetFile", "200"] == 0


def test_a_metric_is_summed_over_its_labels_or_taken_by_one() -> None:
    text = scrape()[1]
    assert counting.value(text, "sourceproxy_upstream_errors_total") == 3
    assert counting.value(text, 'sourceproxy_upstream_errors_total{reason="connect"}') == 0
    assert counting.value(text, 'sourceproxy_config_reloads_total{result="failure"}') == 2
    assert counting.value(text, "sourceproxy_nothing") == 0


def seen(*whole: tuple[str, int], lost: int = 0) -> Seen:
    made = Seen()
    for route, status in whole:
        made.answered(route, status)
    made.lost("other", lost)
    return made


def test_equal_counts_agree() -> None:
    assert disagreements({("other", "200"): 2}, seen(("other", 200), ("other", 200))) == []


def test_an_answer_that_was_not_counted_is_found() -> None:
    (found,) = disagreements({("other", "200"): 1}, seen(("other", 200), ("other", 502)))
    assert "other 502: 1 answers were seen, 0 counted" in found


def test_one_that_was_counted_twice_is_found() -> None:
    (found,) = disagreements({("other", "200"): 2}, seen(("other", 200)))
    assert "2 counted, but 1 answers and 0 unknown" in found


def test_another_status_is_found_though_the_sum_is_right() -> None:
    assert disagreements({("other", "502"): 1}, seen(("other", 200)))


def test_what_nobody_saw_to_its_end_may_be_counted_or_not() -> None:
    for counted in ({}, {("other", "499"): 1}, {("other", "200"): 2}):
        assert disagreements(counted, seen(lost=2)) == []
    assert disagreements({("other", "499"): 3}, seen(lost=2))
    assert disagreements({("querier.v1.QuerierService/Series", "499"): 1}, seen(lost=2))


def test_what_was_seen_since() -> None:
    books = seen(("other", 200), lost=1)
    before = books.copy()
    books.answered("other", 200)
    books.lost("other", 2)
    since = books.since(before)
    assert (since.whole, since.unknown) == ({("other", "200"): 1}, {"other": 2})
