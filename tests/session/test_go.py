"""The proxy and Go's standard library against each other, both ways."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from proxy.session import (
    Token,
    current_cookie_value,
    derive_key,
    legacy_cookie_value,
    read_cookie_value,
    seal,
    set_cookie,
)
from tests.session.vectors import SEALED, moment, token_of

SOURCE = Path(__file__).parent / "goseal" / "main.go"
OUTPUTS = ("key", "sealed", "current_cookie_value", "legacy_cookie_value", "set_cookie")


def goseal(jobs: list[dict[str, Any]], cache: Path) -> list[dict[str, Any]]:
    """Let Go do the jobs; one start for all of them, as compiling takes longest."""
    go = shutil.which("go")
    if go is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Go has to be there in CI: the session format is held against it")
        pytest.skip("Go is not installed")
    offline = {"GO111MODULE": "off", "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": ""}
    environment = {"GOCACHE": str(cache), **os.environ} if "HOME" not in os.environ else dict(os.environ)
    done = subprocess.run(
        [go, "run", str(SOURCE)],
        input=json.dumps(jobs),
        capture_output=True,
        encoding="utf-8",
        env=environment | offline,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    assert len(answers) == len(jobs)
    return answers


def opening(vector: dict[str, Any], value: str) -> dict[str, Any]:
    return {"secret": vector["secret"], "tenant": vector["tenant"], "cookie": value}


def test_go_makes_the_vectors_and_opens_what_the_proxy_seals(tmp_path: Path) -> None:
    making = [{name: value for name, value in vector.items() if name != "token"} for vector in SEALED]
    values = [_sealed_by_the_proxy(vector) for vector in SEALED]
    tampered = values[0][:-10] + ("A" if values[0][-10] != "A" else "B") + values[0][-9:]
    answers = goseal(
        [
            *making,
            *(opening(vector, value) for vector, value in zip(SEALED, values, strict=True)),
            opening(SEALED[0], tampered),
            opening(SEALED[0] | {"tenant": "other"}, values[0]),
        ],
        tmp_path,
    )
    made, opened, refused = (
        answers[: len(SEALED)],
        answers[len(SEALED) : 2 * len(SEALED)],
        answers[2 * len(SEALED) :],
    )
    for vector, answer in zip(SEALED, made, strict=True):
        assert {name: answer.get(name) for name in OUTPUTS} == {name: vector[name] for name in OUTPUTS}
    for vector, answer in zip(SEALED, opened, strict=True):
        assert _as_token(answer["token"]) == token_of(vector), vector["name"]
    assert all("error" in answer for answer in refused)


def test_the_proxy_opens_and_writes_again_what_go_seals(tmp_path: Path) -> None:
    jobs = [
        {
            "secret": "between the two",
            "tenant": f"tenant {number}",
            "nonce": f"{number:024x}",
            "token": {
                "access_token": f'ghu_{number}<&>"\\',
                "token_type": "bearer",
                "refresh_token": refresh,
                "expiry": expiry,
                "expires_in": number,
            },
            "legacy_expiry": 1_795_082_400_000 + number,
            "cookie_expires": "2027-02-03T04:05:06Z",
        }
        for number, (refresh, expiry) in enumerate(
            [
                ("ghr_1", "2026-11-19T10:00:00Z"),
                ("ghr_2", "2026-11-19T10:00:00.000001+05:45"),
                ("", "0001-01-01T00:00:00Z"),
                ("", "9999-12-31T23:59:59.999999999Z"),
            ]
        )
    ]
    for job, answer in zip(jobs, goseal(jobs, tmp_path), strict=True):
        keys = [derive_key(str(job["secret"]), str(job["tenant"]))]
        expected = _as_token(job["token"])
        assert read_cookie_value(answer["current_cookie_value"], keys) == expected
        assert read_cookie_value(answer["legacy_cookie_value"], keys) == expected
        end = moment(str(job["cookie_expires"]))
        assert end is not None
        assert set_cookie(answer["legacy_cookie_value"], end) == answer["set_cookie"]


def _sealed_by_the_proxy(vector: dict[str, Any]) -> str:
    token = token_of(vector)
    sealed = seal(token, bytes.fromhex(vector["key"]), bytes(12))
    if token.expiry is None:
        return current_cookie_value(sealed)
    return legacy_cookie_value(sealed, token.expiry)


def _as_token(fields: Any) -> Token:
    expiry = moment(fields["expiry"])
    return Token(
        fields["access_token"],
        fields.get("token_type", ""),
        fields.get("refresh_token", ""),
        None if expiry == datetime.fromisoformat("0001-01-01T00:00:00Z") else expiry,
    )
