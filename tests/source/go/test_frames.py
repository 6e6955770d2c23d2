"""Frames of a real program, built in three ways, and the file of each.

``frames.tsv`` has path, function, repository, ref and file (``-``: there is none). The program serves
Prometheus metrics over HTTP with OpenTelemetry, gRPC, YAML, TOML, the AWS SDK and generics of its own
(the modules of ``GO_MOD``). It was built by Go 1.26 with ``go build``, ``go build -trimpath`` and, after
``go mod vendor``, once more; the frames are what ``debug/gosym`` reads from the binaries: of every folder
one function, one closure, one generic function and one in assembly. Where each module is kept comes from
a table written by hand, not from the rules.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from proxy.source.model import Found
from tests.source.go.costs import calls
from tests.source.transcript import run

GO_MOD = """\
module github.com/acme/shop

go 1.26.0

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/aws/aws-sdk-go-v2 v1.47.7
	github.com/aws/aws-sdk-go-v2/credentials v1.20.15
	github.com/cespare/xxhash/v2 v2.3.0
	github.com/prometheus/client_golang v1.25.0
	go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp v0.72.0
	go.opentelemetry.io/otel v1.47.0
	golang.org/x/net v0.62.0
	google.golang.org/grpc v1.85.0
	gopkg.in/yaml.v3 v3.0.1
)

require (
	github.com/aws/smithy-go v1.28.8 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/felixge/httpsnoop v1.1.0 // indirect
	github.com/go-logr/logr v1.4.4 // indirect
	github.com/go-logr/stdr v1.2.2 // indirect
	github.com/kr/text v0.2.0 // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	go.opentelemetry.io/auto/sdk v1.2.1 // indirect
	go.opentelemetry.io/otel/log v1.47.0 // indirect
	go.opentelemetry.io/otel/metric v1.47.0 // indirect
	go.opentelemetry.io/otel/trace v1.47.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/text v0.43.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
"""

Row = tuple[str, str, str, str, str]


def rows() -> list[Row]:
    lines = (Path(__file__).parent / "frames.tsv").read_text().splitlines()
    return [
        (path, function, repository, ref, file)
        for path, function, repository, ref, file in map(_split, lines)
    ]


def _split(line: str) -> list[str]:
    return line.split("\t")


def worlds(recorded: list[Row]) -> dict[str, dict[str, dict[str, str]]]:
    """Every expected file where it is expected, and the service's go.mod."""
    world: dict[str, dict[str, dict[str, str]]] = {"acme/shop": {"main": {"go.mod": GO_MOD}}}
    for _, _, repository, ref, file in recorded:
        if repository != "-":
            world.setdefault(repository, {}).setdefault(ref, {})[file] = "x"
    return world


def test_every_recorded_frame_finds_its_file() -> None:
    recorded = rows()
    world = worlds(recorded)
    found, wrong, dear = Counter[str](), [], []
    for path, function, *expected in recorded:
        transcript = run(world, path, function)
        if isinstance(transcript.result, Found):
            rule, *where = transcript.found
            if calls(transcript) > 2:
                dear.append(path)
        else:
            rule, where = "none", ["-", "-", "-"]
        found[rule] += 1
        if where != expected:
            wrong.append((path, function, where, expected))
    print(f"{len(recorded)} frames, {len(wrong)} wrong: {dict(found)}")  # noqa: T201 - how many of each resolve
    assert wrong == []
    # A label in assembly has no package that could tell Go's vendor folder from the service's.
    assert all(path.startswith("vendor/") and path.endswith(".s") for path in dear)
    assert {"go_standard_library", "go_github", "go_known_home", "go_vendor", "none"} <= set(found)


def test_what_has_no_file_is_said_to_be_made_by_the_go_tools() -> None:
    made = [(path, function) for path, function, repository, *_ in rows() if repository == "-"]
    assert made
    for path, function in made:
        assert "made by the Go tools" in run({"acme/shop": {"main": {"x": "x"}}}, path, function).reason
