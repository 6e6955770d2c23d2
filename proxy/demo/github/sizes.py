"""How much GitHub gives at once; smaller here means smaller test data."""

from __future__ import annotations

from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(slots=True)
class Sizes:
    """The limits, in bytes unless said otherwise.

    Attributes:
        contents: a file's size up to which its JSON holds the content.
        raw: a file's size up to which it is given at all.
        directory: entries that a directory's listing holds.
        tree_entries: entries that a recursive tree holds.
        tree_bytes: size of a recursive tree's answer.
        text: what GraphQL gives of a blob's text.

    https://docs.github.com/en/rest/repos/contents and https://docs.github.com/en/rest/git/trees
    """

    contents: int = _MIB
    raw: int = 100 * _MIB
    directory: int = 1_000
    tree_entries: int = 100_000
    tree_bytes: int = 7 * _MIB
    text: int = 512_000
