"""What was read is held once by every store, whatever was read before and whatever was down."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import anyio
import pytest
from tests.fakes.engine import Heard
from tests.fakes.material import TALK
from typing_extensions import override

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.home import Home
from autointel.app.forget import forget
from autointel.app.lookup import know, search_memory
from autointel.app.maintenance import reindex_graph
from autointel.app.run import execute, resume
from autointel.app.stores import embedder_of, graph_of, memory_of, records_of
from autointel.domain.run import Engine, Options, Outcome, StepName, StepReport
from autointel.errors import HomeUnusable
from autointel.ports import Listener
from autointel.settings import Settings

pytestmark = pytest.mark.xdist_group("crew")
ADDED = "\nMara Lind and Jonas Berg agreed that Harbour Town needs a tram, which the council of Lindfield refused.\n"
OTHER = """\
Elm trees on Lock Street were planted by Cleo Park in 1931, and the Garden Society waters each of them twice a week.

Cleo Park wrote to the Garden Society that beetles had reached the parks of Riga and would reach Lock Street.
"""


class Told(Heard):
    """A listener that remembers what is waited for."""

    @override
    def waiting(self, what: str) -> None:
        self.said = what


class Interrupted(Exception):
    """Ends a run before its end."""


class Interrupting(Heard):
    """Interrupts the run once a step has ended."""

    def __init__(self, last: StepName) -> None:
        super().__init__()
        self._last = last

    @override
    def step_ended(self, report: StepReport) -> None:
        if report.name is self._last:
            raise Interrupted


class Meanwhile(Heard):
    """Has something else done by the time a step has ended, or the first has begun, and then may end the run."""

    def __init__(self, last: StepName | None, other: Callable[[], object], end: Exception | None = None) -> None:
        super().__init__()
        self._last = last
        self._other = other
        self._end = end

    @override
    def step_started(self, name: StepName) -> None:
        super().step_started(name)
        if self._last is None and name is StepName.TRANSCRIBE:
            self._do()

    @override
    def step_ended(self, report: StepReport) -> None:
        super().step_ended(report)
        if report.name is self._last:
            self._do()

    def _do(self) -> None:
        aside = Thread(target=self._other)  # a run has an event loop of its own
        aside.start()
        aside.join()
        if self._end is not None:
            raise self._end


def settings(home: Path, **servers: Any) -> Settings:
    return Settings.model_validate({"home": home, **servers})


def read(
    where: Settings, file: Path, namespace: str = "default", listener: Listener | None = None
) -> dict[StepName, Outcome]:
    options = Options(source=str(file), engine=Engine.LOCAL, namespace=namespace)
    finished = execute(where, options, listener or Heard())
    return {step.name: step.outcome for step in finished.report.steps}


def wanted(where: Settings, namespace: str = "default") -> tuple[int, int]:
    """Records and relations that the catalogue says the stores should hold."""
    with closing(SqliteCatalogue(Home(where.home).catalogue, namespace)) as catalogue:
        sources = catalogue.passages.sources()
        records = sum(len(records_of(catalogue, source.id)) for source in sources)
        return records, sum(len(catalogue.knowledge.of_source(source.id)[1]) for source in sources)


def held(where: Settings, namespace: str = "default") -> tuple[int, int]:
    """Records and relations that the stores hold."""

    async def count() -> tuple[int, int]:
        memory = memory_of(where, Home(where.home), namespace, embedder_of(where), Heard())
        graph = graph_of(where, Home(where.home), namespace, Heard())
        try:
            return await memory.count(), (await graph.count())[1]
        finally:
            await memory.close()
            await graph.close()

    return anyio.run(count)


def said(where: Settings) -> str:
    """All words that the catalogue holds."""
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        return " ".join(passage.text for passage in catalogue.passages.everything())


def sources(where: Settings) -> set[str]:
    """Ids of the sources whose words the catalogue holds."""
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        return {source.id for source in catalogue.passages.sources()}


def kept(where: Settings) -> set[str]:
    """Ids of the sources of which the catalogue holds notes, entities or relations."""
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        rows = catalogue.connection.read("SELECT source_id FROM records UNION SELECT source_id FROM knowledge")
        return {row["source_id"] for row in rows}


def latest(where: Settings) -> str:
    """The id of the run that began last."""
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        return catalogue.runs.latest(1)[0].id


def waiting(where: Settings) -> dict[str, int]:
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        return catalogue.outbox.counts()


def test_a_source_read_under_a_second_namespace_is_whole_there_and_can_be_forgotten(
    where: Settings, talk: Path
) -> None:
    read(where, talk)
    read(where, talk, "second")

    assert wanted(where, "second") == wanted(where) == held(where, "second")
    assert wanted(where)[0] > 3

    forget(where, "second", str(talk), Heard())
    assert held(where, "second") == (0, 0)
    assert held(where) == wanted(where)


def test_a_file_that_was_edited_replaces_what_was_read_of_it_before(where: Settings, talk: Path) -> None:
    heard = [Heard(), Heard(), Heard()]
    read(where, talk, listener=heard[0])
    talk.write_text(TALK + ADDED)
    read(where, talk, listener=heard[1])
    read(where, talk, listener=heard[2])

    found = search_memory(where, "default", "ridership in Tallinn", 10, Heard())

    assert found is not None
    assert len({hit.passage.source_id for hit in found.found}) == 1
    assert held(where) == wanted(where)
    assert waiting(where) == {}
    assert [[older.path for older in each.replacements] for each in heard] == [[], [str(talk)], []]


@pytest.mark.parametrize("last", [StepName.READ, StepName.BRIEF])
def test_a_run_that_is_interrupted_leaves_the_earlier_version_whole_and_goes_on_from_its_own_words(
    where: Settings, talk: Path, last: StepName
) -> None:
    read(where, talk)
    known, before = know(where, "default", "Lind", 5, Heard()), held(where)
    talk.write_text(TALK + ADDED)

    with pytest.raises(Interrupted):
        read(where, talk, listener=Interrupting(last))
    talk.unlink()

    assert "tram" not in said(where)
    assert held(where) == before == wanted(where)
    assert know(where, "default", "Lind", 5, Heard()) == known
    assert waiting(where) == {}

    heard = Heard()
    resume(where, latest(where), heard)
    assert "tram" in said(where)
    assert [older.path for older in heard.replacements] == [str(talk)]
    assert held(where) == wanted(where) != before
    assert waiting(where) == {}
    assert [path.name for path in Home(where.home).runs.rglob("words*")] == []


@pytest.mark.parametrize("last", [StepName.BRIEF, StepName.MEMORY])
def test_search_and_graph_show_one_version_until_the_graph_is_written(
    where: Settings, talk: Path, last: StepName
) -> None:
    def shown() -> tuple[bool, bool]:
        lind = know(where, "default", "Lind", 9, Heard()) or []
        said = {statement.quote for each in lind for near in each.neighbours for statement in near.provenance}
        found = search_memory(where, "default", "Harbour Town needs a tram", 9, Heard())
        assert found is not None
        return any("tram" in hit.passage.text for hit in found.found), any("tram" in quote for quote in said)

    read(where, talk)
    talk.write_text(TALK + ADDED)
    with pytest.raises(Interrupted):
        read(where, talk, listener=Interrupting(last))
    interrupted = shown()
    read(where, talk)

    assert interrupted == ((last is StepName.MEMORY,) * 2)
    assert shown() == (True, True)


def test_the_next_run_removes_the_words_of_one_that_was_given_up(where: Settings, talk: Path) -> None:
    read(where, talk)
    talk.write_text(TALK + ADDED)
    with pytest.raises(Interrupted):
        read(where, talk, listener=Interrupting(StepName.READ))

    talk.write_text(TALK + ADDED.replace("tram", "ferry"))
    read(where, talk)

    assert ("tram" in said(where), "ferry" in said(where)) == (False, True)
    assert [path.name for path in Home(where.home).runs.rglob("words*")] == []


def test_an_earlier_version_is_no_other_voice_while_it_is_replaced(where: Settings, talk: Path) -> None:
    read(where, talk)
    talk.write_text(TALK.replace("fourteen", "nineteen").replace("eleven", "twelve") + ADDED)

    report = execute(where, Options(source=str(talk), engine=Engine.LOCAL), Heard()).report

    assert [each.related for each in report.analysis.statements if each.related] == []
    assert [step.name for step in report.steps] == list(StepName)


@pytest.mark.parametrize("last", [StepName.TRANSCRIBE, StepName.READ])
def test_a_run_whose_source_was_replaced_meanwhile_leaves_nothing_beside_the_newer_version(
    where: Settings, talk: Path, last: StepName
) -> None:
    newer = TALK.replace("ridership", "taxes") + ADDED

    def replace() -> None:
        talk.write_text(newer)
        read(where, talk)

    read(where, talk, listener=Meanwhile(last, replace))

    assert "tram" in said(where)
    assert len(sources(where)) == 1
    assert held(where) == wanted(where)
    assert kept(where) == sources(where)
    assert waiting(where) == {}


def forgetting(where: Settings, talk: Path) -> Callable[[], object]:
    return lambda: forget(where, "default", str(talk), Heard())


def nothing_is_left(where: Settings) -> None:
    assert (sources(where), kept(where)) == (set(), set())
    assert held(where) == (0, 0)
    assert waiting(where) == {}
    assert [path.name for path in Home(where.home).runs.rglob("*") if path.is_file()] == []
    assert [path.name for path in where.home.rglob("*") if path.is_file() and b"Lindfield" in path.read_bytes()] == []


@pytest.mark.parametrize("last", [StepName.TRANSCRIBE, StepName.READ])
def test_a_source_that_is_forgotten_while_it_is_read_stays_forgotten(
    where: Settings, talk: Path, last: StepName
) -> None:
    read(where, talk, listener=Meanwhile(last, forgetting(where, talk)))

    nothing_is_left(where)


@pytest.mark.parametrize("last", [StepName.TRANSCRIBE, StepName.READ])
def test_a_source_that_is_forgotten_while_a_newer_version_is_read_stays_forgotten(
    where: Settings, talk: Path, last: StepName
) -> None:
    read(where, talk)
    talk.write_text(TALK + ADDED)
    read(where, talk, listener=Meanwhile(last, forgetting(where, talk)))

    nothing_is_left(where)


def test_a_source_that_is_forgotten_before_its_words_are_found_stays_forgotten(where: Settings, talk: Path) -> None:
    read(where, talk)
    read(where, talk, listener=Meanwhile(None, forgetting(where, talk)))

    nothing_is_left(where)


def test_a_run_that_ends_early_after_its_source_was_forgotten_leaves_nothing(where: Settings, talk: Path) -> None:
    failure = HomeUnusable("The council of Lindfield has no disk.")
    with pytest.raises(HomeUnusable):
        read(where, talk, listener=Meanwhile(StepName.TRANSCRIBE, forgetting(where, talk), failure))

    nothing_is_left(where)


def test_another_talk_in_a_file_of_the_same_name_replaces_nothing(where: Settings, talk: Path, tmp_path: Path) -> None:
    other = tmp_path / "other" / "talk.txt"
    other.parent.mkdir()
    other.write_text(OTHER)
    read(where, talk)
    read(where, other)

    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        assert len(catalogue.passages.sources()) == 2
    assert held(where) == wanted(where)


@pytest.mark.parametrize("place", ["file/home", "/proc/nope"])
def test_a_home_that_cannot_be_made_is_an_error_and_no_empty_home(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    impossible = settings(tmp_path / place)

    with pytest.raises(HomeUnusable, match=r"file where a folder should be|cannot be used") as raised:
        search_memory(impossible, "default", "fares", 10, Heard())

    assert "AUTOINTEL_HOME" in raised.value.hint
    assert search_memory(settings(tmp_path / "none"), "default", "fares", 10, Heard()) is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_bytes(b"")], ids=["gone", "empty"])
def test_where_the_graphs_file_was_lost_the_catalogue_answers_for_it(
    where: Settings, talk: Path, lose: Callable[[Path], object]
) -> None:
    read(where, talk)
    before = know(where, "default", "Lind", 5, Heard())
    lose(Home(where.home).graph / "default.lbug")

    after = know(where, "default", "Lind", 5, Heard())

    assert before
    assert after
    assert [known.entity.name for known in after] == [known.entity.name for known in before]


def test_forgetting_makes_no_graph_where_there_is_none(where: Settings, talk: Path) -> None:
    read(where, talk)
    file = Home(where.home).graph / "default.lbug"
    file.unlink()

    forget(where, "default", str(talk), Heard())

    assert not file.exists()
    assert sources(where) == set()


def test_what_a_later_run_stored_waits_no_more(where: Settings, talk: Path, nowhere: str) -> None:
    down = settings(where.home, qdrant={"url": f"http://{nowhere}"}, neo4j={"uri": f"bolt://{nowhere}"})
    outcomes = read(down, talk)
    waits = waiting(where)
    read(where, talk)

    assert (outcomes[StepName.MEMORY], outcomes[StepName.GRAPH]) == (Outcome.DEGRADED, Outcome.DEGRADED)
    assert set(waits) == {"memory", "entities", "relations"}
    assert waiting(where) == {}
    assert held(where) == wanted(where)


def test_while_the_graphs_server_is_down_the_catalogue_answers_for_it(
    where: Settings, talk: Path, nowhere: str
) -> None:
    read(where, talk)
    told = Told()

    up = know(where, "default", "Lind", 5, Heard())
    down = know(settings(where.home, neo4j={"uri": f"bolt://{nowhere}"}), "default", "Lind", 5, told)

    assert up is not None
    assert down is not None
    assert [known.entity.name for known in down] == [known.entity.name for known in up]
    assert [len(known.neighbours) for known in down] == [len(known.neighbours) for known in up]
    assert "This is what the catalogue holds. Is it running?" in told.said


@pytest.mark.parametrize("torn", ["default.lbug.wal", "default.lbug"])
def test_a_graph_torn_by_a_crash_is_built_anew_by_one_command(where: Settings, talk: Path, torn: str) -> None:
    read(where, talk)
    before = held(where)
    file = Home(where.home).graph / torn
    file.write_bytes(b"\x05torn" * 3000)

    with pytest.raises(HomeUnusable, match=r"default\.lbug") as raised:
        held(where)
    rebuilt = reindex_graph(where, "default", Heard())

    assert "autointel reindex --graph" in raised.value.hint
    assert (rebuilt.relations, rebuilt.nameless) == (before[1], ())
    assert held(where) == before == wanted(where)
    assert set(read(where, talk).values()) <= {Outcome.DONE, Outcome.DECLINED}


def test_what_only_the_graph_knows_of_an_earlier_versions_sources_is_in_it_after_it_was_built_anew(
    where: Settings, talk: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text(OTHER)
    read(where, talk)
    read(where, tmp_path / "other.txt")
    whole = know(where, "default", "Lindfield", 5, Heard()), know(where, "default", "Garden", 5, Heard())
    before = held(where)
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        catalogue.connection.write("DELETE FROM knowledge")

    rebuilt = reindex_graph(where, "default", Heard())

    assert rebuilt.nameless == ()
    assert held(where) == before == wanted(where)
    assert (know(where, "default", "Lindfield", 5, Heard()), know(where, "default", "Garden", 5, Heard())) == whole


def test_a_graph_that_is_whole_stays_the_same_when_it_is_built_anew(where: Settings, talk: Path) -> None:
    read(where, talk)
    before = know(where, "default", "Lindfield", 5, Heard())

    reindex_graph(where, "default", Heard())

    assert know(where, "default", "Lindfield", 5, Heard()) == before
