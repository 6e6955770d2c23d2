"""Reloading: on demand and when a file has changed; what is broken changes nothing but the metrics."""

from __future__ import annotations

import asyncio
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from prometheus_client import CollectorRegistry

from proxy.live import Live
from proxy.metrics import Metrics
from proxy.reloading import Reloader, Source
from proxy.settings import Settings, read_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from proxy.reloading.source import Stamp

SECRETS = ("a first secret of many letters", "a second secret of many letters")
MAPPING = """\
version: v1
source_code:
  mappings:
    - path: [{{prefix: {0}}}]
      language: go
      source: {{local: {{path: x}}}}
"""


class World:
    """A configuration in files, and what is in force of it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "config.yaml"
        self.mappings = folder / "mappings.yaml"
        self.mappings.write_text(MAPPING.format("/a"))
        self.write("log: {level: info}")
        self.source = Source(str(self.file), {}, {})
        self.live = Live(read_settings(self.source.load()))
        self.metrics = Metrics(CollectorRegistry(), version="0", revision="")
        self.changed = asyncio.Event()
        self.refuse: Exception | None = None
        self.looks = 0
        self.source.now = self.look  # type: ignore[method-assign]  # to count
        self.reloader = Reloader(self.source, self.live, self.apply, self.metrics, look_seconds=0.01)

    def write(self, more: str = "", secrets: tuple[str, ...] = SECRETS[:1]) -> None:
        listed = "".join(f"\n    - {secret}" for secret in secrets)
        rest = f"github: {{client_id: id, client_secret: s}}\nresolver: {{mappings_file: '{self.mappings}'}}"
        self.file.write_text(f"session:\n  secrets:{listed}\n{rest}\n{more}\n")

    async def apply(self, settings: Settings) -> None:
        if self.refuse is not None:
            raise self.refuse
        self.live.replace(settings)
        self.changed.set()

    def look(self) -> Mapping[str, Stamp | None]:
        self.looks += 1
        return Source.now(self.source)

    def counted(self) -> tuple[Any, ...]:
        value = self.metrics.registry.get_sample_value
        name = "sourceproxy_config_reloads_total"
        results = (value(name, {"result": result}) for result in ("success", "failure"))
        return (*results, value("sourceproxy_config_last_reload_successful"))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.reloader.run())
        try:
            async with asyncio.timeout(30):
                yield
        finally:
            task.cancel()
            await asyncio.wait((task,))


@pytest.fixture
def world(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> World:
    caplog.set_level(logging.INFO, "proxy.reload")
    return World(tmp_path)


def told(caplog: pytest.LogCaptureFixture) -> list[tuple[str, dict[str, Any]]]:
    return [(record.getMessage(), getattr(record, "fields", {})) for record in caplog.records]


async def test_what_changed_is_taken_over_and_told_without_values(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.write("log: {level: debug}\nshutdown_grace: 7s", SECRETS)
    assert await world.reloader.reload()
    config = world.live.value.config
    assert [secret.reveal() for secret in config.session.secrets] == list(SECRETS)
    assert (config.log.level, config.shutdown_grace) == ("debug", 30.0)
    assert world.counted() == (1, 0, 1)
    assert told(caplog) == [
        ("configuration reloaded", {"changed": "session.secrets,log.level"}),
        ("a changed key needs a restart", {"key": "shutdown_grace"}),
    ]


async def test_nothing_new_is_no_failure(world: World, caplog: pytest.LogCaptureFixture) -> None:
    before = world.live.edition
    assert await world.reloader.reload()
    assert (world.live.edition, world.counted()) == (before, (1, 0, 1))
    assert told(caplog) == [("configuration reloaded", {"changed": "nothing"})]


async def test_mappings_are_read_anew_though_their_name_stays(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    before = world.live.value.mappings
    world.mappings.write_text(MAPPING.format("/b"))
    assert await world.reloader.reload()
    assert world.live.value.mappings not in {None, before}
    assert told(caplog)[0] == ("configuration reloaded", {"changed": "resolver.mappings_file"})


async def test_a_renewed_certificate_is_told(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def issue() -> None:
        issued = trustme.CA().issue_cert("proxy.example")
        issued.cert_chain_pems[0].write_to_path(tmp_path / "cert.pem")
        issued.private_key_pem.write_to_path(tmp_path / "key.pem")

    issue()
    world.write(f"listen_tls: {{cert_file: '{tmp_path / 'cert.pem'}', key_file: '{tmp_path / 'key.pem'}'}}")
    world.live.replace(read_settings(world.source.load()))
    assert await world.reloader.reload()
    issue()
    assert await world.reloader.reload()
    assert [fields["changed"] for _, fields in told(caplog)] == ["nothing", "listen_tls.cert_file"]


async def test_every_fault_is_told_and_the_old_stays(world: World, caplog: pytest.LogCaptureFixture) -> None:
    before = world.live.value
    world.mappings.write_text("version: v9")
    world.write("log: {level: loud}\nlisen: x\ncache: {redis_url: hush}")
    assert not await world.reloader.reload()
    assert world.live.value is before
    assert world.counted() == (0, 1, 0)
    faults = [str(fields["fault"]) for _, fields in told(caplog)]
    assert len(faults) == 4
    assert all(
        any(key in fault for fault in faults) for key in ("log.level", "lisen", "mappings", "redis_url")
    )
    assert "hush" not in caplog.text
    world.mappings.write_text(MAPPING.format("/a"))
    world.write("log: {level: error}")
    assert await world.reloader.reload()
    assert world.counted() == (1, 1, 1)


@pytest.mark.parametrize("break_it", ["removed", "not text"])
async def test_a_file_that_cannot_be_read(
    world: World, break_it: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.file.unlink() if break_it == "removed" else world.file.write_bytes(b"\xff")
    assert not await world.reloader.reload()
    assert world.counted() == (0, 1, 0)
    ((_, fields),) = told(caplog)
    assert str(fields["fault"]).startswith(f"cannot read {world.file}: ")


@pytest.mark.parametrize(
    ("error", "shown"),
    [(OSError("no such certificate"), "no such certificate"), (RuntimeError("hush"), "RuntimeError")],
)
async def test_what_is_refused_where_it_is_applied(
    world: World, error: Exception, shown: str, caplog: pytest.LogCaptureFixture
) -> None:
    world.refuse = error
    assert not await world.reloader.reload()
    assert world.counted() == (0, 1, 0)
    assert shown in str(told(caplog)[0][1]["fault"])
    assert "hush" not in str(told(caplog))


async def test_it_reloads_when_it_is_asked_to(world: World) -> None:
    async with world.running():
        world.reloader.ask()
        await world.changed.wait()


@pytest.mark.parametrize("which", ["file", "mappings"])
async def test_it_reloads_when_a_file_has_changed(world: World, which: str) -> None:
    async with world.running():
        if which == "file":
            world.write("log: {level: error}")
        else:
            world.mappings.write_text(MAPPING.format("/b"))
        await world.changed.wait()


async def test_what_changed_between_the_start_and_the_first_look_counts(world: World) -> None:
    world.write("log: {level: error}")
    async with world.running():
        await world.changed.wait()
    assert world.live.value.config.log.level == "error"


async def test_a_broken_file_is_told_once_and_its_correction_noticed(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async with world.running():
        world.write("log: {level: loud}")
        while world.counted()[1] == 0:  # noqa: ASYNC110 - what changes is inside the code under test
            await asyncio.sleep(0.005)
        looks = world.looks
        while world.looks < looks + 5:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.005)
        world.write("log: {level: error}")
        await world.changed.wait()
    assert world.counted() == (1, 1, 1)
    assert sum("refused" in message for message, _ in told(caplog)) == 1
