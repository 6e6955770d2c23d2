"""Requests that are odd, ambiguous or meant to be misread, each with what becomes of it.

They are in the YAML files beside this one. Every case is followed on its connection by ``LAST``, an honest
request: a server that takes a part of a case for a request of its own, or the honest one for a part of
the case, shows in what the upstream sees.

In ``data``, ``{start}``, ``{chunked}`` and ``{smuggled}`` stand for the bytes below, ``{9 x text}`` for nine
times that text, and backslashes are read as in Python.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import yaml

LAST = b"GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"
_WORDS = {
    "start": "POST / HTTP/1.1\r\nHost: h\r\n",
    "chunked": "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
    "smuggled": "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n",
}
GROUPS = ("lengths", "codings", "chunks", "heads", "lines", "pipelines")
SERVERS = ("door", "nginx", "haproxy")


class Case(NamedTuple):
    """One case.

    Attributes:
        name: what it tries, in words.
        data: what the client sends before ``LAST``.
        outcomes: by server, the statuses that a client is answered and, behind an arrow, the whole
            requests that reach the upstream, as ``METHOD TARGET=BODY``; " or " joins what depends on
            which side is faster.
        why: where the other servers do otherwise, the key of the reason why the door is right.
    """

    name: str
    data: bytes
    outcomes: dict[str, str]
    why: str


def cases(group: str) -> list[Case]:
    """The cases of a group."""
    found = yaml.safe_load((Path(__file__).parent / f"{group}.yaml").read_text("utf-8"))
    return [
        Case(
            one["name"],
            _bytes(one["data"]),
            {server: one[server] for server in SERVERS if server in one},
            one.get("why", ""),
        )
        for one in found
    ]


def _bytes(text: str) -> bytes:
    text = text.encode("ascii").decode("unicode_escape")
    text = re.sub(r"\{(\d+) x ([^}]*)\}", lambda match: int(match[1]) * match[2], text)
    return re.sub(r"\{(\w+)\}", lambda match: _WORDS[match[1]], text).encode("latin-1")


def outcome(answers: str, seen: list[str]) -> str:
    """What became of a case, as the files tell it; a long part is cut."""
    told = ", ".join(one if len(one) < 100 else one[:40] + "…" + str(len(one)) for one in seen)
    return f"{answers} → {told or 'nothing'}"
