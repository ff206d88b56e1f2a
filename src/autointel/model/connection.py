"""Connections to the model server: addresses, proxies, certificates, and what a failed connection means."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from autointel.model.endpoint import Endpoint


def transport(endpoint: Endpoint, connections: int) -> httpx.AsyncHTTPTransport:
    """A pool of its own."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=connections)
    return httpx.AsyncHTTPTransport(verify=_certificates(endpoint), limits=limits, proxy=_proxy(endpoint))


def client(endpoint: Endpoint, timeout: float) -> httpx.AsyncClient:
    """A client for a few short questions."""
    return httpx.AsyncClient(transport=transport(endpoint, 4), timeout=timeout, trust_env=False)


def _proxy(endpoint: Endpoint) -> str | None:
    return None if endpoint.is_loopback else endpoint.proxy


def _certificates(endpoint: Endpoint) -> Any:
    if not endpoint.is_secure and not (_proxy(endpoint) or "").startswith("https"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nobody is asked for one: loading them costs 20 ms
    context = httpx.create_ssl_context(trust_env=False)
    own = endpoint.certificates
    if own is not None and Path(own).exists():
        context.load_verify_locations(**({"capath": own} if Path(own).is_dir() else {"cafile": own}))
    return context


_PLAIN_ANSWER = ("UNEXPECTED_EOF", "WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "HTTP_REQUEST")


def cause_of(error: BaseException, endpoint: Endpoint) -> tuple[str, str]:
    """The cause as the end of a sentence, and a hint."""
    chain = list(_chain(error))
    through = f" through the proxy {endpoint.proxy}" if endpoint.proxy and not endpoint.is_loopback else ""
    cause, hint = _cause(chain, endpoint, through)
    if endpoint.ignored_proxies and not endpoint.proxy and not endpoint.is_loopback:
        names = " and ".join(endpoint.ignored_proxies)
        hint += f" {names} of the environment is not used: name a proxy in AUTOINTEL_MODEL__PROXY."
    return cause, hint


def _cause(chain: list[BaseException], endpoint: Endpoint, through: str) -> tuple[str, str]:
    for each in chain:
        if isinstance(each, httpx.ProxyError):
            return f"the proxy says {each}", "Check the proxy, or change AUTOINTEL_MODEL__PROXY."
        if isinstance(each, socket.gaierror):
            return (
                f"its name cannot be found (DNS){through}",
                "Check AUTOINTEL_MODEL__BASE_URL for a misspelt name, and the network.",
            )
        if isinstance(each, ssl.SSLCertVerificationError):
            why = each.verify_message or each.reason or "not trusted"
            return (
                f"its certificate is refused ({why})",
                "Set SSL_CERT_FILE to the certificate of your own authority, or check the address.",
            )
        if isinstance(each, ssl.SSLError):
            return _of_tls(each, endpoint)
    return _of_socket(chain, endpoint, through)


def _of_tls(error: ssl.SSLError, endpoint: Endpoint) -> tuple[str, str]:
    reason = error.reason or str(error)
    if any(sign in reason for sign in _PLAIN_ANSWER):
        plain = endpoint.address.replace("https://", "http://", 1)
        return "it does not speak TLS there", f"Set AUTOINTEL_MODEL__BASE_URL to {plain}."
    return f"TLS failed ({reason})", "Check the address, and that nothing stands between that inspects TLS."


def _of_socket(chain: list[BaseException], endpoint: Endpoint, through: str) -> tuple[str, str]:
    numbers = {getattr(each, "errno", None) for each in chain}
    words = " ".join(str(each) for each in chain)
    if errno.ECONNREFUSED in numbers or "All connection attempts failed" in words:
        return (
            f"nothing listens at that port{through}",
            "Start the model's server, or correct AUTOINTEL_MODEL__BASE_URL.",
        )
    if any(isinstance(each, httpx.ConnectTimeout | httpx.PoolTimeout) for each in chain):
        return f"it does not take connections{through}", "Check the address, the network and any firewall between."
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}:
        return f"the network does not reach it{through}", "Check the network."
    if "incomplete" in words or endpoint.is_secure:
        return "it broke off in the middle of the reply", "See the log of the model's server."
    if any(isinstance(each, httpx.RemoteProtocolError | httpx.ReadError | ConnectionResetError) for each in chain):
        hint = "See the server's log; if it speaks TLS there, AUTOINTEL_MODEL__BASE_URL begins with https."
        return "it was closed without an answer", hint
    said = next((str(each) for each in chain if str(each)), type(chain[0]).__name__)
    return said.rstrip("."), "See that the model's server runs and that its address is right."


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came of, innermost last; each once."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += list(each.exceptions)
