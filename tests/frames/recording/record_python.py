"""Python: three services, run by interpreters that are installed in four ways."""

from __future__ import annotations

import email
import importlib.metadata
import json
import os
import re
import shutil
import sys
import tarfile
import tempfile
import tomllib
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_facts
from output import Expected, Recording, Worlds, listing, write
from places import lay_out, places, run
from python_profilers import PROFILERS

APP, VENV, HOME, USR_LOCAL = Path("/app"), Path("/opt/venv"), Path("/home/app"), Path("/usr/local")
SYSTEM = Path("/usr/bin/python3.11")
INDEX = "https://pypi.org"
# In the lock files for other platforms only.
NOT_HERE = {"colorama", "tzdata", "greenlet"}
_NO_TESTS = re.compile(r"(?:\A|/)(?:tests?|idlelib|turtledemo|site-packages|__pycache__|lib2to3/tests|config-[^/]*)/")
# Written by the interpreter's own build.
_BUILT = re.compile(r"(?:\A|/)(?:_sysconfigdata_[^/]*|_sysconfig_vars_[^/]*)\Z")


@dataclass(frozen=True)
class Layout:
    """A service and the interpreter that runs it.

    ``origin`` is where the interpreter is on the machine that records, ``prefix`` where it is put
    (none: it is run where it is); ``environment`` is the virtual environment, none: the packages go
    to the interpreter itself, as in the images of docker.io/python.
    """

    name: str
    program: str
    repository: str
    ref: str
    root_path: str
    code: Path
    origin: Path
    prefix: Path | None
    environment: Path | None
    standard_ref: str
    versions: Callable[[Path], dict[str, str]]
    tool: str = "cProfile"


def pyenv(version: str) -> Path:
    """A Python that pyenv built."""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return root / "versions" / version


def layouts() -> tuple[Layout, ...]:
    """What is recorded."""
    orders = ("orders", "acme/platform", "orders-v2.3.0", "services/orders")
    reports = ("reports", "acme/reports", "v1.1.0", "")
    new, newest = pyenv("3.12.1"), pyenv("3.13.0")
    home = HOME / ".pyenv/versions/3.12.1"
    managed = HOME / ".local/share/uv/python/cpython-3.13.0-linux-x86_64-gnu"
    inner = HOME / "platform/services/orders"
    return (
        Layout(
            "debian-venv", "catalog", "acme/catalog", "v0.7.0", "", APP, SYSTEM, None, VENV, "3.11", in_requirements
        ),
        Layout("pyenv", *orders, HOME / "platform", new, home, inner / ".venv", "v3.12.1", in_lock),
        Layout("pyenv-py-spy", *orders, HOME / "platform", new, home, inner / ".venv", "v3.12.1", in_lock, "py-spy"),
        Layout("uv", *orders, HOME / "platform", newest, managed, inner / ".venv", "v3.13.0", in_lock),
        Layout("docker", *reports, APP, new, USR_LOCAL, None, "3.12", in_lock),
    )


def in_lock(folder: Path) -> dict[str, str]:
    """Distributions and versions of a uv.lock or poetry.lock."""
    file = next(folder.glob("*.lock"))
    packages = tomllib.loads(file.read_text(encoding="utf-8"))["package"]
    return {each["name"].lower(): each["version"] for each in packages if "virtual" not in each.get("source", {})}


def in_requirements(folder: Path) -> dict[str, str]:
    """Distributions and versions of a requirements.txt."""
    text = (folder / "requirements.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"(?m)^([a-z0-9_.-]+)==(\S+)", text))


class Recorder:
    """Runs, and knows where everything comes from."""

    def __init__(self) -> None:
        self.worlds = Worlds()
        self.web: dict[str, dict[str, Any]] = {"python_index": {}}
        self.used: set[tuple[str, str]] = set()

    def record(self, layout: Layout) -> Recording:
        """Install, run and read one."""
        python = self._interpreter(layout)
        lay_out(layout.repository.partition("/")[2], layout.code)
        folder = layout.code / layout.root_path
        versions = layout.versions(folder)
        if layout.environment:
            run(str(python), "-m", "venv", "--without-pip", str(layout.environment))
            python = layout.environment / "bin/python"
        wanted = [f"{name}=={version}" for name, version in versions.items() if name not in NOT_HERE]
        pip = (
            sys.executable,
            "-m",
            "pip",
            "--python",
            str(python),
            "install",
            "--quiet",
            "--no-deps",
            "--no-warn-script-location",
        )
        scripts = set(python.parent.iterdir())
        run(*pip, *wanted)
        for script in set(python.parent.iterdir()) - scripts:
            script.unlink()  # in /usr/local nothing else would remove them
        packages = self._files(python, versions)
        source = folder / "src" if (folder / "src").is_dir() else folder
        frames = PROFILERS[layout.tool](python, layout.program, source, HOME)
        version = run(str(python), "-c", "import sys; print('Python', sys.version.split()[0])").strip()
        service = {"repository": layout.repository, "ref": layout.ref, "root_path": layout.root_path}
        recording = Recording(layout.name, layout.program, layout.tool, version, service)
        for path, function, start, line in frames:
            recording.add(path, function, start, line, self._expected(layout, path, packages))
        self.worlds.add(layout.repository, [layout.ref], [], contents=layout.repository.partition("/")[2])
        self._standard_library(layout, python)
        return recording

    def _interpreter(self, layout: Layout) -> Path:
        if layout.prefix is None:
            return layout.origin
        short = ".".join(layout.origin.name.split(".")[:2])
        skip = shutil.ignore_patterns("test", "tests", "idlelib", "site-packages", "__pycache__", "*.a")
        shutil.copytree(
            layout.origin / f"lib/python{short}", layout.prefix / f"lib/python{short}", symlinks=True, ignore=skip
        )
        (layout.prefix / f"lib/python{short}/site-packages").mkdir()
        (layout.prefix / "bin").mkdir(exist_ok=True)
        target = layout.prefix / f"bin/python{short}"
        shutil.copy2(layout.origin / f"bin/python{short}", target)
        for library in (layout.origin / "lib").glob("libpython*.so*"):
            shutil.copy2(library, layout.prefix / "lib", follow_symlinks=False)
        return target

    def _files(self, python: Path, versions: dict[str, str]) -> dict[str, tuple[str, str, str]]:
        """Each installed file → its distribution, version and path below ``site-packages``."""
        site = Path(run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
        found = {}
        for each in importlib.metadata.distributions(path=[str(site)]):
            name = re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower()
            if name not in versions:
                continue
            for file in each.files or ():
                found[str(site / file)] = (name, versions[name], str(file))
        return found

    def _expected(self, layout: Layout, path: str, packages: dict[str, tuple[str, str, str]]) -> Expected:
        if frozen := re.fullmatch(r"<frozen ([\w.]+)>", path):
            # Which Python froze it is not in the name: right is what .python-version says, else any.
            stated = (layout.code / layout.root_path / ".python-version").exists()
            return Expected("python/cpython", layout.standard_ref if stated else "*", frozen_path(frozen[1]))
        if path.startswith("<") or path in ("~", "") or path.endswith((".so", ".c")):
            return Expected(why="not a file")
        if path in packages:
            return self._package(*packages[path])
        if path.startswith(f"{layout.code}/"):
            return Expected(layout.repository, layout.ref, path.removeprefix(f"{layout.code}/"))
        if found := re.search(r"/python3\.\d+/(?!site-packages/)(.+)\Z", path):
            if _BUILT.search(found[1]):
                return Expected(why="generated")
            return Expected("python/cpython", layout.standard_ref, f"Lib/{found[1]}")
        if "<" in path or not path.startswith("/"):
            # Modules that templates are compiled to have names of memory addresses.
            return Expected(why="not a file")
        raise SystemExit(f"{layout.name}: where does {path} come from?")

    def _package(self, name: str, version: str, inner: str) -> Expected:
        self.used.add((name, version))
        home = python_facts.home(name)
        if home is None:
            return Expected(why="another host")
        if (name, inner) in python_facts.GENERATED:
            return Expected(why="generated")
        tree = sdist(name, version)[0]
        matches = sorted((each for each in tree if each == inner or each.endswith(f"/{inner}")), key=len)
        if not matches:
            raise SystemExit(f"{name} {version} has no {inner} in its source distribution")
        folder = f"{home.folder}/" if home.folder else ""
        return Expected(home.repository, python_facts.tag(home, version), folder + matches[0])

    def _standard_library(self, layout: Layout, python: Path) -> None:
        library = run(str(python), "-c", "import sysconfig; print(sysconfig.get_path('stdlib'))").strip()
        names = listing(Path(library), (".py",), _NO_TESTS)
        paths = [f"Lib/{name}" for name in names if not _BUILT.search(name.removesuffix(".py"))]
        self.worlds.add("python/cpython", [layout.standard_ref], paths)
        if layout.standard_ref == "v3.13.0":
            self.worlds.add("python/cpython", ["main"], paths)

    def packages(self) -> None:
        """The files and metadata of every distribution that a frame named."""
        for name, version in sorted(self.used):
            tree, metadata = sdist(name, version)
            urls = dict(each.split(", ", 1) for each in metadata.get_all("Project-URL") or [])
            # As the index does: https://docs.pypi.org/api/json/#get-a-release
            for label, key in (("Homepage", "Home-page"), ("Download", "Download-URL")):
                if metadata[key]:
                    urls.setdefault(label, metadata[key])
            info = {
                "name": metadata["Name"],
                "version": version,
                "home_page": metadata["Home-page"] or None,
                "project_urls": urls or None,
            }
            self.web["python_index"][f"pypi/{name}/{version}/json"] = {"info": info}
            home = python_facts.home(name)
            if home:
                folder = f"{home.folder}/" if home.folder else ""
                kept = [
                    folder + each
                    for each in tree
                    if not any(is_generated(name, each, made) for made in python_facts.GENERATED)
                ]
                self.worlds.add(home.repository, [python_facts.tag(home, version)], kept)


def is_generated(name: str, path: str, made: tuple[str, str]) -> bool:
    """Whether a file of a source distribution is one that its build wrote."""
    return name == made[0] and f"/{path}".endswith(f"/{made[1]}")


def frozen_path(module: str) -> str:
    """Where the source of a frozen module is: https://docs.python.org/3/library/imp.html."""
    known = {"zipimport": "zipimport.py", "importlib._bootstrap": "importlib/_bootstrap.py"}
    packages = {"importlib", "collections", "encodings", "importlib.resources"}
    inner = module.replace(".", "/")
    return "Lib/" + known.get(module, f"{inner}/__init__.py" if module in packages else f"{inner}.py")


_SDISTS: dict[tuple[str, str], tuple[list[str], email.message.Message]] = {}


def sdist(name: str, version: str) -> tuple[list[str], email.message.Message]:
    """The Python files of a source distribution and its metadata."""
    if (name, version) not in _SDISTS:
        request = urllib.request.Request(
            f"{INDEX}/simple/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            files = json.load(answer)["files"]
        ending = re.compile(rf"-{re.escape(version)}\.tar\.gz\Z")
        url = next(each["url"] for each in files if ending.search(each["filename"]))
        with tempfile.TemporaryDirectory() as folder:
            archive, _ = urllib.request.urlretrieve(urllib.parse.urljoin(request.full_url, url), f"{folder}/sdist")
            with tarfile.open(archive) as tar:
                names = [each.name.partition("/")[2] for each in tar if each.isfile()]
                first = tar.getnames()[0].partition("/")[0]
                text = tar.extractfile(f"{first}/PKG-INFO").read().decode()
        kept = [each for each in names if each.endswith((".py", ".pyi")) and not _NO_TESTS.search(f"{each}")]
        kept += [each for each in names if each.endswith(".py") and re.search(r"\A(?:[^/]+/)?tests?/", each)][:8]
        _SDISTS[name, version] = (kept, email.message_from_string(text))
    return _SDISTS[name, version]


def main() -> None:
    """Record all of it; takes about three minutes."""
    recorder = Recorder()
    recordings = []
    for layout in layouts():
        own = [APP, VENV, HOME]
        if layout.prefix == USR_LOCAL:
            libraries = [f"lib/{each.name}" for each in (layout.origin / "lib").glob("libpython*.so*")]
            own += [USR_LOCAL / each for each in ("lib/python3.12", "bin/python3.12", *libraries)]
        with places(*own):
            recordings.append(recorder.record(layout))
    recorder.packages()
    recorder.worlds.former |= python_facts.FORMER
    write("python", recordings, recorder.worlds, recorder.web)


if __name__ == "__main__":
    main()
