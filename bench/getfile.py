"""GetFile answered from what is known: no call to GitHub, nothing fetched, nothing resolved anew.

It measures a proxy that runs already, for example that of ``make demo``: it asks once, so that the
answer is known, and then again and again as Grafana's browser path does.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench import load
from bench.processes import cpu_seconds, peak_memory
from bench.report import Sample, table
from bench.targets import MANY, Places, one_round

if TYPE_CHECKING:
    from collections.abc import Mapping

METHOD = "/vcs.v1.VCSService/GetFile"


class NotAnsweredError(Exception):
    """The first GetFile failed; the message is what the proxy said."""


@dataclass(frozen=True, slots=True)
class Target:
    """A running proxy and a file that a session may read.

    Attributes:
        url: the proxy's main listener, without a path.
        pid: its process; its children count.
        cookie: the value of ``pyroscope_git_session``; a secret.
        question: the fields of GetFileRequest.
    """

    url: str
    pid: int
    cookie: str = field(repr=False)
    question: Mapping[str, str] = field(default_factory=dict)

    def cpu_seconds(self) -> float:
        """Processor time spent so far."""
        return cpu_seconds(self.pid)

    def peak_memory(self) -> int:
        """The most bytes that were resident."""
        return peak_memory(self.pid)

    def request(self) -> load.Request:
        """The call as Grafana's browser path sends it."""
        headers = {"Content-Type": "application/json", "Cookie": f"pyroscope_git_session={self.cookie}"}
        return load.Request(self.url + METHOD, "POST", headers, json.dumps(dict(self.question)))


def warm(target: Target) -> int:
    """Ask once, so that everything is known from then on; the bytes of the answer.

    Raises:
        NotAnsweredError: the proxy refused or could not be reached.
    """
    asked = target.request()
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's own argument
        asked.url, asked.body.encode(), asked.headers, method=asked.method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - the same
            return len(answer.read())
    except urllib.error.HTTPError as error:
        raise NotAnsweredError(
            f"GetFile: HTTP {error.code}: {error.read(500).decode(errors='replace')}"
        ) from error
    except OSError as error:
        raise NotAnsweredError(f"GetFile: {error}") from error


def run(target: Target, rounds: int, seconds: float, where: Places) -> None:
    """Measure and print.

    Raises:
        NotAnsweredError: the first GetFile failed.
        bench.load.LoadFailedError: the client did not work.
    """
    size = warm(target)
    print(
        f"\nGetFile, everything known; an answer of {size:,} bytes; requests/s and CPU at {MANY} connections"
    )
    samples: list[Sample] = [one_round(target, target.request(), seconds, where) for _ in range(rounds)]
    print("\n".join(table({"GetFile": samples}, "")))
    print(f"peak memory, MiB: {target.peak_memory() / 2**20:.1f}", flush=True)
