from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.fakes.material import talk
from tests.unit.adapters.catalogue.conftest import Open

from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.domain.catalogue import RunStatus
from autointel.domain.run import Engine, Options, Outcome, RunId, StepName, StepReport, Timing, Usage

TIMING = Timing(
    wall_seconds=2.0,
    startup_seconds=0.5,
    steps_seconds=1.5,
    critical_path_seconds=1.0,
    critical_path=(StepName.TRANSCRIBE, StepName.READ),
    efficiency=0.9,
    framework_seconds=0.1,
)


def run(name: str, year: int = 2026) -> RunId:
    return RunId(id=name, created_at=datetime(year, 11, 20, 8, 48, 52, tzinfo=UTC))


def report(name: StepName, outcome: Outcome = Outcome.DONE, seconds: float = 1.0) -> StepReport:
    return StepReport(
        name=name, outcome=outcome, seconds=seconds, reason="because" if outcome is not Outcome.DONE else ""
    )


def test_a_run_is_known_from_its_first_moment_to_its_last(catalogue: Catalogue) -> None:
    options = Options(source="talk.vtt", engine=Engine.LOCAL, namespace="work")
    source, _, _ = talk(["Fares pay."])

    catalogue.runs.begin(run("one"), options)
    begun = catalogue.runs.find("one")
    catalogue.runs.name("one", source)
    catalogue.runs.end("one", RunStatus.PARTIAL, timing=TIMING, usage=Usage(model_calls=3))
    ended = catalogue.runs.find("one")

    assert begun is not None
    assert (begun.state, begun.options, begun.source_id, begun.timing) == (RunStatus.RUNNING, options, None, None)
    assert begun.created_at == run("one").created_at
    assert ended is not None
    assert (ended.state, ended.source_id, ended.title) == (RunStatus.PARTIAL, source.id, "The talk")
    assert (ended.timing, ended.usage) == (TIMING, Usage(model_calls=3))


def test_a_run_that_is_resumed_keeps_the_options_it_began_with(catalogue: Catalogue) -> None:
    catalogue.runs.begin(run("one"), Options(source="talk.vtt"))
    catalogue.runs.end("one", RunStatus.INTERRUPTED)
    catalogue.runs.begin(run("one"), Options(source="other.vtt", offline=True))

    found = catalogue.runs.find("one")

    assert found is not None
    assert (found.state, found.options) == (RunStatus.RUNNING, Options(source="talk.vtt"))
    assert len(catalogue.runs.latest()) == 1


def test_a_run_is_found_by_the_beginning_of_its_id_where_that_is_unambiguous(catalogue: Catalogue) -> None:
    for name in ("20261120T084852-3f9a1c", "20261120T084852-aaaaaa", "20261121"):
        catalogue.runs.begin(run(name), Options(source="-"))

    assert [found and found.id for found in map(catalogue.runs.find, ("20261120T084852-3", "20261121"))] == [
        "20261120T084852-3f9a1c",
        "20261121",
    ]
    assert catalogue.runs.find("20261120") is None
    assert catalogue.runs.find("nothing") is None


def test_runs_are_listed_in_the_order_they_began_even_where_the_clock_was_set_back(catalogue: Catalogue) -> None:
    for name, year in (("first", 2026), ("second", 2019), ("third", 2020)):
        catalogue.runs.begin(run(name, year), Options(source="-"))

    assert [found.id for found in catalogue.runs.latest()] == ["third", "second", "first"]
    assert [found.id for found in catalogue.runs.latest(1)] == ["third"]


def test_steps_come_in_the_crew_s_order_and_the_last_report_counts(catalogue: Catalogue) -> None:
    catalogue.runs.begin(run("one"), Options(source="-"))
    catalogue.runs.step("one", report(StepName.READ, Outcome.FAILED))
    catalogue.runs.step("one", report(StepName.TRANSCRIBE))
    catalogue.runs.step("one", report(StepName.READ))

    assert catalogue.runs.steps(["one", "unknown"]) == {
        "one": (report(StepName.TRANSCRIBE), report(StepName.READ)),
        "unknown": (),
    }


def test_the_steps_of_many_runs_take_one_statement(catalogue: Catalogue) -> None:
    for number in range(30):
        catalogue.runs.begin(run(f"run {number}"), Options(source="-"))
        catalogue.runs.step(f"run {number}", report(StepName.READ))
    before = catalogue.connection.statements

    found = catalogue.runs.latest(30)
    steps = catalogue.runs.steps([each.id for each in found])

    assert len(steps) == 30
    assert catalogue.connection.statements - before == 2


def test_the_times_of_a_step_come_newest_run_first(catalogue: Catalogue) -> None:
    for name, seconds in (("first", 1.0), ("second", 2.5)):
        catalogue.runs.begin(run(name), Options(source="-"))
        catalogue.runs.step(name, report(StepName.READ, seconds=seconds))

    assert catalogue.runs.seconds_of(StepName.READ) == [("second", 2.5), ("first", 1.0)]
    assert catalogue.runs.seconds_of(StepName.READ, 1) == [("second", 2.5)]
    assert catalogue.runs.seconds_of(StepName.GRAPH) == []


def test_an_address_counts_as_read_once_words_were_found_there(catalogue: Catalogue) -> None:
    source, _, _ = talk(["Fares pay."])
    catalogue.runs.begin(run("one"), Options(source="talk.vtt", namespace="work"))
    before = catalogue.runs.has_read("talk.vtt", "work")
    catalogue.runs.name("one", source)

    assert not before
    assert catalogue.runs.has_read("talk.vtt", "work")
    assert not catalogue.runs.has_read("talk.vtt", "default")
    assert not catalogue.runs.has_read("other.vtt", "work")


def test_a_file_whose_name_is_no_utf_8_can_be_kept_and_found(catalogue: Catalogue) -> None:
    source, _, _ = talk(["Fares pay."])

    catalogue.runs.begin(run("one"), Options(source="\udcfftalk.vtt"))
    catalogue.runs.name("one", source)
    begun = catalogue.runs.find("one")

    assert begun is not None
    assert begun.options.source == r"\udcfftalk.vtt"
    assert catalogue.runs.has_read("\udcfftalk.vtt", "default")


def test_a_run_counts_as_alive_while_its_process_holds_its_mark(opened: Open, path: Path) -> None:
    (path.parent / "locks").mkdir()
    mine, theirs = opened(), opened()

    with mine.alive("one"):
        assert theirs.is_alive("one")
        assert not theirs.is_alive("other")
    assert not theirs.is_alive("one")


def test_a_run_whose_process_is_gone_is_noted_as_interrupted_and_no_other(opened: Open, path: Path) -> None:
    (path.parent / "locks").mkdir()
    catalogue = opened()
    for name in ("gone", "living", "done"):
        catalogue.runs.begin(run(name), Options(source="talk.vtt"))
    catalogue.runs.end("done", RunStatus.DONE)

    with opened().alive("living"):
        assert catalogue.runs.end_abandoned(catalogue.alive_among) == 1

    states = {record.id: record.state for record in catalogue.runs.latest()}
    assert states == {"gone": RunStatus.INTERRUPTED, "living": RunStatus.RUNNING, "done": RunStatus.DONE}


def test_unfinished_runs_are_found_by_an_index(sqlite: SqliteCatalogue) -> None:
    rows = sqlite.connection.read("EXPLAIN QUERY PLAN SELECT id FROM runs WHERE state = 'running'")

    assert [row["detail"] for row in rows] == ["SCAN runs USING INDEX runs_unfinished"]
