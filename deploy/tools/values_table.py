"""Writes the table of values in the chart's README from ``values.yaml`` and the comments in it.

    python -m deploy.tools.values_table [--check]

A value has a row when a comment stands right above it; one without a comment belongs to the row of the
section around it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHART: Final = Path(__file__).parent.parent / "helm"
BEGIN: Final = "<!-- values: written by python -m deploy.tools.values_table -->"
END: Final = "<!-- /values -->"


class UndocumentedError(ValueError):
    """A value that no comment speaks of; the message is its path."""


class Row(NamedTuple):
    """One row of the table: ``default`` is JSON, empty for a section whose values have rows of their own."""

    path: str
    default: str
    meaning: str


def rows(text: str) -> list[Row]:
    """Read the rows of a ``values.yaml``.

    Raises:
        UndocumentedError: for a value without a comment above it or above a section around it.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return list(_rows(root, text.splitlines(), "", explained=False))


def _rows(node: yaml.Node | None, lines: Sequence[str], prefix: str, *, explained: bool) -> Iterator[Row]:
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        path = f"{prefix}{key.value}"
        meaning = _comment_above(lines, key.start_mark.line, key.start_mark.column)
        below = list(_rows(value, lines, f"{path}.", explained=explained or bool(meaning)))
        if meaning:
            yield Row(path, "" if below else _as_json(value), meaning)
        elif not explained and not below:
            raise UndocumentedError(path)
        yield from below


def _comment_above(lines: Sequence[str], number: int, indent: int) -> str:
    start = number
    while start and lines[start - 1].startswith(" " * indent + "# "):
        start -= 1
    return " ".join(line.strip().removeprefix("# ") for line in lines[start:number])


def _as_json(node: yaml.Node) -> str:
    value = yaml.safe_load(yaml.serialize(node, Dumper=yaml.SafeDumper))
    return json.dumps(value, ensure_ascii=False)


def table(text: str) -> str:
    """The table in Markdown, of a ``values.yaml``."""
    lines = ["| value | default | meaning |", "| --- | --- | --- |"]
    for row in rows(text):
        default = f"`{row.default}`" if row.default else ""
        lines.append(f"| `{row.path}` | {default} | {row.meaning.replace('|', '&#124;')} |")
    return "\n".join(lines)


def put_in(readme: str, values: str) -> str:
    """The README with the table of these values in the place of the one that it has.

    Raises:
        ValueError: when the README has no place for it.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the README needs {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{table(values)}\n\n{END}{after}"


def main(argv: Sequence[str] | None = None) -> int:
    """Write the table, or with ``--check`` tell whether it is up to date; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the table of values in the chart's README.")
    parser.add_argument("--check", action="store_true", help="change nothing; exit 1 where it would")
    options = parser.parse_args(argv)
    readme = CHART / "README.md"
    old = readme.read_text(encoding="utf-8")
    new = put_in(old, (CHART / "values.yaml").read_text(encoding="utf-8"))
    if new == old:
        return 0
    if options.check:
        print(f"{readme} is out of date: run python -m deploy.tools.values_table", file=sys.stderr)
        return 1
    readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
