"""From the name that is imported to the distribution that brings it, and to the tag of its version.

Nothing in a path says which distribution a package is of, and nothing in the index how its
repository tags releases: both are customs, with well-known exceptions.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING

from proxy.source.python.requirements import normalised

if TYPE_CHECKING:
    from collections.abc import Container

MAX_ELEMENTS = 4

_OPENTELEMETRY_API = (
    "attributes baggage context environment_variables metrics propagate propagators trace util version "
    "_events _logs"
)

# Imported name -> distributions, the most common first.
_DISTRIBUTIONS = MappingProxyType(
    {
        "attr": ("attrs",),
        "bs4": ("beautifulsoup4",),
        "cairosvg": ("cairosvg",),
        "confluent_kafka": ("confluent-kafka",),
        "Crypto": ("pycryptodome", "pycrypto"),
        "Cryptodome": ("pycryptodomex",),
        "cv2": ("opencv-python", "opencv-python-headless", "opencv-contrib-python"),
        "dateutil": ("python-dateutil",),
        "ddtrace": ("ddtrace",),
        "decouple": ("python-decouple",),
        "django": ("django",),
        "dns": ("dnspython",),
        "docx": ("python-docx",),
        "dotenv": ("python-dotenv",),
        "faiss": ("faiss-cpu", "faiss-gpu"),
        "fitz": ("pymupdf",),
        "flask_restful": ("flask-restful",),
        "git": ("gitpython",),
        "github": ("pygithub",),
        "gitlab": ("python-gitlab",),
        "google/protobuf": ("protobuf",),
        "google/api_core": ("google-api-core",),
        "google/auth": ("google-auth",),
        "google/oauth2": ("google-auth",),
        "google/genai": ("google-genai",),
        "google/rpc": ("googleapis-common-protos",),
        "googleapiclient": ("google-api-python-client",),
        "grpc": ("grpcio",),
        "grpc_status": ("grpcio-status",),
        "gi": ("pygobject",),
        "haystack": ("haystack-ai", "django-haystack"),
        "jose": ("python-jose",),
        "jwt": ("pyjwt",),
        "kafka": ("kafka-python", "kafka-python-ng"),
        "ldap": ("python-ldap",),
        "ldap3": ("ldap3",),
        "lz4": ("lz4",),
        "magic": ("python-magic",),
        "markdown": ("markdown",),
        "memcache": ("python-memcached",),
        "multipart": ("python-multipart",),
        "markdown_it": ("markdown-it-py",),
        "mdit_py_plugins": ("mdit-py-plugins",),
        "mysql": ("mysql-connector-python",),
        "MySQLdb": ("mysqlclient",),
        "nacl": ("pynacl",),
        "OpenSSL": ("pyopenssl",),
        "opensearchpy": ("opensearch-py",),
        **dict.fromkeys(
            (f"opentelemetry/{part}" for part in _OPENTELEMETRY_API.split()), ("opentelemetry-api",)
        ),
        "opentelemetry/semconv": ("opentelemetry-semantic-conventions",),
        "parso": ("parso",),
        "PIL": ("pillow", "pillow-simd"),
        "pkg_resources": ("setuptools",),
        "_distutils_hack": ("setuptools",),
        "pptx": ("python-pptx",),
        "prometheus_client": ("prometheus-client",),
        "psycopg2": ("psycopg2", "psycopg2-binary"),
        "psycopg_binary": ("psycopg-binary",),
        "pyroscope": ("pyroscope-io",),
        "_pytest": ("pytest",),
        "py": ("pytest",),
        "pythonjsonlogger": ("python-json-logger",),
        "pywintypes": ("pywin32",),
        "rest_framework": ("djangorestframework",),
        "rest_framework_simplejwt": ("djangorestframework-simplejwt",),
        "corsheaders": ("django-cors-headers",),
        "debug_toolbar": ("django-debug-toolbar",),
        "django_filters": ("django-filter",),
        "ruamel/yaml": ("ruamel-yaml",),
        "sentry_sdk": ("sentry-sdk",),
        "serial": ("pyserial",),
        "skimage": ("scikit-image",),
        "sklearn": ("scikit-learn",),
        "slugify": ("python-slugify", "slugify"),
        "slack_sdk": ("slack-sdk",),
        "socks": ("pysocks",),
        "telegram": ("python-telegram-bot",),
        "tlz": ("toolz",),
        "usb": ("pyusb",),
        "websocket": ("websocket-client",),
        "win32com": ("pywin32",),
        "wx": ("wxpython",),
        "Xlib": ("python-xlib",),
        "yaml": ("pyyaml",),
        "zmq": ("pyzmq",),
        "zope/interface": ("zope-interface",),
    }
)

# Packages without code of their own at the top: the distribution's name has the next element as well.
_NAMESPACES = frozenset(
    {"google", "azure", "opentelemetry", "zope", "ruamel", "jaraco", "backports", "sphinxcontrib", "plone"}
    | {
        "repoze",
        "paste",
        "dogpile",
        "airflow",
        "tencentcloud",
        "aliyunsdkcore",
        "mpl_toolkits",
        "llama_index",
    }
)

# Distribution -> how its repository writes the tag of a release; {} the version, {_} with underscores.
_TAGS = MappingProxyType(
    {
        "alembic": "rel_{_}",
        "dogpile-cache": "rel_{_}",
        "mako": "rel_{_}",
        "sqlalchemy": "rel_{_}",
        "psycopg2": "{_}",
        "psycopg2-binary": "{_}",
        "pyarrow": "apache-arrow-{}",
        "pycparser": "release_v{}",
        "pyparsing": "pyparsing_{}",
        "pytz": "release_{}",
        "psutil": "release-{}",
        "spacy": "release-v{}",
        "lxml": "lxml-{}",
        "networkx": "networkx-{}",
        "ray": "ray-{}",
        "sympy": "sympy-{}",
        "twisted": "twisted-{}",
    }
)
_PROTOBUF = "protobuf"
_CALENDAR = re.compile(r"(20\d\d)\.(\d)\.(\d{1,2})\Z")


def distributions(path: str, known: Container[str], *, loose: bool = True) -> tuple[str, ...]:
    """The distributions, normalised, that may have brought the module, most likely first.

    Args:
        path: from ``site-packages`` on.
        known: normalised names of what the service requires; one of them is preferred.
        loose: whether customs such as ``python-NAME`` may pick one of them.
    """
    elements = path.removesuffix(".py").removesuffix(".pyi").split("/")[:MAX_ELEMENTS]
    prefixes = ["/".join(elements[:end]) for end in range(len(elements), 0, -1)]
    found: list[str] = []
    for prefix in prefixes:
        found += [*_DISTRIBUTIONS.get(prefix, ()), normalised(prefix.replace("/", "-"))]
    top = normalised(elements[0])
    likely = (
        f"python-{top}",
        f"py{top}",
        f"{top}-python",
        f"{top}-py",
        f"django-{top}",
        f"{top}-sdk",
        f"py-{top}",
    )
    required = [
        name
        for name in (*found, *(likely if loose and elements[0] not in _NAMESPACES else ()))
        if name and name in known
    ]
    if required:
        return tuple(dict.fromkeys(required))
    depth = 2 if elements[0] in _NAMESPACES else 1
    guesses = [*_DISTRIBUTIONS.get("/".join(elements[:2]), ()), *_DISTRIBUTIONS.get(elements[0], ())]
    guesses.append(normalised("-".join(elements[:depth])))
    return tuple(dict.fromkeys(guess for guess in guesses if guess))[:1]


def tags(distribution: str, name: str, version: str) -> tuple[str, ...]:
    """What a release may be tagged with, most likely first.

    Args:
        distribution: normalised.
        name: as the index writes it.
        version: without a local part.
    """
    found = []
    if custom := _TAGS.get(distribution):
        found.append(custom.replace("{_}", version.replace(".", "_")).replace("{}", version))
    if distribution == _PROTOBUF:  # https://protobuf.dev/support/version-support/#python: 4.25.1 is v25.1
        found.append(f"v{version.partition('.')[2]}")
    found += [f"v{version}", version]
    if calendar := _CALENDAR.match(version):  # certifi 2024.2.2 is tagged 2024.02.02
        found.append(f"{calendar[1]}.{calendar[2]:>02}.{calendar[3]:>02}")
    if version.count(".") == 1 and version.replace(".", "").isdigit():  # tornado 6.4 is v6.4.0
        found += [f"v{version}.0", f"{version}.0"]
    for spelt in dict.fromkeys((name or distribution, distribution)):
        found += [f"{spelt}-{version}", f"{spelt}-v{version}", f"{spelt}_{version}", f"{spelt}/v{version}"]
    found += [f"release-{version}", f"rel_{version.replace('.', '_')}", f"release/{version}"]
    return tuple(dict.fromkeys(found))
