"""crewai runs without what was left out of the lock, writes nothing outside our folder, and adds next to no time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from autointel.crew import _LEFT_OUT

pytestmark = pytest.mark.xdist_group("crew")

_CREW = """
import json, sys
from importlib.util import find_spec
from pathlib import Path
from autointel.crew import confine
confine(Path(sys.argv[1]))
from crewai import Crew, Task
from autointel.crew.crew import StepAgent
agent = StepAgent(role="r", goal="g", backstory="b", perform=lambda: "done")
task = Task(name="t", description="d", expected_output="e", agent=agent)
said = Crew(agents=[agent], tasks=[task], verbose=False).kickoff().raw
left_out = ["lancedb", "pyarrow", "lance_namespace", "kubernetes"]
print(json.dumps({"said": said, "present": [name for name in left_out if find_spec(name)]}))
"""
_PIPELINE = """
import sys
from pathlib import Path
from autointel.crew import load_crew
load_crew(Path(sys.argv[1]))
from autointel.crew.crew import StepAgent
from autointel.crew.crew import build_intelligence_crew
from autointel.domain.run import Options, StepName
agents = {
    name: StepAgent(role=name.value, goal="g", backstory="b", perform=lambda: "done") for name in StepName
}
print(build_intelligence_crew(agents, Options(source="talk.vtt"), {}).kickoff().raw)
"""


def test_a_crew_runs_without_the_packages_left_out_and_writes_only_into_the_folder_it_is_given(tmp_path: Path) -> None:
    home, kept, work = tmp_path / "home", tmp_path / "kept", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], "TMPDIR": str(work)}

    ended = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", _CREW, str(kept)], env=environment, cwd=work, capture_output=True, text=True, check=True
    )

    assert json.loads(ended.stdout) == {"said": "done", "present": []}
    assert list(home.rglob("*")) == []
    assert [path for path in work.rglob("*") if path.is_file()] == []


def test_the_pipelines_crew_opens_no_replay_database_which_a_full_disk_would_refuse(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}

    ended = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", _PIPELINE, str(kept)], env=environment, capture_output=True, text=True, check=True
    )

    assert ended.stdout == "done\n"
    assert [path.name for path in tmp_path.rglob("*.db")] == []


_LOADED = """
import sys
from pathlib import Path
from autointel.crew import load_crew
from autointel.model.chat import load_client
load_client()
load_crew(Path(sys.argv[1]))
from langchain_openai.chat_models.base import ChatOpenAI
from crewai import Agent
import langsmith
heavy = ("chromadb", "qdrant_client", "openai.types.responses", "openai.resources.admin", "pydantic.v1", "crewai.rag")
heavy += ("redis", "portalocker.redis", "jwt", "opentelemetry.sdk", "crewai_core.platform_catalog")
tracer = "a tracer" if hasattr(langsmith, "__file__") else "no tracer"
print([name for name in heavy if name in sys.modules], tracer)
"""


def test_neither_vector_stores_nor_tracers_are_loaded_with_the_crew(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TMPDIR": str(tmp_path)}

    ended = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", _LOADED, str(tmp_path / "crew")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == "[] no tracer\n"
    assert "loading all of it" not in ended.stderr


def test_every_part_that_is_left_out_is_still_a_part_of_the_library() -> None:
    assert [name for name in sorted(_LEFT_OUT.absent) if not _is_installed(name)] == []


def _is_installed(name: str) -> bool:
    """Whether a file or folder of that module is there; nothing is imported to find out."""
    top, *below = name.split(".")
    found = find_spec(top)
    places = [Path(place, *below) for place in (found.submodule_search_locations or ()) if below] if found else []
    return bool(found and not below) or any(place.is_dir() or place.with_suffix(".py").is_file() for place in places)


def test_a_key_that_a_full_disk_left_empty_is_made_again(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from autointel.crew import confine; confine(Path(sys.argv[1]))\n"
        "from crewai_core.token_manager import TokenManager; print(len(TokenManager().key))"
    )
    (tmp_path / "credentials").mkdir()
    (tmp_path / "credentials" / "secret.key").touch()

    ended = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert ended.stdout == "44\n"
