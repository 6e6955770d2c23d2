from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source.model import Frame, Language
from proxy.source.python.places import Installed, Sourceless, Standard, place_of
from proxy.source.rooms import language_of
from tests.source.test_paths import HOSTILE
from tests.source.transcript import assert_clean

DECODER = ("Lib/json/decoder.py",)


@pytest.mark.parametrize(
    ("path", "minor", "patch"),
    [
        ("/usr/lib/python3.12/json/decoder.py", "3.12", ""),
        ("/usr/local/lib/python3.9/json/decoder.py", "3.9", ""),
        ("/usr/lib/python2.7/json/decoder.py", "2.7", ""),
        ("lib/python3.11/json/decoder.py", "3.11", ""),
        ("python3.11/json/decoder.py", "3.11", ""),
        ("/usr/local/lib/python3.13t/json/decoder.py", "3.13", ""),
        ("/opt/python3.9/lib/python3.12/json/decoder.py", "3.12", ""),
        ("/home/me/.pyenv/versions/3.11.7/lib/python3.11/json/decoder.py", "3.11", "3.11.7"),
        ("/opt/hostedtoolcache/Python/3.11.9/x64/lib/python3.11/json/decoder.py", "3.11", "3.11.9"),
        (
            "/root/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/lib/python3.13/json/decoder.py",
            "3.13",
            "3.13.1",
        ),
        (
            "/Users/me/.local/share/uv/python/cpython-3.12.12-macos-aarch64-none/lib/python3.12/json/decoder.py",
            "3.12",
            "3.12.12",
        ),
        ("/opt/cpython-3.14.0+freethreaded-linux/lib/python3.14t/json/decoder.py", "3.14", "3.14.0"),
        ("/opt/conda/pkgs/python-3.10.13-h955ad1f_0/lib/python3.10/json/decoder.py", "3.10", "3.10.13"),
        ("/nix/store/0abc-python3-3.11.6/lib/python3.11/json/decoder.py", "3.11", "3.11.6"),
        (
            "/opt/homebrew/Cellar/python@3.12/3.12.4_1/Python.framework/lib/python3.12/json/decoder.py",
            "3.12",
            "3.12.4",
        ),
        (
            "/Library/Frameworks/Python.framework/Versions/3.12/lib/python3.12/json/decoder.py",
            "3.12",
            "",
        ),
        ("/opt/python-3.13.0rc1/lib/python3.13/json/decoder.py", "3.13", "3.13.0rc1"),
        ("/srv/app-2.3.12.9/lib/python3.12/json/decoder.py", "3.12", ""),
        ("/opt/3.10.1/lib/python3.11/json/decoder.py", "3.11", ""),
        ("/usr/lib/python312.zip/json/decoder.py", "3.12", ""),
        ("C:\\Python312\\Lib\\json\\decoder.py", "3.12", ""),
        ("C:\\Users\\me\\AppData\\Local\\Programs\\Python\\Python39\\Lib\\json\\decoder.py", "3.9", ""),
        ("C:\\hostedtoolcache\\windows\\Python\\3.11.9\\x64\\Lib\\json\\decoder.py", "3.11", "3.11.9"),
        ("C:\\uv\\cpython-3.12.1-windows-x86_64-none\\Lib\\json\\decoder.py", "3.12", "3.12.1"),
        (
            "C:\\WindowsApps\\PythonSoftwareFoundation.Python.3.12_3.12.1264.0_x64__q\\Lib\\json\\decoder.py",
            "3.12",
            "",
        ),
        ("C:\\Users\\me\\miniconda3\\Lib\\json\\decoder.py", "", ""),
        ("C:\\Users\\me\\anaconda3\\envs\\py\\Lib\\json\\decoder.py", "", ""),
    ],
)
def test_standard_library(path: str, minor: str, patch: str) -> None:
    assert place_of(path) == Standard(DECODER, minor, patch)


@pytest.mark.parametrize(
    ("path", "first", "among"),
    [
        (
            "<frozen importlib._bootstrap>",
            "Lib/importlib/_bootstrap.py",
            "Lib/importlib/_bootstrap/__init__.py",
        ),
        ("<frozen zipimport>", "Lib/zipimport.py", "Lib/zipimport.py"),
        ("<frozen encodings>", "Lib/encodings.py", "Lib/encodings/__init__.py"),
        ("<frozen getpath>", "Modules/getpath.py", "Modules/getpath.py"),
        (
            "/usr/lib/python3.12/lib-dynload/_json.cpython-312-x86_64-linux-gnu.so",
            "Modules/_json.c",
            "Modules/_json.c",
        ),
        (
            "/usr/lib/python3.12/lib-dynload/_datetime.cpython-312-x.so",
            "Modules/_datetime.c",
            "Modules/_datetimemodule.c",
        ),
        (
            "/usr/lib/python3.12/lib-dynload/_socket.cpython-312-x.so",
            "Modules/_socket.c",
            "Modules/socketmodule.c",
        ),
        ("/usr/lib/python3.12/lib-dynload/_sqlite3.so", "Modules/_sqlite3.c", "Modules/_sqlite3/module.c"),
        ("C:\\Python312\\Lib\\..\\x.py", "Lib/x.py", ""),
    ],
)
def test_files_of_python_itself(path: str, first: str, among: str) -> None:
    place = place_of(path)
    if not among:  # climbing out of the library is not a file of it
        assert place is None
        return
    assert isinstance(place, Standard)
    assert place.paths[0] == first
    assert among in place.paths


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/lib/python3/dist-packages/yaml/__init__.py", Installed("yaml/__init__.py")),
        ("/app/.venv/lib/python3.12/site-packages/requests/api.py", Installed("requests/api.py")),
        ("C:\\Python312\\Lib\\site-packages\\six.py", Installed("six.py")),
        ("site-packages/x/y.py", Installed("x/y.py")),
        ("/a/site-packages/x/site-packages/y/z.py", Installed("y/z.py")),
        ("/a/site-packages/req-2.1-py3.11.egg/req/api.py", Installed("req/api.py", "req", "2.1")),
        (
            "/root/.pex/wheels/0a/requests-2.31.0-py3-none-any.whl/requests/api.py",
            Installed("requests/api.py", "requests", "2.31.0"),
        ),
        (
            "/nix/store/0abc-python3.11-requests-2.31.0/lib/python3.11/site-packages/requests/api.py",
            Installed("requests/api.py", "requests", "2.31.0"),
        ),
        (
            "/opt/conda/pkgs/scikit-learn-1.3.2-py311h0/lib/python3.11/site-packages/sklearn/base.py",
            Installed("sklearn/base.py", "scikit-learn", "1.3.2"),
        ),
    ],
)
def test_installed_packages(path: str, expected: Installed) -> None:
    assert place_of(path) == expected


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("<string>", "no file"),
        ("<stdin>", "no file"),
        ("<built-in>", "no file"),
        ("<attrs generated init a.B>", "no file"),
        ("<frozen ../../x>", "no file"),
        ("/x/site-packages/numpy/core/_multiarray.cpython-312-x86_64-linux-gnu.so", "compiled extension"),
        ("/opt/pypy3.10-v7.3.13-linux64/lib/pypy3.10/json/decoder.py", "PyPy"),
    ],
)
def test_what_has_no_source(path: str, word: str) -> None:
    place = place_of(path)
    assert isinstance(place, Sourceless)
    assert word in place.reason
    assert language_of(Frame(path)) is Language.PYTHON


@pytest.mark.parametrize(
    "path",
    [
        "/app/python/x.py",
        "/app/my-site-packages/x.py",
        "/srv/python3/app.py",
        "lib/x.py",
        "/app/conda/Lib.py",
    ],
)
def test_what_may_be_the_services_own(path: str) -> None:
    assert place_of(path) is None


@given(HOSTILE)
def test_no_place_leads_out_of_its_repository(text: str) -> None:
    for path in (
        f"/lib/python3.12/{text}.py",
        f"/site-packages/{text}.py",
        f"<frozen {text}>",
        f"/lib-dynload/{text}.so",
    ):
        place = place_of(path)
        if isinstance(place, Installed):
            assert_clean(place.path)
        elif isinstance(place, Standard):
            for each in place.paths:
                assert_clean(each)
                assert each.startswith(("Lib/", "Modules/"))


@pytest.mark.parametrize(
    "unit",
    [
        "/python3.1",
        "python312/",
        "-1.0-py3",
        "/nix/store/a-python3.1-",
        "site-packages/",
        "c.python-3.1/",
        "3.12.",
    ],
)
def test_long_paths_end(unit: str) -> None:
    place_of(unit * (4096 // len(unit)))
