"""The only room that speaks CrewAI and LangChain.

Importing it switches their side effects off, before either is loaded: crewai reads its switches when it is imported.
Without them an offline process ends 11 s late (telemetry), and a first run on a terminal waits 20 s for an answer to a
question about tracing.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Final

from autointel.environment import scrub_environment

SWITCHES: Final = {
    "CREWAI_DISABLE_TELEMETRY": "true",
    "CREWAI_DISABLE_TRACKING": "true",
    "CREWAI_DISABLE_VERSION_CHECK": "true",
    "CREWAI_TRACING_ENABLED": "false",
}


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
    from autointel.crew.loading import confine, load_crew_modules

    confine(folder)
    load_crew_modules()


switch_off_side_effects()
