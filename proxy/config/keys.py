"""Every key: how its value is read, how it is written, and what may be shown of it.

Defaults are not here but in ``proxy.config.model``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from proxy.config import values
from proxy.source import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from proxy.config.model import Secret

MASK: Final = "***"


def _mask(secret: Secret) -> str:
    return MASK if secret else ""


def _same(value: Any) -> Any:
    return value


def _write_optional(value: object) -> str:
    return "" if value is None else str(value)


def _mapping_faults(text: str) -> Sequence[str]:
    try:
        mapping.parse(text.encode())
    except mapping.InvalidMappingsError as error:
        return error.faults
    return ()


def _certificate_faults(text: str) -> Sequence[str]:
    return () if "-----BEGIN CERTIFICATE-----" in text else ("holds no certificate in PEM form",)


def _key_faults(text: str) -> Sequence[str]:
    return () if "PRIVATE KEY-----" in text else ("holds no private key in PEM form",)


class Key(NamedTuple):
    """One key.

    Attributes:
        read: from a scalar to the value, raises ``InvalidValueError``.
        write: from the value to a scalar of YAML; secrets masked.
        shown: whether a fault may show what was written. URLs are not: people put passwords there.
        secret: whether ``KEY_file`` may name a file to read it from.
        many: whether the value is a list, of which ``read`` and ``write`` handle one item.
        variable: the environment variable that fills the key when the document leaves it out.
        file_faults: where the value names a file, tells every fault of what that file holds.
    """

    read: Callable[[values.Scalar], object]
    write: Callable[[Any], str | int | float | bool] = _same
    shown: bool = True
    secret: bool = False
    many: bool = False
    variable: str = ""
    file_faults: Callable[[str], Sequence[str]] | None = None


_TIMEOUT = Key(values.duration(zero=False), values.write_duration)
_PERIOD = Key(values.duration(zero=True), values.write_duration)
_BASE_URL = Key(values.base_url, str, shown=False)
_OPTIONAL_URL = Key(values.optional_base_url, _write_optional, shown=False)
_SECRET = Key(values.one_line_secret, _mask, shown=False, secret=True)

KEYS: Final[Mapping[str, Key]] = MappingProxyType(
    {
        "listen": Key(values.host_port, str),
        "admin_listen": Key(values.host_port, str),
        "listen_tls.cert_file": Key(values.line, file_faults=_certificate_faults),
        "listen_tls.key_file": Key(values.line, file_faults=_key_faults),
        "shutdown_delay": _PERIOD,
        "shutdown_grace": _PERIOD,
        "workers": Key(values.whole_number(1, 256)),
        "upstream.url": _BASE_URL,
        "upstream.connect_timeout": _TIMEOUT,
        "upstream.response_timeout": _TIMEOUT,
        "tenancy.multitenancy_enabled": Key(values.boolean),
        "github.url": _BASE_URL,
        "github.api_url": _BASE_URL,
        "github.client_id": Key(values.line, variable="GITHUB_CLIENT_ID"),
        "github.client_secret": _SECRET._replace(variable="GITHUB_CLIENT_SECRET"),
        "github.callback_url": Key(values.callback_url, shown=False, variable="GITHUB_CALLBACK_URL"),
        "github.request_timeout": _TIMEOUT,
        "github.rate_limit_reserve": Key(values.whole_number(0, 1_000_000)),
        "session.secrets": Key(
            # Pyroscope takes any text for it, so that a secret shared with it may hold anything.
            values.any_secret,
            _mask,
            shown=False,
            secret=True,
            many=True,
            variable="GITHUB_SESSION_SECRET",
        ),
        "cache.max_size": Key(values.size, values.write_size),
        "cache.ref_ttl": _PERIOD,
        "cache.access_ttl": _PERIOD,
        "cache.missing_ttl": _PERIOD,
        "cache.prefetch": Key(values.boolean),
        "cache.redis_url": _SECRET._replace(read=values.redis_url),
        "resolver.mappings_file": Key(values.line, file_faults=_mapping_faults),
        "resolver.go_module_proxy": _OPTIONAL_URL,
        "resolver.python_index": _OPTIONAL_URL,
        "resolver.npm_registry": _OPTIONAL_URL,
        "egress.allow_private_addresses": Key(values.boolean),
        "log.level": Key(values.choice("debug", "info", "warning", "error", warn="warning")),
        "log.format": Key(values.choice("logfmt", "json")),
        "tracing.endpoint": _OPTIONAL_URL,
        "tracing.sample_ratio": Key(values.ratio),
        "tracing.service_name": Key(values.name),
    }
)
FILE_KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {f"{path}_file": path for path, key in KEYS.items() if key.secret}
)
SECTIONS: Final = tuple(dict.fromkeys(path.partition(".")[0] for path in KEYS if "." in path))
