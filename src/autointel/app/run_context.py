"""Where a run happens: its home, its event loop and its network, and what a test may put in place of the real thing.

One rule and one fetcher serve all connections of a run; both are closed when the run is over.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from types import FrameType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from anyio.from_thread import BlockingPortal, start_blocking_portal

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.domain.run import Options, RunId
from autointel.ports import HostTurns, KnowledgeGraph, Listener, VectorMemory
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.fetch.addresses import AddressRule
    from autointel.adapters.fetch.fetcher import SafeFetcher
    from autointel.adapters.sources.youtube.session import MakeDownloader
    from autointel.model.limits import Clock, Prices

_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True)
class Substitutes:
    """Taken instead of what settings name, where given: stores with stated latencies, a clock on which waiting costs
    nothing, other prices than the packaged ones, another maker of yt-dlp's downloaders.
    """

    memory: VectorMemory | None = None
    graph: KnowledgeGraph | None = None
    clock: Clock | None = None
    prices: Prices | None = None
    downloader: MakeDownloader | None = None


NO_SUBSTITUTES: Final = Substitutes()


@dataclass(frozen=True)
class RunContext:
    """One run: what it was asked to do, where its data is kept, who listens, and the event loop it happens on."""

    settings: Settings
    options: Options
    run: RunId
    home: Home
    catalogue: Catalogue
    listener: Listener
    portal: BlockingPortal
    substitutes: Substitutes = NO_SUBSTITUTES


class NetworkAccess:
    """The fetcher of a run and the rule of which hosts it may ask.

    Both are made at their first use: a run over a file, without a model, asks nobody and loads nothing for them.
    """

    def __init__(self, settings: Settings, *, offline: bool = False, proxy: str | None = None) -> None:
        self._settings = settings
        self._offline = offline or settings.fetch.offline
        self._proxy = proxy

    @cached_property
    def rule(self) -> AddressRule:
        """The addresses that may be fetched: public ones and the user's own hosts; offline, only the user's own hosts.

        Raises SettingsError.
        """
        from autointel.adapters.fetch.addresses import AddressRule

        return AddressRule.of(self._own(), offline=self._offline)

    def rule_of_page(self, address: str) -> AddressRule:
        """The rule for addresses that the page at ``address`` names.

        A stranger's page leads to none of the user's own hosts but the proxy. A page on one of the user's own hosts may
        name the others. Raises SettingsError.
        """
        from autointel.adapters.fetch.addresses import Endpoint

        if self.rule.owns(address):
            return self.rule
        return self.rule.for_strangers(but=(Endpoint.parse(self._proxy),) if self._proxy and not self._offline else ())

    @cached_property
    def fetcher(self) -> SafeFetcher:
        """The one fetcher of the run. Raises SettingsError."""
        from autointel.adapters.fetch.fetcher import Limits, SafeFetcher

        fetch = self._settings.fetch
        limits = Limits(max_bytes=fetch.max_bytes, deadline_seconds=fetch.deadline_seconds)
        return SafeFetcher(self.rule, limits, turns=self._turns())

    def _turns(self) -> list[HostTurns]:
        """The limits on requests to a host that settings ask for: this run's, and the one that all workers share."""
        a_minute, url = self._settings.fetch.host_requests_per_minute, self._settings.queue.limits_url
        if a_minute is None:
            return []
        from autointel.adapters.fetch.fetcher import CountedTurns

        own = CountedTurns(a_minute)
        if url is None or not self.may_ask(url.get_secret_value()):
            return [own]
        from autointel.adapters.broker import RedisTurns

        return [own, RedisTurns(url.get_secret_value(), a_minute, _log.warning)]

    def may_ask(self, address: str) -> bool:
        """Whether a server of the user's own choice may be asked: offline, if it is loopback or allow-listed."""
        if not self._offline:
            return True
        try:
            parts = urlsplit(address)
            host, port = parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        except ValueError:
            return False  # the port is no number
        return is_loopback(host) or self.rule.is_own(host, port)

    def graph_server(self, uri: str) -> str:
        """The address of a Neo4j as it is asked: offline not by neo4j://, where it would name other servers to ask."""
        return uri.replace("neo4j", "bolt", 1) if self._offline and uri.startswith("neo4j") else uri

    def first_forbidden_host(self, *addresses: str) -> str | None:
        """The host of the first address that may not be asked; None where all of them may."""
        return next(
            (urlsplit(each).hostname or "an address without a host" for each in addresses if not self.may_ask(each)),
            None,
        )

    async def close(self) -> None:
        """Closing what was never opened is fine."""
        if "fetcher" in self.__dict__:
            await self.fetcher.close()

    def _own(self) -> Iterator[str]:
        yield from self._settings.fetch.allow_hosts
        searxng = self._settings.evidence.searxng_url
        if searxng and (not self._offline or is_loopback(urlsplit(searxng).hostname or "")):
            yield searxng
        # A proxy leads everywhere, so an offline run has none.
        if self._proxy and not self._offline:
            yield self._proxy


def is_loopback(host: str) -> bool:
    """Whether a host, as it is written, is this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def event_loop() -> Iterator[BlockingPortal]:
    """The portal to a loop that runs until the block is left. Its tasks are cancelled where the block raises.

    An interrupt within anyio's start or stop of the portal would leave nobody to tell the loop to end, and the
    interrupted command would wait for it for ever: one in twenty did, of those interrupted in their first 20 ms.
    """
    switch = start_blocking_portal()
    portal: BlockingPortal | None = None
    try:
        with _one_interrupt_deferred():
            portal = switch.__enter__()
        yield portal
    finally:
        if portal is not None:
            with _one_interrupt_deferred():
                switch.__exit__(*sys.exc_info())


@contextmanager
def _one_interrupt_deferred() -> Iterator[None]:
    """The first SIGINT or SIGTERM is handled at the end of the block; a second one at once, where the block is slow."""
    if threading.current_thread() is not threading.main_thread():  # no signal interrupts another thread
        yield
        return
    # Neither those that are ignored nor those that the system handles.
    handlers = {
        each: handler for each in (signal.SIGINT, signal.SIGTERM) if callable(handler := signal.getsignal(each))
    }
    deferred: list[tuple[int, FrameType | None]] = []

    def defer(number: int, frame: FrameType | None) -> None:
        deferred.append((number, frame))
        if len(deferred) > 1:
            handlers[signal.Signals(number)](number, frame)

    for number in handlers:
        signal.signal(number, defer)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if len(deferred) == 1:
            first, frame = deferred[0]
            handlers[signal.Signals(first)](first, frame)
