"""Loading CrewAI: confined to autointel's own folder, and without looking for garbage meanwhile."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Final

import autointel.crew as crew_room

# New objects (net of those freed) before the youngest are looked through; a hundred times as many before all are. The
# interpreter's own 700 is for programs that stay small.
_YOUNGEST: Final = 10_000
_LOCK: Final = RLock()


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


@contextmanager
def without_collecting() -> Iterator[None]:
    """No garbage is looked for meanwhile; what is loaded is never looked through, and the rest less often.

    crewai and langchain make a million objects and drop none of them: looking through them for garbage, time and again
    while they come, took 0.9 s of a start-up of 4.4 s. Later, a look through all of them stops every step for 0.03 to
    0.25 s; so what is loaded is set aside.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(_YOUNGEST, *gc.get_threshold()[1:])
        if was_on:
            gc.enable()
