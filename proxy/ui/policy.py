"""What every answer of the page tells the browser to forbid. Pure.

https://www.w3.org/TR/CSP3/, https://owasp.org/www-project-secure-headers/
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from yarl import URL

_PUBLIC_GITHUB = "github.com"
_PUBLIC_AVATARS = "https://avatars.githubusercontent.com"


def security_headers(github: URL) -> dict[str, str]:
    """The headers of every answer.

    Args:
        github: ``github.url``, whose avatars are the only thing shown from elsewhere.
    """
    images = " ".join(("'self'", "data:", *avatar_origins(github)))
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src {images}",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
    return {
        "Content-Security-Policy": "; ".join(policy),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Where people came from is nobody's business; `no-referrer` would blank the Origin of forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


def avatar_origins(github: URL) -> tuple[str, ...]:
    """Where avatars come from.

    An Enterprise Server has them on its own name or, with subdomain isolation, on one below it:
    https://docs.github.com/en/enterprise-server@latest/admin/configuring-settings/hardening-security-for-your-enterprise/enabling-subdomain-isolation
    """
    if github.host == _PUBLIC_GITHUB:
        return (_PUBLIC_AVATARS,)
    host, own = github.host or "", github.origin()
    return (str(own),) if _is_address(host) else (str(own), str(own.with_host(f"avatars.{host}")))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
