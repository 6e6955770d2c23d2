"""Node: a service in TypeScript, and one of a pnpm workspace in JavaScript."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import node_facts
from output import Expected, Recording, Worlds, listing, write
from places import HERE, lay_out, places, run

sys.path.insert(0, str(HERE.parents[2]))

from proxy.proto import profile_pb2  # noqa: E402 - the path is set just above

APP = Path("/app")
SECONDS = "8"
SCRIPTS = (".js", ".mjs", ".cjs", ".ts", "package.json")
_PACKAGE = re.compile(r".*/node_modules/(?P<name>(?:@[^/]+/)?[^/]+)/(?P<inner>.+)")


@dataclass(frozen=True)
class Run:
    """A way to run: the service, what builds it, what profiles it, the program's file."""

    name: str
    program: str
    ref: str
    root_path: str
    build: tuple[tuple[str, ...], ...]
    tool: str
    file: str


_NPM = ("npm", "ci", "--no-audit", "--no-fund")
_PNPM = ("npx", "--yes", "pnpm@9.4.0", "install", "--frozen-lockfile")
RUNS = (
    Run("npm", "shop-web", "v3.1.0", "", (_NPM, ("npx", "tsc")), "node --cpu-prof", "dist/main.js"),
    Run("npm-pyroscope", "shop-web", "v3.1.0", "", (_NPM, ("npx", "tsc")), "@pyroscope/nodejs", "dist/main.js"),
    Run(
        "npm-source-maps",
        "shop-web",
        "v3.1.0",
        "",
        (_NPM, ("npx", "tsc")),
        "@pyroscope/nodejs, SourceMapper",
        "dist/main.js",
    ),
    Run("webpack", "shop-web", "v3.1.0", "", (_NPM, ("npx", "webpack")), "node --cpu-prof", "dist/bundle.js"),
    Run("pnpm", "shop-admin", "admin-v0.4.0", "apps/admin", (_PNPM,), "node --cpu-prof", "main.js"),
)


class Recorder:
    """Runs, and knows where everything comes from."""

    def __init__(self) -> None:
        self.worlds = Worlds()
        self.web: dict[str, dict[str, Any]] = {"npm_registry": {}}
        self.registry = run("npm", "config", "get", "registry").strip().rstrip("/")
        self.version = run("node", "--version").strip()
        self.packages: dict[tuple[str, str], list[str]] = {}
        self.left_out: set[str] = set()

    def record(self, each: Run) -> Recording:
        """Build, run and read one."""
        for old in APP.iterdir() if APP.exists() else ():
            shutil.rmtree(old) if old.is_dir() else old.unlink()
        lay_out(each.program, APP)
        for command in each.build:
            run(*command, cwd=APP, env=dict(os.environ) | {"CI": "1"})
        frames = sorted(set(profile(each)), key=str)
        service = {"repository": f"acme/{each.program}", "ref": each.ref, "root_path": each.root_path}
        recording = Recording(each.name, each.program, each.tool, f"Node {self.version}", service, functions_kept=3)
        for path, function, start, line in frames:
            expected = self._expected(each, path)
            if expected:
                recording.add(path, function, start, line, expected)
        self.worlds.add(f"acme/{each.program}", [each.ref], [], contents=each.program)
        return recording

    def _expected(self, each: Run, path: str) -> Expected | None:
        clean = re.sub(r"\?.*\Z", "", re.sub(r"\Afile://", "", urllib.parse.unquote(path)))
        if clean.startswith("node:"):
            inner = node_facts.of_node(clean.removeprefix("node:"))
            return Expected("nodejs/node", self.version, inner)
        clean = re.sub(r"\Awebpack://[^/]*/\./", f"{APP}/", clean)
        if found := _PACKAGE.fullmatch(clean):
            return self._package(Path(clean), found["name"], found["inner"])
        own = clean.removeprefix(f"{APP}/")
        repository, ref = f"acme/{each.program}", each.ref
        if own != clean and (HERE / "programs" / each.program / own).is_file():
            return Expected(repository, ref, own)
        if found := re.fullmatch(r"dist/(.+)\.js", own):
            source = f"src/{found[1]}.ts"
            known = (HERE / "programs" / each.program / source).is_file()
            return Expected(repository, ref, source, why="built") if known else Expected(why="bundled")
        return Expected(why="not a file")

    def _package(self, file: Path, name: str, inner: str) -> Expected | None:
        if not file.is_file():
            return Expected(why="not a file")
        folder = Path(str(file)[: -len(inner) - 1])
        said = json.loads((folder / "package.json").read_text(encoding="utf-8"))
        home = node_facts.HOMES.get(said["name"])
        if home is None:
            self.left_out.add(name)
            return None
        version = said["version"]
        if (name, version) not in self.packages:
            names = listing(folder, SCRIPTS, re.compile(r"(?:\A|/)node_modules/"))
            self.packages[name, version] = names
        tag = node_facts.tags(home, version)[0]
        prefix = f"{home.folder}/" if home.folder else ""
        if origin := node_facts.origin(home, inner):
            return Expected(home.repository, tag, prefix + origin, why="built")
        return Expected(home.repository, tag, prefix + inner)

    def node(self) -> None:
        """What is in nodejs/node below ``lib``, and the copies of other projects that are used."""
        code = "console.log(Object.keys(process.binding('natives')).join('\\n'))"
        modules = run("node", "--no-deprecation", "-e", code).split()
        copies = ("v8/", "internal/deps/")
        known = [each for each in modules if each != "config" and not each.startswith(copies)]
        known += node_facts.VENDORED
        self.worlds.add("nodejs/node", [self.version], {node_facts.of_node(each) for each in known})

    def registry_answers(self) -> None:
        """The repositories and metadata of every package that a frame named."""
        for (name, version), names in sorted(self.packages.items()):
            home = node_facts.HOMES[name]
            prefix = f"{home.folder}/" if home.folder else ""
            paths = [prefix + (node_facts.origin(home, each) or each) for each in names]
            self.worlds.add(home.repository, node_facts.tags(home, version), paths)
            with urllib.request.urlopen(f"{self.registry}/{name.replace('/', '%2f')}/{version}", timeout=60) as answer:
                said = json.load(answer)
            kept = {key: said[key] for key in ("name", "version", "repository", "gitHead", "homepage") if key in said}
            self.web["npm_registry"][f"{name}/{version}"] = as_published(kept)


def as_published(said: dict[str, Any]) -> dict[str, Any]:
    """``owner/name`` stands for GitHub, and is written out when a package is published.

    https://docs.npmjs.com/cli/v10/configuring-npm/package-json#repository
    """
    repository = said.get("repository")
    if isinstance(repository, str):
        if re.fullmatch(r"(?:github:)?[\w.-]+/[\w.-]+", repository):
            repository = f"git+https://github.com/{repository.removeprefix('github:')}.git"
        said["repository"] = {"type": "git", "url": repository}
    return said


def profile(each: Run) -> Iterator[tuple[str, str, int, int]]:
    """Run a service; yields path, function, start line and line of what was seen."""
    cwd = APP / each.root_path
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/profile"
        if each.tool.startswith("node"):
            command = ("node", "--cpu-prof", "--cpu-prof-interval", "200", "--cpu-prof-dir", folder)
            run(*command, each.file, SECONDS, cwd=cwd, env=plain())
            text = next(Path(folder).glob("*.cpuprofile")).read_text(encoding="utf-8")
            for node in json.loads(text)["nodes"]:
                frame = node["callFrame"]
                line = frame["lineNumber"] + 1
                yield frame["url"], frame["functionName"] or "(anonymous)", line, line
            return
        mapped = "mapped" if "SourceMapper" in each.tool else "as it is"
        run(
            "node",
            "-r",
            str(HERE / "profile_pages.js"),
            each.file,
            SECONDS,
            cwd=cwd,
            env=plain() | {"PROFILE_INTO": f"{file},{mapped}"},
        )
        made = profile_pb2.Profile.FromString(decompressed(Path(file).read_bytes()))
    functions = {function.id: function for function in made.function}
    for location in made.location:
        for line in location.line:
            function = functions[line.function_id]
            name = made.string_table[function.name]
            if "profile_pages" not in name:
                yield made.string_table[function.filename], name, function.start_line, line.line


def plain() -> dict[str, str]:
    """Nothing of the machine that records."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent"}


def decompressed(data: bytes) -> bytes:
    """A profile may be compressed."""
    import gzip

    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def main() -> None:
    """Record all of it; takes about three minutes."""
    recorder = Recorder()
    with places(APP):
        recordings = [recorder.record(each) for each in RUNS]
    recorder.node()
    recorder.registry_answers()
    recorder.worlds.former |= node_facts.FORMER
    print("left out, for want of facts:", ", ".join(sorted(recorder.left_out)))
    write("javascript", recordings, recorder.worlds, recorder.web)


if __name__ == "__main__":
    main()
