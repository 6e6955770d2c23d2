"""Logging in with GitHub, refreshing a session, and opening the session of a request."""

from proxy.login.logins import Established, Logins

__all__ = ["Established", "Logins"]
