"""Logging in with GitHub, refreshing a session, and opening the session of a request."""

from proxy.login.logins import Established, Logins
from proxy.login.siblings import Turnstile

__all__ = ["Established", "Logins", "Turnstile"]
