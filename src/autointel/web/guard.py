"""Who may ask the server: whoever knows its token, on this machine, from its own pages."""

from __future__ import annotations

import json
import secrets
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # The address holds the token: no other site is told of it.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def is_loopback(host: str) -> bool:
    """Whether the name or address stands for this machine and no other can reach it."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


class Guard:
    """Passes a request on if its host, its origin and its token are right; else 403 and why.

    The token is the first part of the path, or stands in ``Authorization: Bearer``. A page of another site can name
    neither this host (DNS rebinding) nor its origin, and knows no token.
    """

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        refusal = _refusal(headers, scope["method"])
        inner = None if refusal else self._inside(scope, headers)
        if inner is None:
            await _refuse(send, refusal or "The token in the address is missing or wrong.")
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered = MutableHeaders(scope=message)
                answered.setdefault("Content-Security-Policy", POLICY)
                answered.update(_HEADERS)
            await send(message)

        await self._app(inner, receive, guarded)

    def _inside(self, scope: Scope, headers: Headers) -> Scope | None:
        """The scope below the token; None for a wrong one."""
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.casefold() == "bearer" and self._is_token(bearer):
            return scope
        first = str(scope["path"]).split("/", 2)[1] if str(scope["path"]).startswith("/") else ""
        if not self._is_token(first):
            return None
        # Starlette takes the path without its root.
        return {**scope, "root_path": f"/{first}"}

    def _is_token(self, text: str) -> bool:
        return secrets.compare_digest(text.encode(), self._token.encode())


def _refusal(headers: Headers, method: str) -> str:
    """Why the request comes from elsewhere; empty if it does not."""
    hosts = headers.getlist("host")
    host = hosts[0] if len(hosts) == 1 else ""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        name = ""
    if not is_loopback(name):
        return "This server answers to the names of this machine only."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "A page of another site may not ask this server."
    # A link may lead here; nothing else of another site may.
    elsewhere = headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}
    if elsewhere and not (method == "GET" and headers.get("sec-fetch-mode") == "navigate"):
        return "A page of another site may not ask this server."
    return ""


async def _refuse(send: Send, why: str) -> None:
    hint = "Open the address that autointel serve printed."
    body = json.dumps({"message": why, "hint": hint}).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **_HEADERS}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": 403, "headers": raw})
    await send({"type": "http.response.body", "body": body})
