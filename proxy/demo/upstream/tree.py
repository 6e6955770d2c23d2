"""Stacks folded into a tree, whose smallest nodes can be cut. Pure."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

N = TypeVar("N")


@dataclass(slots=True)
class Node(Generic[N]):
    """A function called on one path: ``total`` is its value with its callees', ``self`` without."""

    children: dict[N, Node[N]] = field(default_factory=dict)
    total: int = 0
    self: int = 0

    def add(self, path: Iterable[N], value: int) -> None:
        """Add the value of one stack, from this node down."""
        node = self
        node.total += value
        for name in path:
            node = node.children.setdefault(name, Node())
            node.total += value
        node.self += value

    def descendants(self) -> Iterator[Node[N]]:
        """Every node below this one."""
        waiting = list(self.children.values())
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(node.children.values())


def smallest_kept(root: Node[N], max_nodes: int) -> int:
    """The total that a node must have to be among the ``max_nodes`` largest; below 1 all nodes are.

    A node is never larger than the one above it, so keeping what reaches a total keeps whole paths.
    """
    if max_nodes < 1:
        return 0
    largest = heapq.nlargest(max_nodes + 1, (node.total for node in root.descendants()))
    return 0 if len(largest) <= max_nodes else largest[max_nodes - 1]
