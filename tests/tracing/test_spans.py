"""The face that the parts see: without a trace nothing, with one a tree."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from proxy.errors import Code, RpcError
from proxy.tracing import Kind, span, under

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proxy.tracing import Span, Value


@dataclass
class Noted:
    """A span that is kept in memory."""

    name: str
    kind: Kind = Kind.INTERNAL
    attributes: dict[str, Value] = field(default_factory=dict)
    children: list[Noted] = field(default_factory=list)
    failed: str = ""
    ended: bool = False
    traceparent: str = "parent"

    def set(self, name: str, value: Value) -> None:
        self.attributes[name] = value

    def fail(self, kind: str) -> None:
        self.failed = kind

    def child(self, name: str, kind: Kind, attributes: Mapping[str, Value]) -> Span:
        self.children.append(Noted(name, kind, dict(attributes)))
        return self.children[-1]

    def end(self) -> None:
        self.ended = True


def test_without_a_trace_nothing_happens() -> None:
    with span("a", Kind.CLIENT, {"b": 1}) as outer, span("c") as inner:
        outer.set("d", 2)
        inner.fail("e")
        inner.end()
        assert outer.traceparent == inner.traceparent == ""
        assert inner.child("f", Kind.INTERNAL, {}) is outer


def test_spans_nest_and_end() -> None:
    root = Noted("root")
    with under(root):
        with span("a", Kind.CLIENT, {"x": 1}) as outer, span("b"):
            outer.set("y", 2)
        with span("c"):
            pass
    with span("d"):
        pass
    first, second = root.children
    assert (first.name, first.kind, first.attributes) == ("a", Kind.CLIENT, {"x": 1, "y": 2})
    assert [child.name for child in first.children] == ["b"]
    assert (second.name, second.children) == ("c", [])
    assert first.ended
    assert first.children[0].ended
    assert not root.ended


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RpcError(Code.NOT_FOUND, "hush"), "not_found"),
        (ValueError("hush"), "ValueError"),
        (asyncio.CancelledError("hush"), "CancelledError"),
    ],
)
def test_what_is_raised_marks_the_span_without_its_words(error: BaseException, kind: str) -> None:
    root = Noted("root")
    with pytest.raises(type(error)), under(root), span("a"):
        raise error
    (noted,) = root.children
    assert (noted.failed, noted.ended, noted.attributes) == (kind, True, {})


async def test_what_runs_beside_belongs_to_who_began_it() -> None:
    async def work(name: str) -> None:
        with span(name):
            await asyncio.sleep(0)
            with span(f"below {name}"):
                await asyncio.sleep(0)

    roots = [Noted("one"), Noted("two")]

    async def request(root: Noted) -> None:
        with under(root):
            await asyncio.gather(work(f"{root.name} a"), work(f"{root.name} b"))

    await asyncio.gather(*map(request, roots))
    for root in roots:
        assert [child.name for child in root.children] == [f"{root.name} a", f"{root.name} b"]
        assert [c.name for child in root.children for c in child.children] == [
            f"below {root.name} a",
            f"below {root.name} b",
        ]
