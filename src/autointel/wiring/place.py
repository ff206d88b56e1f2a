"""Where a run happens, and what it is put together from."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass

from anyio.from_thread import BlockingPortal

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.home import Home
from autointel.domain.run import Usage
from autointel.ports import Listener
from autointel.settings import Settings
from autointel.wiring.pipeline import Parts


@dataclass
class Assembly:
    """Parts, and what must be asked or closed when the run is over."""

    parts: Parts
    closing: AsyncExitStack
    usage: Callable[[], Usage] = Usage


@dataclass(frozen=True)
class Place:
    """Where a run happens: its settings, what it keeps things in, and who is told."""

    settings: Settings
    home: Home
    catalogue: Catalogue
    run_id: str
    listener: Listener
    portal: BlockingPortal
    # A benchmark puts stores with stated latencies in the place of real ones.
    refit: Callable[[Parts], Parts] = lambda parts: parts
