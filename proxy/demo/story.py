"""What the demo prints: what runs where, what to open and what to try. Pure."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Example:
    """What the printed lines ask for: a frame of a recorded profile, and who asks.

    Attributes:
        services: the services that there are profiles of.
        service: the one that the frame is of.
        repository: its URL, as the service's label has it.
        ref: likewise.
        root_path: likewise.
        path: the frame's file, as the profile has it.
        function_name: the frame's function, as the profile has it.
        person: the name of the sample person who logs in.
        login: that person's GitHub login.
    """

    services: tuple[str, ...]
    service: str
    repository: str
    ref: str
    root_path: str
    path: str
    function_name: str
    person: str
    login: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything listens, as URLs without a slash at the end, and the file for the session."""

    proxy: str
    admin: str
    upstream: str
    github: str
    session_file: str


def story(places: Places, client_id: str, example: Example) -> str:
    """The page of text for the person who started the demo.

    Args:
        places: where everything is.
        client_id: of the stand-in's GitHub App.
        example: what to ask for, and who asks.
    """
    function = example.function_name.rpartition("/")[2]
    names = " and ".join(f'"{service}"' for service in example.services)
    return f"""\
The demo is running. All of it is on this machine, nothing leaves it, and Ctrl-C ends it.

  the proxy               {places.proxy}
                          what Grafana's Pyroscope data source would point at
  its metrics             {places.admin}/metrics
                          what Prometheus would read
  a sample Pyroscope      {places.upstream}
                          profiles of {names}, recorded from real programs
  a stand-in for GitHub   {_commit(places, example)}
                          the git history of these programs, here a commit; it has sample people to log in as

Open in a browser, to see functions line by line: the page that the proxy brings along. Log in there as
{example.person} with "Connect to GitHub", and the source appears beside what each line cost:

  {places.proxy}/-/source/

And this, to see the sample Pyroscope through the proxy:

  {places.proxy}/

Try these three lines in another terminal, in this order. Each is one line, however long.

1. A query passes through the proxy to Pyroscope: which services have profiles?
   You see: {", ".join(example.services)}.

  {_query(places)}

2. {example.person}, a sample person, logs in: the stand-in for GitHub hands out a code,
   and the proxy makes a session of it. You see: the session's cookie, which is also kept in a file.

  {_login(places, client_id, example.login)}

3. A profile of "{example.service}" names the function {function} and a path on the machine that built it.
   The proxy finds the file on GitHub, at the commit that was profiled. You see: the source.

  {_file(places, example)}

From now on there is a line here for each request that the proxy answers.
"""


def _call(places: Places, rpc: str) -> str:
    return f"curl -sS -H 'Content-Type: application/json' {places.proxy}/{rpc}"


def _commit(places: Places, example: Example) -> str:
    return f"{places.github}/{'/'.join(example.repository.split('/')[-2:])}/commit/{example.ref}"


def _query(places: Places) -> str:
    body = json.dumps({"name": "service_name"})
    return f"{_call(places, 'querier.v1.QuerierService/LabelValues')} -d {shlex.quote(body)}; echo"


def _login(places: Places, client_id: str, login: str) -> str:
    back = quote(f"{places.proxy}/-/source/callback", safe="")
    query = f"client_id={client_id}&login={login}&redirect_uri={back}"
    authorize = f"{places.github}/login/oauth/authorize?{query}"
    code = f"curl -sS -o /dev/null -w '%{{redirect_url}}' '{authorize}' | sed 's/.*code=//; s/&.*//'"
    cookie = 'sed \'s/.*"cookie":"\\([^;]*\\);.*/Cookie: \\1/\''
    body = f"""'{{"authorizationCode":"'"$({code})"'"}}'"""
    keep = f"tee {shlex.quote(places.session_file)}"
    return f"{_call(places, 'vcs.v1.VCSService/GithubLogin')} -d {body} | {cookie} | {keep}; echo"


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
    show = 'sed \'s/.*"content":"\\([^"]*\\)".*/\\1/\' | base64 --decode'
    return (
        f"{_call(places, 'vcs.v1.VCSService/GetFile')} "
        f"-H @{shlex.quote(places.session_file)} -d {shlex.quote(body)} | {show}"
    )
