"""The crew with nothing to do, for measuring what it costs by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.app.event_loop import event_loop
from autointel.app.step_cache import StepCache
from autointel.crew import load_crew
from autointel.domain.run import Options, RunId
from autointel.ports import Listener

if TYPE_CHECKING:
    from autointel_bench.idle_crew import IdleCrew

_RUN: Final = "idle"


@contextmanager
def idle_crew(folder: Path, listener: Listener) -> Iterator[IdleCrew]:
    """Loads crewai, which keeps what it must keep in ``folder``, as does a catalogue; seconds, the first time."""
    home = Home(folder)
    home.prepare()
    load_crew(home.crew)
    from autointel_bench.idle_crew import IdleCrew

    with closing(SqliteCatalogue(home.catalogue, "default")) as catalogue, event_loop() as portal:
        catalogue.runs.begin(RunId(id=_RUN, created_at=datetime.now(UTC)), Options(source=_RUN))
        yield IdleCrew(portal, listener, StepCache(catalogue, _RUN, _RUN, listener))
