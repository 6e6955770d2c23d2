"""What is kept where."""

import asyncio
import collections.abc
import http.server
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import attrs
import click.testing
import dateutil.parser
import dateutil.rrule
import packaging.requirements
import packaging.version
import requests
import six
import urllib3
import yaml


@attrs.define(order=True)
class Shelf:
    name: str = attrs.field(validator=attrs.validators.instance_of(str))
    goods: list[str] = attrs.field(factory=list)

    @property
    def size(self) -> int:
        return len(self.goods)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"path": self.path}, indent=1).encode())

    def log_message(self, format: str, *args: object) -> None:
        logging.getLogger("catalog").debug(format, *args)


@click.command()
@click.option("--count", default=1, help="how many")
def command(count: int) -> None:
    click.echo(click.style(str(count), fg="green"))


def shelves() -> list[Shelf]:
    return sorted(Shelf(name, list("abc")) for name in ("b", "a"))


def settings() -> object:
    return yaml.safe_load(yaml.safe_dump({"shelves": [attrs.asdict(each) for each in shelves()], "n": 1.5}))


def days() -> list[object]:
    start = dateutil.parser.parse("2024-07-01T10:00:00+02:00")
    return list(dateutil.rrule.rrule(dateutil.rrule.WEEKLY, count=5, dtstart=start))


def versions() -> bool:
    six.ensure_text(b"old")
    return packaging.version.Version("1.2") in packaging.requirements.Requirement("tea[green]>=1.0,<2").specifier


def ask() -> None:
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/shelves"
    requests.get(url, params={"q": "grün"}, timeout=5).json()
    urllib3.PoolManager().request("GET", url)
    server.shutdown()
    server.server_close()


def run_command() -> str:
    return click.testing.CliRunner().invoke(command, ["--count", "3"]).output


def at_once() -> None:
    async def one(name: str) -> str:
        await asyncio.sleep(0)
        return name

    async def every() -> list[str]:
        return await asyncio.gather(*(one(name) for name in "abc"))

    asyncio.run(every())
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda name: name * 2, "abc"))
    assert issubclass(dict, collections.abc.Mapping)


TASKS = (settings, days, versions, ask, run_command, at_once)
