"""Connections to the model's server: which proxy, which certificates. The environment is not asked here.

A server on this machine is never asked through a proxy.
"""

from __future__ import annotations

import ssl
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
