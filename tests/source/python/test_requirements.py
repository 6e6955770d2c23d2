from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proxy.source.python.requirements import MAX_REQUIREMENTS, NOTHING, Pin, normalised, read

UV = b"""\
version = 1
requires-python = ">=3.12"

[[package]]
name = "Requests"
version = "2.31.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [
    { name = "urllib3" },
]

[[package]]
name = "torch"
version = "2.1.0+cu118"

[package.optional-dependencies]
name = "wrong"

[[package]]
name = "tool"
version = "0.1.0"
source = { git = "https://github.com/acme/tool?rev=main#0123456789abcdef0123456789abcdef01234567" }

[[package]]
name = "shop"
version = "0.1.0"
source = { editable = "." }

[[package]]
name = "requests"
version = "2.0.0"
"""
POETRY = b"""\
[[package]]
name = "requests"
version = "2.31.0"
description = "x"

[package.dependencies]
version = "wrong"

[[package]]
name = "tool"
version = "0.1.0"

[package.source]
type = "git"
url = "https://github.com/acme/tool.git"
reference = "main"
resolved_reference = "0123456"

[[package]]
name = "common"
version = "1"

[package.source]
type = "directory"
url = "../libs/common"
"""
REQUIREMENTS = rb"""
# a comment
-r base.txt
--constraint=constraints.txt
requests==2.31.0 --hash=sha256:0123 \
    --hash=sha256:4567
Flask_Cors[x,y] == 4.0.0 ; python_version < "3.12"
urllib3>=2.0
numpy===1.26.0  # why
wild==1.*
tool @ git+https://github.com/acme/tool.git@v1#subdirectory=x
-e git+ssh://git@github.com/acme/other.git@abc#egg=other
git+https://github.com/acme/noref#egg=noref
"""
PYPROJECT = b"""
[project]
name = "My.Shop"
dependencies = ["requests==2.31.0", "flask>=3", 7]
[project.optional-dependencies]
x = ["numpy==1.26.0"]
[dependency-groups]
dev = ["pytest==8.0.0", {include-group = "x"}]
[tool.poetry.dependencies]
python = "^3.12"
celery = "5.3.6"
kombu = {version = "5.3.4", extras = ["x"]}
"""


def test_uv() -> None:
    pins = read("uv.lock", UV).pins
    assert pins == {
        "requests": Pin("2.31.0"),
        "torch": Pin("2.1.0"),
        "tool": Pin("0.1.0", "https://github.com/acme/tool", "0123456789abcdef0123456789abcdef01234567"),
        "shop": Pin("0.1.0", folder="."),
    }


def test_poetry() -> None:
    assert read("poetry.lock", POETRY).pins == {
        "requests": Pin("2.31.0"),
        "tool": Pin("0.1.0", "https://github.com/acme/tool.git", "0123456"),
        "common": Pin("1", folder="../libs/common"),
    }


def test_pdm_and_pylock() -> None:
    pdm = (
        b'[[package]]\nname = "tool"\nversion = "1"\ngit = "https://github.com/acme/tool"\nrevision = "abc"\n'
    )
    assert read("pdm.lock", pdm).pins == {"tool": Pin("1", "https://github.com/acme/tool", "abc")}
    assert read("pylock.toml", b'[[packages]]\nname = "x"\nversion = "1"\n').pins == {"x": Pin("1")}


def test_pipfile() -> None:
    document = {
        "default": {
            "Requests": {"version": "==2.31.0"},
            "tool": {"git": "https://github.com/acme/tool", "ref": "abc"},
            "odd": 7,
        },
        "develop": {"requests": {"version": "==1"}, "pytest": {"version": "==8.0.0"}},
    }
    pins = read("Pipfile.lock", json.dumps(document).encode()).pins
    assert pins["requests"] == Pin("2.31.0")
    assert pins["pytest"] == Pin("8.0.0")
    assert pins["tool"] == Pin("", "https://github.com/acme/tool", "abc")
    assert pins["odd"] == Pin()


def test_requirements() -> None:
    said = read("requirements.txt", REQUIREMENTS)
    assert said.includes == ("base.txt", "constraints.txt")
    assert said.pins == {
        "requests": Pin("2.31.0"),
        "flask-cors": Pin("4.0.0"),
        "numpy": Pin("1.26.0"),
        "tool": Pin("", "https://github.com/acme/tool.git", "v1"),
        "other": Pin("", "ssh://git@github.com/acme/other.git", "abc"),
        "noref": Pin("", "https://github.com/acme/noref", ""),
    }


def test_pyproject() -> None:
    said = read("pyproject.toml", PYPROJECT)
    assert said.project == "my-shop"
    assert {name: pin.version for name, pin in said.pins.items()} == {
        "requests": "2.31.0",
        "numpy": "1.26.0",
        "pytest": "8.0.0",
        "celery": "5.3.6",
        "kombu": "5.3.4",
    }
    assert read("pyproject.toml", b'[tool.poetry]\nname = "shop"').project == "shop"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Flask_Cors", "flask-cors"),
        ("zope.interface", "zope-interface"),
        ("a--b", "a-b"),
        ("../x", ""),
        ("", ""),
        ("é", ""),
    ],
)
def test_names_are_normalised(name: str, expected: str) -> None:
    assert normalised(name) == expected


FILES = ("uv.lock", "poetry.lock", "Pipfile.lock", "requirements.txt", "pyproject.toml")
PIECES = st.lists(
    st.sampled_from(
        ["[[package]]\n", "[package.source]\n", 'name = "', '"\n', "a", "==", "1.0", "../", "\0", "[", "{",
         "git+", "@", "#egg=", "-r ", "\\\n", "\n", '"', "source = {", "\ud800", ".", "default"]
    ),
    max_size=60,
).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass"))  # fmt: skip


@given(st.sampled_from(FILES), st.one_of(st.binary(max_size=300), PIECES))
def test_whatever_is_in_a_file_it_is_read_to_sound_pins(name: str, content: bytes) -> None:
    for distribution, pin in read(name, content).pins.items():
        assert distribution == normalised(distribution)
        assert "/" not in pin.version
        assert pin.version.isprintable()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("pyproject.toml", b"a" + b".a" * 60_000 + b" = 1"),
        ("pyproject.toml", b"x = " + b"[" * 60_000),
        ("pyproject.toml", b"x = " + b"9" * 60_000),
        ("pyproject.toml", b"\xff\xfe"),
        ("Pipfile.lock", b"[" * 1_000_000),
        ("Pipfile.lock", b'{"default": {"x": {"version": ' + b"9" * 6000 + b"}}}"),
        ("Pipfile.lock", b'{"default": []}'),
        ("requirements.txt", b"x" * (MAX_REQUIREMENTS + 1)),
    ],
)
def test_what_cannot_be_read_says_nothing(name: str, content: bytes) -> None:
    assert read(name, content) == NOTHING


@pytest.mark.parametrize(
    "unit", [b"[[package]]\n", b'name = "', b"a[", b"a ", b"==", b"-r ", b"git+", b"a@", b"[[package]]"]
)
@pytest.mark.parametrize("name", ["uv.lock", "requirements.txt"])
def test_large_files_end(name: str, unit: bytes) -> None:
    assert read(name, unit * (MAX_REQUIREMENTS // len(unit))).project == ""
