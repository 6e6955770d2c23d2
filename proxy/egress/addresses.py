"""Which addresses are public, and which names can only be of a private network.

An address is public when it stands in none of the blocks of the special-purpose registries
(https://www.iana.org/assignments/iana-ipv4-special-registry,
https://www.iana.org/assignments/iana-ipv6-special-registry), is no multicast, and does not carry
another address inside that a gateway would unwrap. The ``ipaddress`` of each Python release knows
the registries as they were then, so that what it lacks is listed here.
"""

from __future__ import annotations

import ipaddress
import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

_LOOPBACK = "a loopback address"
_LINK_LOCAL = "a link-local address"
_MULTICAST = "a multicast address"
_PRIVATE = "a private address"
_RESERVED = "a reserved address"
_WRAPPED = "an address that carries another one inside"
_NONE = "not an address"

_SHARED = IPv4Network("100.64.0.0/10")  # carrier-grade NAT, https://www.rfc-editor.org/rfc/rfc6598
_RESERVED_4 = (
    IPv4Network("0.0.0.0/8"),
    IPv4Network("192.0.0.0/24"),  # protocol assignments, https://www.rfc-editor.org/rfc/rfc6890
    IPv4Network("192.88.99.0/24"),  # 6to4 relays, https://www.rfc-editor.org/rfc/rfc7526
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")  # all that is assigned, https://www.rfc-editor.org/rfc/rfc4291
_RESERVED_6 = (
    IPv6Network("2001::/23"),  # protocol assignments
    IPv6Network("2001:db8::/32"),
    IPv6Network("3fff::/20"),  # documentation, https://www.rfc-editor.org/rfc/rfc9637
)
# The networks of NAT64 translate these, https://www.rfc-editor.org/rfc/rfc6052#section-2.1
_NAT64 = IPv6Network("64:ff9b::/96")
_WRAPPING = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated, https://www.rfc-editor.org/rfc/rfc7915
    IPv6Network("64:ff9b:1::/48"),  # NAT64 within one network, https://www.rfc-editor.org/rfc/rfc8215
    IPv6Network("2001::/32"),  # Teredo
    IPv6Network("2002::/16"),  # 6to4
)

# https://www.iana.org/assignments/special-use-domain-names, ICANN's .internal, and what is custom.
_PRIVATE_SUFFIXES = frozenset(
    {"arpa", "corp", "home", "internal", "intranet", "lan", "local", "localdomain", "localhost", "private"}
)
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


class PublicOnly:
    """The judge of steered hosts: what is not public may not be reached."""

    def address(self, address: str) -> str | None:
        """Judge an address.

        Args:
            address: IPv4 with four decimal numbers, or IPv6 without brackets.

        Returns:
            ``None`` when it may be reached, else what it is, such as "a private address".
        """
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return _NONE
        return _judge_6(found) if isinstance(found, IPv6Address) else _judge_4(found)

    def name(self, host: str) -> str | None:
        """Judge a name by its form; its addresses are judged besides.

        Args:
            host: a dot at the end does not matter.

        Returns:
            ``None`` when it may be asked, else what it is: a name without a dot, or with a suffix that
            is not public, can only be of a private network.
        """
        name = host.lower().removesuffix(".")
        is_private = "." not in name or name.rpartition(".")[2] in _PRIVATE_SUFFIXES
        return "a name of private networks" if is_private else None


class Anything(PublicOnly):
    """The judge where the operator lets steered hosts have private addresses."""

    def address(self, address: str) -> str | None:  # noqa: ARG002 - a judge is told the address
        """Let every address be reached."""
        return None

    def name(self, host: str) -> str | None:  # noqa: ARG002 - and the name
        """Let every name be asked."""
        return None


def is_address(host: str) -> bool:
    """Whether a host is an address in the one spelling that all systems read alike."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_written_as_number(host: str) -> bool:
    """Whether a host is an IPv4 address or one of the spellings that systems take for one.

    ``2130706433``, ``0x7f.1``, ``0177.0.0.1`` and ``127.1`` are loopback to some of them. A name
    never ends in a number: https://url.spec.whatwg.org/#ends-in-a-number-checker
    """
    return bool(_NUMBER.fullmatch(host.removesuffix(".").rpartition(".")[2]))


def _judge_4(address: IPv4Address) -> str | None:
    if address.is_loopback:
        return _LOOPBACK
    if address.is_link_local:  # 169.254.169.254, where clouds keep their machines' credentials, included
        return _LINK_LOCAL
    if address.is_multicast:
        return _MULTICAST
    if address.is_reserved or any(address in network for network in _RESERVED_4):
        return _RESERVED
    if address.is_private or address in _SHARED:
        return _PRIVATE
    return None if address.is_global else _RESERVED


def _judge_6(address: IPv6Address) -> str | None:
    if address in _NAT64 and address.scope_id is None:
        # Where a network has no IPv4 of its own, its resolver gives public hosts these addresses.
        return _judge_4(IPv4Address(address.packed[-4:]))
    # Before all that asks ``ipaddress``: since Python 3.13 it answers for the address inside.
    if any(address in network for network in _WRAPPING):
        return _WRAPPED
    if address.scope_id is not None or address.is_link_local:
        return _LINK_LOCAL
    if address.is_loopback:
        return _LOOPBACK
    if address.is_multicast:
        return _MULTICAST
    if address.is_site_local or address in IPv6Network("fc00::/7"):
        return _PRIVATE
    if address not in _GLOBAL_UNICAST or any(address in network for network in _RESERVED_6):
        return _RESERVED
    return None if address.is_global else _RESERVED
