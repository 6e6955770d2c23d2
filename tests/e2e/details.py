"""Asking ``GetFunctionDetails`` of the whole system, with the demo's profiles or with made-up ones."""

from __future__ import annotations

import json
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import proxy.demo
from proxy.config.model import Config, Upstream
from tests.fakes.system import System, running_system
from tests.profile.building import CPU, Builder
from tests.querier.server import Pyroscope, in_response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

DATA = Path(proxy.demo.__file__).parent / "data"
SERVICE, METHOD = "source.v1.SourceService", "GetFunctionDetails"
PARSE = "github.com/acme/shop/services/checkout/internal/coupon.Parse"
V1 = "52f61f74de43770293ebd8bd1adc0cd486543fe2"
V2 = "336c40530a4bb654fe9dde55771b09483e5653bb"
QUESTION: dict[str, Any] = {
    "profileTypeID": CPU,
    "labelSelector": '{service_name="checkout"}',
    "functionName": PARSE,
}
FOREVER = 2**40


def now_ms() -> int:
    return int(time.time() * 1000)


async def ask(
    system: System, cookie: str = "", headers: Mapping[str, str] | None = None, **fields: Any
) -> tuple[int, dict[str, Any]]:
    """Status and body of the answer to the usual question with some fields of it changed."""
    now = now_ms()
    body = {"start": str(now - 600_000), "end": str(now), **QUESTION, **fields}
    sent = {"Content-Type": "application/json", **(headers or {})}
    if cookie:
        sent["Cookie"] = cookie
    async with system.http.post(
        f"{system.url}/{SERVICE}/{METHOD}", data=json.dumps(body), headers=sent
    ) as response:
        return response.status, json.loads(await response.read())


async def versions(system: System, cookie: str = "", **fields: Any) -> list[dict[str, Any]]:
    status, body = await ask(system, cookie, **fields)
    assert status == 200, body
    found: list[dict[str, Any]] = body["versions"]
    return found


def lacking(version: dict[str, Any]) -> dict[str, str]:
    """What a version lacks, with the code of why."""
    return {missing["what"]: missing["code"] for missing in version.get("missing", [])}


def add_shop(system: System, **how: Any) -> None:
    system.github.add_repository("acme", "shop", DATA / "repositories" / "acme--shop.git", **how)


@asynccontextmanager
async def before(pyroscope: Pyroscope, **github: Any) -> AsyncIterator[System]:
    """The system before a Pyroscope that answers what it is told to."""

    def change(config: Config) -> Config:
        return replace(config, upstream=Upstream(pyroscope.url))

    async with running_system(change, **github) as running_one:
        add_shop(running_one)
        yield running_one


def told(builder: Builder) -> bytes:
    return in_response(builder.encoded())
