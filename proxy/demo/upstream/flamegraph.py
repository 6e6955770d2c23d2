"""A tree in the forms in which Pyroscope sends flame graphs. Pure.

A flame graph is a list of levels, from the root down. A level has four numbers for each node, from left
to right: the gap to the node before it, its total, its self, and the index of its name. What was cut
stands as ``other`` beside what was kept.

https://github.com/grafana/pyroscope/blob/main/api/querier/v1/querier.proto
"""

from __future__ import annotations

from proxy.demo.upstream.tree import Node, smallest_kept
from proxy.proto import querier_pb2

ROOT = "total"
OTHER = "other"


def flame_graph(root: Node[str], max_nodes: int) -> querier_pb2.FlameGraph:
    """Lay a tree out; ``max_nodes`` below 1 keeps all of it."""
    graph = querier_pb2.FlameGraph(total=root.total)
    if not root.total:
        return graph
    root = cut(root, smallest_kept(root, max_nodes))
    names: dict[str, int] = {}
    row = [(0, ROOT, root)]
    while row:
        level = graph.levels.add()
        end = 0
        below = []
        for offset, name, node in row:
            index = names.setdefault(name, len(names))
            level.values.extend((offset - end, node.total, node.self, index))
            end = offset + node.total
            below.extend(_placed(offset + node.self, node))
            graph.max_self = max(graph.max_self, node.self)
        row = below
    graph.names.extend(names)
    return graph


def _placed(offset: int, node: Node[str]) -> list[tuple[int, str, Node[str]]]:
    """The children of a node with their places: to the right of the node's own share."""
    placed = []
    for name, child in sorted(node.children.items(), key=lambda item: (item[0] == OTHER, item[0])):
        placed.append((offset, name, child))
        offset += child.total
    return placed


def cut(node: Node[str], smallest: int) -> Node[str]:
    """A copy of a tree in which nodes below a total are gathered in one leaf ``other`` beside the rest."""
    top: Node[str] = Node(total=node.total, self=node.self)
    waiting = [(node, top)]
    while waiting:
        source, copy = waiting.pop()
        for name, child in source.children.items():
            if child.total >= smallest and name != OTHER:
                below: Node[str] = Node(total=child.total, self=child.self)
                copy.children[name] = below
                waiting.append((child, below))
            elif child.total:
                other = copy.children.setdefault(OTHER, Node())
                other.total += child.total
                other.self += child.total
    return top


def tree_bytes(root: Node[str], max_nodes: int) -> bytes:
    """The tree in Pyroscope's own encoding: for each node name, self and number of children, depth first.

    Children come in the order in which a reader takes them from the end of its list, so they are written
    from the last to the first. The root has no name.
    """
    if not root.total:
        return b""
    out = bytearray()
    waiting = [("", cut(root, smallest_kept(root, max_nodes)))]
    while waiting:
        name, node = waiting.pop()
        encoded = name.encode()
        out += _varint(len(encoded)) + encoded + _varint(node.self) + _varint(len(node.children))
        waiting.extend(sorted(node.children.items()))
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte: https://protobuf.dev/programming-guides/encoding/#varints
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
