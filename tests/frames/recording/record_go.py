"""Go: two services, built in the ways that give frames different paths."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import go_facts
from output import Expected, Recording, Worlds, listing, write
from places import HERE, lay_out, places, remove, run

sys.path.insert(0, str(HERE.parents[2]))

from proxy.proto import profile_pb2  # noqa: E402 - the path is set just above

SOURCE, GO_PATH, CELLAR, HOSTED = Path("/src"), Path("/go"), Path("/opt/homebrew"), Path("/opt/hostedtoolcache")
GOROOT = "/usr/local/go"
MODULES = GO_PATH / "pkg/mod"
EXTENSIONS = (".go", ".s", "go.mod")
LEDGER, PINGER = "acme/ledger", "acme/pinger"
BILLING = "services/billing"
OLD_TOOLCHAIN = "1.25.5"
# As the ledger's go.mod says.
REPLACED = {
    ("github.com/dgrijalva/jwt-go", "v3.2.0+incompatible"): ("github.com/golang-jwt/jwt", "v3.2.1+incompatible")
}
_TESTS = re.compile(r"_test\.go\Z|(?:\A|/)(?:testdata|_.*)/")
# Written by Go's own build, in no repository: https://go.dev/src/cmd/dist/buildruntime.go
_GENERATED = re.compile(r"(?:\A|/)(?:zbootstrap|zversion|zdefaultcc|zosarch|zcgo)\.go\Z")
_VERSIONED = re.compile(r"(?P<module>[^@]+)@(?P<version>[^/]+)/(?P<rest>.+)")
_TOOLCHAIN = re.compile(r"golang\.org/toolchain@v0\.0\.1-go(?P<version>[^/]+?)\.[a-z0-9]+-[a-z0-9]+/(?P<rest>.+)")


@dataclass(frozen=True)
class Build:
    """A way to build: where the program is, what the service says of itself, what is special."""

    name: str
    program: str
    folder: str
    package: str
    ref: str
    root_path: str
    go: str
    flags: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    seconds: int = 25


def builds(version: str) -> tuple[Build, ...]:
    """What is recorded; ``version`` is of the Go in GOROOT."""
    hosted = str(HOSTED / f"go/{version}/x64")
    cellar = str(CELLAR / f"Cellar/go/{version}/libexec")
    old = (("GOTOOLCHAIN", f"go{OLD_TOOLCHAIN}"),)
    pinger = (PINGER, "", "./cmd/pinger", "v0.2.0", "cmd/pinger")
    return (
        Build("plain", LEDGER, BILLING, ".", "v1.4.0", BILLING, GOROOT),
        Build("trimpath", LEDGER, BILLING, ".", "", BILLING, GOROOT, ("-trimpath",)),
        Build("vendor", LEDGER, BILLING, ".", "v2.0.0", BILLING, GOROOT, ("-mod=vendor",)),
        Build("vendor-trimpath", LEDGER, BILLING, ".", "v2.0.0", BILLING, GOROOT, ("-mod=vendor", "-trimpath")),
        Build("toolchain", *pinger, GOROOT, (), old, 5),
        Build("hosted", *pinger, hosted, (), (("GOTOOLCHAIN", "local"),), 5),
        Build("homebrew", *pinger, cellar, (), (("GOTOOLCHAIN", "local"),), 5),
    )


class Recorder:
    """Builds, runs, and knows where everything comes from."""

    def __init__(self) -> None:
        self.worlds = Worlds()
        self.web: dict[str, dict[str, Any]] = {"go_module_proxy": {}, "go_get": {}}
        self.version = run("go", "env", "GOVERSION").strip().removeprefix("go")
        self.proxy = run("go", "env", "GOPROXY").strip().split(",")[0].rstrip("/")
        self.used: set[tuple[str, str]] = set()

    def record(self, build: Build) -> Recording:
        """Build, run and read one."""
        remove(SOURCE)
        lay_out(build.program.partition("/")[2], SOURCE)
        folder = SOURCE / build.folder
        environment = self._environment(build)
        go = f"{build.go}/bin/go"
        if "-mod=vendor" in build.flags:
            run(go, "mod", "vendor", cwd=folder, env=environment)
        with tempfile.TemporaryDirectory() as place:
            binary = f"{place}/service"
            run(go, "build", *build.flags, "-o", binary, build.package, cwd=folder, env=environment)
            print(build.name, run(binary, "-profiles", place, "-seconds", str(build.seconds)).strip())
            frames = sorted(set(_frames(Path(place, "cpu.pb.gz"))) | set(_frames(Path(place, "allocs.pb.gz"))))
        self._own_world(build)
        used = run(go, "env", "GOVERSION", cwd=folder, env=environment).strip()
        recording = Recording(
            build.name,
            build.program.partition("/")[2],
            "runtime/pprof: CPU, and every allocation",
            f"{used}; go build {' '.join(build.flags)}".strip(),
            {"repository": build.program, "ref": self._ref(build), "root_path": build.root_path},
        )
        for path, function, start, line in frames:
            # A closure that was inlined has the name of the package that it was inlined into.
            inlined = (
                "/" in function
                and self._expected(build, path).repository == "golang/go"
                and "." in function.split("/")[0]
            )
            recording.add(path, function, start, line, self._expected(build, path), telling=inlined)
        return recording

    def _environment(self, build: Build) -> dict[str, str]:
        own = {"GOPATH": str(GO_PATH), "GOMODCACHE": str(MODULES), "GOROOT": build.go, "CGO_ENABLED": "1"}
        return dict(os.environ) | own | {"GOFLAGS": "-modcacherw -buildvcs=false"} | dict(build.environment)

    def _ref(self, build: Build) -> str:
        # A service may say a tag or a whole commit.
        return build.ref or self.worlds.commits[build.program, "v1.4.0"]["commit"]

    def _own_world(self, build: Build) -> None:
        vendored = [name for name in listing(SOURCE, ("",), re.compile("profile")) if f"{build.folder}/vendor/" in name]
        contents = build.program.partition("/")[2]
        self.worlds.add(build.program, [build.ref or "v1.4.0"], vendored, contents=contents)

    def _expected(self, build: Build, path: str) -> Expected:
        if path in ("_cgo_gotypes.go", "<autogenerated>") or path.endswith("/_cgo_gotypes.go"):
            return Expected(why="generated")
        if found := _TOOLCHAIN.match(path.removeprefix(f"{MODULES}/")):
            return self._standard(found["rest"].removeprefix("src/"), found["version"])
        if path.startswith(f"{build.go}/src/"):
            return self._standard(path.removeprefix(f"{build.go}/src/"), self.version)
        if path.startswith(f"{SOURCE}/"):
            return Expected(build.program, self._ref(build), path.removeprefix(f"{SOURCE}/"))
        if found := _VERSIONED.fullmatch(path.removeprefix(f"{MODULES}/")):
            return self._module(build, found["module"], found["version"], found["rest"])
        own = f"github.com/{build.program}/"
        if path.startswith(own):
            return Expected(build.program, self._ref(build), path.removeprefix(own))
        if path.startswith(("./", "../")):
            inner = os.path.normpath(f"{build.folder}/{path}")
            return Expected(build.program, self._ref(build), inner)
        if Path(build.go, "src", path).is_file():
            return self._standard(path, self.version)
        if Path(SOURCE, build.folder, "vendor", path).is_file():
            return Expected(build.program, self._ref(build), f"{build.folder}/vendor/{path}")
        raise SystemExit(f"{build.name}: where does {path} come from?")

    def _standard(self, inner: str, version: str) -> Expected:
        if _GENERATED.search(inner):
            return Expected(why="generated")
        return Expected("golang/go", f"go{version}", f"src/{inner}")

    def _module(self, build: Build, module: str, version: str, rest: str) -> Expected:
        module = re.sub("!([a-z])", lambda found: found[1].upper(), module)
        if module == "github.com/acme/money":
            return Expected(build.program, self._ref(build), f"libs/money/{rest}")
        # With -trimpath, a replaced module's files have the name of what it replaces.
        module, version = REPLACED.get((module, version), (module, version))
        self.used.add((module, version))
        home = go_facts.home(module, version)
        if home is None and "-mod=vendor" in build.flags:
            return Expected(build.program, self._ref(build), f"{build.folder}/vendor/{module}/{rest}")
        if home is None:
            return Expected(why="another host")
        folder = f"{home.folder}/" if home.folder else ""
        return Expected(home.repository, home.tag or home.commit, folder + rest)

    def standard_library(self, version: str, folder: Path) -> None:
        """What is in golang/go below ``src``, but for tests and commands."""
        skip = re.compile(f"{_TESTS.pattern}|{_GENERATED.pattern}|\\Acmd/")
        paths = [f"src/{name}" for name in listing(folder, (".go", ".s"), skip)]
        self.worlds.add("golang/go", [f"go{version}"], paths)

    def modules(self) -> None:
        """The files and metadata of every module that a frame named."""
        for module, version in sorted(self.used):
            escaped = re.sub("[A-Z]", lambda found: f"!{found[0].lower()}", module)
            self._ask(f"{escaped}/@v/{version}.info", f"https://{module}?go-get=1", module)
            home = go_facts.home(module, version)
            if home:
                prefix = f"{home.folder}/" if home.folder else ""
                names = listing(MODULES / f"{escaped}@{version}", EXTENSIONS, _TESTS)
                refs = [home.tag] if home.tag else []
                self.worlds.add(home.repository, refs, [prefix + name for name in names], commit=home.commit)

    def _ask(self, path: str, go_get: str, module: str) -> None:
        try:
            with urllib.request.urlopen(f"{self.proxy}/{path}", timeout=60) as answer:
                said = json.load(answer)
            kept = {name: said[name] for name in ("Version", "Time", "Origin") if name in said}
            self.web["go_module_proxy"][path] = kept
        except urllib.error.HTTPError as error:
            print(f"{path}: {error}")
        page = go_facts.go_get(module)
        if page:
            self.web["go_get"][go_get] = page


def _frames(file: Path) -> Iterator[tuple[str, str, int, int]]:
    profile = profile_pb2.Profile.FromString(gzip.decompress(file.read_bytes()))
    strings = profile.string_table
    functions = {each.id: each for each in profile.function}
    seen = set()
    for location in profile.location:
        for line in location.line:
            function = functions[line.function_id]
            key = (strings[function.filename], strings[function.name])
            if key[0] and key not in seen:
                seen.add(key)
                yield *key, function.start_line, line.line


def main() -> None:
    """Record all of it; takes about ten minutes."""
    recorder = Recorder()
    with places(SOURCE, GO_PATH, CELLAR, HOSTED):
        recordings = []
        for build in builds(recorder.version):
            if build.go != GOROOT:
                shutil.copytree(
                    GOROOT, build.go, symlinks=True, ignore=shutil.ignore_patterns("test", "testdata", "api")
                )
            recordings.append(recorder.record(build))
        recorder.standard_library(recorder.version, Path(GOROOT, "src"))
        toolchain = next(MODULES.glob(f"golang.org/toolchain@v0.0.1-go{OLD_TOOLCHAIN}.*"))
        recorder.standard_library(OLD_TOOLCHAIN, toolchain / "src")
        recorder.modules()
    write("go", recordings, recorder.worlds, recorder.web)


if __name__ == "__main__":
    main()
