"""Which addresses may be asked: public ones, and those the user has named as their own.

Decided on the address that is connected to, never on how a host is spelt: ``2130706433``, ``0x7f.1`` and a name
that resolves to 127.0.0.1 are all 127.0.0.1 by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Final, Self
from urllib.parse import urlsplit

from autointel.errors import SettingsError, SourceBlocked

# What ``is_global`` lets through, or lets through in some Python versions, though it leads inside.
_NOT_PUBLIC: Final = tuple(
    ip_network(net)
    for net in (
        "192.0.0.0/24",  # protocol assignments; one cloud keeps its metadata at 192.0.0.192
        "192.88.99.0/24",  # 6to4 relays
        "168.63.129.16/32",  # a public number that one cloud answers from inside every machine
        "::/96",  # IPv4-compatible: an IPv4 address in disguise
        "::ffff:0:0/96",  # IPv4-mapped: likewise
        "64:ff9b::/96",  # NAT64: likewise, after translation
        "64:ff9b:1::/48",  # local-use NAT64
        "2001::/23",  # protocol assignments, Teredo (2001::/32) among them
        "2002::/16",  # 6to4: carries an IPv4 address
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
        "fec0::/10",  # site-local
    )
)
_PORTS: Final = {"http": 80, "https": 443}
_OWN_HINT: Final = "If it is your own server, name it in AUTOINTEL_FETCH__ALLOW_HOSTS as host:port."


def is_public(address: str) -> bool:
    """Whether an IP address (no name) belongs to the public internet."""
    ip = ip_address(address.partition("%")[0])
    return (
        ip.is_global and not ip.is_multicast and not any(ip in net for net in _NOT_PUBLIC if net.version == ip.version)
    )


def spelt(host: str) -> str:
    """One spelling for a host: lower case, no brackets, no final dot, IP addresses in their shortest form."""
    plain = host.strip().strip("[]").rstrip(".").lower()
    try:
        return str(ip_address(plain))
    except ValueError:
        return plain


@dataclass(frozen=True)
class Endpoint:
    """A host of the user's own; without a port, all of its ports."""

    host: str
    port: int | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """From ``host``, ``host:port``, ``[::1]:80`` or a base URL. Raises SettingsError."""
        try:
            # A bare IPv6 address has colons that are no port's.
            return cls(str(ip_address(text.strip())))
        except ValueError:
            pass
        try:
            parts = urlsplit(text.strip() if "://" in text else f"//{text.strip()}")
            host, port = spelt(parts.hostname or ""), parts.port or _PORTS.get(parts.scheme)
            if not parts.scheme and parts.path:
                host = ""  # "10.0.0.0/8": networks are not understood, and must not be half understood
        except ValueError:
            host, port = "", None
        if not host or any(mark in host for mark in "* "):
            raise SettingsError(
                f"{text!r} is not a host that can be allowed.",
                "Write host or host:port, for example localhost:8888; wildcards and networks are not understood.",
            )
        return cls(host, port)

    def covers(self, host: str, port: int) -> bool:
        """Whether a URL with this host and port is meant."""
        return self.host == spelt(host) and self.port in {None, port}


@dataclass(frozen=True)
class AddressRule:
    """Public addresses and the user's own. ``offline`` narrows that to the user's own; it never widens it.

    ``closed`` are hosts of the user's own that are not asked, since it is not the user who asks.
    """

    own: tuple[Endpoint, ...] = ()
    offline: bool = False
    closed: tuple[Endpoint, ...] = ()

    @classmethod
    def of(cls, allow_hosts: Iterable[str] = (), *, offline: bool = False) -> Self:
        """The rule for what a user has written into the settings. Raises SettingsError."""
        return cls(tuple(Endpoint.parse(text) for text in allow_hosts), offline)

    def is_own(self, host: str, port: int) -> bool:
        """Whether the user has named this host, spelt like this, as their own."""
        return any(endpoint.covers(host, port) for endpoint in self.own)

    def owns(self, url: str) -> bool:
        """Whether an address is on a host of the user's own."""
        try:
            parts = urlsplit(url)
            return self.is_own(parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0))
        except ValueError:
            return False

    def for_strangers(self, *, but: tuple[Endpoint, ...] = ()) -> AddressRule:
        """The rule for addresses that a page on somebody else's host names: none of the user's own but ``but``."""
        return replace(self, own=but, closed=tuple(endpoint for endpoint in self.own if endpoint not in but))

    def check_name(self, host: str, port: int) -> None:
        """Before a name is looked up, since looking up is asking, too. Raises SourceBlocked."""
        if any(endpoint.covers(host, port) for endpoint in self.closed):
            raise SourceBlocked(
                f"{host} is a host of your own, named by a page that is not, so it was not asked.",
                "If you trust that page, give the address itself.",
            )
        if self.offline and not self.is_own(host, port):
            raise SourceBlocked(
                f"{host} was not asked, because this run is offline.",
                "Leave --offline away, or name the host in AUTOINTEL_FETCH__ALLOW_HOSTS.",
            )

    def check(self, host: str, port: int, addresses: Sequence[str]) -> None:
        """Raises SourceBlocked if any of the addresses is not public, unless the host is the user's own.

        Any, not all: a name with one public and one private address would otherwise get its way by trying again.
        """
        self.check_name(host, port)
        if self.is_own(host, port):
            return
        inside = next((address for address in addresses if not is_public(address)), None)
        if inside is not None:
            where = host if spelt(host) == inside else f"{host} ({inside})"
            raise SourceBlocked(f"{where} is not a public address, so it was not asked.", _OWN_HINT)
