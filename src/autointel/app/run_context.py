"""Where a run happens, and what it is put together from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio.from_thread import BlockingPortal

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.app.course import Parts
from autointel.domain.run import Usage
from autointel.ports import Listener
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.sources.youtube.session import MakeDownloader
    from autointel.model.endpoint import Clock
    from autointel.model.prices import Prices


@dataclass
class Assembly:
    """Parts, and what must be asked or closed when the run is over."""

    parts: Parts
    closing: AsyncExitStack
    usage: Callable[[], Usage] = Usage


@dataclass(frozen=True)
class Around:
    """What a run finds around it: the real clock, the packaged prices, and yt-dlp, unless a test gives others.

    With a clock on which waiting costs nothing, every retry of a run can be seen in a second.
    """

    clock: Clock | None = None
    prices: Prices | None = None
    downloader: MakeDownloader | None = None


@dataclass(frozen=True)
class RunContext:
    """Where a run happens: its settings, what it keeps things in, and who is told."""

    settings: Settings
    home: Home
    catalogue: Catalogue
    run_id: str
    listener: Listener
    portal: BlockingPortal
    # A benchmark puts stores with stated latencies in the place of real ones.
    refit: Callable[[Parts], Parts] = lambda parts: parts
    around: Around = Around()
