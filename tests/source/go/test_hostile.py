"""No frame, no go.mod and no answer of a host makes a resolution escape, hang or ask twice."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proxy.source.model import Found, Lookup
from proxy.source.resolve import RULES
from tests.source.go.costs import lookups
from tests.source.test_paths import HOSTILE
from tests.source.transcript import Web, World, run

CACHE = "/go/pkg/mod/"
PREFIXES = st.sampled_from(
    (
        "",
        CACHE,
        "github.com/x/y@v1.0.0/",
        "a.b/c@v2.0.0/",
        "vendor/",
        "external/com_github_x_y/",
        "$GOROOT/src/",
        "fmt/",
        "/usr/local/go/src/",
        f"{CACHE}golang.org/toolchain@v0.0.1-go1.2",
        "gopkg.in/",
        "golang.org/x/",
    )
)
GO_MODS = (
    st.sampled_from(["go 1.20", "require github.com/x/y v1.0.1", "replace github.com/x/y => ../../../x", ""])
    | HOSTILE
)
ANSWERS = (
    st.sampled_from(["", "{}", '{"Origin":{"URL":"https://github.com/x/y","Subdir":"s"}}', "[" * 9999])
    | HOSTILE
)


class Everywhere(dict[tuple[Lookup, str], str]):
    """The same answer to every look-up."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer

    def get(self, *_: object) -> str:
        return self.answer


@settings(max_examples=300)
@given(
    st.builds("{}{}{}".format, PREFIXES, HOSTILE, st.sampled_from([".go", "/f.go", "@v1.0.0/f.go", ".s"])),
    HOSTILE,
    GO_MODS,
    ANSWERS,
)
def test_any_frame_ends_without_escaping_or_asking_twice(
    path: str, function: str, go_mod: str, answer: str
) -> None:
    """The transcript itself holds that paths are clean, nothing is asked twice and the limit is kept."""
    content = go_mod.encode("utf-8", "replace").decode()
    world: World = {
        "acme/shop": {"main": {"go.mod": content, "f.go": "x"}},
        "x/y": {"v1.0.0": {"f.go": "x"}, "v1.0.1": {"s/f.go": "x"}},
        "golang/go": {"go1.20": {"src/fmt/f.go": "x"}, "master": {}},
    }
    web: Web = Everywhere(answer.encode("utf-8", "replace").decode())
    transcript = run(world, path, function, web=web)
    assert isinstance(transcript.result, Found) or transcript.result.reason
    if isinstance(transcript.result, Found):
        assert transcript.result.rule in RULES
    assert len(lookups(transcript)) <= 4


@pytest.mark.parametrize(
    "piece", ["a/", "/vendor/", "@v1/", "/src/", "external/a_", "a.b/", "go/1.2/", "_cgo_", "!a"]
)
def test_huge_frames_end(piece: str) -> None:
    huge = piece * (4000 // len(piece)) + "/f.go"
    for path in (huge, CACHE + huge, "vendor/" + huge, f"a.b/c@v1.0.0/{huge}"[:4096]):
        go_mod = "".join(f"require a.b/c{number} v1.0.0\n" for number in range(10_000))
        assert run({"acme/shop": {"main": {"go.mod": go_mod}}}, path, huge).reason
