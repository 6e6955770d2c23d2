"""``python -m bench.units``: what one of each thing costs that the cache keeps and a request does.

Prints, for docs/scaling.md: bytes in memory as the cache counts them and as the interpreter spends them,
bytes in Redis, and processor time of the steps of a GetFile whose answer is known.
"""

from __future__ import annotations

import hashlib
import os
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from proxy.aead import NONCE_SIZE
from proxy.cache import Cache
from proxy.cache.shared.sealing import Content, Keyring
from proxy.config.model import Cache as Settings
from proxy.connect import codec
from proxy.connect.headers import Format
from proxy.github.client import Commit, Look
from proxy.library import Opened, Viewers, codecs
from proxy.library.access import Access
from proxy.library.answers import Answers
from proxy.library.knowledge import Knowledge
from proxy.library.outcome import Outcome, Step
from proxy.library.place import Place
from proxy.library.remote import snapshot_of
from proxy.library.standing import Standing
from proxy.metrics import Metrics
from proxy.proto import vcs_pb2
from proxy.session import Token
from proxy.source.model import File, Found, Frame, Language, Open, Repository, Service
from proxy.source.tree import Entry, TreeIndex
from proxy.vcs import encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from proxy.cache.shared.codecs import Codec
    from proxy.library import Viewer

MANY = 2000
FILE_SIZE = 12 * 1024
TREE_FILES = 5000
ROUNDS = 20_000
PATH = "services/checkout/internal/payments/gateway/handler_{}.go"
VIEWERS = Viewers(b"a secret for this measurement alone")
PLENTY = 1 << 40
ACCESS = "proof of access (private, one person)"


def oid(number: int) -> str:
    return hashlib.sha1(b"%d" % number, usedforsecurity=False).hexdigest()


def repository(number: int) -> Repository:
    return Repository("a-company", f"service-repository-{number}")


def commit(number: int) -> Commit:
    message = "Retry the payment gateway once\n\n" + "It drops about one call in ten thousand. " * 5
    avatar = f"https://avatars.githubusercontent.com/u/{number}?v=4"
    page = f"https://github.com/a-company/service-repository-{number}/commit/{oid(number)}"
    return Commit(oid(number), message, "2026-08-01T12:00:00Z", f"somebody-{number}", avatar, page)


def look(number: int) -> Look:
    return Look(repository(number), True, commit(number), {}, f"R_kgDO{number:08}")


def tree(number: int) -> TreeIndex:
    files = range(TREE_FILES)
    return TreeIndex(Entry(PATH.format(file), "100644", "blob", oid(number + file)) for file in files)


def viewer(number: int) -> Viewer:
    return VIEWERS.viewer("anonymous", f"ghu_{oid(number)[:36]}")


class World:
    """A cache with all its parts."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        metrics = Metrics(self._registry, version="", revision="")
        self.cache = Cache(PLENTY, metrics, time.monotonic)
        self.access = Access(self.cache, Settings())
        self.known = Knowledge(self.cache, Settings())
        self.answers: Answers[Any] = Answers(self.cache, Standing(self.access, self.known))

    @property
    def size(self) -> float:
        """Bytes as the cache's own metric tells them."""
        families = self._registry.collect()
        sizes = (each.samples for each in families if each.name == "sourceproxy_cache_size_bytes")
        return sum(sample.value for samples in sizes for sample in samples)


def fill(world: World, what: str, number: int) -> None:
    """Let one more of a kind be known."""
    snapshot = snapshot_of(PROOF, "main", oid(number))
    path = PATH.format(number)
    if what == ACCESS:
        world.access.shown(viewer(number), repository(number % 50), look(number % 50))
    elif what == "ref and commit":
        world.known.keep_commit(PROOF.identity, f"release-{number}", commit(number))
    elif what == "path":
        world.known.keep_place(snapshot, path, Place(path, oid(number), settled=True))
    elif what == "file of 12 KiB":
        world.known.keep_content(oid(number), os.urandom(FILE_SIZE))
    elif what == "answer with it (JSON)":
        world.answers.keep(*answer(number))
    elif what == "tree of 5,000 files":
        entries = (
            Entry(PATH.format(file), "100644", "blob", oid(number + file)) for file in range(TREE_FILES)
        )
        world.known.keep_tree(snapshot, TreeIndex(entries))


PROOF = World().access.shown(viewer(0), repository(0), look(0))


def answer(number: int) -> tuple[Any, Outcome, Any]:
    path = PATH.format(number)
    snapshot = snapshot_of(PROOF, oid(number), oid(number))
    message = vcs_pb2.GetFileResponse(
        content="A" * (FILE_SIZE * 4 // 3), URL="https://github.com/a/b/blob/" + path
    )
    body = encoded(message, Format.JSON, compressed=False)
    service, frame = Service(repository(0), oid(number), "services/checkout"), Frame(path, f"main.F{number}")
    found = Found(Language.GO, "root_path", File(snapshot, path, oid(number), b""))
    step = Step(Open("ref", repository(0), oid(number)), snapshot, 0.0, 0)
    return (service, frame, Format.JSON, False), Outcome(found, (step,), 0.0, 0), body


def measure_memory(what: str, many: int) -> tuple[float, float]:
    """Bytes of one as the cache counts them, and as they are spent."""
    world = World()
    fill(world, what, many)
    counted = world.size
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for number in range(many):
        fill(world, what, number)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (world.size - counted) / many, (after - before) / many


def redis_size(what: str, written: Codec[Any], value: Any) -> None:
    keys = Keyring([b"a secret for this measurement alone"])
    (name,) = keys.names("cache", written.version, ("id:R_kgDO00000001", oid(1)))
    box = keys.seal(name, Content(written.encode(value), 0.0), bytes(NONCE_SIZE))
    print(f"{what:42}{len(name) + len(box):12,}")


def timed(what: str, step: Callable[[], object]) -> None:
    started = time.process_time()
    for _ in range(ROUNDS):
        step()
    print(f"{what:42}{(time.process_time() - started) / ROUNDS * 1e6:12.2f}")


def show_memory() -> None:
    print(f"{'bytes in memory of a':42}{'counted':>12}{'spent':>12}")
    for what, many in (
        (ACCESS, MANY),
        ("ref and commit", MANY),
        ("path", MANY),
        ("file of 12 KiB", MANY),
        ("answer with it (JSON)", MANY),
        ("tree of 5,000 files", 16),
    ):
        counted, spent = measure_memory(what, many)
        print(f"{what:42}{counted:12,.0f}{spent:12,.0f}")
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    opened = Opened(time.time)
    for number in range(MANY):
        opened.keep(opened.key("anonymous", [str(number)]), viewer(number), Token("", "", "", None))
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{'session that was opened':42}{'-':>12}{(after - before) / MANY:12,.0f}")


def show_redis() -> None:
    print(f"\n{'bytes in Redis of a':42}{'name + box':>12}")
    redis_size("proof of access", codecs.PROOFS, PROOF)
    redis_size("ref", codecs.REFS, oid(1))
    redis_size("commit", codecs.COMMITS, commit(1))
    redis_size("path", codecs.PLACES, Place(PATH.format(1), oid(1), settled=True))
    redis_size("file of 12 KiB", codecs.BLOBS, bytes(FILE_SIZE))
    index = tree(1)
    redis_size("tree of 5,000 files", codecs.TREES, index)
    for what, step in (("writing", lambda: codecs.TREES.encode(index)), ("reading", _reading(index))):
        started = time.process_time()
        step()
        print(f"{what + ' that tree, ms of CPU':42}{(time.process_time() - started) * 1e3:12.1f}")


def _reading(index: TreeIndex) -> Callable[[], object]:
    data = codecs.TREES.encode(index)
    return lambda: codecs.TREES.decode(data)


def show_times() -> None:
    print(f"\n{'µs of CPU for':42}")
    world = World()
    question, outcome, body = answer(1)
    world.answers.keep(question, outcome, body)
    world.access.shown(viewer(1), repository(0), look(0))
    world.known.keep_commit(PROOF.identity, oid(1), commit(1))
    opened = Opened(time.time)
    cookie = "pyroscope_git_session=" + "x" * 600
    key = opened.key("anonymous", [cookie])
    opened.keep(key, viewer(1), Token("", "", "", None))
    known = viewer(1)
    timed("a cookie that was opened before", lambda: opened.get(opened.key("anonymous", [cookie])))
    timed("whether a viewer may be told", lambda: _run(world.access.proof(known, repository(0))))
    timed("where a known ref points", lambda: _run(world.known.sha(PROOF.identity, oid(1))))
    timed("the answer as it was written", lambda: _run(world.answers.find(known, repository(0), question)))
    message = vcs_pb2.GetFileResponse(content="A" * (FILE_SIZE * 4 // 3))
    timed("writing it anew (what is saved)", lambda: codec.encode(message, Format.JSON))


def _run(step: Any) -> object:
    """Run what does not wait to its end."""
    try:
        step.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")


if __name__ == "__main__":
    show_memory()
    show_redis()
    show_times()
