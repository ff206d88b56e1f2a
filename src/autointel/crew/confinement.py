"""crewai keeps to autointel's own folder: without this it makes a key and a settings folder in the user's home.

Two of its paths have no switch. They are set in its light ``crewai_core``, before crewai itself is imported and uses
them. Both names are private; a test runs a crew in an empty home and looks at what is there afterwards.
"""

from __future__ import annotations

from pathlib import Path

import autointel.crew as crew_room


def confine(folder: Path) -> None:
    """Everything that crewai writes in this process goes below ``folder``."""
    crew_room.keep_in(folder)
    from crewai_core import settings, token_manager

    def storage() -> Path:
        place = folder / "credentials"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return place

    token_manager.TokenManager._get_secure_storage_path = staticmethod(storage)  # type: ignore[method-assign]  # noqa: SLF001
    settings.DEFAULT_CONFIG_PATH = folder / "settings.json"
