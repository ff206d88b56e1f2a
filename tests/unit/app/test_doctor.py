from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from subprocess import run
from sys import executable
from threading import Event, Thread
from typing import Any

import pytest
from pydantic import SecretStr
from tests.fakes.kept import ENDED, keep_talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.app.doctor import diagnose
from autointel.app.doctor_check import Check
from autointel.domain.run import Options, Outcome, RunId, StepName, StepReport
from autointel.settings import Settings
from autointel.settings.fields import (
    ArtifactsSettings,
    CatalogueSettings,
    EvidenceSettings,
    ModelSettings,
    Neo4jSettings,
    QdrantSettings,
)
from autointel_bench.simulated import Fault, FaultKind, Profile, SimulatedModel

NOBODY = "127.0.0.1:1"
MODEL = ModelSettings(name="llama3", base_url=f"http://{NOBODY}/v1")


def checked(part: str, **settings: Any) -> list[Check]:
    return [check for check in diagnose(Settings(**settings)) if check.part == part]


def test_nothing_set_up_is_in_order_and_says_how_to_have_more() -> None:
    checks = diagnose(Settings())

    assert [check.part for check in checks] == [
        *("engine", "home", "asr", "videos", "js"),
        *("embedder", "memory", "graph", "evidence"),
    ]
    assert [check.part for check in checks if not check.ok] == []
    assert "OPENAI_API_KEY" in checks[0].hint
    assert (checks[1].state, checks[1].detail) == ("not made yet", "~/.local/share/autointel")


def test_a_model_that_does_not_answer_is_amiss() -> None:
    [engine] = checked("engine", model=MODEL)

    assert (engine.state, engine.detail, engine.ok) == ("llm", f"llama3 at {NOBODY}", False)


def test_a_model_that_answers_is_asked_one_small_question() -> None:
    with SimulatedModel() as server:
        [engine] = checked("engine", model=ModelSettings(name="simulated", base_url=server.base_url))

        assert engine.ok
        assert "schema" in engine.verdict
        assert "simulated" in engine.verdict
        assert len(server.calls) == 1


def test_a_model_that_refuses_the_key_is_amiss_in_its_own_words() -> None:
    with SimulatedModel(Profile(faults=(Fault(FaultKind.REVOKED_KEY, count=None),))) as server:
        [engine] = checked("engine", model=ModelSettings(name="simulated", base_url=server.base_url))

    assert not engine.ok
    assert "Incorrect API key provided" in engine.verdict


def test_a_model_file_that_is_none_is_amiss_and_not_served(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"<html>not found</html>")

    [engine] = checked("engine", model=ModelSettings(file=file))

    assert not engine.ok
    assert "it is no GGUF file" in engine.verdict
    assert "GGUF file of a chat model" in engine.hint


def test_a_home_that_is_a_file_is_amiss(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    [home] = checked("home", home=tmp_path / "file" / "home")

    assert (home.state, home.ok) == ("unusable", False)
    assert "AUTOINTEL_HOME" in home.hint


def test_a_home_that_is_there_tells_what_it_holds(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    SqliteCatalogue(home.catalogue).close()
    (home.memory / "vectors").write_bytes(b"x" * 1_500_000)

    assert checked("home", home=home.folder)[0].state == "there"
    assert checked("memory", home=home.folder)[0].detail == "0 passages, 1.5 MB"


def test_a_catalogue_that_cannot_be_read_is_amiss(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    home.catalogue.write_bytes(b"this is no database" * 100)

    [memory] = checked("memory", home=home.folder)

    assert not memory.ok
    assert memory.verdict
    assert memory.hint


def test_a_memory_that_cannot_be_read_is_amiss(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    SqliteCatalogue(home.catalogue).close()
    (home.memory / "default-00000000.sqlite3").write_bytes(b"no database" * 1000)

    [memory] = checked("memory", home=home.folder)

    assert (memory.ok, memory.verdict) == (False, "cannot be read")
    assert memory.hint == "autointel reindex --namespace default"


def test_a_memory_file_whose_maker_was_killed_before_anything_stood_in_it_is_in_order(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    SqliteCatalogue(home.catalogue).close()
    with closing(sqlite3.connect(home.memory / "default-1.sqlite3")) as made:
        made.execute("PRAGMA journal_mode = WAL")

    [memory] = checked("memory", home=tmp_path)
    assert memory.ok


@pytest.mark.parametrize("lost", ["gone", "empty"])
def test_a_memory_that_lost_what_the_catalogue_keeps_names_the_command_that_embeds_it(
    lost: str, tmp_path: Path
) -> None:
    keep_talk(tmp_path / "home")
    home = keep_talk(tmp_path / "home", namespace="private", name="other")
    [before] = checked("memory", home=home.folder)
    for file in home.memory.glob("private-*"):
        file.unlink() if lost == "gone" or file.suffix != ".sqlite3" else file.write_bytes(b"")

    [memory] = checked("memory", home=home.folder)

    assert before.hint == ""
    assert memory.detail.startswith("private: 0 of ")
    assert memory.hint == "searched by keyword; autointel reindex --namespace private"


def stored_by_a_run(home: Home, outcome: Outcome | None) -> None:
    """As if the talk had been read by one, whose step memory ended so, or was never reached."""
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        [source] = catalogue.passages.sources()
        run = RunId(id=ENDED, created_at=datetime.now(UTC))
        catalogue.runs.begin(run, Options(source="talk"))
        catalogue.runs.name(run.id, source)
        if outcome is not None:
            catalogue.runs.step(run.id, StepReport(name=StepName.MEMORY, outcome=outcome, seconds=1.0))


@pytest.mark.parametrize("outcome", [None, Outcome.SKIPPED])
def test_what_no_run_has_brought_to_memory_is_not_missed(outcome: Outcome | None, tmp_path: Path) -> None:
    home = keep_talk(tmp_path / "home")
    stored_by_a_run(home, outcome)
    shutil.rmtree(home.memory)

    [memory] = checked("memory", home=home.folder)

    assert memory.hint == ""


@pytest.mark.parametrize("outcome", [Outcome.DONE, Outcome.FAILED])
def test_what_a_run_was_to_bring_to_memory_is_missed(outcome: Outcome, tmp_path: Path) -> None:
    home = keep_talk(tmp_path / "home")
    stored_by_a_run(home, outcome)
    shutil.rmtree(home.memory)

    [memory] = checked("memory", home=home.folder)

    assert memory.detail == "default: 0 of 4 vectors"


def test_vectors_that_wait_in_the_outbox_are_not_missed(tmp_path: Path) -> None:
    home = keep_talk(tmp_path / "home")
    for file in home.memory.iterdir():
        file.unlink()
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.outbox.add("memory", "default", {passage.id: "{}" for passage in catalogue.passages.everything()})

    [memory] = checked("memory", home=home.folder)

    assert memory.hint == ""


def test_what_waits_for_memory_or_graph_is_counted_and_says_how_to_store_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.outbox.add("memory", "default", {"one": "{}", "two": "{}"})

    [waiting] = checked("outbox", home=tmp_path)

    assert (waiting.detail, waiting.ok, waiting.hint) == ("2 memory", True, "autointel drain")


def test_a_graph_that_cannot_be_opened_is_amiss(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.prepare()
    assert checked("graph", home=home.folder)[0].ok
    (home.graph / "default.lbug").write_bytes(b"garbage!" * 2000)

    [graph] = checked("graph", home=home.folder)

    assert (graph.ok, graph.verdict) == (False, "cannot be read")
    assert "default" in graph.hint


def test_servers_that_do_not_answer_are_amiss() -> None:
    [memory] = checked("memory", qdrant=QdrantSettings(url=f"http://{NOBODY}"))
    [graph] = checked("graph", neo4j=Neo4jSettings(uri=f"bolt://{NOBODY}"))

    assert (memory.state, memory.ok) == ("qdrant", False)
    assert (graph.state, graph.ok) == ("neo4j", False)


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        ({"sources": ()}, [("none", True)]),
        ({"sources": ("searxng",)}, [("searxng", False)]),
        ({"sources": ("searxng",), "searxng_url": f"http://{NOBODY}"}, [("searxng", False)]),
        ({"sources": ("tavily", "brave")}, [("tavily", False), ("brave", False)]),
        ({"sources": ("tavily",), "tavily_api_key": SecretStr("t")}, [("tavily", True)]),
        ({"sources": ("folder",)}, [("folder", False)]),
        ({"sources": ("folder",), "folder": Path("/")}, [("folder", True)]),
    ],
)
def test_evidence_is_checked_source_by_source(evidence: dict[str, Any], expected: list[tuple[str, bool]]) -> None:
    checks = checked("evidence", model=MODEL, evidence=EvidenceSettings(**evidence))

    assert [(check.state, check.ok) for check in checks] == expected


def test_a_missing_key_names_its_variable() -> None:
    evidence = EvidenceSettings(sources=("google-fact-check",))

    [check] = checked("evidence", model=MODEL, evidence=evidence)

    assert "AUTOINTEL_EVIDENCE__GOOGLE_FACT_CHECK_API_KEY" in check.hint


def test_without_a_model_nobody_is_asked_for_evidence() -> None:
    [check] = checked("evidence", evidence=EvidenceSettings(sources=("searxng", "tavily")))

    assert (check.state, check.ok) == ("unused", True)


@contextmanager
def hostile(piece: bytes, *, pause: float) -> Iterator[int]:
    """The port of a server that sends ``piece`` again and again, whatever it is asked."""
    closing_down = Event()

    class Sending(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                while not closing_down.wait(pause):
                    self.request.sendall(piece)

    with ThreadingTCPServer(("127.0.0.1", 0), Sending) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            closing_down.set()
            server.shutdown()


@pytest.mark.timeout(30)
def test_a_store_that_takes_the_question_and_never_answers_is_not_waited_for() -> None:
    with hostile(b"", pause=0.1) as port:
        stores: dict[str, Any] = {
            "catalogue": CatalogueSettings(url=SecretStr(f"postgresql://ada:secret@127.0.0.1:{port}/talks")),
            "artifacts": ArtifactsSettings(
                url=f"http://127.0.0.1:{port}/talks", access_key=SecretStr("k"), secret_key=SecretStr("s")
            ),
        }
        checks = {check.part: check for check in diagnose(Settings(**stores))}

    assert (checks["catalogue"].detail, checks["catalogue"].verdict) == (f"127.0.0.1:{port}", "no answer")
    assert (checks["artifacts"].detail, checks["artifacts"].verdict) == (f"http://127.0.0.1:{port}/talks", "no answer")
    assert checks["memory"].verdict == "not asked"


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("part", "piece", "pause"),
    [
        ("redis", b"*1\r\n" * 10_000, 0.01),
        ("redis", b"+" + b"9" * 200_000, 0.01),
        ("amqp", b"\x08\0\0\0\0\0\0\xce", 0.1),  # a sign of life, for ever
        ("amqp", b"\x01\0\0\x7f\xff\xff\xff", 0.1),  # a frame of 2 GB
        ("amqp", b"\x01\0\0\0\0\0\x04\0\x0a\0\x0a\xce", 0.01),  # a greeting without its words
    ],
    ids=["nested", "endless", "drip", "huge frame", "garbled"],
)
def test_a_queue_server_that_does_not_speak_as_it_should_is_amiss(
    part: str, piece: bytes, pause: float, tmp_path: Path
) -> None:
    setting = {"redis": "AUTOINTEL_QUEUE__LIMITS_URL", "amqp": "AUTOINTEL_QUEUE__BROKER_URL"}[part]
    with hostile(piece, pause=pause) as port:
        variables = {"HOME": str(tmp_path), setting: f"{part}://ada:secret@127.0.0.1:{port}/0"}
        # In a process of its own: the clients leave their sockets open.
        doctor = [executable, "-P", "-m", "autointel", "doctor"]
        said = run(doctor, env=variables, capture_output=True, text=True, check=False)  # noqa: S603  our own program

    assert said.returncode == 1
    assert "no answer" in said.stdout
    assert "unexpected" not in said.stderr
    assert "secret" not in said.stdout


def test_a_home_that_lost_its_catalogue_is_amiss(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    home.run_folder("20260302T120000-3f9a1c").mkdir()

    [found] = checked("home", home=tmp_path)

    assert (found.ok, found.verdict) == (False, "its catalogue is gone")
