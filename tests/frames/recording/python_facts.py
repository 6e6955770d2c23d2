"""Where Python distributions come from: repository, tag and folder, written down by hand.

The tags are those that the projects make (``{version}`` and its parts), the folder is where in the
repository the tree of the source distribution lies. None of this is asked of the code that is tested.
"""

from __future__ import annotations

from typing import NamedTuple


class Home(NamedTuple):
    """A distribution's repository, how it names tags, and the folder of the source distribution."""

    repository: str
    tag: str = "{version}"
    folder: str = ""


_OPENTELEMETRY = "open-telemetry/opentelemetry-python"
HOMES = {
    "annotated-types": Home("annotated-types/annotated-types", "v{version}"),
    "anyio": Home("agronholm/anyio"),
    "asgiref": Home("django/asgiref"),
    "attrs": Home("python-attrs/attrs"),
    "babel": Home("python-babel/babel", "v{version}"),
    "certifi": Home("certifi/python-certifi", "{padded}"),
    "charset-normalizer": Home("jawah/charset_normalizer"),
    "click": Home("pallets/click"),
    "deprecated": Home("laurent-laporte-pro/deprecated", "v{version}"),
    "django": Home("django/django"),
    "dnspython": Home("rthalley/dnspython", "v{version}"),
    "email-validator": Home("JoshData/python-email-validator", "v{version}"),
    "fastapi": Home("fastapi/fastapi"),
    "fastapi-cli": Home("fastapi/fastapi-cli"),
    "greenlet": Home("python-greenlet/greenlet"),
    "h11": Home("python-hyper/h11", "v{version}"),
    "httpcore": Home("encode/httpcore"),
    "httpx": Home("encode/httpx"),
    "idna": Home("kjd/idna", "v{version}"),
    "importlib-metadata": Home("python/importlib_metadata", "v{version}"),
    "jinja2": Home("pallets/jinja"),
    "lark": Home("lark-parser/lark"),
    "mako": Home("sqlalchemy/mako", "rel_{underscored}"),
    "markdown-it-py": Home("executablebooks/markdown-it-py", "v{version}"),
    "markupsafe": Home("pallets/markupsafe"),
    "marshmallow": Home("marshmallow-code/marshmallow"),
    "mdurl": Home("executablebooks/mdurl"),
    "networkx": Home("networkx/networkx", "networkx-{version}"),
    "opentelemetry-api": Home(_OPENTELEMETRY, "v{version}", "opentelemetry-api"),
    "opentelemetry-sdk": Home(_OPENTELEMETRY, "v{version}", "opentelemetry-sdk"),
    # One tag for all, of the version that the stable ones have.
    "opentelemetry-semantic-conventions": Home(_OPENTELEMETRY, "v1.25.0", "opentelemetry-semantic-conventions"),
    "orjson": Home("ijl/orjson"),
    "packaging": Home("pypa/packaging"),
    "pydantic": Home("pydantic/pydantic", "v{version}"),
    "pygments": Home("pygments/pygments"),
    "pyjwt": Home("jpadilla/pyjwt"),
    "pydantic-core": Home("pydantic/pydantic-core", "v{version}"),
    "python-dateutil": Home("dateutil/dateutil"),
    "python-multipart": Home("Kludex/python-multipart"),
    "pytz": Home("stub42/pytz", "release_{version}", "src"),
    "pyyaml": Home("yaml/pyyaml"),
    "requests": Home("psf/requests", "v{version}"),
    "rich": Home("Textualize/rich", "v{version}"),
    "six": Home("benjaminp/six"),
    "sniffio": Home("python-trio/sniffio", "v{version}"),
    "soupsieve": Home("facelessuser/soupsieve"),
    "sqlalchemy": Home("sqlalchemy/sqlalchemy", "rel_{underscored}"),
    "sqlparse": Home("andialbrecht/sqlparse"),
    "starlette": Home("encode/starlette"),
    "structlog": Home("hynek/structlog"),
    "tabulate": Home("astanin/python-tabulate", "v{version}"),
    "tenacity": Home("jd/tenacity"),
    "tornado": Home("tornadoweb/tornado", "v{version}"),
    "typing-extensions": Home("python/typing_extensions"),
    "urllib3": Home("urllib3/urllib3"),
    "werkzeug": Home("pallets/werkzeug"),
    "wrapt": Home("GrahamDumpleton/wrapt"),
    "zipp": Home("jaraco/zipp", "v{version}"),
}
# Distributions whose repository is not on GitHub: Launchpad, SourceForge, Heptapod.
ELSEWHERE = {"beautifulsoup4", "docutils", "openpyxl", "et-xmlfile"}
# Files that a build writes into the distribution: in no repository.
GENERATED = {("python-dateutil", "dateutil/_version.py")}
# What repositories were called when the distributions were published: GitHub leads on from there.
FORMER = {
    "fastapi/fastapi": "tiangolo/fastapi",
    "jawah/charset_normalizer": "Ousret/charset_normalizer",
    "laurent-laporte-pro/deprecated": "tantale/deprecated",
}


def home(distribution: str) -> Home | None:
    """Where a distribution comes from; ``None``: not from GitHub."""
    if distribution in ELSEWHERE:
        return None
    if distribution not in HOMES:
        raise SystemExit(f"say in python_facts.py where {distribution} comes from")
    return HOMES[distribution]


def tag(place: Home, version: str) -> str:
    """The tag of a version as the project writes it."""
    padded = ".".join(part.zfill(2) for part in version.split("."))
    return place.tag.format(version=version, underscored=version.replace(".", "_"), padded=padded)
