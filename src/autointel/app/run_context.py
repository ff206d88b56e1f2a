"""Where a run happens, and what a test or a benchmark may put in the place of the real thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from anyio.from_thread import BlockingPortal

from autointel.adapters.home import Home
from autointel.domain.run import Options, RunId
from autointel.ports import Catalogue, KnowledgeGraph, Listener, VectorMemory
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.sources.youtube.session import MakeDownloader
    from autointel.model.budget import Prices
    from autointel.model.endpoint import Clock


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
