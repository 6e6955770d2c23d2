from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from proxy.demo.upstream.flamegraph import OTHER, flame_graph, tree_bytes
from proxy.demo.upstream.tree import Node, smallest_kept

from .profiles import UNHURRIED

if TYPE_CHECKING:
    from proxy.proto import querier_pb2

Samples = list[tuple[tuple[str, ...], int]]


def tree_of(samples: Samples) -> Node[str]:
    root: Node[str] = Node()
    for stack, value in samples:
        root.add(stack, value)
    return root


def read(graph: querier_pb2.FlameGraph) -> Counter[tuple[str, ...]]:
    """What a flame graph says, read from its numbers as a viewer reads them: self by stack, root first."""
    found: Counter[tuple[str, ...]] = Counter()
    above: list[tuple[int, int, tuple[str, ...]]] = [(0, graph.total, ())]
    for depth, level in enumerate(graph.levels):
        here = []
        end = 0
        for at in range(0, len(level.values), 4):
            gap, total, self_value, name = level.values[at : at + 4]
            start = end + gap
            end = start + total
            parents = [stack for left, right, stack in above if left <= start and end <= right]
            assert len(parents) == 1
            stack = (*parents[0], graph.names[name]) if depth else ()
            found[stack] += self_value
            here.append((start, end, stack))
        above = here
    return +found


def test_the_numbers_of_a_small_one() -> None:
    graph = flame_graph(tree_of([(("main", "b"), 5), (("main", "a"), 3), (("main",), 2), (("init",), 1)]), 0)
    names = list(graph.names)
    assert names[0] == "total"
    levels = [list(level.values) for level in graph.levels]
    init, main, a, b = (names.index(name) for name in ("init", "main", "a", "b"))
    assert levels == [
        [0, 11, 0, 0],
        [0, 1, 1, init, 0, 10, 2, main],
        # One of init and two of main itself lie to the left.
        [3, 3, 3, a, 0, 5, 5, b],
    ]
    assert (graph.total, graph.max_self) == (11, 5)


def test_nothing_is_an_empty_graph() -> None:
    graph = flame_graph(Node(), 100)
    assert (list(graph.names), len(graph.levels), graph.total) == ([], 0, 0)


def test_what_is_cut_is_gathered_beside_what_is_kept() -> None:
    graph = flame_graph(
        tree_of([(("main", "big"), 90), (("main", "small"), 4), (("main", "tiny", "x"), 3)]), 2
    )
    assert read(graph) == {("main", "big"): 90, ("main", OTHER): 7}


STACKS = st.lists(st.sampled_from("abcde"), min_size=1, max_size=6).map(tuple)
SAMPLES = st.lists(st.tuples(STACKS, st.integers(1, 1000)), max_size=30)


@UNHURRIED
@given(SAMPLES)
def test_it_says_what_the_stacks_say(samples: Samples) -> None:
    expected: Counter[tuple[str, ...]] = Counter()
    for stack, value in samples:
        expected[stack] += value
    assert read(flame_graph(tree_of(samples), 0)) == expected


@UNHURRIED
@given(SAMPLES, st.integers(1, 10))
def test_at_most_so_many_nodes_are_kept_but_for_equal_ones(samples: Samples, max_nodes: int) -> None:
    root = tree_of(samples)
    graph = flame_graph(root, max_nodes)
    assert sum(read(graph).values()) == sum(value for _, value in samples)
    smallest = smallest_kept(root, max_nodes)
    totals = sorted((node.total for node in root.descendants()), reverse=True)
    kept = sum(
        1
        for level in graph.levels[1:]
        for at in range(0, len(level.values), 4)
        if graph.names[level.values[at + 3]] != OTHER
    )
    assert kept == sum(1 for total in totals if total >= smallest)
    assert kept <= max_nodes or totals[max_nodes - 1] == totals[max_nodes]


def varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte, at = data[at], at + 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def read_tree(data: bytes) -> Counter[tuple[str, ...]]:
    """What tree bytes say, read as Pyroscope reads them: a node hangs below the last parent that waits."""
    found: Counter[tuple[str, ...]] = Counter()
    at = 0
    parents: list[tuple[str, ...] | None] = [None] if data else []
    while parents:
        above = parents.pop()
        length, at = varint(data, at)
        name, at = data[at : at + length].decode(), at + length
        value, at = varint(data, at)
        children, at = varint(data, at)
        stack = () if above is None else (*above, name)
        found[stack] += value
        parents.extend([stack] * children)
    assert at == len(data)
    return +found


@UNHURRIED
@given(SAMPLES)
def test_tree_bytes_say_the_same(samples: Samples) -> None:
    root = tree_of(samples)
    assert read_tree(tree_bytes(root, 0)) == read(flame_graph(root, 0))
    assert read_tree(tree_bytes(root, 3)) == read(flame_graph(root, 3))


def test_the_root_alone_has_no_name() -> None:
    root: Node[str] = Node()
    root.add(("m" * 200,), 300)
    assert tree_bytes(root, 0) == b"\x00\x00\x01" + b"\xc8\x01" + b"m" * 200 + b"\xac\x02" + b"\x00"
