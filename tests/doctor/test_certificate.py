"""The certificate of the main listener: what is read of it, and what that means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from proxy.config.model import ListenTls
from proxy.doctor.asking.certificate import read_certificate
from proxy.doctor.judging.certificate import SOON, Certificate, certificate
from proxy.doctor.model import Outcome

OK, WARNING, FAILURE, SKIPPED = Outcome.OK, Outcome.WARNING, Outcome.FAILURE, Outcome.SKIPPED
BEGINS = datetime(2030, 1, 1, tzinfo=UTC).timestamp()
ENDS = datetime(2030, 4, 1, tzinfo=UTC).timestamp()
DAY = 86400.0


def dated(*names: str) -> Certificate:
    return Certificate(names, BEGINS, ENDS)


@pytest.mark.parametrize(
    ("found", "now", "outcome", "words"),
    [
        (None, 0, SKIPPED, "plain http"),
        ("listen_tls.key_file: k is not the key of c", 0, FAILURE, "k is not the key of c"),
        (dated("a"), BEGINS, OK, "(a) fits its key and is good until 2030-04-01"),
        (dated("a", "b", "c", "d", "e"), BEGINS, OK, "(a, b, c and 2 more)"),
        (dated("a"), BEGINS - 1, FAILURE, "counts from 2030-01-01 only"),
        (dated("a"), ENDS - SOON, OK, "good until"),
        (dated("a"), ENDS - SOON + 1, WARNING, "ends on 2030-04-01, in 13 days"),
        (dated("a"), ENDS - DAY, WARNING, "in 1 day"),
        (dated("a"), ENDS - 1, WARNING, "in less than a day"),
        (dated("a"), ENDS, FAILURE, "ended on 2030-04-01"),
        (dated(), BEGINS, WARNING, "names no host"),
        (dated(), ENDS, FAILURE, "ended on"),
    ],
)
def test_what_it_means(found: Certificate | str | None, now: float, outcome: Outcome, words: str) -> None:
    finding = certificate(found, now)
    assert finding.outcome is outcome
    assert words in finding.found
    assert bool(finding.advice) is (outcome in {WARNING, FAILURE})


def issue(folder: Path, ca: trustme.CA, *names: str, ends: datetime) -> ListenTls:
    issued = ca.issue_cert(*names, not_after=ends)
    files = ListenTls(str(folder / "cert.pem"), str(folder / "key.pem"))
    issued.private_key_pem.write_to_path(files.key_file)
    Path(files.cert_file).unlink(missing_ok=True)
    for blob in issued.cert_chain_pems:
        blob.write_to_path(files.cert_file, append=True)
    return files


def test_names_and_the_first_end_of_the_chain(tmp_path: Path) -> None:
    ends = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    files = issue(tmp_path, trustme.CA(), "proxy.example", "127.0.0.1", ends=ends)
    found = read_certificate(files)
    assert isinstance(found, Certificate)
    assert list(found.names) == ["proxy.example", "127.0.0.1"]
    assert found.ends == ends.timestamp()
    assert found.begins < datetime.now(UTC).timestamp()


def test_an_intermediate_that_ends_first_counts(tmp_path: Path) -> None:
    ca = trustme.CA().create_child_ca()
    files = issue(tmp_path, ca, "proxy.example", ends=datetime(3333, 1, 1, tzinfo=UTC))
    found = read_certificate(files)
    assert isinstance(found, Certificate)
    assert found.ends < datetime(3333, 1, 1, tzinfo=UTC).timestamp()


def test_what_the_proxy_would_not_start_with_is_told_in_the_same_words(tmp_path: Path) -> None:
    ends = datetime.now(UTC) + timedelta(days=30)
    files = issue(tmp_path, trustme.CA(), "proxy.example", ends=ends)
    Path(files.key_file).write_bytes(trustme.CA().issue_cert("a.example").private_key_pem.bytes())
    assert str(read_certificate(files)).startswith("listen_tls.key_file: ")
    assert "is not the key of" in str(read_certificate(files))
    Path(files.cert_file).unlink()
    assert "cannot be read" in str(read_certificate(files))


def test_plain_http_has_none() -> None:
    assert read_certificate(ListenTls()) is None
