"""The one client to the model: what a run asks of it passes here, and nowhere else.

identical question in flight? ── share its call
answered before? ────────────── the stored reply
budget, place, rate ─────────── wait, or BudgetSpent
ask, and ask again ──────────── retries.py
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

import anyio
import anyio.to_thread
from pydantic import BaseModel

from autointel.domain.performance import Measure
from autointel.domain.run import StepName, Usage
from autointel.errors import HomeUnusable
from autointel.model.chat import Chat, Message
from autointel.model.endpoint import Endpoint, ModelHost
from autointel.model.limits import (
    Account,
    Accounts,
    Clock,
    Limits,
    Patience,
    Prices,
    RateLimiter,
    StepUsage,
    openai_prices,
)
from autointel.model.prompts import RULE
from autointel.model.replies import schema_of
from autointel.model.reply_text import StreamedList
from autointel.model.retries import LOADING_WAIT, LONGEST_LOADING, Answer, Exchange, Question, Shared, key_of
from autointel.model.server_facts import Form, ServerFacts, learn
from autointel.ports import CallPlaces, ModelCache

Reply = TypeVar("Reply", bound=BaseModel)
Result = TypeVar("Result")
_ASKED_BESIDE: Final = 0.03  # seconds without a request after which no more are being written
THIRTY_DAYS: Final = 30 * 24 * 3600.0


class ModelClient:
    """Port ``Model`` over an OpenAI-compatible server. Use it on one event loop only, and close it there.

    ``cache`` keeps replies from run to run, each for ``cache_seconds``; None keeps none (``--no-cache``). ``tell`` gets
    a sentence where the run waits for the server. ``host`` is the server itself, where it runs for this client alone.
    ``places`` are shared with other runs; the client closes them. Questions go through LangChain's client once it is
    loaded.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        limits: Limits | None = None,
        *,
        cache: ModelCache | None = None,
        cache_seconds: float = THIRTY_DAYS,
        prices: Prices | None = None,
        clock: Clock | None = None,
        tell: Callable[[str], None] = lambda _: None,
        host: ModelHost | None = None,
        places: CallPlaces | None = None,
    ) -> None:
        limits, clock = limits or Limits(), clock or Clock()
        chat = Chat(endpoint, limits.max_concurrent_calls)
        self.endpoint = endpoint
        self.calls: list[Measure] = []
        """The time of every question, with its retries and its wait for a free place."""
        self._cache = cache
        self._places = places
        self._cache_seconds = cache_seconds
        self._simulated = False
        self._learning = anyio.Lock()
        self._learned = False
        self._flights: SingleFlight[Answer] = SingleFlight()
        self._shared = Shared(
            endpoint=endpoint,
            limits=limits,
            clock=clock,
            prices=prices or openai_prices(),
            chat=chat,
            rate_limiter=RateLimiter(limits, clock, places),
            accounts=Accounts(limits, clock),
            patience=Patience(endpoint, chat),
            tell=tell,
            host=host,
        )

    @property
    def usage(self) -> Usage:
        """The calls, tokens and dollars of all steps so far."""
        return self._shared.accounts.usage

    @property
    def simulated(self) -> bool:
        """Whether any reply came from a simulated model, which the report must say."""
        return self._simulated or self._shared.chat.simulated

    @property
    def facts(self) -> ServerFacts:
        """What the server has said of itself; nothing before ``open``."""
        return self._shared.facts

    @property
    def form(self) -> Form:
        """The form of request that the model's server turned out to accept."""
        return self._shared.dialect(self.endpoint.name).form

    def spent(self, step: StepName) -> StepUsage:
        """The calls, tokens and dollars of one step so far."""
        return self._shared.accounts.steps.get(step, Account()).so_far()

    async def ask(
        self,
        role: str,
        system: str,
        user: str,
        schema: type[Reply],
        *,
        step: StepName,
        smaller: bool = False,
    ) -> Reply:
        """A reply that fits ``schema``.

        Raises ModelRefused (key, quota), BudgetSpent, ModelUnavailable (after its retries, or no valid reply).
        """
        messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
        answer = await self.answer(messages, schema, role=role, step=step, smaller=smaller)
        # A call shared with another may have made a value of that one's class.
        return answer.value if isinstance(answer.value, schema) else schema.model_validate_json(answer.text)

    async def answer(
        self,
        messages: Sequence[Message],
        schema: type[BaseModel] | None,
        *,
        role: str,
        step: StepName,
        smaller: bool = False,
    ) -> Answer:
        """The reply to a conversation; in words, without a schema. CrewAI asks through this. Raises as ``ask``."""
        question = self._question(messages, schema, role, step, smaller=smaller)
        began, answer, shared = self._shared.clock.now(), None, False
        try:
            answer, shared = await self._flights.share(question.key, lambda: self._kept_or_asked(question))
        finally:
            cached = shared or (answer is not None and answer.cached)
            seconds = max(0.0, self._shared.clock.now() - began)
            self.calls.append(Measure(kind="call", name=step, seconds=seconds, failed=answer is None, cached=cached))
        if cached:
            self._shared.accounts.steps[step].cached += 1
        return answer

    async def answer_shown(
        self,
        messages: Sequence[Message],
        schema: type[BaseModel],
        *,
        role: str,
        step: StepName,
        field: str,
        show: Callable[[str], None],
    ) -> Answer:
        """As ``answer``, and ``show`` gets each item of the reply's list ``field``, as JSON, once it is complete.

        Where a reply breaks off, the question is asked again; of the second reply, only items that are new are shown.
        """
        shown: set[str] = set()

        def reader() -> Callable[[str], None]:
            found = StreamedList(field)

            def read(piece: str) -> None:
                for raw in found.feed(piece):
                    if raw not in shown:
                        shown.add(raw)
                        show(raw)

            return read

        question = self._question(messages, schema, role, step, smaller=False)
        kept = await self._kept(question)
        if kept:
            self._shared.accounts.steps[step].cached += 1
            reader()(kept.text)
            return kept
        return await self._keep(question, await Exchange(question, self._shared, reader).answer())

    async def open(self) -> None:
        """Wait for the server and ask it about itself, the first time: no step's time should count these seconds."""
        await self._shared.ready()
        async with anyio.create_task_group() as group:
            group.start_soon(self._facts)
            await self._shared.chat.open()

    async def load(self) -> None:
        """Load LangChain's client, the first time. Questions asked meanwhile are not held up."""
        await self._shared.chat.load()

    async def asked(self) -> None:
        """Wait until another question, and those asked beside it, are on their way: then the processor is free."""
        began = before = self._shared.chat.sent
        while (sent := self._shared.chat.sent) == began or sent > before:
            before = sent
            await anyio.sleep(_ASKED_BESIDE)

    async def room(self) -> int | None:
        """How many tokens prompt and reply may have together; None where the server does not say."""
        await self._shared.ready()
        return (await self._facts()).context

    async def _facts(self) -> ServerFacts:
        """What the server says of itself, asked once; calls in flight are held to its slots."""
        async with self._learning:
            if not self._learned:
                facts = await self._learn()
                # A server that could not be reached yet is asked once more at the next occasion.
                self._shared.facts, self._learned = facts, bool(facts.kind or facts.models)
                if facts.slots:
                    self._shared.rate_limiter.limit_to(facts.slots)
        return self._shared.facts

    async def _learn(self) -> ServerFacts:
        """The facts. A server that is still loading its model is waited for, ten minutes at most."""
        model, waited = self.endpoint.model(smaller=True), 0.0
        while True:
            facts = await learn(self.endpoint, model)
            if facts.kind or not facts.loading or waited >= LONGEST_LOADING:
                return facts
            if not waited:
                self._shared.tell(f"{self.endpoint.host} is still loading {model}.")
            waited += LOADING_WAIT
            await self._shared.clock.sleep(LOADING_WAIT)

    async def stop(self) -> None:
        """End every call under way, and refuse those that come after: the run was interrupted."""
        self._shared.stopped = True
        for scope in list(self._shared.under_way):
            scope.cancel()

    async def aclose(self) -> None:
        """Close its connections, and end the server that runs for it; closing twice is fine."""
        await self._shared.chat.aclose()
        if self._places is not None:
            await self._places.aclose()
        if self._shared.host is not None:
            await self._shared.host.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _question(
        self, messages: Sequence[Message], schema: type[BaseModel] | None, role: str, step: StepName, *, smaller: bool
    ) -> Question:
        model = self.endpoint.model(smaller=smaller)
        ruled = _with_rule(messages)
        key = key_of(self.endpoint, model, ruled, schema_of(schema) if schema else None)
        return Question(model, ruled, schema, role, step, key)

    async def _kept_or_asked(self, question: Question) -> Answer:
        return await self._kept(question) or await self._keep(question, await Exchange(question, self._shared).answer())

    async def _kept(self, question: Question) -> Answer | None:
        if self._cache is None:
            return None
        try:
            stored = await anyio.to_thread.run_sync(self._cache.get, question.key)
        except HomeUnusable:
            stored = None  # asking again is dearer, and still an answer
        if stored is None:
            return None
        try:
            kept = json.loads(stored)
            value = question.schema.model_validate_json(kept["text"]) if question.schema else None
            self._simulated = self._simulated or kept["simulated"]
            return Answer(kept["text"], value, kept["model"], cached=True)
        except (ValueError, KeyError, TypeError):
            # Written by another version: asked again, and written over.
            return None

    async def _keep(self, question: Question, answer: Answer) -> Answer:
        if self._cache and answer.whole:
            kept = json.dumps({"text": answer.text, "model": answer.model, "simulated": self.simulated})
            # A reply that has been paid for is not lost because it can't be kept.
            with suppress(HomeUnusable):
                await anyio.to_thread.run_sync(self._cache.put, question.key, kept, self._cache_seconds)
        return answer


def _with_rule(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with the rule about untrusted text in the system message."""
    if messages and messages[0]["role"] == "system":
        first = {**messages[0], "content": f"{messages[0]['content']}\n\n{RULE}"}
        return (first, *messages[1:])
    return ({"role": "system", "content": RULE}, *messages)


class _Flight(Generic[Result]):
    def __init__(self) -> None:
        self.landed = anyio.Event()
        self.result: Result | None = None
        self.error: Exception | None = None


class SingleFlight(Generic[Result]):
    """Calls under way, by key: identical questions asked at the same time share one."""

    def __init__(self) -> None:
        self._under_way: dict[str, _Flight[Result]] = {}

    async def share(self, key: str, work: Callable[[], Awaitable[Result]]) -> tuple[Result, bool]:
        """The result, and whether it was somebody else's. An error is shared too: asking again would repeat it.

        If the one who does the work is cancelled, one of those who wait takes it over.
        """
        while (flight := self._under_way.get(key)) is not None:
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.result is not None:
                return flight.result, True
        return await self._fly(key, work), False

    async def _fly(self, key: str, work: Callable[[], Awaitable[Result]]) -> Result:
        flight = self._under_way[key] = _Flight[Result]()
        try:
            flight.result = await work()
        except Exception as error:
            flight.error = error
            raise
        finally:
            del self._under_way[key]
            flight.landed.set()
        return flight.result
