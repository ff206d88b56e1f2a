"""A source that is forgotten while something of it is being stored leaves nothing, also where the writer is killed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from tests.fakes.engine import Heard
from tests.unit.app.test_nothing_lost import nothing_is_left, read, settings, waiting
from typing_extensions import override

from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.adapters.conversations import Turn
from autointel.adapters.embedders import WordLlamaEmbedder
from autointel.adapters.home import Home
from autointel.adapters.vectors.sqlite import SqliteMemory
from autointel.app.answering import _turn as turn_of
from autointel.app.answering import chatting
from autointel.app.exchange import exported, import_lines
from autointel.app.forget import forget
from autointel.app.lookup import search_memory
from autointel.app.maintenance import drain, reindex
from autointel.app.run import execute
from autointel.app.run_context import Substitutes
from autointel.domain.run import Engine, Options
from autointel.memory.findings import Answered
from autointel.ports import Remembered
from autointel.settings import Settings

pytestmark = pytest.mark.xdist_group("crew")


class Forgetting(Heard):
    """Forgets a source on a thread of its own; ``begin`` returns when that is done, or waits for the one who stores."""

    def __init__(self, where: Settings, file: Path) -> None:
        super().__init__()
        self._there = Event()
        self._place = where, file
        self._thread: Thread | None = None

    @override
    def waiting(self, what: str) -> None:
        self._there.set()

    def begin(self) -> None:
        if self._thread is None:
            self._thread = Thread(target=self._forget)
            self._thread.start()
        assert self._there.wait(60)

    def end(self) -> None:
        assert self._thread is not None
        self._thread.join(60)

    def _forget(self) -> None:
        where, file = self._place
        forget(where, "default", str(file), self)
        self._there.set()


@contextmanager
def embedding(before: Callable[[], None]) -> Iterator[str]:
    """A server of embeddings that does something ``before`` it answers: the store is written right afterwards."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            texts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["input"]
            before()
            found = [{"index": number, "embedding": [1.0, float(number)]} for number in range(len(texts))]
            body = json.dumps({"object": "list", "model": "two", "data": found}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @override
        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def embedded_by(where: Settings, url: str) -> Settings:
    return settings(where.home, memory={"embedder": "openai", "embedder_url": url, "embedder_model": "two"})


def drained(own: Settings) -> None:
    drain(own, Heard())


def reindexed(own: Settings) -> None:
    reindex(own, "default", Heard())


@pytest.mark.parametrize("store", [drained, reindexed])
def test_what_is_brought_to_memory_while_its_source_is_forgotten_does_not_stay(
    where: Settings,
    talk: Path,
    nowhere: str,
    store: Callable[[Settings], object],
) -> None:
    read(settings(where.home, qdrant={"url": f"http://{nowhere}"}, neo4j={"uri": f"bolt://{nowhere}"}), talk)
    assert waiting(where)["memory"] > 0
    begun: list[Forgetting] = []

    with embedding(lambda: begun[0].begin()) as url:  # noqa: PLW0108  begun is filled below
        own = embedded_by(where, url)
        begun.append(Forgetting(own, talk))
        store(own)
        begun[0].end()

        nothing_is_left(own)


def test_what_is_imported_while_its_source_is_forgotten_does_not_stay(
    where: Settings, talk: Path, tmp_path: Path
) -> None:
    read(where, talk)
    lines = list(exported(where, "default"))
    begun: list[Forgetting] = []

    with embedding(lambda: begun[0].begin()) as url:  # noqa: PLW0108  begun is filled below
        own = embedded_by(Settings(home=tmp_path / "other"), url)
        begun.append(Forgetting(own, talk))
        import_lines(own, "default", lines, Heard())
        begun[0].end()

        nothing_is_left(own)


class Killed(Exception):
    """The writer goes no further."""


def test_a_run_that_ends_right_after_it_wrote_memory_leaves_nothing_of_a_forgotten_source(
    where: Settings, talk: Path
) -> None:
    forgetting, home = Forgetting(where, talk), Home(where.home)

    class Memory(SqliteMemory):
        @override
        async def remember(self, records: Sequence[Remembered]) -> None:
            forgetting.begin()
            await super().remember(records)
            raise Killed

    memory = Memory(home.memory, "default", WordLlamaEmbedder())
    execute(where, Options(source=str(talk), engine=Engine.LOCAL), Heard(), substitutes=Substitutes(memory=memory))
    forgetting.end()

    nothing_is_left(where)


def test_what_a_search_embeds_of_other_machines_while_it_is_forgotten_does_not_stay(
    where: Settings, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(where, talk)
    home, forgetting, embed = Home(where.home), Forgetting(where, talk), WordLlamaEmbedder.embed
    shutil.rmtree(home.memory)

    def late(embedder: WordLlamaEmbedder, texts: Sequence[str]) -> object:
        forgetting.begin()
        return embed(embedder, texts)

    monkeypatch.setattr(WordLlamaEmbedder, "embed", late)
    # A database on a server is what tells that other machines read; a file takes its place.
    monkeypatch.setattr("autointel.app.stores._postgres", lambda *_: SqliteCatalogue(home.catalogue))
    search_memory(
        settings(where.home, catalogue={"url": "postgresql://nobody@127.0.0.1/none"}), "default", "bus", 5, Heard()
    )
    forgetting.end()

    nothing_is_left(where)


def test_a_turn_of_a_chat_that_rests_on_a_source_that_is_forgotten_meanwhile_is_not_saved(
    where: Settings, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(where, talk)

    def late(answered: Answered) -> Turn:
        forget(where, "default", str(talk), Heard())
        return turn_of(answered)

    monkeypatch.setattr("autointel.app.answering._turn", late)
    with chatting(where, "default", Heard(), engine=Engine.LOCAL, limit=3) as chat:
        assert chat is not None
        assert chat.ask("Who pays for the night bus?").found

    nothing_is_left(where)
