"""Questions to memory, alone or in a conversation: the privacy gate beside the stores, the cache, and the model."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import anyio

from autointel.adapters.home import Home
from autointel.adapters.storing_lock import side_by_side
from autointel.app.lookup import OpenStores, named_source, note_times, opened_stores, place_in_cache, reused, save
from autointel.app.privacy import screened
from autointel.app.run_context import event_loop
from autointel.domain.catalogue import ANSWER, RETRIEVAL
from autointel.domain.run import Engine, StepName
from autointel.domain.transcript import Source
from autointel.errors import AutointelError
from autointel.memory.findings import Answered, Earlier, Filters, Findings, Show
from autointel.ports import Listener
from autointel.settings import Settings

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal

    from autointel.adapters.conversations import Conversation, Conversations, Turn
    from autointel.memory.answerer import SecondLook
    from autointel.memory.ask import Answerer, Drafted
    from autointel.memory.excerpts import Excerpt
    from autointel.model.client import ModelClient

NO_MODEL_ANSWERED = "(no model answered)"


def ask_memory(
    settings: Settings,
    namespace: str,
    question: str,
    limit: int,
    listener: Listener,
    *,
    engine: Engine = Engine.LOCAL,
    show: Show = lambda *_: None,
) -> Answered | None:
    """The answer of memory to the question; None where nothing was read.

    ``show`` gets each sentence as soon as it has been checked, with its quotes. Blocks. Raises HomeUnusable,
    ModelRefused, and UsageError where the privacy gate blocks the question.
    """
    asking = Asking(settings, question, limit, engine, show, ())

    async def look() -> Answered | None:
        # The gate reads the question while the stores are opened.
        passing = asyncio.create_task(asyncio.to_thread(screened, settings, question))
        async with opened_stores(settings, namespace, listener) as stores:
            if stores is not None:
                return await asking.answered(stores, passing)
            await passing
            return None

    return anyio.run(look)


async def asked_of(asking: Asking, stores: OpenStores) -> Answered:
    """The answer from stores that are open already. Raises as ``ask_memory``."""
    return await asking.answered(
        stores, asyncio.create_task(asyncio.to_thread(screened, asking.settings, asking.question))
    )


@dataclass(frozen=True)
class Asking:
    """One question with all that decides its answer. ``earlier`` are the turns before it, the first one first."""

    settings: Settings
    question: str
    limit: int
    engine: Engine
    show: Show
    earlier: tuple[Earlier, ...]

    @property
    def wanted(self) -> int:
        """How many moments are searched for."""
        from autointel.memory.ask import candidates

        return candidates(self.limit, model=self.engine is Engine.LLM)

    @property
    def stays_here(self) -> bool:
        """Whether a search sends the question nowhere, so that it need not wait for the privacy gate."""
        return self.settings.memory.embedder == "wordllama" and self.settings.qdrant.url is None

    async def answered(self, stores: OpenStores, passing: asyncio.Task[str]) -> Answered:
        """The answer, from the cache or anew, once the gate has let the question pass."""
        began = time.perf_counter()
        # Nothing of a question is saved before the gate has seen it; to look for its answer saves nothing.
        place = await place_in_cache(self.settings, stores, ANSWER, self._parts(self.question), Answered)
        retrieval = None
        if place.saved is None and self.stays_here and not passing.done():
            retrieval = asyncio.create_task(self._search(self.question, stores))
        try:
            passed = await passing
            if passed != self.question:
                place = await place_in_cache(self.settings, stores, ANSWER, self._parts(passed), Answered)
            answer = place.saved
            if answer is None:
                answer = await self._asked(passed, stores, retrieval if passed == self.question else None)
                await save(self.settings, stores, place, answer)
            took, cached = {"ask": time.perf_counter() - began}, place.saved is not None
            await note_times(self.settings, stores, took, cached=cached)
            return answer
        finally:
            if retrieval is not None:
                retrieval.cancel()
                with suppress(asyncio.CancelledError, AutointelError):
                    await retrieval

    def _parts(self, passed: str) -> tuple[object, ...]:
        model, ask_settings = self.settings.model, self.settings.ask
        today = date.today()  # noqa: DTZ011  the user's own day
        turns = [turn.model_dump_json() for turn in self.earlier]
        return (
            passed,
            self.limit,
            self.engine,
            model.verify,
            model.name,
            model.base_url,
            model.file,
            ask_settings,
            today,
            *turns,
        )

    async def _asked(self, passed: str, stores: OpenStores, begun: asyncio.Task[Findings] | None) -> Answered:
        from autointel.memory.ask import BY_RULE, Answering, ask

        async def retrieval() -> Findings:
            return await begun if begun is not None else await self._searched(passed, stores)

        how = Answering(
            context_tokens=self.settings.ask.context_tokens, show=self.show, earlier=self.earlier, retrieval=retrieval
        )
        if self.engine is Engine.LOCAL:
            answer = await ask(passed, self.limit, stores, how)
        else:
            async with answering(self.settings) as answerer:
                answer = await ask(passed, self.limit, stores, replace(how, answerer=answerer))
        # A rule makes searches of its own; the others have been noted.
        if answer.remark == BY_RULE:
            await note_times(self.settings, stores, answer.seconds)
        return answer

    async def _searched(self, passed: str, stores: OpenStores) -> Findings:
        from autointel.memory.ask import in_context

        return await reused(
            self.settings,
            stores,
            kind=RETRIEVAL,
            parts=(
                in_context(passed, self.earlier),
                self.wanted,
                Filters().model_dump_json(),
                date.today(),  # noqa: DTZ011  the user's day
            ),
            value=Findings,
            work=lambda: self._search(passed, stores),
        )

    async def _search(self, passed: str, stores: OpenStores) -> Findings:
        from autointel.memory.ask import in_context
        from autointel.memory.search import search

        findings = await search(in_context(passed, self.earlier), self.wanted, stores)
        await note_times(self.settings, stores, findings.seconds)
        return findings


class _Labelled:
    """Implements Answerer. Marks the answer of a simulated model as simulated."""

    def __init__(self, client: ModelClient, settings: Settings, ready: asyncio.Task[None]) -> None:
        from autointel.memory.answerer import ModelAnswerer

        self._client = client
        self._ready = ready
        verify = settings.model.verify
        self._answerer = ModelAnswerer(
            client,
            history_tokens=settings.ask.history_tokens,
            checked=verify != "off",
            second_look=_second_look(client) if verify == "model" else None,
        )

    async def answer(
        self,
        question: str,
        excerpts: Sequence[Excerpt],
        *,
        show: Show,
        earlier: Sequence[Earlier] = (),
    ) -> Drafted | None:
        """See Answerer."""
        with suppress(AutointelError):  # the question itself meets the same error, and says so
            await self._ready
        drafted = await self._answerer.answer(question, excerpts, show=show, earlier=earlier)
        return drafted and drafted.model_copy(update={"simulated": self._client.simulated})


def _second_look(client: ModelClient) -> SecondLook:
    """The model's own look at its sentences; where it does not answer, nothing is removed."""
    from autointel.pipeline.verifying import Shown, Verifier

    verifier = Verifier(client)

    async def look(sentences: Sequence[tuple[str, tuple[str, ...], str]]) -> tuple[frozenset[int], tuple[str, ...]]:
        checked = await verifier.check(StepName.BRIEF, [Shown(*each) for each in sentences], partly=True)
        return checked.stays, checked.dropped.sentences

    return look


@asynccontextmanager
async def answering(settings: Settings) -> AsyncIterator[Answerer]:
    """The model of the settings, over a client of its own that is closed afterwards.

    The client gets ready, and a model file is loaded, while memory is searched.
    """
    from autointel.app.model_settings import client_of

    async with client_of(settings) as client:
        ready = asyncio.create_task(client.open())
        try:
            yield _Labelled(client, settings, ready)
        finally:
            ready.cancel()
            with suppress(asyncio.CancelledError, AutointelError):
                await ready


@dataclass
class Chat:
    """An open conversation. ``about`` is the source it is limited to; None is everything in the namespace."""

    settings: Settings
    namespace: str
    engine: Engine
    limit: int
    conversation: Conversation
    about: Source | None
    _saved: Conversations
    _listener: Listener = field(repr=False)
    _portal: BlockingPortal = field(repr=False)
    _stores: OpenStores = field(repr=False)

    def ask(self, question: str, show: Show = lambda *_: None) -> Answered:
        """The answer, with the turns before it in mind; saved when it returns, unless what it rests on was forgotten.

        Blocks. Raises HomeUnusable, ModelRefused, and UsageError where the privacy gate blocks the question.
        """
        earlier = tuple(
            Earlier(question=turn.question, answer=turn.answer or NO_MODEL_ANSWERED) for turn in self.conversation.turns
        )
        asking = Asking(self.settings, question, self.limit, self.engine, show, earlier)
        answered: Answered = self._portal.call(asked_of, asking, self._stores)
        turn = _turn(answered)
        with side_by_side(Home(self.settings.home).storing, self._listener.waiting):
            held = {source.id for source in self._stores.index.sources()}
            if all(quote.source_id in held for quote in turn.quotes):
                self.conversation = self._saved.add(self.conversation, turn)
        return answered


def _turn(answered: Answered) -> Turn:
    from autointel.adapters.conversations import Quoted, Turn

    quotes = tuple(
        Quoted(source_id=each.passage.source_id, title=each.source_title, citation=each.citation)
        for each in answered.found
    )
    return Turn(question=answered.question, answer=answered.answer, held=answered.held, quotes=quotes)


def chats_of(settings: Settings, namespace: str) -> list[Conversation]:
    """The conversations of the namespace that have a turn, the latest first. Blocks. Raises HomeUnusable."""
    from autointel.adapters.conversations import Conversations

    return [each for each in Conversations(settings.home, namespace).all() if each.turns]


@contextmanager
def chatting(
    settings: Settings,
    namespace: str,
    listener: Listener,
    *,
    engine: Engine,
    limit: int,
    source: str | None = None,
    resume: str | None = None,
    again: bool = False,
) -> Iterator[Chat | None]:
    """A new conversation, or with ``again`` the one of the id ``resume`` (None: the latest).

    None where nothing was read. Raises HomeUnusable, and UsageError for a source or a conversation that is not there.
    """
    from autointel.adapters.conversations import Conversations

    saved = Conversations(settings.home, namespace)
    conversation = saved.find(resume) if again else None
    with (
        event_loop() as portal,
        portal.wrap_async_context_manager(opened_stores(settings, namespace, listener)) as stores,
    ):
        if stores is None:
            yield None
            return
        named = source or (conversation.source_id if conversation else None)
        about = named_source(stores.index.sources(), named) if named else None
        searched = stores.only(about.id) if about else stores
        if conversation is None:
            conversation = saved.new(about.id if about else None)
        yield Chat(settings, namespace, engine, limit, conversation, about, saved, listener, portal, searched)
