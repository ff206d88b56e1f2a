from __future__ import annotations

import io
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from tests.contract.graph_promises import entity, relation
from tests.fakes.engine import Heard
from tests.fakes.material import talk
from tests.fakes.qdrant_server import QdrantStandIn

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.conversations import Conversations, Turn
from autointel.adapters.home import Home
from autointel.app.exchange import bounded_lines, exported, import_lines
from autointel.app.stores import embedder_of, graph_of, memory_of, records_of
from autointel.app.versions import retire_passages
from autointel.cli.app import carry_out_command
from autointel.domain.analysis import CheckedClaim
from autointel.domain.citation import Citation
from autointel.domain.value import content_id
from autointel.errors import UsageError
from autointel.pipeline.store import STALE_RECORDS
from autointel.ports import Remembered
from autointel.settings import Settings

FARES = talk(["Zoe says that the fares pay for the night bus.", "Bo meets Zoe at the depot."], "fares")
TREES = talk(["Bo plants an elm.", "Cleo waters every elm on Lock Street."], "trees")
CLAIM = CheckedClaim(
    id=content_id("point"), text="Fares pay.", citation=Citation(quote="the fares pay", paragraph=1), verdict=None
)
ZOE, BO = entity("Zoe"), entity("Bo")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home with two talks."""
    settings, home = Settings.model_validate({"home": tmp_path / "from"}), Home(tmp_path / "from")
    home.prepare()
    with closing(SqliteCatalogue(home.catalogue)) as catalogue:
        for source, transcript, passages in (FARES, TREES):
            catalogue.passages.store(source, transcript, passages)
        point = Remembered(
            record_id=content_id("point"),
            kind="key_point",
            source_id=FARES[0].id,
            passage_id=FARES[2][0].id,
            text="Fares pay.",
        )
        catalogue.verdicts.keep([point])
        met = relation(ZOE, "meets", BO)
        at = {"source_id": FARES[0].id, "passage_id": FARES[2][1].id}
        met = met.model_copy(update={"provenance": met.provenance.model_copy(update=at)})
        catalogue.knowledge.keep(FARES[0].id, [ZOE, BO], [met])
    return settings


def held(settings: Settings, namespace: str) -> tuple[int, tuple[int, int]]:
    async def count() -> tuple[int, tuple[int, int]]:
        memory = memory_of(settings, Home(settings.home), namespace, embedder_of(settings), Heard())
        graph = graph_of(settings, Home(settings.home), namespace, Heard())
        try:
            return await memory.count(), await graph.count()
        finally:
            await memory.close()
            await graph.close()

    return anyio.run(count)


def without_ids(lines: Sequence[str]) -> list[str]:
    """Entities and relations are called otherwise in another namespace; nothing else is."""
    return [line for line in lines[1:] if json.loads(line)["type"] not in {"entity", "relation"}]


def test_conversations_are_exported_where_asked_for_and_imported_once(settings: Settings, tmp_path: Path) -> None:
    saved = Conversations(settings.home, "default")
    chat = saved.add(saved.new(FARES[0].id), Turn(question="Who pays?", answer="Fares pay.", held=True))
    other = Settings.model_validate({"home": tmp_path / "to"})
    assert not any('"type":"chat"' in line for line in exported(settings, "default"))
    lines = list(exported(settings, "default", chats=True))

    done = [import_lines(other, "copy", lines, Heard()) for _ in range(2)]

    assert [each.conversations for each in done] == [1, 0]
    assert Conversations(other.home, "copy").all() == [chat]
    assert Conversations(other.home, "default").all() == []


def test_a_conversation_whose_id_is_a_path_is_no_part_of_an_export(settings: Settings, tmp_path: Path) -> None:
    header = next(exported(settings, "default"))
    line = json.dumps({"type": "chat", "value": {"id": "../../../escaped", "begun_at": "2026-01-01T00:00:00Z"}})

    with pytest.raises(UsageError, match="Line 2"):
        import_lines(Settings.model_validate({"home": tmp_path / "to"}), "copy", [header, line], Heard())

    assert not list(tmp_path.rglob("escaped*"))


def test_the_command_says_which_conversations_it_leaves_out(
    settings: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(settings.home))
    saved = Conversations(settings.home, "default")
    saved.add(saved.new(None), Turn(question="Who pays?"))

    assert carry_out_command(["export"]) == 0
    assert capsys.readouterr().err.startswith("Left out: 1 conversation.\n")
    assert carry_out_command(["export", "--chats"]) == 0
    out, err = capsys.readouterr()
    assert ('"type":"chat"' in out, err) == (True, "")


def test_an_export_is_imported_whole_into_another_home_and_namespace(settings: Settings, tmp_path: Path) -> None:
    lines = list(exported(settings, "default"))
    other = Settings.model_validate({"home": tmp_path / "to"})

    done = import_lines(other, "copy", lines, Heard())

    assert (done.sources, done.passages, done.embedded, done.entities, done.relations) == (2, 4, 5, 2, 1)
    assert held(other, "copy") == (5, (2, 1))
    assert held(other, "default") == (0, (0, 0))
    assert without_ids(list(exported(other, "copy"))) == without_ids(lines)


def test_importing_again_changes_nothing(settings: Settings) -> None:
    lines = list(exported(settings, "default"))
    import_lines(settings, "copy", lines, Heard())

    again = import_lines(settings, "copy", lines, Heard())

    assert (again.sources, again.embedded) == (2, 0)
    assert held(settings, "copy") == (5, (2, 1))


def test_an_import_over_another_version_of_a_source_leaves_that_of_the_export(
    settings: Settings, tmp_path: Path
) -> None:
    newer = talk(["Zoe says that a fund pays for the night bus."], "fares")
    other = Settings.model_validate({"home": tmp_path / "to"})
    import_lines(other, "default", exported(settings, "default"), Heard())
    with closing(SqliteCatalogue(Home(settings.home).catalogue)) as catalogue:
        retire_passages(catalogue, newer[0].id, catalogue.passages.store(*newer))

    import_lines(other, "default", exported(settings, "default"), Heard())

    with closing(SqliteCatalogue(Home(other.home).catalogue)) as catalogue:
        assert [each.record_id for each in records_of(catalogue, newer[0].id)] == [newer[2][0].id]
        assert catalogue.outbox.counts() == {}
    assert held(other, "default") == (3, (2, 0))


def test_a_version_that_is_imported_again_waits_for_no_removal(settings: Settings) -> None:
    lines = list(exported(settings, "default"))
    with closing(SqliteCatalogue(Home(settings.home).catalogue)) as catalogue:
        gone = [each.record_id for each in records_of(catalogue, FARES[0].id)]
        catalogue.outbox.add(STALE_RECORDS, "default", dict.fromkeys(gone, "{}"))

    import_lines(settings, "default", lines, Heard())

    assert held(settings, "default")[0] == 5


def test_an_import_fills_a_server_as_well(settings: Settings, tmp_path: Path) -> None:
    with QdrantStandIn().running() as url:
        other = Settings.model_validate({"home": tmp_path / "to", "qdrant": {"url": url}})

        done = import_lines(other, "copy", exported(settings, "default"), Heard())

        assert done.embedded == 5
        assert held(other, "copy")[0] == 5


def test_an_empty_home_gives_the_header_alone_and_is_not_made(tmp_path: Path) -> None:
    lines = list(exported(Settings(home=tmp_path / "none"), "default"))

    assert [json.loads(line)["type"] for line in lines] == ["header"]
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "Line 2 is no part"),
        ("[]", "Line 2 is no part"),
        ('{"type": "entity", "value": {}}', "Line 2 is no part"),
        ('{"type": "source", "source": {}, "transcript": {}, "passages": []}', "Line 2 is no part"),
        ("[" * 100_000, "Line 2 is no part"),
    ],
)
def test_a_line_that_is_no_part_of_an_export_is_named(line: str, said: str, settings: Settings) -> None:
    header = next(exported(settings, "default"))

    with pytest.raises(UsageError, match=said):
        import_lines(settings, "copy", [header, line], Heard())


def test_a_line_without_an_end_is_refused_before_it_is_all_read(settings: Settings) -> None:
    """Ten million characters stand for a device or a pipe that never ends."""
    endless = io.StringIO("x" * 10_000_000)
    header, *rest = exported(settings, "default")

    with pytest.raises(UsageError, match="Line 1 is longer than any"):
        list(bounded_lines(endless))

    assert endless.tell() < 20_000
    with pytest.raises(UsageError, match="Line 2 is longer than any"):
        list(bounded_lines(io.StringIO(f"{header}\n{'x' * 1001}"), longest=1000))
    assert [line.rstrip("\n") for line in bounded_lines(io.StringIO("\n".join([header, *rest])))] == [header, *rest]


def test_a_file_that_is_no_export_is_refused(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no export"):
        import_lines(settings, "copy", ['{"type": "header"}'], Heard())


def test_the_commands_write_and_read_a_file(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTOINTEL_HOME", str(settings.home))
    file = tmp_path / "all.jsonl"

    assert carry_out_command(["export", "--out", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert carry_out_command(["import", str(file), "--namespace", "copy"]) == 0
    assert capsys.readouterr().out.startswith("2 sources, 4 passages (5 records embedded), 2 entities, 1 relation")
    assert carry_out_command(["export"]) == 0
    assert capsys.readouterr().out == file.read_text(encoding="utf-8")
    assert carry_out_command(["import", str(tmp_path / "none")]) == 2


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("source", ("passages", 0, "text"), "What nobody said."),
        ("source", ("passages", 0, "id"), TREES[2][0].id),
        ("source", ("transcript", "turns"), [10**30]),
        ("source", ("transcript", "segments", 1, "end"), float("inf")),
        ("record", ("value", "passage_id"), TREES[2][0].id),
        ("claim", ("id",), content_id("another's record")),
        ("relation", ("value", "weight"), 10**30),
        ("relation", ("value", "provenance", "source_id"), TREES[0].id),
    ],
)
def test_a_source_of_an_export_holds_its_own_words_and_what_rests_on_them_alone(
    kind: str, path: tuple[str | int, ...], value: object, settings: Settings
) -> None:
    lines = [json.loads(line) for line in exported(settings, "default")]
    claim = {"type": "claim", "id": content_id("point"), "value": CLAIM.model_dump(mode="json")}
    at = next(number for number, line in enumerate(lines) if line["type"] == "record")
    lines.insert(at + 1, claim)
    assert import_lines(settings, "whole", map(json.dumps, lines), Heard()).sources == 2

    at = next(number for number, line in enumerate(lines) if line["type"] == kind)
    inner = lines[at]
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value

    with pytest.raises(UsageError, match=f"Line {at + 1} is no part of an export"):
        import_lines(settings, "other", map(json.dumps, lines), Heard())


def test_a_record_that_is_another_sources_here_is_not_taken_from_it(settings: Settings) -> None:
    lines = [json.loads(line) for line in exported(settings, "default")]
    trees = [each for each in lines if each["type"] == "source" and each["source"]["id"] == TREES[0].id]
    point = next(each["value"] for each in lines if each["type"] == "record")
    about = {"source_id": TREES[0].id, "passage_id": TREES[2][0].id}
    stranger = [lines[0], *trees, {"type": "record", "value": point | about}]

    with pytest.raises(UsageError, match="belongs to another source"):
        import_lines(settings, "default", map(json.dumps, stranger), Heard())
    with closing(SqliteCatalogue(Home(settings.home).catalogue)) as catalogue:
        assert [each.record_id for each in catalogue.verdicts.records_of(FARES[0].id)] == [content_id("point")]
