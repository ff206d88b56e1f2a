"""Every command is tried on a home where another namespace holds a secret; a new command without a row fails."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import anyio
import pytest
import typer
from tests.contract.graph_promises import entity, relation
from tests.fakes.engine import Heard
from tests.fakes.material import talk

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.conversations import Conversations, Turn
from autointel.adapters.home import Home
from autointel.app.stores import embedder_of, graph_of, memory_of
from autointel.cli.app import carry_out_command
from autointel.domain.run import Engine
from autointel.errors import UsageError
from autointel.extensions import COMMANDS, extensions
from autointel.pipeline.store import passage_record
from autointel.settings import Settings
from autointel.web.queries import Queries

SECRET: Final = "Xylophonite"
HIDDEN = talk([f"{SECRET} is what Zoe found under the depot.", "Nobody else knows where the ore lies."], "hidden")
OPEN = talk(["Fares pay for the night bus.", "The council met at the depot."], "open")

# What is typed to reach the other namespace from "open": every command and subcommand that reads or writes what was
# saved. FILE stands for a transcript, EXPORT for an empty export, HIDDEN for the
# hidden source's id, CHAT for that of a hidden conversation.
TRIED: Final[Mapping[str, Sequence[Sequence[str]]]] = {
    "run": [["run", "FILE", "--engine", "local", "-q", "--json"]],
    "ask": [["ask", f"What is {SECRET}?", "--engine", "local"], ["ask", "What did Zoe find under the depot?"]],
    "chat": [["chat"], ["chat", "HIDDEN"], ["chat", "--last"], ["chat", "--list"], ["chat", "--resume", "CHAT"]],
    "search": [
        ["search", SECRET],
        ["search", "ore under the depot", "--json"],
        ["search", "ore", "--source", "HIDDEN"],
    ],
    "graph": [["graph", "Zoe"], ["graph", SECRET]],
    "forget": [
        ["forget", "HIDDEN"],
        ["forget", "--source", "The hidden"],
        ["forget", "--before", "2100-01-01"],
        ["forget", "--chat", "CHAT"],
    ],
    "reindex": [["reindex"], ["reindex", "--graph"]],
    "export": [["export"], ["export", "--chats"]],
    "import": [["import", "EXPORT"]],
    "show": [["show", "HIDDEN"]],
    "sources": [["sources"]],
    "ledger": [["ledger", "Zoe"]],
    "compare": [["compare", "The hidden", "The open"]],
}
# Commands for the whole home, or for no home: they take no namespace, and show no word of any source.
WHOLE_HOME: Final[Mapping[str, str]] = {
    "runs": "lists the user's own runs of every namespace, as resume needs them",
    "resume": "keeps the namespace of its run",
    "doctor": "looks at settings and stores",
    "setup": "writes settings",
    "config": "shows settings",
    "drain": "brings what waits to the namespace that it is kept under",
    "cache": "counts and empties",
    "perf": "counts",
    "worker": "each source keeps the namespace that it was queued with",
    "batch": "each source keeps the namespace that it was queued with",
    "trust": "notes folders",
}
# Servers: they answer from the namespace that they were started with.
SERVERS: Final = ("mcp", "serve", "watch")


def built_in() -> set[str]:
    return {name for name, entry in extensions(COMMANDS).items() if entry.module.startswith("autointel.")}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with both namespaces; each test gets a copy."""
    home = Home(tmp_path_factory.mktemp("filled") / "home")
    home.prepare()
    for namespace, (source, transcript, passages) in (("hidden", HIDDEN), ("open", OPEN)):
        with closing(SqliteCatalogue(home.catalogue, namespace)) as catalogue:
            catalogue.passages.store(source, transcript, passages)
            met = relation(entity("Zoe"), "found", entity(SECRET))
            provenance = met.provenance.model_copy(update={"source_id": source.id})
            if namespace == "hidden":
                catalogue.knowledge.keep(
                    source.id,
                    [entity("Zoe"), entity(SECRET)],
                    [met.model_copy(update={"provenance": provenance})],
                )
    anyio.run(fill, Settings(home=home.folder))
    return home.folder


@pytest.fixture
def home(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
    shutil.copytree(filled, tmp_path / "home")
    return Home(tmp_path / "home")


async def fill(settings: Settings) -> None:
    memory = memory_of(settings, Home(settings.home), "hidden", embedder_of(settings), Heard())
    graph = graph_of(settings, Home(settings.home), "hidden", Heard())
    await memory.remember([passage_record(passage) for passage in HIDDEN[2]])
    await graph.relate([entity("Zoe"), entity(SECRET)], [relation(entity("Zoe"), "found", entity(SECRET))])
    await memory.close()
    await graph.close()


def contents(home: Home) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the hidden namespace, by table."""
    with closing(sqlite3.connect(home.catalogue)) as catalogue:
        tables = [name for (name,) in catalogue.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        named = [table for table in tables if "namespace" in columns(catalogue, table)]
        return {
            table: catalogue.execute(f"SELECT * FROM {table} WHERE namespace = 'hidden'").fetchall()  # noqa: S608
            for table in named
        }


def columns(catalogue: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in catalogue.execute(f"PRAGMA table_info({table})")}


def typed(command: Sequence[str], tmp_path: Path, chat: str) -> Iterator[str]:
    file, empty = tmp_path / "talk.txt", tmp_path / "empty.jsonl"
    file.write_text("Zoe went to the depot to see the ore.\n\nThe council met there in March.", encoding="utf-8")
    empty.write_text('{"type":"header","format":"autointel export","version":1}\n', encoding="utf-8")
    stand_ins = {"FILE": str(file), "EXPORT": str(empty), "HIDDEN": HIDDEN[0].id, "CHAT": chat}
    yield from (stand_ins.get(word, word) for word in command)
    yield from ("--namespace", "open")


def test_every_command_has_a_row() -> None:
    assert built_in() == {*TRIED, *WHOLE_HOME, *SERVERS}


def test_a_command_that_takes_no_namespace_is_known_to_take_none() -> None:
    for name in (*TRIED, *SERVERS):
        loaded = extensions(COMMANDS)[name].load()
        assert isinstance(loaded, typer.Typer) or "namespace" in loaded.__annotations__, name


@pytest.mark.parametrize("command", [command for commands in TRIED.values() for command in commands], ids=" ".join)
def test_no_command_crosses(
    command: Sequence[str],
    home: Home,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    saved = Conversations(home.folder, "hidden")
    chat = saved.add(
        saved.new(None), Turn(question=f"Where is {SECRET.lower()}?", answer=f"Zoe has {SECRET}.", held=True)
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("What did Zoe find under the depot?\nWhat have you read?\n"))
    before, vectors = contents(home), vectors_of(home)
    asked = list(typed(command, tmp_path, chat.id))

    code = carry_out_command(asked)

    said = capsys.readouterr()
    # What was asked may be said again, and that nothing read here speaks of it.
    shown = " ".join((said.out + said.err).split())
    for repeated in (f"What is {SECRET}?", f"Nothing read speaks of {SECRET}.", repr(SECRET)):
        shown = shown.replace(repeated, "")
    assert code in {0, 2}
    assert SECRET not in shown
    assert "hidden" not in said.out
    assert contents(home) == before
    assert vectors_of(home) == vectors
    assert [each.turns for each in saved.all()] == [chat.turns]
    assert [path for path in home.runs.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()] == []


def test_no_answer_to_another_program_crosses(home: Home) -> None:
    queries = Queries(Settings(home=home.folder), "open", lambda _: Engine.LOCAL, Heard())
    answers = [
        queries.search("what Zoe found under the depot"),
        queries.ask("What did Zoe find under the depot?"),
        queries.ask("What have you read?"),
        queries.graph("Zoe"),
        queries.ledger("Zoe"),
        queries.sources(),
    ]

    said = " ".join(answer.model_dump_json() for answer in answers)

    assert SECRET not in said
    assert "hidden" not in said
    for way in (queries.report, queries.briefing, queries.page):
        with pytest.raises(UsageError):
            way(HIDDEN[0].id)


def vectors_of(home: Home) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in home.memory.glob("hidden*.sqlite3")}


def test_the_secret_is_there_to_be_found(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    del home

    assert carry_out_command(["search", SECRET, "--namespace", "hidden"]) == 0
    assert SECRET in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(WHOLE_HOME))
def test_what_serves_the_whole_home_shows_no_words(name: str, home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    del home
    if name in {"resume", "trust", "setup", "batch", "worker"}:  # want a run, a folder, a person, a broker
        return

    carry_out_command([name, "show"] if name == "config" else [name])

    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
