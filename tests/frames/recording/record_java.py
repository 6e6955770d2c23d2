"""Java and Kotlin: two services of one repository, profiled by async-profiler and by JFR."""

from __future__ import annotations

import json
import os
import re
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import java_facts
from output import Expected, Recording, Worlds, write
from places import PROGRAMS, lay_out, places, run

APP = Path("/app")
REPOSITORY, REF = "acme/warehouse", "v5.0.0"
SECONDS = "12"
CENTRAL = "https://repo1.maven.org/maven2"
ASYNC_PROFILER = "4.0"
MAX_NATIVE = 15
MODULES = {"java.base", "java.logging", "java.management", "jdk.jfr", "jdk.management.jfr", "jdk.unsupported"}
_TARGET = re.compile(r"target/lib/(?P<name>[a-z.-]+?)-\d")
_GENERATED = re.compile(
    r"\$\$Lambda|\$\$FastClass|\$\$(?:EnhancerBy)?\w*CGLIB\$\$|\$Proxy\d+|LambdaForm\$|Generated\w*Accessor\d|Species_|"
    r"\$\$StringConcat|/0x|\+0x"
)
# What a mapping of the stock service names: class prefix → repository, ref, folder, artifact.
MAPPED = {
    "com/fasterxml/jackson/databind/": (
        "FasterXML/jackson-databind",
        "jackson-databind-2.17.1",
        "src/main/java",
        "com/fasterxml/jackson/core:jackson-databind:2.17.1",
    ),
    "org/springframework/aop/": (
        "spring-projects/spring-framework",
        "v6.1.10",
        "spring-aop/src/main/java",
        "org/springframework:spring-aop:6.1.10",
    ),
}


# Pyroscope gives classes that are made while a program runs one name each: only those are kept here.
# https://github.com/grafana/pyroscope/blob/main/pkg/og/convert/jfr/
MERGED = "async-profiler, as Pyroscope merges its names"
_MERGES = (
    (re.compile(r"(\$\$Lambda\$)\d+[./](?:0x[\da-f]+|\d+)"), r"\1_"),
    (re.compile(r"(Generated(?:Method|Constructor|SerializationConstructor)Accessor)\d+"), r"\1_"),
    (re.compile(r"(LambdaForm\$(?:MH|DMH|VH))[./]0x[\da-f]+"), r"\1_"),
)


@dataclass(frozen=True)
class Run:
    """A service and what profiles it."""

    name: str
    root_path: str
    main: str
    tool: str


RUNS = (
    Run("java-async-profiler", "services/stock", "com.acme.stock.App", "async-profiler"),
    Run("java-pyroscope", "services/stock", "com.acme.stock.App", MERGED),
    Run("java-jfr", "services/stock", "com.acme.stock.App", "JFR"),
    Run("kotlin-async-profiler", "services/search", "com.acme.search.AppKt", "async-profiler"),
    Run("kotlin-jfr", "services/search", "com.acme.search.AppKt", "JFR"),
)


class Recorder:
    """Runs, and knows where everything comes from."""

    def __init__(self, tools: Path) -> None:
        self.worlds = Worlds()
        self.agent = agent(tools)
        self.modules = jdk_classes()
        self.jdk = re.search(r"java\.runtime\.version = (\S+)", properties())[1].partition("-Debian")[0]
        self.sources = {prefix: sources(each[3]) for prefix, each in MAPPED.items()}

    def record(self, each: Run) -> Recording:
        """Run and read one."""
        service = {"repository": REPOSITORY, "ref": REF, "root_path": each.root_path}
        version = f"JDK {self.jdk}; async-profiler {ASYNC_PROFILER}"
        recording = Recording(each.name, "warehouse", each.tool, version, service)
        native = 0
        for function in sorted(set(self._functions(each))):
            if "/" not in function and "." not in function:
                native += 1
                if native > MAX_NATIVE:
                    continue
            recording.add("", function, 0, 0, self._expected(each, function))
        return recording

    def _functions(self, each: Run) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/out.jfr"
            if each.tool == "JFR":
                option = f"-XX:StartFlightRecording=filename={file},settings=profile"
            else:
                option = f"-agentpath:{self.agent}=start,event=itimer,interval=1ms,collapsed,file={file}"
            command = ("java", option, "-cp", "target/classes:target/lib/*", each.main, SECONDS)
            run(*command, cwd=APP / each.root_path)
            names = of_jfr(file) if each.tool == "JFR" else of_collapsed(file)
            yield from merged(names) if each.tool == MERGED else names

    def _expected(self, each: Run, function: str) -> Expected:
        known = re.match(r"[\w$]+(?:[/.][\w$]+)*?[/.](?=[^./]+\Z)|", function)
        name = re.split(r"[+]0x|/0x|\.0x", function)[0]
        name = name.rpartition(".")[0] if name == function else name
        top = re.split(r"\$", name.replace(".", "/"))[0]
        if not known or "/" not in top or top.startswith("/"):
            return Expected(why="not a file")
        if top.startswith("com/acme/"):
            return self._own(top)
        generated = _GENERATED.search(function) is not None
        mapped = each.root_path == "services/stock"
        module = self.modules.get(top)
        if module:
            path = java_facts.jdk_path(module, top)
            if not path or generated:
                return Expected(java_facts.JDK if path else "", "", path, why="generated")
            if not mapped:
                return Expected(why="no version known")
            return Expected(java_facts.JDK, f"jdk-{self.jdk}", path)
        for prefix, (repository, ref, folder, _) in MAPPED.items():
            if mapped and top.startswith(prefix):
                path = f"{folder}/{top}.java"
                if f"{top}.java" not in self.sources[prefix]:
                    # A second class of a file of another name: jackson's BaseNodeDeserializer.
                    return Expected(why="its name does not tell its file")
                return Expected(repository, ref, path, why="generated" if generated else "")
        return Expected(
            why="generated" if generated or re.search(r"\$Proxy|Generated", name) else "a library without a mapping"
        )

    def _own(self, top: str) -> Expected:
        """A class has a file of its name, or of its facade (``AppKt``); else its name does not tell.

        What is made of it while it runs (lambdas, proxies) is best shown by the class itself.
        """
        package, _, name = top.rpartition("/")
        facade = re.sub(r"Kt\Z", "", name)
        files = [
            path
            for path in sorted((PROGRAMS / "warehouse").rglob("*"))
            if path.suffix in (".java", ".kt") and path.parent.as_posix().endswith(f"/{package}")
        ]
        for path in files:
            if path.name in (f"{name}.java", f"{name}.kt", f"{facade}.kt"):
                inner = path.relative_to(PROGRAMS / "warehouse").as_posix()
                return Expected(REPOSITORY, REF, inner)
        for path in files:
            if re.search(rf"\bclass {name}\b", path.read_text(encoding="utf-8")):
                inner = path.relative_to(PROGRAMS / "warehouse").as_posix()
                return Expected(REPOSITORY, REF, inner, why="its name does not tell its file")
        raise SystemExit(f"where is {top}?")

    def repositories(self) -> None:
        """The listed repositories."""
        self.worlds.add(REPOSITORY, [REF], [], contents="warehouse")
        paths = (java_facts.jdk_path(module, name) for name, module in self.modules.items())
        self.worlds.add(java_facts.JDK, [f"jdk-{self.jdk}"], [path for path in paths if path])
        for prefix, (repository, ref, folder, _) in MAPPED.items():
            self.worlds.add(repository, [ref], [f"{folder}/{name}" for name in self.sources[prefix]])


def of_collapsed(file: str) -> Iterator[str]:
    """The frames of async-profiler's collapsed stacks."""
    for line in Path(file).read_text(encoding="utf-8").splitlines():
        yield from line.rpartition(" ")[0].split(";")


def merged(names: Iterator[str]) -> Iterator[str]:
    """Those that Pyroscope writes otherwise than the profiler."""
    for name in names:
        other = name
        for pattern, replacement in _MERGES:
            other = pattern.sub(replacement, other)
        if other != name:
            yield other


def of_jfr(file: str) -> Iterator[str]:
    """``class.method`` of every frame of the samples."""
    events = "jdk.ExecutionSample,jdk.ObjectAllocationSample"
    text = run("jfr", "print", "--json", "--events", events, "--stack-depth", "64", file)
    for event in json.loads(text)["recording"]["events"]:
        for frame in (event["values"].get("stackTrace") or {}).get("frames", []):
            yield f"{frame['method']['type']['name']}.{frame['method']['name']}"


def agent(tools: Path) -> Path:
    """async-profiler's library, from its artifact on Maven Central."""
    name = f"async-profiler-{ASYNC_PROFILER}.jar"
    url = f"{CENTRAL}/tools/profiler/async-profiler/{ASYNC_PROFILER}/{name}"
    urllib.request.urlretrieve(url, tools / name)
    with zipfile.ZipFile(tools / name) as jar:
        return Path(jar.extract("linux-x64/libasyncProfiler.so", tools))


def sources(artifact: str) -> set[str]:
    """The Java files of an artifact's ``-sources.jar``."""
    group, name, version = artifact.split(":")
    url = f"{CENTRAL}/{group}/{name}/{version}/{name}-{version}-sources.jar"
    with tempfile.TemporaryDirectory() as folder:
        file, _ = urllib.request.urlretrieve(url, f"{folder}/sources.jar")
        with zipfile.ZipFile(file) as jar:
            return {each for each in jar.namelist() if each.endswith(".java")}


def properties() -> str:
    """What Java says of itself."""
    import subprocess

    return subprocess.run(
        ["java", "-XshowSettings:properties", "-version"], capture_output=True, text=True, check=True
    ).stderr


def jdk_classes() -> dict[str, str]:
    """Top-level class → its module, for the modules that services use."""
    home = re.search(r"java\.home = (\S+)", properties())[1]
    text = run("jimage", "list", f"{home}/lib/modules")
    found, module = {}, ""
    for line in text.splitlines():
        if line.startswith("Module: "):
            module = line.removeprefix("Module: ").strip()
        name = line.strip().removesuffix(".class")
        if name != line.strip() and "$" not in name and not name.endswith("-info") and module in MODULES:
            found[name] = module
    return found


def main() -> None:
    """Record all of it; takes about three minutes."""
    with places(APP), tempfile.TemporaryDirectory() as tools:
        lay_out("warehouse", APP)
        run(
            "mvn",
            "-q",
            "-B",
            "-DskipTests",
            "package",
            "dependency:copy-dependencies",
            "-DoutputDirectory=target/lib",
            cwd=APP,
            env=dict(os.environ),
        )
        recorder = Recorder(Path(tools))
        recordings = [recorder.record(each) for each in RUNS]
        recorder.repositories()
    write("java", recordings, recorder.worlds, {})


if __name__ == "__main__":
    main()
