"""Record the demo's profiles again: ``python proxy/demo/recording/record.py``.

What it needs, and what comes out, is in README.md beside this file.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2]))

from build_repositories import DATA, build_all  # noqa: E402 - the path is set just above
from load import send_orders, send_searches  # noqa: E402
from recorder import Kept, Recorder  # noqa: E402

from proxy.proto import profile_pb2  # noqa: E402

REPOSITORIES = DATA / "repositories"
# As in the images that the services' Dockerfiles make. None of these may exist before.
GO_SOURCE, GO_PATH, IMAGE, VENV = Path("/src"), Path("/go"), Path("/app"), Path("/opt/venv")
OWN_FOLDERS = (GO_SOURCE, GO_PATH, IMAGE, VENV)
SYSTEM_PYTHON = "/usr/bin/python3.11"
SECONDS = 66  # Go's agent sends a CPU profile each 30 s, and the first is left out: the service warms up
# Profiles may name only what is in such an image.
PUBLIC_PREFIXES = (*map(str, OWN_FOLDERS), "/usr/local/go/", "/usr/lib/python3.11/", "[")


@dataclass(frozen=True)
class Service:
    """A service at a version that is to be profiled.

    ``ref`` is what the service says in ``service_git_ref``; empty: the commit that ``version`` names.
    """

    name: str
    bare: str
    repository: str
    version: str
    ref: str
    root_path: str
    region: str
    start: Callable[[dict[str, str], int], subprocess.Popen[bytes]]
    load: Callable[[int], int]
    arguments: tuple[str, ...] = ()


def main() -> None:
    """Build the repositories, record every service, write the manifest."""
    taken = [str(folder) for folder in OWN_FOLDERS if folder.exists()]
    if taken:
        raise SystemExit(f"{', '.join(taken)} exist; record in a fresh container, or move them away")
    build_all(DATA)
    try:
        entries = [entry for service in services() for entry in record(service)]
    finally:
        for folder in OWN_FOLDERS:
            subprocess.run(["chmod", "-R", "u+w", str(folder)], check=False, capture_output=True)
            shutil.rmtree(folder, ignore_errors=True)
    manifest = {"recordings": entries}
    (DATA / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def services() -> tuple[Service, ...]:
    """What is recorded, in this order."""
    shop = ("acme--shop.git", "https://github.com/acme/shop")
    recommender = ("acme--recommender.git", "https://github.com/acme/recommender")
    root = "services/checkout"
    return (
        Service("checkout", *shop, "v1.0.0", "", root, "eu-central", start_checkout, send_orders),
        Service("checkout", *shop, "v1.1.0", "", root, "us-east", start_checkout, send_orders, ("-trimpath",)),
        Service("recommender", *recommender, "v0.3.0", "v0.3.0", "", "eu-central", start_recommender, send_searches),
    )


def record(service: Service) -> Iterator[dict[str, object]]:
    """Run one service under load and keep the last profile of each kind; yields manifest entries."""
    commit = run("git", f"--git-dir={REPOSITORIES / service.bare}", "rev-parse", f"{service.version}^{{commit}}")
    environment = {"GIT_REF": service.ref or commit, "REGION": service.region}
    with Recorder() as recorder:
        environment["PYROSCOPE_SERVER_ADDRESS"] = recorder.url
        port = free_port()
        with running(service, environment, port):
            end = time.monotonic() + SECONDS
            sent = 0
            while time.monotonic() < end:
                sent += service.load(port)
        print(f"{service.name} {service.version}: {sent} requests, {len(recorder.kept)} profiles")
        for name, kept in {kept.name: kept for kept in in_steady_state(recorder.kept)}.items():
            yield save(service, commit, name, kept)


def in_steady_state(kept: list[Kept]) -> list[Kept]:
    """The fullest profile of each kind, but never the first: then the service is still warming up."""
    names = {each.name for each in kept}
    middle = []
    for name in sorted(names):
        same = [each for each in kept if each.name == name]
        if len(same) < 2:
            raise SystemExit(f"only {len(same)} profiles of {name} came; is the machine too busy?")
        middle.append(max(same[1:], key=lambda each: len(each.pprof)))
    return middle


def save(service: Service, commit: str, name: str, kept: Kept) -> dict[str, object]:
    """Write one profile and describe it."""
    profile = profile_pb2.Profile.FromString(kept.pprof)
    check_strings(profile)
    file = f"{service.name}-{service.version}-{name}.pb.gz"
    DATA.joinpath(file).write_bytes(gzip.compress(kept.pprof, mtime=0))
    return {
        "file": file,
        "service_name": service.name,
        "profile_types": profile_types(name, profile),
        "duration_seconds": round(kept.seconds, 1),
        "labels": dict(sorted(kept.labels.items())),
        "repository": service.repository,
        "ref": service.ref or commit,
        "root_path": service.root_path,
        "commit": commit,
    }


def profile_types(name: str, profile: profile_pb2.Profile) -> list[str]:
    """Pyroscope's id for each sample type of the profile, in their order."""
    strings = profile.string_table
    period = profile.period_type
    ending = f"{strings[period.type]}:{strings[period.unit]}"
    if name == "process_cpu" and ending == ":":
        ending = "cpu:nanoseconds"
    return [f"{name}:{strings[each.type]}:{strings[each.unit]}:{ending}" for each in profile.sample_type]


def check_strings(profile: profile_pb2.Profile) -> None:
    """Refuse a profile that names a place of the machine it was recorded on."""
    private = [
        text for text in profile.string_table if text.startswith("/") and not text.startswith(PUBLIC_PREFIXES)
    ]
    if private:
        raise SystemExit(f"the profile names places of this machine: {private}")


def start_checkout(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Run the Go service that was built before."""
    return subprocess.Popen([str(IMAGE / "checkout"), "-listen", f"127.0.0.1:{port}"], env=environment, cwd="/")


def start_recommender(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    """Run the Python service from its source, as its image does."""
    command = [str(VENV / "bin/python"), "-m", "recommender", "--listen", f"127.0.0.1:{port}"]
    return subprocess.Popen(command, env=environment | {"PYTHONPATH": str(IMAGE / "src")}, cwd="/")


@contextlib.contextmanager
def running(service: Service, environment: dict[str, str], port: int) -> Iterator[None]:
    """Build a service at its version, keep it running, stop it at the end."""
    if service.start is start_checkout:
        build_checkout(service)
    else:
        install_recommender(service)
    process = service.start(environment, port)
    try:
        wait_for(port)
        yield
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int) -> None:
    """Wait until a service listens; gives up after half a minute."""
    for _ in range(300):
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.1)
    raise SystemExit(f"nobody listens on port {port}")


def build_checkout(service: Service) -> None:
    """What the Dockerfile does: sources in /src, modules in /go, the program in /app."""
    shutil.rmtree(GO_SOURCE, ignore_errors=True)
    check_out(service.bare, service.version, GO_SOURCE)
    environment = os.environ | {"GOPATH": str(GO_PATH), "GOMODCACHE": str(GO_PATH / "pkg/mod"), "CGO_ENABLED": "0"}
    subprocess.run(
        ["go", "build", *service.arguments, "-o", str(IMAGE / "checkout"), "."],
        cwd=GO_SOURCE / service.root_path,
        env=environment,
        check=True,
    )


def install_recommender(service: Service) -> None:
    """The service's source in /app, what it needs in /opt/venv, made from the system's Python."""
    check_out(service.bare, service.version, IMAGE)
    run(SYSTEM_PYTHON, "-m", "venv", "--without-pip", str(VENV))
    with tempfile.TemporaryDirectory() as folder:
        check_out("acme--textkit.git", "v1.2.0", Path(folder))
        pip = (sys.executable, "-m", "pip", "--python", str(VENV / "bin/python"), "install", "--quiet")
        run(*pip, folder, "pyroscope-io==1.4.0")


def check_out(bare: str, version: str, target: Path) -> None:
    """Lay the files of a repository at a version into a folder."""
    target.mkdir(parents=True, exist_ok=True)
    archive = subprocess.run(
        ["git", f"--git-dir={REPOSITORIES / bare}", "archive", version], check=True, capture_output=True
    )
    subprocess.run(["tar", "--extract", "--directory", str(target)], input=archive.stdout, check=True)


def run(*command: str) -> str:
    """Run a program and give what it prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
