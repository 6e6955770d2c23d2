"""What a person sees who opens the sample upstream in a browser. Pure."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from proxy.demo.upstream.recordings import Recording

_PAGE = """<!doctype html>
<html lang="en">
<title>Sample profiles</title>
<style>body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem }}
td, th {{ padding: .2rem 1rem .2rem 0; text-align: left; vertical-align: top }}</style>
<h1>Sample profiles</h1>
<p>This server stands in for Pyroscope. It answers <code>querier.v1.QuerierService</code> from profiles
that were recorded from real programs and that happen again every 15 seconds.</p>
<table><tr><th>Service<th>Version<th>Profile types</tr>
{rows}
</table>
</html>
"""


def page(recordings: Iterable[Recording]) -> str:
    """The page, in HTML."""
    return _PAGE.format(rows="\n".join(map(_row, recordings)))


def _row(recording: Recording) -> str:
    labels = recording.labels
    cells = (
        escape(labels.get("service_name", "")),
        escape(labels.get("service_git_ref", "")),
        "<br>".join(map(escape, recording.profile_types)),
    )
    return "<tr>" + "".join(f"<td>{cell}" for cell in cells) + "</tr>"
