from __future__ import annotations

import json
import os
import shutil
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import anyio
import pytest
from tests.contract.graph_promises import entity, relation
from tests.fakes.engine import Heard
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.conversations import Conversations, Turn
from autointel.adapters.home import Home
from autointel.app.exchange import exported
from autointel.app.forget import forget, forget_all, forget_before
from autointel.app.lookup import named_source
from autointel.app.maintenance import cached, clear_cache, drain, reindex, reindex_graph
from autointel.app.stores import embedder_of, graph_of, memory_of
from autointel.domain.catalogue import StoredStep
from autointel.domain.knowledge import Relation
from autointel.domain.passage import Passage
from autointel.domain.run import Options, Outcome, RunId, StepName
from autointel.domain.value import content_id
from autointel.errors import HomeUnusable, StoreUnavailable, UsageError
from autointel.pipeline.store import passage_record
from autointel.ports import Remembered
from autointel.settings import Settings

FARES = talk(["Zoe says that the fares pay for the night bus.", "Bo meets Zoe at the depot."], "fares")
TREES = talk(["Bo plants an elm.", "Cleo waters every elm on Lock Street."], "trees")
ZOE, BO, CLEO = entity("Zoe"), entity("Bo"), entity("Cleo")


def point(source_id: str, passage_id: str) -> Remembered:
    return Remembered(
        record_id=content_id("point", source_id),
        kind="key_point",
        source_id=source_id,
        passage_id=passage_id,
        text="What it comes to.",
    )


def related(source_id: str, one: str, other: str) -> Relation:
    found = relation(entity(one), "meets", entity(other))
    provenance = found.provenance.model_copy(update={"source_id": source_id})
    return found.model_copy(update={"id": content_id(source_id, one, other), "provenance": provenance})


@pytest.fixture
def where(tmp_path: Path) -> Settings:
    """A home with two talks, as runs leave them."""
    settings, home = Settings.model_validate({"home": tmp_path}), Home(tmp_path)
    home.prepare()
    (home.backups / "catalogue-1.sqlite3").write_bytes(b"as it was")
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        for source, transcript, passages in (FARES, TREES):
            catalogue.passages.store(source, transcript, passages)
            catalogue.verdicts.keep([point(source.id, passages[0].id)])
            run = RunId(id=f"run-{source.title[4:]}", created_at=datetime(2026, 11, 20, tzinfo=UTC))
            catalogue.runs.begin(run, Options(source=source.path or ""))
            catalogue.runs.name(run.id, source)
            home.write_artifact(run.id, "report.json", b"{}")
        catalogue.step_cache.save("key", StoredStep(step=StepName.READ, outcome=Outcome.DONE, value="{}"))
        catalogue.model_cache.put("question", "reply", 1e9)
        catalogue.outbox.add("memory", "default", {"r": point(FARES[0].id, "p").model_dump_json()})
        catalogue.outbox.add("relations", "default", {"e": related(FARES[0].id, "Zoe", "Bo").model_dump_json()})
        catalogue.outbox.add("entities", "default", {each.id: each.model_dump_json() for each in (ZOE, BO)})
    anyio.run(_store, settings)
    return settings


async def _store(settings: Settings) -> None:
    memory = memory_of(settings, Home(settings.home), "default", embedder_of(settings), Heard())
    graph = graph_of(settings, Home(settings.home), "default", Heard())
    for source, _, passages in (FARES, TREES):
        await memory.remember([*map(passage_record, passages), point(source.id, passages[0].id)])
    await graph.relate([ZOE, BO, CLEO], [related(FARES[0].id, "Zoe", "Bo"), related(TREES[0].id, "Bo", "Cleo")])
    await memory.close()
    await graph.close()


def held(settings: Settings) -> tuple[int, tuple[int, int]]:
    """Records, entities, relations."""

    async def count() -> tuple[int, tuple[int, int]]:
        memory = memory_of(settings, Home(settings.home), "default", embedder_of(settings), Heard())
        graph = graph_of(settings, Home(settings.home), "default", Heard())
        try:
            return await memory.count(), await graph.count()
        finally:
            await memory.close()
            await graph.close()

    return anyio.run(count)


@pytest.mark.parametrize("name", [FARES[0].id, FARES[0].id[:8], "fares.vtt", "The fares"])
def test_a_source_that_is_forgotten_leaves_nothing_behind_and_others_whole(where: Settings, name: str) -> None:
    home = Home(where.home)

    gone = forget(where, "default", name, Heard())

    assert ([source.id for source in gone.sources], gone.passages, gone.runs) == ([FARES[0].id], 2, 1)
    # Bo is named by the other talk; Zoe by nobody.
    assert held(where) == (3, (2, 1))
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        assert [source.id for source in catalogue.passages.sources()] == [TREES[0].id]
        assert catalogue.passages.source(TREES[0].id) == (TREES[0], TREES[1])
        assert not catalogue.verdicts.records_of(FARES[0].id)
        assert catalogue.outbox.counts() == {"entities": 1}
        assert [run.id for run in catalogue.runs.latest()] == ["run-trees"]
    assert [path.name for path in home.runs.iterdir()] == ["run-trees"]
    assert list(home.backups.iterdir()) == []
    assert all(each.count == 0 for each in cached(where))  # neither says of which source it was made
    files = [path for path in where.home.rglob("*") if path.is_file()]
    # An index of words keeps them one by one and in small letters.
    left = [(path.name, word) for path in files for word in (b"night", b"zoe") if word in path.read_bytes().lower()]
    assert left == []


def test_a_source_is_found_by_every_name_under_which_a_run_read_it(where: Settings) -> None:
    moved = FARES[0].model_copy(update={"path": "/talks/copy.vtt", "title": "The copy"})
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        catalogue.passages.store(moved, *FARES[1:])

    gone = forget(where, "default", "fares.vtt", Heard())

    assert [source.id for source in gone.sources] == [FARES[0].id]


def test_a_name_goes_with_the_last_source_that_says_it_whatever_others_say_in_a_like_form(where: Settings) -> None:
    utility = talk(["Evides runs the pipes."], "utility")
    inquiry = talk(["The evidence is old.", "Nobody wrote it down."], "inquiry")
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        catalogue.passages.store(*utility)
        catalogue.passages.store(*inquiry)  # as an interrupted run leaves it: nothing is known of its names
        catalogue.knowledge.keep(utility[0].id, [entity("Evides")], [])

    async def relate(*names: str) -> None:
        graph = graph_of(where, Home(where.home), "default", Heard())
        await graph.relate([entity(name) for name in names], [])
        await graph.close()

    def names() -> set[str]:
        lines = map(json.loads, exported(where, "default"))
        return {line["value"]["name"] for line in lines if line["type"] == "entity"}

    anyio.run(relate, "Evides")
    forget(where, "default", "The utility", Heard())
    assert held(where)[1] == (3, 2)

    anyio.run(relate, "Evides")  # as earlier versions of autointel left it
    reindex_graph(where, "default", Heard())
    assert held(where)[1] == (3, 2)
    assert "Evides" not in names()


def test_a_name_that_another_source_is_known_for_stays_whatever_words_it_has_there(where: Settings) -> None:
    utility, harbour = talk(["Evides runs the pipes."], "utility"), talk(["The water company closed."], "harbour")
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        for each in (utility, harbour):
            catalogue.passages.store(*each)
            catalogue.knowledge.keep(each[0].id, [entity("Evides")], [])

    async def relate() -> None:
        graph = graph_of(where, Home(where.home), "default", Heard())
        await graph.relate([entity("Evides")], [])
        await graph.close()

    anyio.run(relate)
    before = held(where)[1]
    forget(where, "default", "The utility", Heard())

    assert held(where)[1] == before


def test_a_recording_that_was_kept_is_forgotten_with_its_source_and_no_other(where: Settings) -> None:
    home = Home(where.home)
    for run in ("run-fares", "run-trees"):
        (home.media / run).mkdir(parents=True)
        (home.media / run / "recording").write_bytes(b"the night bus, spoken")

    forget(where, "default", FARES[0].id, Heard())

    assert [path.name for path in home.media.iterdir()] == ["run-trees"]


def test_cached_results_of_other_sources_stay_unless_they_quote_the_one_that_is_forgotten(where: Settings) -> None:
    home = Home(where.home)
    harmless = StoredStep(step=StepName.READ, outcome=Outcome.DONE, value='{"text": "Bo plants an elm."}')
    quoting = harmless.model_copy(update={"value": '{"quote": "that the fares pay for the\\nnight bus"}'})
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        catalogue.step_cache.save("harmless", harmless, run_id="run-trees")
        catalogue.step_cache.save("quoting", quoting, run_id="run-trees")
        catalogue.model_cache.of_run("default", "run-trees").put("harmless", "Bo plants an elm.", 1e9)
        catalogue.model_cache.of_run("default", "run-fares").put("own", "Fares.", 1e9)
    home.write_artifact("run-trees", "report.html", b"<p>Zoe says that the fares pay for the night bus.</p>")

    gone = forget(where, "default", FARES[0].id, Heard())

    assert gone.reports == 1
    assert [path.name for path in home.artifacts("run-trees")] == ["report.json"]
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        assert catalogue.step_cache.load("harmless") == harmless
        assert catalogue.step_cache.load("quoting") is None
        replies = catalogue.model_cache
        assert replies.of_run("default", "run-trees").get("harmless") == "Bo plants an elm."
        assert replies.of_run("default", "run-fares").get("own") is None


def test_what_a_killed_process_began_to_write_is_forgotten_with_any_source(where: Settings) -> None:
    home, chats = Home(where.home), where.home / "chats" / "default"
    chats.mkdir(parents=True)
    other = home.run_folder("run-trees") / ".DS_Store"
    other.write_bytes(b"a file manager's own")
    places = [home.backups / "catalogue-1.part", chats / ".20261120T000000Z-abcdef.jsonl.abcdefgh"]
    for place in (*places, other.with_name(".results.json.abcdefgh")):
        place.write_bytes(b"the night bus, half written")

    gone = forget(where, "default", FARES[0].id, Heard())

    assert (gone.reports, other.exists()) == (0, True)
    assert [path for path in home.folder.rglob("*") if path.is_file() and b"night bus" in path.read_bytes()] == []


def test_a_report_that_says_a_sentence_of_its_own_source_stays_when_another_said_it_too(where: Settings) -> None:
    home, thanks = Home(where.home), "Thank you very much for having me here."
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        for name in ("harbour", "orchard"):
            source, transcript, passages = talk([thanks, f"The {name} closed."], name)
            catalogue.passages.store(source, transcript, passages)
            run = RunId(id=f"run-{name}", created_at=datetime(2026, 11, 21, tzinfo=UTC))
            catalogue.runs.begin(run, Options(source=f"{name}.vtt"))
            catalogue.runs.name(run.id, source)
            home.write_artifact(run.id, "report.html", thanks.encode())
        cited = catalogue.passages.of_source(talk(["Boats."], "orchard")[0].id)[0].id
    home.write_artifact("run-trees", "report.html", thanks.encode())
    home.write_artifact("run-fares", "report.json", json.dumps({"passage_id": cited}).encode())

    gone = forget(where, "default", "orchard.vtt", Heard())

    assert gone.run_again == ("The fares", "The trees")
    assert [path.name for path in home.artifacts("run-harbour")] == ["report.html"]


@pytest.mark.parametrize("name", ["harbour.vtt", "the harbour", "again.vtt"])
def test_a_version_that_was_replaced_is_forgotten_by_its_name_and_with_a_newer_of_that_name(
    where: Settings, name: str
) -> None:
    home = Home(where.home)
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        for number, typed in enumerate(["harbour.vtt", "again.vtt", "again.vtt"]):
            source = talk(["Boats."], f"harbour{number}")[0].model_copy(update={"title": "The harbour", "path": typed})
            run = RunId(id=f"run-{number}", created_at=datetime(2026, 11, 21, tzinfo=UTC))
            catalogue.runs.begin(run, Options(source=typed))
            catalogue.runs.name(run.id, source)
            home.write_artifact(run.id, "report.html", b"The harbour closed.")
        catalogue.passages.store(source, *talk(["The harbour closed."], "harbour2")[1:])

    forget(where, "default", name, Heard())

    left = {path.name for path in home.runs.iterdir()} - {"run-fares", "run-trees"}
    assert left == {"run-1", "run-2"} if name == "harbour.vtt" else left <= {"run-0"}


def test_an_exact_title_in_any_case_wins_over_a_part_and_equal_titles_are_told_apart_by_address() -> None:
    harbours = [
        talk(["Boats."], f"talk{number}")[0].model_copy(update={"title": title})
        for number, title in enumerate(["Harbour", "Harbour vote", "Harbour vote"])
    ]

    assert named_source(harbours, "harbour") == harbours[0]
    with pytest.raises(UsageError, match=r"2 sources are called 'harbour vote': talk1\.vtt; talk2\.vtt"):
        named_source(harbours, "harbour vote")


def test_what_was_saved_before_a_day_is_forgotten_and_nothing_else(where: Settings) -> None:
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        catalogue.connection.write("UPDATE sources SET stored_at = 1000000000 WHERE id = ?", (FARES[0].id,))

    saved = Conversations(where.home, "default")
    old, new = (saved.add(saved.new(None), Turn(question=question)) for question in ("Who?", "Why?"))
    os.utime(where.home / "chats" / "default" / f"{old.id}.jsonl", (1_000_000_000, 1_000_000_000))

    gone = forget_before(where, "default", date(2010, 1, 1), Heard())

    assert ([source.id for source in gone.sources], gone.chats) == ([FARES[0].id], 1)
    assert saved.all() == [new]
    assert held(where) == (3, (2, 1))


@pytest.mark.parametrize("named", [FARES, TREES])
def test_a_report_that_names_a_passage_of_any_of_several_forgotten_sources_goes_too(
    named: tuple[Any, Any, list[Passage]], where: Settings
) -> None:
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        catalogue.connection.write("UPDATE sources SET stored_at = 1000000000", ())
        catalogue.runs.begin(RunId(id="run-new", created_at=datetime(2026, 11, 20, tzinfo=UTC)), Options(source="new"))
    Home(where.home).write_artifact("run-new", "report.html", named[2][0].id.encode())

    assert forget_before(where, "default", date(2010, 1, 1), Heard()).reports == 1


def test_a_namespace_is_forgotten_whole_and_no_other(where: Settings) -> None:
    home = Home(where.home)
    with closing(SqliteCatalogue(home.catalogue, "other")) as catalogue:
        catalogue.passages.store(*TREES)

    gone = forget_all(where, "default", Heard())

    assert (len(gone.sources), gone.runs) == (2, 2)
    assert held(where) == (0, (0, 0))
    with closing(SqliteCatalogue(home.catalogue, "other")) as catalogue:
        assert catalogue.passages.source(TREES[0].id) == (TREES[0], TREES[1])
        assert catalogue.outbox.counts() == {}
        catalogue.passages.forget(TREES[0].id)
    assert [path for path in home.folder.rglob("*") if path.is_file() and b"night bus" in path.read_bytes()] == []


def test_nothing_that_old_is_no_failure(where: Settings) -> None:
    assert forget_before(where, "default", date(2010, 1, 1), Heard()).sources == ()


def test_a_source_that_is_not_there_or_not_the_only_one_is_not_forgotten(where: Settings) -> None:
    with pytest.raises(UsageError, match="called 'nothing'"):
        forget(where, "default", "nothing", Heard())
    with pytest.raises(UsageError, match="2 sources are called"):
        forget(where, "default", "", Heard())
    assert held(where) == (6, (3, 2))


def test_while_a_store_does_not_answer_nothing_is_forgotten_and_the_command_says_so(where: Settings) -> None:
    away = where.model_copy(update={"qdrant": where.qdrant.model_copy(update={"url": "http://127.0.0.1:1"})})

    with pytest.raises(StoreUnavailable) as refused:
        forget(away, "default", "fares.vtt", Heard())

    assert refused.value.__notes__ == ["Until then nothing is deleted from the home: run the command again."]
    assert held(where) == (6, (3, 2))


def test_a_memory_that_was_deleted_is_made_anew_from_the_catalogue(where: Settings) -> None:
    shutil.rmtree(Home(where.home).memory)

    made = reindex(where, "default", Heard())
    again = reindex(where, "default", Heard())

    assert (made.records, made.made, again.made) == (6, 6, 0)
    assert held(where)[0] == 6


def test_under_another_embedder_memory_is_refused_until_it_is_reindexed(where: Settings) -> None:
    folder = Home(where.home).memory
    (made_by_this,) = folder.iterdir()
    made_by_this.rename(folder / "default-00000000")
    with pytest.raises(HomeUnusable, match="another embedder"):
        held(where)

    made = reindex(where, "default", Heard())

    assert (made.made, made.dropped) == (6, ("default-00000000",))
    assert [path.name for path in folder.iterdir()] == [f"{made.collection}.sqlite3"]
    assert held(where)[0] == 6


def test_the_cache_is_measured_and_emptied(where: Settings) -> None:
    before = cached(where)

    were = clear_cache(where)

    assert were == before
    kinds = ["steps", "replies", "retrieval", "answer"]
    assert [(each.kind, each.count) for each in before] == list(zip(kinds, [1, 1, 0, 0], strict=True))
    assert [each.size for each in cached(where)] == [0, 0, 0, 0]


def test_what_waits_and_is_damaged_is_a_sentence_and_waits_on(tmp_path: Path) -> None:
    where = Settings(home=tmp_path)
    Home(tmp_path).prepare()
    with closing(SqliteCatalogue(Home(where.home).catalogue)) as catalogue:
        catalogue.outbox.add("memory", "default", {"torn": "{"})

    [drained] = drain(where, Heard())

    assert drained.waiting == 1
    assert drained.trouble is not None
    assert "damaged" in drained.trouble.message
