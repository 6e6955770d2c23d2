from __future__ import annotations

import json

import pytest

from proxy.source.model import Lookup, Open, Repository, Service, Unreachable
from tests.source.transcript import Files, Submodule, Web, World, run

CART = Service(Repository("acme", "shop"), "main", "services/cart")
REQUESTS = "/app/.venv/lib/python3.12/site-packages/requests/api.py"
LOCK = '[[package]]\nname = "requests"\nversion = "2.31.0"\n'


def index_of(name: str, version: str, repository: str, *, latest: bool = False) -> Web:
    info = {"name": name, "version": version, "project_urls": {"Source": f"https://github.com/{repository}"}}
    path = f"pypi/{name}/json" if latest else f"pypi/{name}/{version}/json"
    return {(Lookup.PYTHON_INDEX, path): json.dumps({"info": info})}


WEB = index_of("requests", "2.31.0", "psf/requests")
PSF: World = {"psf/requests": {"v2.31.0": {"src/requests/api.py": "x", "docs/api.py": "wrong"}}}


@pytest.mark.parametrize(
    ("path", "ref", "file"),
    [
        ("/usr/lib/python3.12/json/decoder.py", "3.12", "Lib/json/decoder.py"),
        ("/x/.pyenv/versions/3.11.7/lib/python3.11/json/decoder.py", "v3.11.7", "Lib/json/decoder.py"),
        ("/x/.pyenv/versions/3.11.99/lib/python3.11/json/decoder.py", "3.11", "Lib/json/decoder.py"),
        ("/usr/lib/python3.99/json/decoder.py", "main", "Lib/json/decoder.py"),
        ("<frozen importlib._bootstrap>", "main", "Lib/importlib/_bootstrap.py"),
        ("/usr/lib/python3.12/lib-dynload/_socket.cpython-312-x.so", "3.12", "Modules/socketmodule.c"),
    ],
)
def test_standard_library(path: str, ref: str, file: str) -> None:
    files = dict.fromkeys(
        ["Lib/json/decoder.py", "Lib/importlib/_bootstrap.py", "Modules/socketmodule.c"], "x"
    )
    world: World = {
        "acme/shop": {"main": {"json/decoder.py": "wrong"}},
        "python/cpython": dict.fromkeys(["3.12", "v3.11.7", "3.11", "main"], files),
    }
    assert run(world, path).found == ("python_standard_library", "python/cpython", ref, file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (".python-version", "3.12.4\n"),
        (".tool-versions", "nodejs 20.1.0\npython 3.12.4\n"),
        ("runtime.txt", "python-3.12.4"),
        ("Dockerfile", "# x\nFROM --platform=linux/amd64 docker.io/library/python:3.12.4-slim AS x\n"),
        ("services/cart/.python-version", "cpython-3.12.4"),
    ],
)
def test_a_frozen_module_is_of_the_version_that_the_service_names(name: str, content: str) -> None:
    world: World = {
        "acme/shop": {"main": {name: content}},
        "python/cpython": {"v3.12.4": {"Lib/zipimport.py": "x"}, "main": {}},
    }
    transcript = run(world, "<frozen zipimport>", service=CART)
    assert transcript.found == ("python_standard_library", "python/cpython", "v3.12.4", "Lib/zipimport.py")


def test_the_oldest_python_that_a_service_needs_is_better_than_none() -> None:
    world: World = {
        "acme/shop": {"main": {"pyproject.toml": '[project]\nrequires-python = ">=3.12"\n'}},
        "python/cpython": {"3.12": {"Lib/zipimport.py": "x"}, "main": {}},
    }
    transcript = run(world, "<frozen zipimport>")
    assert transcript.found[2] == "3.12"
    assert transcript.notes == ["pyproject.toml only names the oldest Python, 3.12: lines may not match."]


def test_notes_say_when_lines_may_not_match() -> None:
    world: World = {"acme/shop": {"main": {}}, "python/cpython": {"main": {"Lib/zipimport.py": "x"}}}
    assert "No version of Python is known" in run(world, "<frozen zipimport>").notes[0]
    world["python/cpython"]["main"]["Lib/a.py"] = "x"  # type: ignore[index]
    assert "has no 3.99: shown is main" in run(world, "/lib/python3.99/a.py").notes[0]


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("<string>", "has no file"),
        ("/lib/pypy3.10/json/x.py", "PyPy"),
        ("/site-packages/a/b.cpython-312-x.so", "compiled"),
    ],
)
def test_what_has_no_source_is_said_without_asking(path: str, word: str) -> None:
    transcript = run({"acme/shop": {"main": {"string": "wrong"}}}, path)
    assert word in transcript.reason
    assert "add a mapping" not in transcript.reason
    assert transcript.read == [".pyroscope.yaml"]


def test_a_package_of_the_lock_file() -> None:
    transcript = run({"acme/shop": {"main": {"uv.lock": LOCK}}, **PSF}, REQUESTS, web=WEB)
    assert transcript.found == ("python_package", "psf/requests", "v2.31.0", "src/requests/api.py")
    opened = transcript.questions[0]
    assert isinstance(opened, Open)
    assert "uv.lock" in opened.wishes
    assert set(transcript.read[:-2]) <= set(opened.wishes)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("services/cart/uv.lock", LOCK),
        ("services/poetry.lock", LOCK),
        ("Pipfile.lock", '{"default": {"requests": {"version": "==2.31.0"}}}'),
        ("requirements.txt", "requests==2.31.0"),
        ("services/cart/requirements/prod.txt", "requests==2.31.0"),
        ("pyproject.toml", '[project]\ndependencies = ["requests==2.31.0"]'),
    ],
)
def test_every_file_that_names_the_version(name: str, content: str) -> None:
    world: World = {"acme/shop": {"main": {name: content}}, **PSF}
    for trees in (True, False):
        assert run(world, REQUESTS, service=CART, web=WEB, trees=trees).found[2] == "v2.31.0"


def test_requirements_include_others() -> None:
    files = {"requirements.txt": "-r deps/base.txt\n", "deps/base.txt": "requests==2.31.0"}
    assert run({"acme/shop": {"main": files}, **PSF}, REQUESTS, web=WEB).found[2] == "v2.31.0"


def test_the_nearest_file_wins() -> None:
    files = {"uv.lock": LOCK.replace("2.31", "1.0"), "services/cart/requirements.txt": "requests==2.31.0"}
    assert run({"acme/shop": {"main": files}, **PSF}, REQUESTS, service=CART, web=WEB).found[2] == "v2.31.0"


def test_the_path_may_name_the_version() -> None:
    path = "/nix/store/0a-python3.11-requests-2.31.0/lib/python3.11/site-packages/requests/api.py"
    assert run({"acme/shop": {"main": {}}, **PSF}, path, web=WEB).found[2] == "v2.31.0"


@pytest.mark.parametrize("tag", ["v2.31.0", "2.31.0", "requests-2.31.0", "release-2.31.0"])
def test_customs_of_tagging(tag: str) -> None:
    world: World = {"acme/shop": {"main": {"uv.lock": LOCK}}, "psf/requests": {tag: {"requests/api.py": "x"}}}
    assert run(world, REQUESTS, web=WEB).found == ("python_package", "psf/requests", tag, "requests/api.py")


@pytest.mark.parametrize(
    "file", ["requests/api.py", "src/requests/api.py", "lib/requests/api.py", "packages/core/requests/api.py"]
)
def test_the_folder_is_found_by_its_end(file: str) -> None:
    world: World = {"acme/shop": {"main": {"uv.lock": LOCK}}, "psf/requests": {"v2.31.0": {file: "x"}}}
    assert run(world, REQUESTS, web=WEB).found[3] == file


def test_without_a_version_the_latest_is_shown_and_that_is_said() -> None:
    transcript = run(
        {"acme/shop": {"main": {}}, **PSF},
        REQUESTS,
        web=index_of("requests", "2.31.0", "psf/requests", latest=True),
    )
    assert transcript.found[2] == "v2.31.0"
    assert any(
        "No version of requests is known: shown is the latest, 2.31.0" in note for note in transcript.notes
    )


@pytest.mark.parametrize(
    ("world", "web", "said"),
    [
        (
            {},
            WEB,
            "requests 2.31.0 comes from psf/requests, which is not on github.com or not visible to you.",
        ),
        (
            {"psf/requests": {"main": {}}},
            WEB,
            "which has no tag for it (tried v2.31.0, 2.31.0, requests-2.31.0,",
        ),
        (
            {"psf/requests": {"v2.31.0": {"x.py": ""}}},
            WEB,
            "psf/requests at v2.31.0, which has no requests/api.py: it may be made",
        ),
        ({}, {}, "The Python index could not say where the source of requests 2.31.0 is"),
        (
            {},
            {(Lookup.PYTHON_INDEX, "pypi/requests/2.31.0/json"): Unreachable("too slow")},
            "The Python index could not say",
        ),
        (
            {},
            {
                (
                    Lookup.PYTHON_INDEX,
                    "pypi/requests/2.31.0/json",
                ): '{"info": {"home_page": "https://x.org/y/z"}}'
            },
            "names no repository of requests on github.com (it names https://x.org/y/z)",
        ),
    ],
)
def test_why_a_package_is_not_found(world: World, web: Web, said: str) -> None:
    transcript = run({"acme/shop": {"main": {"uv.lock": LOCK}}, **world}, REQUESTS, web=web)
    assert said in transcript.reason
    assert "add a mapping in .pyroscope.yaml" in transcript.reason


def test_a_repository_too_large_for_its_tree_is_said() -> None:
    world: World = {
        "acme/shop": {"main": {"uv.lock": LOCK}},
        "psf/requests": {"v2.31.0": {"deep/down/requests/api.py": ""}},
    }
    assert "is too large to be searched" in run(world, REQUESTS, web=WEB, trees=False).reason


def test_a_package_installed_from_git() -> None:
    source = '{ git = "https://github.com/acme/tool?rev=main#abc" }'
    lock = f'[[package]]\nname = "tool"\nversion = "1"\nsource = {source}\n'
    world: World = {"acme/shop": {"main": {"uv.lock": lock}}, "acme/tool": {"abc": {"tool/x.py": "x"}}}
    assert run(world, "/site-packages/tool/x.py").found == ("python_package", "acme/tool", "abc", "tool/x.py")
    elsewhere = lock.replace("github.com", "gitlab.com")
    reason = run({"acme/shop": {"main": {"uv.lock": elsewhere}}}, "/site-packages/tool/x.py").reason
    assert "tool is installed from a repository that is not on github.com" in reason


def test_a_package_of_the_same_repository() -> None:
    lock = '[[package]]\nname = "common"\nversion = "1"\nsource = { directory = "../../libs/common" }\n'
    files = {"services/cart/uv.lock": lock, "libs/common/src/common/log.py": "x", "common/log.py": "wrong"}
    transcript = run({"acme/shop": {"main": files}}, "/site-packages/common/log.py", service=CART)
    assert transcript.found == ("python_own_package", "acme/shop", "main", "libs/common/src/common/log.py")


def test_the_service_itself_may_be_installed() -> None:
    files = {"pyproject.toml": '[project]\nname = "shop"', "src/shop/cart.py": "x"}
    path = "/usr/local/lib/python3.12/site-packages/shop/cart.py"
    assert run({"acme/shop": {"main": files}}, path).found == (
        "python_own_package",
        "acme/shop",
        "main",
        "src/shop/cart.py",
    )
    files = {"pyproject.toml": '[project]\nname = "shop"', "backend/shop/cart.py": "x"}
    assert run({"acme/shop": {"main": files}}, path).found[3] == "backend/shop/cart.py"


def test_what_is_never_the_services_own() -> None:
    files = {"requests/api.py": "wrong", "api.py": "wrong", "uv.lock": LOCK}
    assert run({"acme/shop": {"main": files}, **PSF}, REQUESTS, web=WEB).found[1] == "psf/requests"


def test_packages_beside_the_services_files() -> None:
    world: World = {"acme/shop": {"main": {"uv.lock": LOCK}}, **PSF}
    assert run(world, "/var/task/requests/api.py", web=WEB).found[1] == "psf/requests"
    assert "No source of /var/task/urllib3/api.py" in run(world, "/var/task/urllib3/api.py", web=WEB).reason


def test_a_mapping_comes_before_the_standard_library_and_the_packages() -> None:
    text = (
        "source_code: {mappings: [{path: [{prefix: /usr/lib/python3.9/site-packages/requests}], "
        "language: python, "
        "source: {github: {owner: psf, repo: requests, ref: v2.31.0, path: src/requests}}}]}"
    )
    world: World = {"acme/shop": {"main": {".pyroscope.yaml": text}}, **PSF}
    path = "/usr/lib/python3.9/site-packages/requests/api.py"
    assert run(world, path).found == ("mapping_github", "psf/requests", "v2.31.0", "src/requests/api.py")


def test_a_submodule_in_a_packages_repository() -> None:
    modules = '[submodule "x"]\n\tpath = src/requests\n\turl = ../inner.git\n'
    files: Files = {".gitmodules": modules, "src/requests": Submodule("1" * 40)}
    world: World = {
        "acme/shop": {"main": {"uv.lock": LOCK}},
        "psf/requests": {"v2.31.0": files},
        "psf/inner": {"1" * 40: {"api.py": "x"}},
    }
    assert run(world, REQUESTS, web=WEB).found == ("python_package", "psf/inner", "1" * 40, "api.py")
