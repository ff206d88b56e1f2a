"""Where the model is, and the connection to it: proxies, certificates, and how one fails."""

from __future__ import annotations

import errno
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Iterator
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr

from autointel.certificates import trusted_for
from autointel.domain.value import Value

if TYPE_CHECKING:
    import httpx

OPENAI: Final = "https://api.openai.com/v1"
# Reasons of TLS errors where the server answers without TLS.
_PLAIN_ANSWER: Final = (
    "UNEXPECTED_EOF",
    "WRONG_VERSION_NUMBER",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "HTTP_REQUEST",
)


class Endpoint(Value):
    """An OpenAI-compatible server and the models there. ``read_name`` is a smaller one, where there is one.

    Without ``base_url`` it is OpenAI's own. Local servers want no key; their clients want some text in its place.
    """

    name: str = Field(min_length=1)
    base_url: str | None = None
    api_key: SecretStr = SecretStr("none")
    read_name: str | None = None
    timeout: float = Field(default=30.0, gt=0)
    """Seconds of silence before a reply is given up. How long a reply takes in all is not limited."""
    temperature: float | None = 0.0
    """None where the model takes none. One that answers 400 to it is asked without from then on."""

    proxy: str | None = None
    """An HTTP proxy on the way to the server; never used for one on this machine."""
    ignored_proxies: tuple[str, ...] = ()
    """Variables of the environment that name a proxy and are not used; named where the server is not reached."""
    same_as: str | None = None
    """What the server is called in caches, where its address changes from run to run."""

    @property
    def address(self) -> str:
        """The base address, without a query and without a slash at its end."""
        return (self.base_url or OPENAI).partition("?")[0].rstrip("/")

    @property
    def query(self) -> dict[str, str]:
        """The query of every request's address, such as the ``api-version`` that Azure wants."""
        return dict(parse_qsl((self.base_url or "").partition("?")[2]))

    @property
    def identity(self) -> str | None:
        """What the server is called in caches: replies from one are never taken for another's."""
        return self.same_as or self.base_url

    @property
    def is_secure(self) -> bool:
        """Whether the server speaks TLS."""
        return self.address.startswith("https:")

    @property
    def is_loopback(self) -> bool:
        """Whether the server is on this machine."""
        return _is_own(self.address, private=False)

    @property
    def is_near(self) -> bool:
        """Whether the server is on this machine or on its network: one that may have to load a model first."""
        return _is_own(self.address, private=True)

    @property
    def heeds_lengths(self) -> bool:
        """Whether lengths of texts may stand in a schema: OpenAI's strict mode refuses them."""
        host = urlsplit(self.address).hostname or ""
        return not host.endswith(("openai.com", "azure.com"))

    @property
    def host(self) -> str:
        """Host and port, to show where prompts go."""
        return urlsplit(self.address).netloc.rpartition("@")[2]

    def model(self, *, smaller: bool) -> str:
        """The model's name at its server."""
        return self.read_name if smaller and self.read_name else self.name


class ModelHost(ABC):
    """A server that runs for this client alone, and ends with it."""

    @abstractmethod
    async def ready(self) -> None:
        """Wait until the server answers; at once where it does.

        Raises SettingsError for a model that it cannot load, ModelUnavailable once it has ended.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """End the server. Ending it twice is fine."""


def _is_own(address: str, *, private: bool) -> bool:
    host = (urlsplit(address).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip = ip_address(host)
    except ValueError:
        return private and ("." not in host or host.endswith(".local"))
    return ip.is_loopback or (private and ip.is_private)


def transport_to(endpoint: Endpoint, connections: int) -> httpx.AsyncHTTPTransport:
    """A new pool of connections to the server."""
    import httpx

    limits = httpx.Limits(max_connections=None, max_keepalive_connections=connections)
    proxy = _proxy(endpoint)
    return httpx.AsyncHTTPTransport(verify=trusted_for(endpoint.address, proxy or ""), limits=limits, proxy=proxy)


def client_to(endpoint: Endpoint, timeout: float) -> httpx.AsyncClient:
    """A client for a few short questions."""
    import httpx

    return httpx.AsyncClient(transport=transport_to(endpoint, 4), timeout=timeout, trust_env=False)


def _proxy(endpoint: Endpoint) -> str | None:
    return None if endpoint.is_loopback else endpoint.proxy


def cause_of(error: BaseException, endpoint: Endpoint) -> tuple[str, str]:
    """The cause of a failed connection as the end of a sentence, and a hint."""
    chain = list(_chain(error))
    through = f" through the proxy {endpoint.proxy}" if endpoint.proxy and not endpoint.is_loopback else ""
    cause, hint = _cause(chain, endpoint, through)
    if endpoint.ignored_proxies and not endpoint.proxy and not endpoint.is_loopback:
        names = " and ".join(endpoint.ignored_proxies)
        hint += f" {names} of the environment is not used: name a proxy in AUTOINTEL_MODEL__PROXY."
    return cause, hint


def _cause(chain: list[BaseException], endpoint: Endpoint, through: str) -> tuple[str, str]:
    import httpx

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
    import httpx

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
    """The error and its causes, innermost last; each once."""
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
