from __future__ import annotations

import pytest
from hypothesis import given

from proxy.source.python.names import distributions, tags
from proxy.source.refs import ref_fault
from tests.source.test_paths import HOSTILE


@pytest.mark.parametrize(
    ("path", "known", "expected"),
    [
        ("yaml/__init__.py", set(), "pyyaml"),
        ("sklearn/base.py", set(), "scikit-learn"),
        ("PIL/Image.py", set(), "pillow"),
        ("cv2/__init__.py", {"opencv-python-headless"}, "opencv-python-headless"),
        ("cv2/__init__.py", set(), "opencv-python"),
        ("dateutil/parser.py", set(), "python-dateutil"),
        ("bs4/element.py", set(), "beautifulsoup4"),
        ("google/protobuf/message.py", set(), "protobuf"),
        (
            "google/cloud/storage/blob.py",
            {"google-cloud-storage", "google-cloud-core"},
            "google-cloud-storage",
        ),
        ("google/api_core/retry.py", set(), "google-api-core"),
        ("attr/_make.py", set(), "attrs"),
        ("attrs/__init__.py", set(), "attrs"),
        ("opentelemetry/sdk/trace.py", set(), "opentelemetry-sdk"),
        (
            "opentelemetry/instrumentation/flask/x.py",
            {"opentelemetry-instrumentation-flask"},
            "opentelemetry-instrumentation-flask",
        ),
        ("zope/interface/x.py", set(), "zope-interface"),
        ("opentelemetry/semconv/x.py", {"opentelemetry-sdk"}, "opentelemetry-semantic-conventions"),
        ("opentelemetry/trace/x.py", {"opentelemetry-sdk"}, "opentelemetry-api"),
        ("markdown_it/x.py", set(), "markdown-it-py"),
        ("psycopg2/extras.py", {"psycopg2-binary"}, "psycopg2-binary"),
        ("flask_cors/core.py", set(), "flask-cors"),
        ("jose/jwt.py", {"python-jose"}, "python-jose"),
        ("unheard/x.py", {"python-unheard"}, "python-unheard"),
        ("six.py", set(), "six"),
        ("typing_extensions.py", set(), "typing-extensions"),
        ("requests/api.py", {"urllib3"}, "requests"),
    ],
)
def test_distribution_of_an_import(path: str, known: set[str], expected: str) -> None:
    assert distributions(path, known)[0] == expected


def test_customs_are_not_followed_where_they_would_be_guesses() -> None:
    assert distributions("test/x.py", {"pytest"}, loose=False) == ("test",)


@pytest.mark.parametrize(
    ("distribution", "name", "version", "first", "among"),
    [
        ("requests", "requests", "2.31.0", "v2.31.0", "2.31.0"),
        ("sqlalchemy", "SQLAlchemy", "2.0.25", "rel_2_0_25", "v2.0.25"),
        ("psycopg2", "psycopg2", "2.9.9", "2_9_9", "2.9.9"),
        ("psutil", "psutil", "5.9.7", "release-5.9.7", "v5.9.7"),
        ("protobuf", "protobuf", "4.25.1", "v25.1", "v4.25.1"),
        ("certifi", "certifi", "2024.2.2", "v2024.2.2", "2024.02.02"),
        ("tornado", "tornado", "6.4", "v6.4", "v6.4.0"),
        ("azure-core", "azure-core", "1.29.6", "v1.29.6", "azure-core_1.29.6"),
        ("foo-bar", "Foo_Bar", "1.0", "v1.0", "Foo_Bar-1.0"),
        ("foo-bar", "Foo_Bar", "1.0", "v1.0", "release-1.0"),
        ("odd", "odd", "1.0.0", "v1.0.0", "rel_1_0_0"),
    ],
)
def test_tags(distribution: str, name: str, version: str, first: str, among: str) -> None:
    found = tags(distribution, name, version)
    assert found[0] == first
    assert among in found
    assert all(ref_fault(tag) is None for tag in found)
    assert len(found) == len(set(found))


@given(HOSTILE)
def test_any_path_has_sound_names(path: str) -> None:
    for name in distributions(path, ()):
        assert name.isascii()
        assert not set(name) & set("/%?# .")
