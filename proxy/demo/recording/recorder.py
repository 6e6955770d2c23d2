"""A server that keeps the profiles that Pyroscope's own agents send it.

It speaks the two ways in that the agents use: ``POST /ingest`` (Go: a form with a pprof) and
``POST /push.v1.PusherService/Push`` (Python: protobuf).
https://grafana.com/docs/pyroscope/latest/reference-server-api/
"""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from proxy.proto import profile_pb2, types_pb2

PUSH = "/push.v1.PusherService/Push"


@dataclass(frozen=True)
class Kept:
    """A profile as an agent sent it: its name (``process_cpu``, ``memory``), labels, time and pprof, unzipped."""

    name: str
    labels: dict[str, str]
    seconds: float
    pprof: bytes


class Recorder(ThreadingHTTPServer):
    """Listens on a free port of the loopback and collects in ``kept``; use it in a ``with`` block."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kept: list[Kept] = []

    @property
    def url(self) -> str:
        """What an agent takes for Pyroscope's address."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Recorder:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def do_POST(self) -> None:
        """Keep what was sent."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        if urlsplit(self.path).path == PUSH:
            self.server.kept.extend(pushed(body))
        else:
            self.server.kept.append(ingested(self.path, self.headers["Content-Type"], body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def ingested(target: str, content_type: str, body: bytes) -> Kept:
    """Read a request to ``/ingest`` whose form holds the pprof and, for memory, its sample types."""
    query = parse_qs(urlsplit(target).query)
    application, labels = application_name(query["name"][0])
    parts = form(content_type, body)
    sample_types = json.loads(parts.get("sample_type_config", b"{}"))
    name = "memory" if any("space" in each for each in sample_types) else "process_cpu"
    spy = {"pyroscope_spy": query["spyName"][0]}
    seconds = (int(query["until"][0]) - int(query["from"][0])) / 1e9
    return Kept(name, {"service_name": application} | labels | spy, seconds, unzipped(parts["profile"]))


def application_name(text: str) -> tuple[str, dict[str, str]]:
    """Split ``checkout{region=eu,x=y}`` into the name and the labels."""
    name, _, inner = text.partition("{")
    pairs = (each.partition("=") for each in inner.rstrip("}").split(",") if "=" in each)
    return name, {stored_name(key): value for key, _, value in pairs if not key.startswith("__")}


def stored_name(label: str) -> str:
    """A label's name as Pyroscope stores it: with underscores for dots."""
    return label.replace(".", "_")


def form(content_type: str, body: bytes) -> dict[str, bytes]:
    """The parts of a ``multipart/form-data`` body by their names."""
    boundary = re.search(r"boundary=([^;]+)", content_type)
    if boundary is None:
        raise ValueError(f"no boundary in {content_type}")
    parts = {}
    for part in body.split(b"--" + boundary[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'\bname="([^"]+)"', head)
        if name is not None:
            parts[name[1].decode()] = content[:-2]
    return parts


def pushed(body: bytes) -> Iterator[Kept]:
    """Read a ``push.v1.PushRequest``: series (1) of labels (1) and samples (2) with a raw profile (1)."""
    for series in fields(body, 1):
        pairs = [types_pb2.LabelPair.FromString(each) for each in fields(series, 1)]
        labels = {stored_name(pair.name): pair.value for pair in pairs}
        name = labels.pop("__name__")
        for sample in fields(series, 2):
            for raw in fields(sample, 1):
                pprof = unzipped(raw)
                seconds = profile_pb2.Profile.FromString(pprof).duration_nanos / 1e9
                yield Kept(name, labels, seconds, pprof)


def fields(message: bytes, number: int) -> Iterator[bytes]:
    """The values of a length-delimited field of a protobuf message that has no other kind of field."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        length, at = varint(message, at)
        if key & 7 != 2:
            raise ValueError(f"field {key >> 3} is not length-delimited")
        if key >> 3 == number:
            yield message[at : at + length]
        at += length


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The varint at a position, and where the next thing starts."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def unzipped(pprof: bytes) -> bytes:
    """A pprof without its gzip, if it has one."""
    return gzip.decompress(pprof) if pprof.startswith(b"\x1f\x8b") else pprof
