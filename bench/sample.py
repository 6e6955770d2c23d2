"""A proxy with a stand-in for GitHub behind it, and a session: what GetFile is measured on."""

from __future__ import annotations

import http.client
import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

from bench import sources
from bench.getfile import NotAnsweredError, Target
from bench.github import CLIENT_ID, CLIENT_SECRET, LOGIN
from bench.processes import Program, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.targets import Places

DELAY = 0.05
"""Seconds that the stand-in for GitHub takes for each answer."""
_CALLBACK = "http://127.0.0.1/callback"
_TIMEOUT = 30


@contextmanager
def running(folder: Path, where: Places) -> Iterator[Target]:
    """Start both, log in, and end both; the target asks for the first file of ``bench.sources``.

    Args:
        folder: for files that end with the run.
        where: the processors to use.

    Raises:
        bench.processes.DidNotStartError: a program did not start.
        NotAnsweredError: the login failed.
    """
    port = free_port()
    repositories = folder / "repositories"
    repositories.mkdir()
    commit = sources.make(repositories)
    command = [sys.executable, "-m", "bench.github", str(port), str(DELAY), str(repositories)]
    with (
        Program("the stand-in for GitHub", command, port, folder / "github.log", where.around) as github,
        _proxy(folder, github, where) as proxy,
    ):
        yield Target(proxy.url, proxy.pid, _login(github, proxy), question(commit, 0))


def question(commit: str, number: int) -> dict[str, str]:
    """What asks for a file of ``bench.sources``; with a full SHA, as the labels of a build have it."""
    repository = f"https://github.com/{sources.OWNER}/{sources.NAME}"
    return {"repositoryURL": repository, "ref": commit, "localPath": f"/{sources.path_of(number)}"}


def every_question(target: Target) -> list[dict[str, str]]:
    """What asks for each of the files."""
    return [question(target.question["ref"], number) for number in range(sources.FILES)]


def _proxy(folder: Path, github: Program, where: Places) -> Program:
    """The proxy as an operator starts it, without a line a request."""
    config = folder / "getfile.yaml"
    settings = {
        "github": {
            "url": github.url,
            "api_url": github.url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
        },
        "session": {"secrets": ["a-secret-for-this-measurement-alone"]},
        "log": {"level": "warning"},
    }
    config.write_text(json.dumps(settings))  # JSON is YAML
    port, admin = free_port(), free_port()
    command = [
        *(sys.executable, "-m", "proxy", "serve", "--config", str(config)),
        *("--listen", f"127.0.0.1:{port}", "--admin-listen", f"127.0.0.1:{admin}"),
    ]
    return Program("the proxy", command, port, folder / "getfile.log", where.measured)


def _login(github: Program, proxy: Program) -> str:
    """The value of the session's cookie, as Grafana's page gets it."""
    query = f"client_id={CLIENT_ID}&login={LOGIN}&redirect_uri={quote(_CALLBACK, safe='')}"
    _, location, _ = _ask(github, "GET", f"/login/oauth/authorize?{query}")
    (code,) = parse_qs(urlsplit(location).query).get("code", [""])
    body = json.dumps({"authorizationCode": code})
    status, _, answer = _ask(proxy, "POST", "/vcs.v1.VCSService/GithubLogin", body)
    if status != http.client.OK:
        raise NotAnsweredError(f"GithubLogin: HTTP {status}: {answer[:500].decode(errors='replace')}")
    cookie: str = json.loads(answer)["cookie"]
    return cookie.partition(";")[0].partition("=")[2]


def _ask(program: Program, method: str, target: str, body: str = "") -> tuple[int, str, bytes]:
    """Status, ``Location`` and body of an answer; a redirect is not followed."""
    connection = http.client.HTTPConnection("127.0.0.1", program.port, timeout=_TIMEOUT)
    try:
        connection.request(method, target, body or None, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.getheader("Location", ""), response.read()
    except (OSError, http.client.HTTPException) as error:
        raise NotAnsweredError(f"{program.name} did not answer: {error}") from error
    finally:
        connection.close()
