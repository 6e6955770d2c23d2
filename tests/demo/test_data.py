"""What was recorded belongs together: profiles, manifest, git histories, and the script that makes them."""

from __future__ import annotations

import gzip
import importlib.util
import json
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from proxy.demo.upstream.recordings import DATA
from proxy.demo.upstream.stacks import stacks
from proxy.proto import profile_pb2
from tests.fakes.programs import path_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

REPOSITORIES = DATA / "repositories"
RECORDING = DATA.parent / "recording"
MANIFEST: dict[str, Any] = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))
ENTRIES: list[dict[str, Any]] = MANIFEST["recordings"]
BARE = {
    "https://github.com/acme/shop": "acme--shop.git",
    "https://github.com/acme/recommender": "acme--recommender.git",
    "https://github.com/acme/textkit": "acme--textkit.git",
}
IMAGE_PATHS = (
    "/src/services/checkout/",
    "/go/pkg/mod/",
    "/app/",
    "/opt/venv/lib/",
    "/usr/local/go/src/",
    "/usr/lib/python3.11/",
)
MODULE = "github.com/acme/shop/services/checkout/"


def git(repository: str, *arguments: str, folder: Path = REPOSITORIES) -> str:
    # Whoever owns the checkout, its repositories may be read.
    command = [path_of("git"), "-c", "safe.directory=*", f"--git-dir={folder / repository}", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


@cache
def profile_of(file: str) -> profile_pb2.Profile:
    return profile_pb2.Profile.FromString(gzip.decompress((DATA / file).read_bytes()))


def entry(service: str, version: str, name: str) -> dict[str, Any]:
    return next(each for each in ENTRIES if each["file"] == f"{service}-{version}-{name}.pb.gz")


def lines_of(profile: profile_pb2.Profile) -> set[tuple[str, str, int]]:
    """Function, file and line of every frame."""
    functions = {function.id: function for function in profile.function}
    strings = profile.string_table
    return {
        (strings[functions[line.function_id].name], strings[functions[line.function_id].filename], line.line)
        for location in profile.location
        for line in location.line
    }


def own_path(each: dict[str, Any], file: str) -> str | None:
    """Where a file of the service itself is in its repository."""
    for prefix, place in (
        ("/src/services/checkout/", "services/checkout/"),
        (MODULE, "services/checkout/"),
        ("/app/src/", "src/"),
    ):
        if file.startswith(prefix):
            return place + file.removeprefix(prefix)
    return None


each_recording = pytest.mark.parametrize("each", ENTRIES, ids=[each["file"] for each in ENTRIES])
each_repository = pytest.mark.parametrize("bare", sorted(BARE.values()))


def test_what_is_listed_is_there_and_what_is_there_is_listed() -> None:
    assert {each["file"] for each in ENTRIES} == {path.name for path in DATA.glob("*.pb.gz")}
    assert {path.name for path in REPOSITORIES.iterdir()} == set(BARE.values())


def test_two_services_were_recorded_and_one_at_two_versions() -> None:
    assert {each["service_name"] for each in ENTRIES} == {"checkout", "recommender"}
    assert len({each["commit"] for each in ENTRIES if each["service_name"] == "checkout"}) == 2


@each_recording
def test_a_recording_is_small_and_what_the_manifest_says(each: dict[str, Any]) -> None:
    assert (DATA / each["file"]).stat().st_size < 300_000
    profile = profile_of(each["file"])
    strings = profile.string_table
    recorded = [f"{strings[kind.type]}:{strings[kind.unit]}" for kind in profile.sample_type]
    listed = [profile_type.split(":") for profile_type in each["profile_types"]]
    assert recorded == [":".join(parts[1:3]) for parts in listed]
    assert all(len(parts) == 5 and all(parts) for parts in listed)
    assert 10 <= each["duration_seconds"] <= 31
    assert sum(stack.values[0] for stack in stacks(profile)) > 0


@each_recording
def test_the_labels_name_the_version_that_ran(each: dict[str, Any]) -> None:
    labels = each["labels"]
    assert labels["service_name"] == each["service_name"]
    assert labels["service_repository"] == each["repository"]
    assert labels["service_git_ref"] == each["ref"]
    assert labels.get("service_root_path", "") == each["root_path"]
    assert all("." not in name for name in labels)
    bare = BARE[each["repository"]]
    assert git(bare, "rev-parse", f"{each['ref']}^{{commit}}") == each["commit"]


@each_recording
def test_a_profile_names_an_image_and_not_a_machine(each: dict[str, Any]) -> None:
    profile = profile_of(each["file"])
    files = {file for _, file, _ in lines_of(profile) if file.startswith("/")}
    assert {file for file in files if not file.startswith(IMAGE_PATHS)} == set()
    binaries = {profile.string_table[mapping.filename] for mapping in profile.mapping}
    assert {binary for binary in binaries if binary.startswith("/")} <= {"/app/checkout"}
    assert not [text for text in profile.string_table if text.startswith(("/work", "/root", "/tmp", "/home"))]  # noqa: S108 - names to be absent


@each_recording
def test_every_frame_of_the_service_is_a_line_of_its_history(each: dict[str, Any]) -> None:
    bare = BARE[each["repository"]]
    own = {
        (path, line) for _, file, line in lines_of(profile_of(each["file"])) if (path := own_path(each, file))
    }
    assert own
    for path in {path for path, _ in own}:
        length = len(git(bare, "show", f"{each['commit']}:{path}").splitlines())
        assert all(0 < line <= length for file, line in own if file == path)


@pytest.mark.parametrize(
    ("service", "version", "prefixes"),
    [
        (
            "checkout",
            "v1.0.0",
            ["/usr/local/go/src/regexp/", "/go/pkg/mod/github.com/dustin/go-humanize@v1.0.1/"],
        ),
        ("checkout", "v1.1.0", ["regexp/", "github.com/dustin/go-humanize@v1.0.1/", MODULE]),
        (
            "recommender",
            "v0.3.0",
            ["/usr/lib/python3.11/", "/opt/venv/lib/python3.11/site-packages/textkit/"],
        ),
    ],
)
def test_frames_of_the_standard_library_and_of_packages_are_there(
    service: str, version: str, prefixes: list[str]
) -> None:
    files = {file for _, file, _ in lines_of(profile_of(entry(service, version, "process_cpu")["file"]))}
    for prefix in prefixes:
        assert any(file.startswith(prefix) for file in files), prefix


def shares_of(version: str, function: str) -> float:
    """How much of the CPU time passes through a function."""
    found = list(stacks(profile_of(entry("checkout", version, "process_cpu")["file"])))
    through = sum(stack.values[1] for stack in found if function in stack.names)
    return through / sum(stack.values[1] for stack in found)


def test_the_later_version_mended_the_hot_line() -> None:
    assert shares_of("v1.0.0", "regexp.MustCompile") > 0.4
    assert shares_of("v1.1.0", "regexp.MustCompile") == 0
    parse = MODULE + "internal/coupon.Parse"
    assert shares_of("v1.0.0", parse) > 3 * shares_of("v1.1.0", parse) > 0


def test_the_hot_line_is_the_one_that_compiles() -> None:
    each = entry("checkout", "v1.0.0", "process_cpu")
    lines = {line for name, file, line in lines_of(profile_of(each["file"])) if name.endswith("coupon.Parse")}
    source = git(
        BARE[each["repository"]], "show", f"{each['commit']}:services/checkout/internal/coupon/coupon.go"
    )
    hot = next(number for number, text in enumerate(source.splitlines(), 1) if "MustCompile" in text)
    assert hot in lines


@each_repository
def test_a_repository_is_whole_and_carries_nothing_else(bare: str) -> None:
    assert git(bare, "fsck", "--strict", "--full") == ""
    assert {path.name for path in (REPOSITORIES / bare).iterdir()} <= {
        "HEAD",
        "config",
        "objects",
        "refs",
        "packed-refs",
    }
    assert git(bare, "symbolic-ref", "HEAD") == "refs/heads/main"


@each_repository
def test_who_wrote_it_is_in_the_list_of_people(bare: str) -> None:
    people = json.loads((DATA / "people.json").read_text(encoding="utf-8"))
    written = set(git(bare, "log", "--all", "--format=%an|%ae").splitlines())
    assert written <= {f"{person['name']}|{person['email']}" for person in people}
    assert len({person["email"] for person in people}) == len(people)
    assert all(person["email"].endswith("noreply@example.com") for person in people)


def test_the_histories_have_all_that_a_history_may_have() -> None:
    kinds = {
        bare: set(git(bare, "for-each-ref", "--format=%(objecttype) %(refname)").splitlines())
        for bare in BARE.values()
    }
    assert {"tag refs/tags/v1.0.0", "commit refs/tags/services/checkout/v1.1.0"} <= kinds["acme--shop.git"]
    assert {"commit refs/heads/decimal-prices", "commit refs/heads/main"} <= kinds["acme--shop.git"]
    assert {"commit refs/tags/v0.2.0", "tag refs/tags/v0.3.0"} <= kinds["acme--recommender.git"]
    packed, loose = (git(bare, "count-objects", "-v") for bare in ("acme--shop.git", "acme--recommender.git"))
    assert "count: 0" in packed
    assert "packs: 0" in loose


def test_the_mapping_of_the_recommender_can_be_read() -> None:
    mapping = yaml.safe_load(git("acme--recommender.git", "show", "v0.3.0:.pyroscope.yaml"))
    sources = [each["source"] for each in mapping["source_code"]["mappings"]]
    assert {"local": {"path": "src"}} in sources
    github = next(source["github"] for source in sources if source.get("github", {}).get("owner") == "acme")
    path = f"{github['ref']}:{github['path']}/stems.py"
    assert "def stem" in git(BARE[f"https://github.com/acme/{github['repo']}"], "show", path)


@cache
def build_script() -> ModuleType:
    found = importlib.util.spec_from_file_location("build_repositories", RECORDING / "build_repositories.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["shop", "recommender", "textkit"])
def test_anyone_can_make_the_same_history(name: str, tmp_path: Path) -> None:
    path_of("git")
    made: Path = build_script().build(name, tmp_path)
    refs = ("for-each-ref", "--format=%(objectname) %(refname)")
    assert git(made.name, *refs, folder=tmp_path) == git(made.name, *refs)
