"""The same address again, as time goes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from autointel.adapters.catalogue.caches import FetchedWords
from autointel.adapters.catalogue.sqlite import SqliteCatalogue
from autointel.app.caches import FRESH, ConditionalFetcher, TranscriptCache
from autointel.domain.passage import cut
from autointel.domain.run import Acquisition, Options
from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
from autointel.errors import FetchFailed
from autointel.pipeline.transcribe import Transcribed
from autointel.ports import Fetched, Fetcher

URL = "https://x.test/talk"
MONTH = 30 * 24 * 3600.0


class Server(Fetcher):
    """One page with a validator; ``asked`` are the headers of each question."""

    def __init__(self, etag: str = '"one"', *, down: bool = False) -> None:
        self.etag = etag
        self.down = down
        self.asked: list[dict[str, str]] = []

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,  # noqa: ARG002 - everybody may name anything here
    ) -> Fetched:
        self.asked.append(dict(headers or {}))
        if self.down:
            raise FetchFailed("It could not be reached.", "Try later.")
        if body is None and self.etag and (headers or {}).get("if-none-match") == self.etag:
            return Fetched(url=url, status=304, content_type="", body=b"")
        answered = {"etag": self.etag, "server": "x"} if self.etag else {}
        return Fetched(url=url, status=200, content_type="text/vtt", headers=answered, body=b"WEBVTT")


class Surroundings:
    """A catalogue on a clock of its own, and words that were found at ``URL`` an instant ago."""

    def __init__(self, folder: Path) -> None:
        self.now = 1000.0
        self.catalogue = SqliteCatalogue(folder / "catalogue.sqlite3")
        self.catalogue.fetched = FetchedWords(
            self.catalogue.connection, self.catalogue.passages, "default", now=lambda: self.now
        )

    def known(self, server: Server, **options: Any) -> TranscriptCache:
        asked = Options(**{"source": URL, **options})
        return TranscriptCache(self.catalogue, asked, "small", ConditionalFetcher(server, asked.source))

    def read(self, server: Server, kind: SourceKind = SourceKind.VTT, **options: Any) -> Transcribed:
        """What a run does: fetch, note, store."""

        async def run() -> Transcribed:
            asked = Options(**{"source": URL, **options})
            answers = ConditionalFetcher(server, URL)
            await answers.fetch(URL)
            await TranscriptCache(self.catalogue, asked, "small", answers).note(found(kind))
            return found(kind)

        words = anyio.run(run)
        self.catalogue.passages.store(words.source, words.transcript, cut(words.source, words.transcript, 50))
        return words


def found(kind: SourceKind = SourceKind.VTT) -> Transcribed:
    return Transcribed(
        source=Source(id="talk", kind=kind, url=URL, title="A talk"),
        transcript=Transcript(segments=(Segment(text="The bridge is closed.", start=0.0, end=2.0),)),
    )


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Surroundings]:
    surroundings = Surroundings(tmp_path)
    yield surroundings
    surroundings.catalogue.close()


def test_within_the_hour_nobody_is_asked(around: Surroundings) -> None:
    words = around.read(Server())
    around.now += FRESH - 1
    server = Server()

    assert anyio.run(around.known(server).find) == words
    assert server.asked == []


def test_after_it_the_server_says_that_nothing_has_changed(around: Surroundings) -> None:
    words = around.read(Server())
    around.now += FRESH + 1
    server = Server()

    assert anyio.run(around.known(server).find) == words
    assert anyio.run(around.known(server).find) == words
    assert server.asked == [{"if-none-match": '"one"'}]  # and an hour begins anew


def test_what_has_changed_is_read_again_and_not_fetched_twice(around: Surroundings) -> None:
    around.read(Server())
    around.now += FRESH + 1
    server = Server('"two"')

    async def look() -> tuple[Transcribed | None, Fetched, dict[str, str]]:
        answers = ConditionalFetcher(server, URL)
        known = await TranscriptCache(around.catalogue, Options(source=URL), "small", answers).find()
        return known, await answers.fetch(URL), answers.tag

    known, page, tag = anyio.run(look)

    assert (known, page.status, tag) == (None, 200, {"etag": '"two"'})
    assert len(server.asked) == 1


@pytest.mark.parametrize("server", [Server(""), Server(down=True)])
def test_where_nothing_can_be_asked_it_is_fetched_again(server: Server, around: Surroundings) -> None:
    around.read(Server("" if not server.etag else '"one"'))
    around.now += FRESH + 1

    assert anyio.run(around.known(server).find) is None


def test_a_recording_at_its_own_address_keeps_for_a_month(around: Surroundings) -> None:
    words = around.read(Server(""), SourceKind.MEDIA)
    around.now += MONTH - 1
    assert anyio.run(around.known(Server("")).find) == words

    around.now += 2
    assert anyio.run(around.known(Server("")).find) is None


def test_offline_what_is_kept_is_good_at_any_age(around: Surroundings) -> None:
    words = around.read(Server())
    around.now += 10 * MONTH
    server = Server()

    assert anyio.run(around.known(server, offline=True).find) == words
    assert server.asked == []


@pytest.mark.parametrize(
    "options",
    [
        {"acquisition": Acquisition(refresh=True)},
        {"reuse": False},
        {"language": "de"},
        {"acquisition": Acquisition(transcribe=True)},
        {"acquisition": Acquisition(episode="2")},
        {"source": "https://x.test/other"},
    ],
)
def test_asked_for_in_another_way_it_is_another_source(options: dict[str, Any], around: Surroundings) -> None:
    around.read(Server())

    assert anyio.run(around.known(Server(), **options).find) is None


def test_other_addresses_and_questions_pass_through(around: Surroundings) -> None:
    del around
    server = Server()
    answers = ConditionalFetcher(server, URL)

    anyio.run(answers.fetch, "https://x.test/captions")

    assert answers.tag == {}
    assert server.asked == [{}]


def test_a_file_that_is_gone_is_not_known(around: Surroundings, tmp_path: Path) -> None:
    path = tmp_path / "talk.mp3"
    path.write_bytes(b"ID3")
    known = TranscriptCache(around.catalogue, Options(source=str(path)), "small", None)
    words = found(SourceKind.MEDIA)
    anyio.run(known.note, words)
    around.catalogue.passages.store(words.source, words.transcript, cut(words.source, words.transcript, 50))
    assert anyio.run(known.find) == words

    path.unlink()

    assert anyio.run(known.find) is None
