"""What the demo prints: what runs where, what to open and what to try. Pure."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Example:
    """A frame of a recorded profile that the printed lines ask for.

    Attributes:
        repository: its URL, as the service's label has it.
        ref: likewise.
        root_path: likewise.
        path: the frame's file, as the profile has it.
        function_name: the frame's function, as the profile has it.
    """

    repository: str
    ref: str
    root_path: str
    path: str
    function_name: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything listens, as URLs without a slash at the end, and the file for the session."""

    proxy: str
    admin: str
    upstream: str
    github: str
    session_file: str


def story(places: Places, client_id: str, login: str, example: Example) -> str:
    """The page of text for the person who started the demo.

    Args:
        places: where everything is.
        client_id: of the stand-in's GitHub App.
        login: the sample person who logs in.
        example: the file to show.
    """
    return f"""\
The demo is running on this machine; nothing leaves it. Ctrl-C ends all of it.

  the proxy               {places.proxy}   (this is what Grafana's data source would point at)
  its metrics             {places.admin}/metrics
  a sample Pyroscope      {places.upstream}   (recorded profiles of a Go and a Python service)
  a stand-in for GitHub   {places.github}   (the git history of those services)

Open in a browser: the sample Pyroscope, seen through the proxy.

  {places.proxy}/

Try in another terminal, in this order:

1. A profile query passes through: the services that are profiled.

  {_query(places)}

2. {login} logs in with GitHub; the session goes to a file.

  {_login(places, client_id, login)}

3. The source of a function from the profile of "checkout", found at the version that ran.

  {_file(places, example)}
"""


def _call(places: Places, rpc: str) -> str:
    return f"curl -sS -H 'Content-Type: application/json' {places.proxy}/{rpc}"


def _query(places: Places) -> str:
    body = json.dumps({"name": "service_name"})
    return f"{_call(places, 'querier.v1.QuerierService/LabelValues')} -d {shlex.quote(body)}"


def _login(places: Places, client_id: str, login: str) -> str:
    back = quote(f"{places.proxy}/-/source/callback", safe="")
    query = f"client_id={client_id}&login={login}&redirect_uri={back}"
    authorize = f"{places.github}/login/oauth/authorize?{query}"
    code = f"curl -sS -o /dev/null -w '%{{redirect_url}}' '{authorize}' | sed 's/.*code=//; s/&.*//'"
    cookie = 'sed \'s/.*"cookie":"\\([^;]*\\);.*/Cookie: \\1/\''
    body = f"""'{{"authorizationCode":"'"$({code})"'"}}'"""
    keep = f"tee {shlex.quote(places.session_file)}"
    return f"{_call(places, 'vcs.v1.VCSService/GithubLogin')} -d {body} | {cookie} | {keep}"


def _file(places: Places, example: Example) -> str:
    body = json.dumps(
        {
            "repositoryURL": example.repository,
            "ref": example.ref,
            "localPath": example.path,
            "rootPath": example.root_path,
            "functionName": example.function_name,
        }
    )
    show = 'sed \'s/.*"content":"\\([^"]*\\)".*/\\1/\' | base64 -d'
    return (
        f"{_call(places, 'vcs.v1.VCSService/GetFile')} "
        f"-H @{shlex.quote(places.session_file)} -d {shlex.quote(body)} | {show}"
    )
