"""The same rule for libraries that open their own connections (yt-dlp): the interpreter tells us of each one.

An audit hook cannot be taken away again, so it is put in once, and minds only threads that are inside ``guarded``.
It sees Python's own sockets; what connects from C (ffmpeg, libcurl) is never handed a URL.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from ipaddress import ip_address
from typing import Any

from autointel.adapters.fetch.addresses import AddressRule, Endpoint, spelt
from autointel.errors import SourceBlocked

_INET = 2  # length of an IPv4 socket address; IPv6 ones have four parts


class _Refused(PermissionError):
    """An OSError on the way through the library, so that it closes its socket as after any failed connection."""


class _Minded(threading.local):
    rule: AddressRule | None = None
    refused: SourceBlocked | None = None


_minded = _Minded()


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
