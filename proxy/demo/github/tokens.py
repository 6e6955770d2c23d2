"""User tokens of the GitHub App: access tokens for hours, refresh tokens for one use.

https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/refreshing-user-access-tokens
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

ACCESS_SECONDS = 28_800
REFRESH_SECONDS = 15_897_600


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as it is handed out; ``refresh`` is empty and ``expires_at`` ``None`` without expiry."""

    login: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: float | None
    refresh_expires_at: float | None


class Tokens:
    """The tokens that are valid; times are Unix seconds."""

    def __init__(self) -> None:
        self._by_access: dict[str, Issued] = {}
        self._by_refresh: dict[str, Issued] = {}

    def issue(self, login: str, now: float, *, expiring: bool) -> Issued:
        """Make a token for a user."""
        issued = Issued(
            login,
            "ghu_" + secrets.token_hex(18),
            "ghr_" + secrets.token_hex(38) if expiring else "",
            now + ACCESS_SECONDS if expiring else None,
            now + REFRESH_SECONDS if expiring else None,
        )
        self._by_access[issued.access] = issued
        if issued.refresh:
            self._by_refresh[issued.refresh] = issued
        return issued

    def login(self, access: str, now: float) -> str | None:
        """Whose token it is; ``None`` when it is not valid (any more)."""
        issued = self._by_access.get(access)
        if issued is None or (issued.expires_at is not None and now >= issued.expires_at):
            return None
        return issued.login

    def refresh(self, refresh: str, now: float) -> Issued | None:
        """Use a refresh token up: it and its access token die. ``None`` when it is not valid (any more)."""
        old = self._by_refresh.pop(refresh, None)
        if old is None:
            return None
        self._by_access.pop(old.access, None)
        if old.refresh_expires_at is not None and now >= old.refresh_expires_at:
            return None
        return self.issue(old.login, now, expiring=True)

    def revoke(self, access: str) -> None:
        """End a token, and the refresh token that goes with it."""
        issued = self._by_access.pop(access, None)
        if issued is not None:
            self._by_refresh.pop(issued.refresh, None)

    def revoke_user(self, login: str) -> None:
        """End every token of a user."""
        for issued in [*self._by_access.values(), *self._by_refresh.values()]:
            if issued.login == login:
                self._by_access.pop(issued.access, None)
                self._by_refresh.pop(issued.refresh, None)
