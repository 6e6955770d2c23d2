"""What the configuration, Redis and the machine say of themselves, as tables."""

from __future__ import annotations

from dataclasses import replace
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from proxy.cache.shared.limits import Reason
from proxy.config.faults import Fault
from proxy.config.model import Cache, Config, GitHub, HostPort, Secret, Session
from proxy.doctor import showing
from proxy.doctor.judging import configuration, machine, redis
from proxy.doctor.judging.answers import Heard, Silent, Trouble
from proxy.doctor.judging.machine import Binding, Memory
from proxy.doctor.model import Finding, Outcome, failure, ok, skipped, warning
from proxy.source.mapping import Mappings

if TYPE_CHECKING:
    from proxy.doctor.judging.answers import Answer

OK, WARNING, FAILURE, SKIPPED = Outcome
STRONG = "q7Yx2LrV9tZ0mKc4WbHs8NfJ3dGpA6eU"
MIB = 1024 * 1024


def sealed_with(*secrets: str) -> Config:
    github = GitHub(client_secret=Secret("the-client-secret-of-the-app-0123"))
    return Config(session=Session(tuple(map(Secret, secrets))), github=github)


@pytest.mark.parametrize(
    ("secrets", "outcome", "words"),
    [
        ((), WARNING, "no session secret"),
        ((STRONG,), OK, "1 session secret,"),
        ((STRONG, STRONG[::-1]), OK, "2 session secrets,"),
        (("short",), WARNING, "session.secrets[0] is shorter"),
        ((STRONG, "a" * 40), WARNING, "session.secrets[1] repeats"),
        (("secret-secret-secret-changeme-12345",), WARNING, "words that everybody tries"),
        (("the-client-secret-of-the-app-0123",), WARNING, "client secret of the App"),
        ((STRONG, STRONG), WARNING, "twice"),
    ],
)
def test_session_secrets(secrets: tuple[str, ...], outcome: Outcome, words: str) -> None:
    (finding,) = configuration.secrets(sealed_with(*secrets))
    assert finding.outcome is outcome
    assert words in finding.found
    assert not [secret for secret in secrets if secret in repr(finding) and secret != "short"]


@given(st.binary(min_size=32, max_size=64))
def test_what_openssl_makes_is_strong_enough(random: bytes) -> None:
    secret = random.hex()
    # Bytes that are nearly all the same do not come from openssl.
    if len(set(random)) > 20:
        assert configuration.secrets(sealed_with(secret))[0].outcome is OK


def test_faults_and_advice_of_the_configuration() -> None:
    faults = [Fault("listen", 3, "is wrong"), Fault("", None, "is not YAML")]
    assert [finding.found for finding in configuration.faulty(faults, "c.yaml")] == [
        "c.yaml: line 3: listen: is wrong",
        "c.yaml: is not YAML",
    ]
    (fine,) = configuration.checked(Config(), "c.yaml")
    assert fine.outcome is OK
    odd = replace(Config(), github=GitHub(rate_limit_reserve=9000, client_id="x"))
    assert [finding.outcome for finding in configuration.checked(odd, "c.yaml")] == [WARNING, WARNING]


@pytest.mark.parametrize(
    ("found", "outcomes"),
    [
        (None, [SKIPPED]),
        ("cannot be read: gone", [FAILURE]),
        (Mappings(), [OK]),
        (Mappings(notes=("one", "two")), [WARNING, WARNING]),
    ],
)
def test_mappings(found: Mappings | str | None, outcomes: list[Outcome]) -> None:
    assert [finding.outcome for finding in configuration.mappings("m.yaml", found)] == outcomes


SHARED = Cache(redis_url=Secret("redis://:hush@r"))
GOOD = redis.Used(0.0001, same=True, expires=True, policy="allkeys-lru", max_memory=64 * MIB)


@pytest.mark.parametrize(
    ("found", "outcomes", "words"),
    [
        (None, [SKIPPED], "no session secret"),
        (GOOD, [OK, OK], "0.1 ms a command"),
        (replace(GOOD, seconds=0.5), [WARNING, OK], "longer than requests wait"),
        (replace(GOOD, same=False), [FAILURE], "another value"),
        (replace(GOOD, expires=False), [FAILURE], "expire"),
        (replace(GOOD, max_memory=0), [OK, WARNING], "no memory limit"),
        (replace(GOOD, policy="noeviction"), [OK, WARNING], "64 MiB are full"),
        (replace(GOOD, max_memory=None, policy=""), [OK, SKIPPED], "does not tell"),
        (redis.Unusable(Reason.REFUSED, "NOAUTH"), [FAILURE], "refuses user and password"),
        (redis.Unusable(Reason.REFUSED, "READONLY"), [FAILURE], "replica"),
        (redis.Unusable(Reason.REFUSED, "ERR"), [FAILURE], "(ERR)"),
        (redis.Unusable(Reason.CONNECTION), [FAILURE], "cannot be connected"),
        (redis.Unusable(Reason.TIMEOUT), [FAILURE], "in time"),
        (redis.Unusable(Reason.FULL, "OOM"), [FAILURE], "OOM"),
        (
            redis.Unusable(sentence="the package is missing: pip install x, or leave it"),
            [FAILURE],
            "pip install",
        ),
    ],
)
def test_redis(found: redis.Unusable | redis.Used | None, outcomes: list[Outcome], words: str) -> None:
    findings = redis.usable(found, SHARED)
    assert [finding.outcome for finding in findings] == outcomes
    assert words in " ".join(finding.found for finding in findings)


def test_no_redis() -> None:
    (finding,) = redis.usable(None, Cache())
    assert finding.outcome is SKIPPED
    assert "cache.redis_url is empty" in finding.found


@pytest.mark.parametrize(
    ("found", "ours", "outcome"),
    [
        (Binding.FREE, False, OK),
        (Binding.TAKEN, True, OK),
        (Binding.TAKEN, False, FAILURE),
        (Binding.FORBIDDEN, True, FAILURE),
        (Binding.NOT_HERE, False, FAILURE),
        (Binding.UNKNOWN_NAME, False, FAILURE),
    ],
)
def test_addresses(found: Binding, ours: bool, outcome: Outcome) -> None:
    finding = machine.address("listen", HostPort("::", 4041), found, ours=ours)
    assert (finding.check, finding.outcome) == ("machine.listen", outcome)
    assert "[::]:4041" in finding.found


@pytest.mark.parametrize(("limit", "outcome"), [(256, FAILURE), (1024, WARNING), (65536, OK)])
def test_descriptors(limit: int, outcome: Outcome) -> None:
    assert machine.descriptors(limit).outcome is outcome


@pytest.mark.parametrize(
    ("limit", "outcome"), [(256, FAILURE), (400, WARNING), (512, OK), (None, SKIPPED), (10, FAILURE)]
)
def test_memory(limit: int | None, outcome: Outcome) -> None:
    found = None if limit is None else Memory(limit * MIB, "the control group's limit")
    finding = machine.memory(found, 256 * MIB, 1)
    assert finding.outcome is outcome
    if outcome in {WARNING, FAILURE}:
        assert "474 MiB" in finding.advice


def test_each_worker_has_a_cache_of_its_own() -> None:
    found = machine.Memory(1024 * MIB, "the machine's memory")
    assert machine.memory(found, 256 * MIB, 2).outcome is Outcome.OK
    finding = machine.memory(found, 256 * MIB, 4)
    assert finding.outcome is Outcome.FAILURE
    assert "for each of 4 workers" in finding.found


def told(date: str, at: float) -> Heard:
    return Heard(200, CIMultiDict({"Date": date}), b"", 0.1, at)


NOW = 1_790_000_000
DATE = formatdate(NOW, usegmt=True)


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (told(DATE, NOW + 0.9), OK, "agrees with that of api.example"),
        (told(DATE, NOW + 20.5), WARNING, "20 s ahead of"),
        (told(DATE, NOW - 19.5), WARNING, "20 s behind"),
        (told(DATE, NOW + 3600.5), FAILURE, "3600 s ahead of"),
        (told("yesterday", NOW), SKIPPED, "nobody"),
        (told("", NOW), SKIPPED, "nobody"),
        (Silent(Trouble.DNS), SKIPPED, "nobody"),
        (None, SKIPPED, "nobody"),
    ],
)
def test_the_clock(answer: Answer | None, outcome: Outcome, words: str) -> None:
    finding = machine.clock([("api.example", answer)])
    assert finding.outcome is outcome
    assert words in finding.found


def test_the_first_who_tells_the_time_is_believed() -> None:
    finding = machine.clock([("a", Silent(Trouble.DNS)), ("b", told(DATE, NOW)), ("c", told(DATE, 0.0))])
    assert (finding.outcome, finding.found) == (OK, "the clock agrees with that of b")


EVERY_KIND = [
    ok("a.b", "fine"),
    warning("a.c", "odd", "mind"),
    failure("a.d", "bad\x1b[2J", "fix"),
    skipped("a.e", "no"),
]


@pytest.mark.parametrize("colour", [True, False])
def test_the_tree_has_every_finding_and_its_advice(colour: bool) -> None:
    text = showing.group("a", EVERY_KIND, colour=colour)
    assert ("\x1b[3" in text) is colour
    assert "\x1b[2J" not in text
    for shown in ("├─", "└─", "fine", "odd", "→ mind", "bad�[2J", "→ fix", "no"):
        assert shown in text
    assert "1 failure, 1 warning, 1 fine, 1 skipped" in showing.verdict(EVERY_KIND, colour=colour)
    assert "0 failures, 0 warnings, 1 fine\n" in showing.verdict(EVERY_KIND[:1], colour=False)


def test_what_two_checks_say_alike_is_told_once() -> None:
    same = [
        failure("a.b", "gone", "look"),
        failure("a.c", "gone", "look"),
        failure("a.c", "gone", "elsewhere"),
    ]
    text = showing.group("a", same, colour=False)
    assert text == "a\n├─ ✗ gone\n│    → look\n└─ ✗ gone\n     → elsewhere\n"


@pytest.mark.parametrize(
    ("findings", "outcome"),
    [(EVERY_KIND, "failure"), (EVERY_KIND[:2], "warning"), (EVERY_KIND[:1], "ok"), ([], "ok")],
)
def test_json_tells_the_worst(findings: list[Finding], outcome: str) -> None:
    assert f'"outcome": "{outcome}",\n  "failures"' in showing.as_json(findings)
