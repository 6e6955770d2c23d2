"""Constant load of every kind on one address, by clients that repeat nothing and check each answer."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.e2e.process import WAIT_SECONDS, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from proxy.demo.github import StandIn

    Ask = Callable[[http.client.HTTPConnection, int], None]

RPC = "/vcs.v1.VCSService/"
_JSON = {"Content-Type": "application/json"}
_PIECES = 4
_DIGEST = digest_of(_PIECES)
_REFRESH_EVERY = 5


class WrongAnswerError(Exception):
    """An answer that is not what was asked for."""


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> bytes:
    """The body of an answer that has to be a 200."""
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    data = answer.read()
    if answer.status != http.client.OK:
        raise WrongAnswerError(f"{method} {path}: {answer.status} {data[:200]!r}")
    return data


def must(condition: bool, what: str) -> None:
    if not condition:
        raise WrongAnswerError(what)


def passed(connection: http.client.HTTPConnection, number: int) -> None:
    """A short request that Pyroscope answers."""
    path = f"/passed%2F{number}?a=b"
    must(json.loads(ask(connection, "GET", path))["path"] == path, "another request's answer")


def pushed(connection: http.client.HTTPConnection, number: int) -> None:
    """A body that Pyroscope takes, and that must not be sent twice."""
    body = str(number).encode() * 10_000
    digest = json.loads(ask(connection, "POST", "/up", body))["digest"]
    must(digest == hashlib.sha256(body).hexdigest(), "another request's body")


def streamed(connection: http.client.HTTPConnection, number: int) -> None:
    """A long answer of Pyroscope, with and without its length told."""
    kind = "chunked" if number % 2 else "sized"
    data = ask(connection, "GET", f"/down/{kind}?{_PIECES}")
    must(hashlib.sha256(data).hexdigest() == _DIGEST, "a body that is not whole")


class Person:
    """Somebody who is logged in, looks at a file again and again, and renews the session as Grafana does."""

    def __init__(self, cookie: str, file: dict[str, str], content: bytes) -> None:
        self.cookie = cookie
        self.renewals = 0
        self._question = json.dumps(file).encode()
        self._content = content

    def __call__(self, connection: http.client.HTTPConnection, number: int) -> None:
        headers = {**_JSON, "Cookie": self.cookie}
        if number % _REFRESH_EVERY == _REFRESH_EVERY - 1:
            renewed = json.loads(ask(connection, "POST", RPC + "GithubRefresh", b"{}", headers))
            self.cookie = str(renewed["cookie"]).partition(";")[0]
            self.renewals += 1
            return
        answer = json.loads(ask(connection, "POST", RPC + "GetFile", self._question, headers))
        must(base64.b64decode(answer["content"]) == self._content, "another file")


def log_in(connection: http.client.HTTPConnection, github: StandIn, login: str) -> str:
    """The ``Cookie`` header of a new session, by the steps of Grafana's page."""
    where = urlsplit(github.web_url)
    query = urlencode({"client_id": github.client_id, "login": login, "redirect_uri": "http://grafana/back"})
    page = http.client.HTTPConnection(str(where.hostname), where.port, timeout=WAIT_SECONDS)
    page.request("GET", f"/login/oauth/authorize?{query}")
    code = parse_qs(urlsplit(page.getresponse().getheader("Location", "")).query)["code"][0]
    page.close()
    body = json.dumps({"authorizationCode": code}).encode()
    return str(json.loads(ask(connection, "POST", RPC + "GithubLogin", body, _JSON))["cookie"]).partition(
        ";"
    )[0]


@dataclass
class Load:
    """What clients have got so far: how many right answers, and each failure in words."""

    failures: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    _answered: threading.Condition = field(default_factory=threading.Condition)

    def more(self, each: int) -> None:
        """Wait until every client has got so many further answers, or something failed."""
        with self._answered:
            wanted = [count + each for count in self.counts]
            enough = self._answered.wait_for(
                lambda: self.failures or all(map(int.__ge__, self.counts, wanted)), WAIT_SECONDS
            )
        assert enough, "the clients got no more answers"

    def got(self, client: int) -> None:
        with self._answered:
            self.counts[client] += 1
            self._answered.notify_all()

    def failed(self, failure: str) -> None:
        with self._answered:
            self.failures.append(failure)
            self._answered.notify_all()


@contextmanager
def constant_load(connect: Callable[[], http.client.HTTPConnection], asks: Sequence[Ask]) -> Iterator[Load]:
    """A client for each of ``asks``, which go on until the block is left.

    Args:
        connect: makes a connection; a client keeps it for as long as it may.
        asks: called again and again with the connection and a number that counts up; raise when wrong.
    """
    load, stop = Load(counts=[0] * len(asks)), threading.Event()

    def work(client: int) -> None:
        connection = connect()
        for number in itertools.count():
            if stop.is_set():
                break
            try:
                asks[client](connection, number)
            except (OSError, http.client.HTTPException, WrongAnswerError) as error:
                load.failed(f"{asks[client]} {number}: {error!r}")
                connection.close()
            else:
                load.got(client)
        connection.close()

    with ThreadPoolExecutor(len(asks)) as pool:
        working = [pool.submit(work, client) for client in range(len(asks))]
        try:
            yield load
        finally:
            stop.set()
    for client in working:
        client.result()
