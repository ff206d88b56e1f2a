"""Connections to the model's server: which proxy, which certificates. The environment is not asked here.

A server on this machine is never asked through a proxy.
"""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any, Final

import httpx

from autointel.errors import SettingsError
from autointel.model.endpoint import Endpoint

_PROXY_SCHEMES: Final = ("http", "https")


def transport(endpoint: Endpoint, connections: int) -> httpx.AsyncHTTPTransport:
    """A pool of its own. Raises SettingsError for a proxy that cannot be used."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=connections)
    return httpx.AsyncHTTPTransport(verify=_certificates(endpoint), limits=limits, proxy=proxy_of(endpoint))


def client(endpoint: Endpoint, timeout: float) -> httpx.AsyncClient:
    """A client for a few short questions. Raises SettingsError as ``transport``."""
    return httpx.AsyncClient(transport=transport(endpoint, 4), timeout=timeout, trust_env=False)


def proxy_of(endpoint: Endpoint) -> str | None:
    """The proxy on the way to the server. Raises SettingsError for a kind that is not spoken here."""
    proxy = endpoint.proxy
    if proxy is None or endpoint.is_loopback:
        return None
    if proxy.address.partition("://")[0].lower() not in _PROXY_SCHEMES:
        raise SettingsError(
            f"{proxy.origin} is {proxy.address}, which is no HTTP proxy, and {endpoint.host} is not on this machine.",
            f"Set HTTPS_PROXY to an http:// proxy, add {endpoint.host} to NO_PROXY, or unset {proxy.origin}.",
        )
    return proxy.address


def _certificates(endpoint: Endpoint) -> Any:
    if not endpoint.is_secure and not (endpoint.proxy and endpoint.proxy.address.startswith("https")):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # nobody is asked for one: loading them costs 20 ms
    context = httpx.create_ssl_context(trust_env=False)
    own = endpoint.certificates
    if own is not None and Path(own).exists():
        context.load_verify_locations(**({"capath": own} if Path(own).is_dir() else {"cafile": own}))
    return context
