"""Where the model is, and what a run may ask of it."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import anyio
from pydantic import Field, SecretStr

from autointel.domain.value import Value

OPENAI: Final = "https://api.openai.com/v1"


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
    certificates: str | None = None
    """A file or folder of certificates to trust beside the usual ones (SSL_CERT_FILE, SSL_CERT_DIR)."""
    same_as: str | None = None
    """What the server is called in caches, where its address changes from run to run."""

    @property
    def address(self) -> str:
        """The base address, without a slash at its end."""
        return (self.base_url or OPENAI).rstrip("/")

    @property
    def identity(self) -> str | None:
        """What the server is called in caches: replies from one are never taken for another's."""
        return self.same_as or self.base_url

    @property
    def is_secure(self) -> bool:
        """Whether TLS is spoken there."""
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
        """For people: where prompts go."""
        return urlsplit(self.address).netloc.rpartition("@")[2]

    def model(self, *, smaller: bool) -> str:
        """The model's name at its server."""
        return self.read_name if smaller and self.read_name else self.name


class Limits(Value):
    """What a run may ask in all. ``max_attempts`` counts every request made for one question, whatever became of it."""

    max_concurrent_calls: int = Field(default=8, ge=1)
    requests_per_minute: int | None = Field(default=None, ge=1)
    max_attempts: int = Field(default=4, ge=1)
    max_usd: float | None = Field(default=None, gt=0)
    max_seconds: float | None = Field(default=None, gt=0)
    """Counted from the making of the client."""


class ModelHost(ABC):
    """A server that runs for this client alone, and ends with it."""

    @abstractmethod
    async def ready(self) -> None:
        """Wait until it answers; at once where it does.

        Raises SettingsError for a model that it cannot load, ModelUnavailable once it has ended.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """End it. Ending it twice is fine."""


@dataclass(frozen=True)
class Clock:
    """Time, in seconds: ``now`` is monotonic, ``today`` counts from 1970. A test gives one where waiting costs none."""

    now: Callable[[], float] = time.monotonic
    today: Callable[[], float] = time.time
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep


def _is_own(address: str, *, private: bool) -> bool:
    host = (urlsplit(address).hostname or "").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        ip = ip_address(host)
    except ValueError:
        return private and ("." not in host or host.endswith(".local"))
    return ip.is_loopback or (private and ip.is_private)
