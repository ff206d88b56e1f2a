"""Loading CrewAI: confined to autointel's own folder, and without the parts that no crew here reaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final

import autointel.crew as crew_room
from autointel.model import lean

_LOCK: Final = RLock()
# Parts of crewai that no crew of autointel's reaches: vector stores, its own client to OpenAI, other people's agents.
_LEFT_OUT: Final = lean.LeftOut(
    absent=frozenset(
        {
            "crewai.a2a",
            "crewai.events.types.a2a_events",
            "crewai.flow.visualization",
            "crewai.knowledge.source",
            "crewai.llms.providers.openai",
            "crewai.rag",
            "opentelemetry.exporter",
            "portalocker.redis",
        }
    )
)


def confine(folder: Path) -> None:
    """Everything that crewai writes in this process goes below ``folder``.

    Without this it makes a key and a settings folder in the user's home. Two of its paths have no switch: they are set
    in its light ``crewai_core``, before crewai itself is imported and uses them. Their names are private; a test runs a
    crew in an empty home and looks at what is there afterwards.
    """
    crew_room.keep_in(folder)
    from crewai_core import lock_store, settings, token_manager

    def storage() -> Path:
        place = folder / "credentials"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    token_manager.TokenManager._get_secure_storage_path = staticmethod(storage)  # type: ignore[method-assign]  # noqa: SLF001
    settings.DEFAULT_CONFIG_PATH = folder / "settings.json"
    # Its own locks are files in the system's temporary folder. What they guard here is a database we don't use.
    lock_store.set_lock_backend(_within_this_process)


@contextmanager
def _within_this_process(name: str, *, timeout: float) -> Iterator[None]:
    del name, timeout
    with _LOCK:
        yield


def load_crew_modules() -> None:
    """Import CrewAI, and the modules here that speak it, without the parts that are never used."""
    lean.load(["crewai", "autointel.crew.crew"], _LEFT_OUT)
