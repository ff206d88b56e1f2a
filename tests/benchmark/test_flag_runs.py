"""Runs for real: a fresh process against simulated servers, the yardstick beside it, and a crew of nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from autointel.cli.app import carry_out_command
from autointel.cli.progress import Silent
from autointel.domain.run import Options, StepName
from autointel.settings import Settings
from autointel_bench.evidence import SimulatedEvidence
from autointel_bench.flags.bench import setup_of
from autointel_bench.flags.cases import ALL_OFF, ALL_ON
from autointel_bench.flags.comparison import rows_of
from autointel_bench.flags.ideal import Limits
from autointel_bench.flags.inside import watched
from autointel_bench.flags.record import Inside
from autointel_bench.flags.runner import run_simulated
from autointel_bench.peer import PEER
from autointel_bench.simulated import SimulatedModel
from autointel_bench.simulated.profile import world_of
from autointel_bench.startup import AGAIN, measure_startup

pytestmark = [pytest.mark.xdist_group("crew"), pytest.mark.timeout(600)]
SAMPLE = Path(__file__).resolve().parents[2] / "src" / "autointel" / "samples" / "free-transit.vtt"


def test_two_fresh_runs_are_equal_take_their_paths_and_are_counted() -> None:
    setup, world = setup_of(str(SAMPLE), "standard", "fast", live=False), world_of("fast")
    with SimulatedEvidence(world.evidence) as evidence:
        records = [run_simulated(setup, combination, 1, world, evidence) for combination in (ALL_OFF, ALL_ON)]

    assert [record.failure for record in records] == ["", ""]
    off, on = rows_of(records, (ALL_OFF, ALL_ON), Limits(), live=False)
    assert (off.problems, on.problems) == ((), ())
    assert on.equal is True
    assert on.claims == on.claims_at_once == 5
    assert off.claims_at_once == 1
    assert on.ideal_seconds is not None
    assert off.ideal_seconds is not None
    assert on.ideal_seconds < off.ideal_seconds
    assert on.first_judgment_seconds is not None
    for record in records:
        assert record.inside is not None
        assert record.inside.report.simulated
        assert record.inside.report.memory.collection == record.inside.report.graph.backend == "simulated"
        assert {request.to for request in record.inside.requests} == {"memory", "graph"}
        assert record.crew_seconds < record.shell_seconds
        # The server's clock and the run's are one: every call lies within the crew's time.
        assert all(record.inside.began <= call.started for call in record.calls)
        assert all(call.ended <= record.inside.began + record.crew_seconds for call in record.calls)


def test_a_run_that_cannot_be_made_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    source = tmp_path / "empty.vtt"
    source.write_text("")
    world = world_of("instant")
    with SimulatedEvidence(world.evidence) as evidence:
        record = run_simulated(setup_of(str(source), "standard", "instant", live=False), ALL_ON, 1, world, evidence)

    assert record.inside is None
    assert record.exit_code == 4
    assert record.failure.startswith("exit code 4, no report that can be read: ")


def test_a_watched_run_is_written_down_with_its_simulated_stores(tmp_path: Path) -> None:
    path = tmp_path / "inside.json"
    execute = watched(path, world_of("instant"))

    finished = execute(Settings(home=tmp_path / "home"), Options(source=str(SAMPLE)), Silent())

    inside = Inside.model_validate_json(path.read_text())
    assert inside.report.artifacts() == finished.report.artifacts()
    assert inside.first_judgment_seconds is None
    assert next(request.verb for request in inside.requests if request.to == "memory") == "missing"
    first = inside.report.steps[0]
    assert first.name is StepName.TRANSCRIBE
    assert inside.began > 0


def test_a_watched_run_without_a_profile_keeps_its_own_stores(tmp_path: Path) -> None:
    path = tmp_path / "inside.json"

    watched(path, None)(Settings(home=tmp_path / "home"), Options(source=str(SAMPLE)), Silent())

    assert json.loads(path.read_text())["requests"] == []
    assert json.loads(path.read_text())["report"]["graph"]["backend"] != "simulated"


def measured(tmp_path: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    """The exit code of ``autointel bench``, its raw result and its page."""
    code = carry_out_command(["bench", *words, "--source", str(SAMPLE), "--out", str(tmp_path)])
    (raw,), (page,) = tmp_path.glob("*.json"), tmp_path.glob("*.md")
    return code, json.loads(raw.read_text()), page.read_text()


def test_the_crew_and_its_monitoring_can_be_measured(tmp_path: Path) -> None:
    code, overhead, page = measured(tmp_path, "overhead", "--runs", "2")

    # Whether the promises are kept is for a quiet machine to say.
    assert code in {0, 1}
    assert overhead["sequential"]["n"] == overhead["parallel"]["n"] == 2
    assert overhead["spans"] > len(StepName)
    assert 0 < overhead["span_cpu_seconds"] < overhead["run_cpu_seconds"]
    assert "an agent whose model answers at once" in page


def test_the_ordinary_way_does_the_same_job_with_more_tokens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, beside, _ = measured(tmp_path, "peer", "--runs", "1", "--profile", "instant")

    plain, off, on = beside["sides"]
    assert code == 0
    assert plain["side"] == PEER
    assert off["prompt_tokens"] == on["prompt_tokens"]
    assert plain["prompt_tokens"] > 2 * on["prompt_tokens"]
    # One turn to fetch the words, two where tools are driven, one for each of the others.
    assert plain["model_calls"] == 1 + 3 + 2 * 3 + 1
    assert capsys.readouterr().err.count("round 1 of 1") == 3


def test_the_yardstick_searches_and_stores_through_tools_that_the_model_drives() -> None:
    from autointel_bench.plain_crewai import main as peer_main  # loads crewai, which the other workers need not

    written: list[str] = []
    with SimulatedModel() as model, SimulatedEvidence(world_of("instant").evidence) as evidence:
        words = [str(SAMPLE), "--base-url", model.base_url, "--search-url", evidence.base_url, "--write-seconds", "0"]
        peer_main(words, written.append)
        verbs = {request.verb for request in evidence.log}

    assert json.loads(written[0])["answer_characters"] > 0
    assert verbs == {"search", "page"}
    # Every later agent is given the whole transcript.
    assert all(call.message_tokens > 10_000 for call in model.calls.all if call.role != "Transcriber")


def test_runs_at_once_share_a_home_without_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, load, _ = measured(tmp_path, "load", "-n", "2", "--profile", "instant", "--engine", "local")

    assert code == 0
    assert load["failures"] == {}
    assert len(load["seconds"]) == 2
    assert load["wall_seconds"] >= max(load["seconds"])
    assert "2 pipelines at once, engine local" in capsys.readouterr().out


def test_commands_are_started_in_processes_of_their_own() -> None:
    names = ("--version", "runs", AGAIN)

    startup = measure_startup(1, SAMPLE, command="bench startup", on_progress=lambda _: None, names=names)

    assert tuple(start.command for start in startup.starts) == names
    assert all(start.exit_codes == () for start in startup.starts)
