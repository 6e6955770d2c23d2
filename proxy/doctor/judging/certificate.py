"""What the certificate of the main listener is worth. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from proxy.doctor.model import failure, ok, skipped, warning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from proxy.doctor.model import Finding

CERTIFICATE: Final = "machine.certificate"
_DAY = 86400.0
SOON: Final = 14 * _DAY
"""Seconds before its end from which on a certificate should have been renewed."""
_MOST_NAMES = 3
_RENEW = "renew it; files that change are taken up without a restart"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate that can be served: its key fits.

    Attributes:
        names: the hosts and addresses that it is for.
        begins: Unix seconds from which on it counts, as does all of its chain.
        ends: Unix seconds at which it, or the first of its chain, ends.
    """

    names: Sequence[str]
    begins: float
    ends: float


def certificate(found: Certificate | str | None, now: float) -> Finding:
    """Whether clients will take it, as far as it is up to the certificate.

    Args:
        found: the certificate; why it cannot be served; ``None`` where the listener is plain http.
        now: Unix seconds.
    """
    match found:
        case None:
            return skipped(CERTIFICATE, "listen_tls is empty: the main listener is plain http")
        case str():
            return failure(
                CERTIFICATE,
                found,
                "give certificate and key in PEM form that belong together; "
                "the proxy does not start with these",
            )
        case _:
            return _dated(found, now)


def _dated(found: Certificate, now: float) -> Finding:
    what = f"the certificate of the main listener{_names(found.names)}"
    if now < found.begins:
        begins = f"{what} counts from {_day(found.begins)} only"
        return failure(CERTIFICATE, begins, "check the clock, or have it made anew")
    if now >= found.ends:
        return failure(CERTIFICATE, f"{what} ended on {_day(found.ends)}", _RENEW)
    if not found.names:
        advice = "have one made for the host in the URL of the data source"
        return warning(CERTIFICATE, f"{what} names no host (subjectAltName), so clients refuse it", advice)
    if found.ends - now < SOON:
        days = int((found.ends - now) // _DAY)
        left = f"{days} day{'' if days == 1 else 's'}" if days else "less than a day"
        return warning(CERTIFICATE, f"{what} ends on {_day(found.ends)}, in {left}", _RENEW)
    return ok(CERTIFICATE, f"{what} fits its key and is good until {_day(found.ends)}")


def _names(names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f" ({', '.join(names[:_MOST_NAMES])}{more})"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
