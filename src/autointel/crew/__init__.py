"""The only room that speaks CrewAI and LangChain.

Importing it switches their side effects off, before either is loaded: crewai reads its switches when it is imported.
Without them an offline process ends 11 s late (telemetry), and a first run on a terminal waits 20 s for an answer to a
question about tracing.
"""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from contextvars import copy_context
from pathlib import Path
from threading import RLock, Thread
from types import SimpleNamespace
from typing import Any, Final

from autointel.environment import scrub_environment
from autointel.model import lean

SWITCHES: Final = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TRACING_ENABLED": "false",
}
_CREWAI_LOCK: Final = RLock()
_WIND_UP: Final = 1.0  # seconds that what was stopped has to end by itself


def switch_off_side_effects() -> None:
    """Set every switch, whatever the environment says."""
    scrub_environment()
    os.environ.update(SWITCHES)
    # What fails inside an agent becomes its step's outcome; crewai would tell it on standard error first.
    logging.getLogger("crewai.flow.runtime").setLevel(logging.CRITICAL)
    # Only a place to fall back on: crewai would write into the user's data folder. ``keep_in`` says where it should.
    os.environ.setdefault("CREWAI_STORAGE_DIR", str(Path(tempfile.gettempdir(), f"autointel-crewai-{os.getpid()}")))


def keep_in(folder: Path) -> None:
    """Let crewai write what it insists on writing (a credentials key, a database) into this folder and nowhere else."""
    os.environ["CREWAI_STORAGE_DIR"] = str(folder.absolute())


def load_crew(folder: Path) -> None:
    """Import CrewAI, which writes whatever it insists on writing below ``folder``. A second, the first time."""
    confine(folder)
    lean.load(["crewai", "autointel.crew.crew"], _LEFT_OUT)


class _Unheard:
    """Stands in for crewai's listeners, which print what happens and send it to its makers."""

    formatter = SimpleNamespace()

    def setup_listeners(self, bus: Any) -> None:
        """Listens to nothing."""


# Parts of crewai that no crew of autointel's reaches: vector stores, its own client to OpenAI, other people's agents,
# its memory, its skills, its listeners and the events that only they hear, its accounts.
_LEFT_OUT: Final = lean.LeftOut(
    absent=frozenset(
        {
            "crewai.a2a",
            "crewai.auth",
            "crewai.events.event_listener",
            "crewai.events.listeners.tracing.trace_listener",
            "crewai.events.types.a2a_events",
            "crewai.events.types.checkpoint_events",
            "crewai.events.types.knowledge_events",
            "crewai.events.types.mcp_events",
            "crewai.events.types.memory_events",
            "crewai.events.types.observation_events",
            "crewai.events.types.skill_events",
            "crewai.events.types.system_events",
            "crewai.flow.visualization",
            "crewai.knowledge.source",
            "crewai.llms.context_window",
            "crewai.llms.providers.openai",
            "crewai.rag",
            "crewai.skills",
            "crewai.telemetry",
            "crewai_core.platform_apps",
            "crewai_core.plus_api",
            "httpx._main",
            "jsonref",
            "opentelemetry.exporter",
            "portalocker.redis",
        }
    ),
    given=(
        ("crewai.events.event_listener.EventListener", _Unheard),
        ("crewai.events.event_listener.event_listener", _Unheard()),
        ("crewai.events.listeners.tracing.trace_listener.TraceCollectionListener", _Unheard),
    ),
)


def confine(folder: Path) -> None:
    """Everything that crewai writes in this process goes below ``folder``.

    Without this it makes a key and a settings folder in the user's home. Two of its paths have no switch: they are set
    in its light ``crewai_core``, before crewai itself is imported and uses them. Their names are private; a test runs a
    crew in an empty home and looks at what is there afterwards.
    """
    keep_in(folder)
    # In part: portalocker would load all of redis, where that is installed, for locks that are not used.
    lean.load([f"crewai_core.{part}" for part in ("lock_store", "settings", "token_manager")], _LEFT_OUT)
    from crewai_core import lock_store, settings, token_manager

    def storage() -> Path:
        place = folder / "credentials"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = place / "secret.key"
        # A disk that was full, or a kill, leaves the key's file empty, and crewai would refuse that ever after.
        if key.is_file() and not key.stat().st_size:
            key.unlink(missing_ok=True)
        return place

    token_manager.TokenManager._get_secure_storage_path = staticmethod(storage)  # type: ignore[method-assign]  # noqa: SLF001
    settings.DEFAULT_CONFIG_PATH = folder / "settings.json"
    # Its own locks are files in the system's temporary folder. What they guard here is a database we don't use.
    lock_store.set_lock_backend(_within_this_process)


@contextmanager
def _within_this_process(name: str, *, timeout: float) -> Iterator[None]:
    del name, timeout
    with _CREWAI_LOCK:
        yield


def interruptibly(work: Callable[[], Any], stop: Callable[[], None] | None = None) -> None:
    """Do ``work`` in a thread and wait for it, so that a signal reaches the main thread. Raises what it raises.

    On KeyboardInterrupt ``stop`` is called, which should make ``work`` end soon; the interrupt is raised either way.
    """
    done: Future[None] = Future()

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  raised again in the waiting thread
            done.set_exception(error)
        else:
            done.set_result(None)

    Thread(target=copy_context().run, args=(run,), name="crew", daemon=True).start()
    try:
        done.result()
    except KeyboardInterrupt:
        if stop is not None:
            with suppress(Exception):  # the interrupt is what is told
                stop()
            wait([done], timeout=_WIND_UP)
        raise


switch_off_side_effects()
