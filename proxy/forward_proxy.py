"""The forward proxy on the way out: ``HTTPS_PROXY``, ``HTTP_PROXY`` and ``NO_PROXY``, by urllib's rules.

https://docs.python.org/3/library/urllib.request.html#urllib.request.getproxies
"""

from __future__ import annotations

import urllib.request
from typing import Final

from yarl import URL

_SCHEMES: Final = ("https", "http")
_FORM: Final = "http://[USER:PASSWORD@]HOST:PORT, with special characters percent-encoded"


class ForwardProxyError(OSError):
    """What the environment names is of no use; nothing of its value is told, which may hold a password.

    Attributes:
        found: what is wrong.
        advice: what to do about it.
    """

    def __init__(self, found: str, advice: str) -> None:
        super().__init__(f"{found}: {advice}")
        self.found = found
        self.advice = advice


class ForwardProxies:
    """What the environment says now; later changes of it count for nothing.

    Raises:
        ForwardProxyError: a variable holds no address.
    """

    def __init__(self) -> None:
        self._environment = urllib.request.getproxies_environment()
        named = {scheme: self._environment.get(scheme) for scheme in _SCHEMES}
        self._proxies = {scheme: _address(scheme, text) for scheme, text in named.items() if text}

    def to(self, url: URL) -> URL | None:
        """The proxy on the way to a URL; ``None`` where it is asked directly."""
        proxy = self._proxies.get(url.scheme)
        return None if proxy is None or self._is_direct(url) else proxy

    def to_upstream(self, url: URL) -> URL | None:
        """The proxy on the way to Pyroscope: none where it is asked by plain http.

        Raises:
            ForwardProxyError: that proxy is spoken to by TLS, which the way to Pyroscope does not know.
        """
        proxy = self.to(url) if url.scheme == "https" else None
        if proxy is not None and proxy.scheme != "http":
            raise ForwardProxyError(
                "Pyroscope cannot be reached through the proxy of HTTPS_PROXY, which is spoken to by TLS",
                f"write it as {_FORM}, or add {url.host} to NO_PROXY",
            )
        return proxy

    def _is_direct(self, url: URL) -> bool:
        names = (url.host or "", f"{url.host_subcomponent or ''}:{url.port}")
        bypass = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]  # not in typeshed
        return any(bypass(name, self._environment) for name in names)


def _address(scheme: str, text: str) -> URL:
    variable = f"{scheme.upper()}_PROXY"
    try:
        url = URL(text if "://" in text else f"http://{text}")
    except ValueError:
        url = URL()
    if url.scheme not in _SCHEMES or not url.host:
        # The cause is left out: it would name the value, and with it perhaps a password.
        raise ForwardProxyError(
            f"{variable} is no address of a forward proxy", f"write it as {_FORM}"
        ) from None
    return url
