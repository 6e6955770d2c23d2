"""The configuration as frozen values, each section a class, each default in one place.

Durations are seconds, sizes bytes. ``config.example.yaml`` explains each key to operators.
"""

# ruff: noqa: RUF009 - URL, Secret and HostPort are immutable, one default may serve all

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from yarl import URL


class Secret:
    """A string that cannot be printed by accident: ``reveal`` is the only way to it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash((Secret, self._value))

    def __repr__(self) -> str:
        return "Secret('***')" if self._value else "Secret('')"

    __str__ = __repr__


class HostPort(NamedTuple):
    """Where to listen: ``host`` may be a name, an IPv4 or an IPv6 address without brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class ListenTls:
    """The certificate of the main listener and its key, files in PEM form; both empty: plain http."""

    cert_file: str = ""
    key_file: str = ""


@dataclass(frozen=True, slots=True)
class Upstream:
    """Pyroscope: where it is and how long it may take."""

    url: URL = URL("http://localhost:4040")
    connect_timeout: float = 5.0
    response_timeout: float = 300.0


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Whether ``X-Scope-OrgID`` names the tenant, as in Pyroscope."""

    multitenancy_enabled: bool = False


@dataclass(frozen=True, slots=True)
class GitHub:
    """GitHub or a GitHub Enterprise Server, and the GitHub App that people log in with."""

    url: URL = URL("https://github.com")
    api_url: URL = URL("https://api.github.com")
    client_id: str = ""
    client_secret: Secret = Secret("")
    callback_url: str = ""
    request_timeout: float = 10.0
    rate_limit_reserve: int = 100


@dataclass(frozen=True, slots=True)
class Session:
    """The secrets that seal sessions: the first seals, all of them open."""

    secrets: tuple[Secret, ...] = ()


@dataclass(frozen=True, slots=True)
class Cache:
    """How much is kept, and how long what can move is believed."""

    max_size: int = 256 * 1024 * 1024
    ref_ttl: float = 60.0
    access_ttl: float = 300.0
    missing_ttl: float = 60.0
    prefetch: bool = False
    redis_url: Secret = Secret("")


@dataclass(frozen=True, slots=True)
class Resolver:
    """Where package metadata is asked (empty: not at all) and an operator's own mappings."""

    mappings_file: str = ""
    go_module_proxy: URL | None = URL("https://proxy.golang.org")
    python_index: URL | None = URL("https://pypi.org")
    npm_registry: URL | None = URL("https://registry.npmjs.org")


@dataclass(frozen=True, slots=True)
class Egress:
    """Whether look-ups that a profile or repository can steer may reach private addresses."""

    allow_private_addresses: bool = False


@dataclass(frozen=True, slots=True)
class Log:
    """What is logged and how: ``level`` of debug, info, warning, error; ``format`` logfmt or json."""

    level: str = "info"
    format: str = "logfmt"


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where spans go (``None``: nowhere), and which part of the traces that begin here is kept, 0 to 1."""

    endpoint: URL | None = None
    sample_ratio: float = 1.0
    service_name: str = "pyroscope-source-proxy"


@dataclass(frozen=True, slots=True)
class Config:
    """The whole configuration, checked."""

    listen: HostPort = HostPort("0.0.0.0", 4041)  # noqa: S104 - a proxy in a pod is there to be reached
    admin_listen: HostPort = HostPort("0.0.0.0", 4043)  # noqa: S104 - so is its metrics port
    listen_tls: ListenTls = field(default_factory=ListenTls)
    shutdown_delay: float = 0.0
    shutdown_grace: float = 30.0
    workers: int = 1
    upstream: Upstream = field(default_factory=Upstream)
    tenancy: Tenancy = field(default_factory=Tenancy)
    github: GitHub = field(default_factory=GitHub)
    session: Session = field(default_factory=Session)
    cache: Cache = field(default_factory=Cache)
    resolver: Resolver = field(default_factory=Resolver)
    egress: Egress = field(default_factory=Egress)
    log: Log = field(default_factory=Log)
    tracing: Tracing = field(default_factory=Tracing)

    @property
    def github_app_configured(self) -> bool:
        """Whether people can log in: client id, client secret and a session secret are all there."""
        return bool(self.github.client_id and self.github.client_secret and self.session.secrets)
