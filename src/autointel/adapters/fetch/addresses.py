"""Which addresses may be asked: public ones, and those the user has named as their own.

Decided on the address that is connected to, never on how a host is spelt: ``2130706433``, ``0x7f.1`` and a name
that resolves to 127.0.0.1 are all 127.0.0.1 by then. ``guarded`` applies the rule to libraries that open their own
connections (yt-dlp), by an audit hook. The hook cannot be removed, so it is installed once, and acts only on threads
that are inside ``guarded``. It sees Python's own sockets; what connects from C (ffmpeg, libcurl) is never given a URL.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any, Final, Self
from urllib.parse import urlsplit

from autointel.errors import SettingsError, SourceBlocked, not_asked

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
PORTS: Final = {"http": 80, "https": 443}
_OWN_HINT: Final = "If it is your own server, name it in AUTOINTEL_FETCH__ALLOW_HOSTS as host:port."
_INET = 2  # length of an IPv4 socket address; IPv6 ones have four parts


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
            host, port = spelt(parts.hostname or ""), parts.port or PORTS.get(parts.scheme)
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
            return self.is_own(parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0))
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
            raise SourceBlocked(*not_asked(host))

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


class _Minded(threading.local):
    rule: AddressRule | None = None
    refused: SourceBlocked | None = None


_minded = _Minded()


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


@contextmanager
def guarded(rule: AddressRule) -> Iterator[None]:
    """Within it, this thread's sockets go only where the rule allows.

    Raises SourceBlocked in place of whatever the library makes of a connection that was refused.
    """
    _listen()
    outer = (_minded.rule, _minded.refused)
    _minded.rule, _minded.refused = by_address(rule), None
    try:
        yield
    except Exception as error:
        if _minded.refused is not None:
            raise _minded.refused from error
        raise
    finally:
        _minded.rule, _minded.refused = outer


@cache
def _listen() -> None:
    sys.addaudithook(_hook)


def _hook(event: str, args: tuple[object, ...]) -> None:  # pragma: no cover - coverage cannot see into audit hooks
    rule = _minded.rule
    if rule is None:
        return
    try:
        if event == "socket.connect":
            judge_connection(rule, args[1])
        elif event == "socket.getaddrinfo":
            judge_lookup(rule, args[0], args[1])
    except SourceBlocked as blocked:
        _minded.refused = blocked
        raise _Refused(blocked.message) from blocked


class _Refused(PermissionError):
    """An OSError on the way through the library, so that it closes its socket as after any failed connection."""


def by_address(rule: AddressRule) -> AddressRule:
    """The rule with the addresses of the user's own hosts beside their names: a socket is told no names."""
    return replace(rule, own=_with_addresses(rule.own), closed=_with_addresses(rule.closed))


def _with_addresses(endpoints: tuple[Endpoint, ...]) -> tuple[Endpoint, ...]:
    found = {
        Endpoint(spelt(str(sockaddr[0])), endpoint.port)
        for endpoint in endpoints
        for *_, sockaddr in _lookup(endpoint.host)
    }
    return (*endpoints, *sorted(found, key=str))


def _lookup(host: str) -> list[tuple[Any, ...]]:
    try:
        return [*socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []  # a host that is down now is asked, and reported, when it is needed


def judge_connection(rule: AddressRule, address: object) -> None:
    """``address`` as ``socket.connect`` gets it. Raises SourceBlocked."""
    if not isinstance(address, tuple) or len(address) < _INET:
        raise SourceBlocked("A connection that is not to an internet address was refused.", "Report this as a fault.")
    host, port = str(address[0]), int(address[1])
    try:
        ip_address(host.partition("%")[0])
    except ValueError as error:
        # A name here would be looked up again beneath us, and might then be another address.
        raise SourceBlocked(f"{host} was to be connected to by name, unchecked.", "Report this as a fault.") from error
    rule.check(host, port, [host])


def judge_lookup(rule: AddressRule, host: object, port: object) -> None:
    """Looking a name up tells the resolver of it, which an offline run must not. Raises SourceBlocked."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    rule.check_name(name, int(port) if isinstance(port, int | str) and str(port).isdecimal() else 0)
