"""One question put to the model until it is answered: the only place where a model call is tried again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NoReturn

import anyio
from pydantic import BaseModel

from autointel.domain.run import StepName
from autointel.errors import AutointelError, ModelRefused, ModelUnavailable, PromptTooLong
from autointel.model.api_errors import ApiError, Remedy, api_error_of
from autointel.model.chat import Asked, Chat, Message, RawReply
from autointel.model.completion import ABORTED, LOOP
from autointel.model.endpoint import Endpoint, ModelHost
from autointel.model.limits import Account, Accounts, Clock, Limits, Patience, Price, Prices, RateLimiter
from autointel.model.prompts import estimate_messages, estimate_tokens
from autointel.model.replies import Malformed, Salvaged, in_words, is_empty, most_tokens, response_format, salvaged
from autointel.model.server_facts import Dialect, Form, ServerFacts, without_system

_FIRST_WAIT: Final = 1.0  # seconds
_LONGEST_WAIT: Final = 60.0
# A server that says that it is loading is waited for so long in all, and asked again so often.
LONGEST_LOADING: Final = 600.0
LOADING_WAIT: Final = 3.0
# How much longer a reply may be that begins with reasoning.
_ROOM_TO_REASON: Final = 4
# Finishes of replies that were cut, broke off, or were refused.
_CUT: Final = {"length", "max_tokens", LOOP}
_BROKE_OFF: Final = {None, ABORTED}
_REFUSED: Final = {"content_filter", "safety", "recitation", "prohibited_content", "blocklist", "sensitive", "refusal"}
# A character limit on top of the tokens: for servers that heed none.
_CHARACTERS: Final = 6
_FEWEST_CHARACTERS: Final = 20_000
_ANY_LENGTH: Final = 8_000  # tokens, for a reply in words
_BESIDE: Final = 64  # tokens that a chat's template may add
# A prompt of so many tokens of which the server counts less than half was cut before the model saw it.
_LONG_PROMPT: Final = 1_000
_READ: Final = 0.5


@dataclass(frozen=True)
class Question:
    """What is asked, by whom, and for which step. ``key`` names it: the same question has the same key."""

    model: str
    messages: tuple[Message, ...]
    schema: type[BaseModel] | None
    role: str
    step: StepName
    key: str


@dataclass(frozen=True)
class Answer:
    """A reply that fits. ``text`` is its JSON where a schema was asked for; tokens are 0 where no call was made.

    ``whole`` is False for one that was cut, or has nothing in it: it is used, and not kept for another run.
    """

    text: str
    value: BaseModel | None
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = False
    whole: bool = True


class _ReasonedAway(Exception):
    """A model spent its whole reply on reasoning."""


@dataclass
class Shared:
    """What all exchanges of a run have in common."""

    endpoint: Endpoint
    limits: Limits
    clock: Clock
    prices: Prices
    chat: Chat
    rate_limiter: RateLimiter
    accounts: Accounts
    patience: Patience
    tell: Callable[[str], None] = lambda _: None
    host: ModelHost | None = None
    facts: ServerFacts = field(default_factory=ServerFacts)
    stopped: bool = False
    under_way: set[anyio.CancelScope] = field(default_factory=set)
    dialects: dict[str, Dialect] = field(default_factory=dict)
    refused: dict[str, ApiError] = field(default_factory=dict)

    async def ready(self) -> None:
        """Wait for the server, where it runs for this client. Raises as ModelHost does."""
        if self.host is not None:
            await self.host.ready()

    def dialect(self, model: str) -> Dialect:
        """What is known of a model's server."""
        form = Form(temperature=self.endpoint.temperature, lengths=self.endpoint.heeds_lengths)
        return self.dialects.setdefault(model, Dialect(form))


class Exchange:
    """Asks one question, at most ``max_attempts`` times in all; waiting for a model to load is no attempt.

    ``show`` makes, for each attempt, what gets the reply's text as it comes.
    """

    def __init__(
        self, question: Question, shared: Shared, show: Callable[[], Callable[[str], None]] = lambda: lambda _: None
    ) -> None:
        self._question = question
        self._shared = shared
        self._show = show
        self._dialect = shared.dialect(question.model)
        self._form = self._dialect.form
        self._account: Account = shared.accounts.steps[question.step]
        self._attempts = 0
        self._loading = 0.0
        self._sent = 0.0
        self._problem: str | None = None
        self._best: tuple[Salvaged[BaseModel], RawReply] | None = None
        self._paid = (0, 0)
        self._size = 0  # tokens of the prompt as it is sent, estimated

    async def answer(self) -> Answer:
        """The reply. Raises ModelRefused, BudgetSpent, PromptTooLong, ModelUnavailable."""
        with anyio.CancelScope() as scope:
            self._shared.under_way.add(scope)
            try:
                if not self._shared.stopped:
                    return await self._ask_until_answered()
            finally:
                self._shared.under_way.discard(scope)
        raise ModelUnavailable("The run was interrupted.", "Resume it.")

    async def _ask_until_answered(self) -> Answer:
        while True:
            try:
                answer = self._read(await self._reply())
            except AutointelError:
                raise
            except Exception as error:  # noqa: BLE001  whatever the connection raises
                poorer = await self._recover(error)
                if poorer is not None:
                    return poorer
            else:
                self._dialect.settle(self._form)
                return answer

    async def _recover(self, error: Exception) -> Answer | None:
        """Prepare another try, return the best reply so far where no other try will better it, or raise."""
        api_error = self._api_error(error)
        match api_error.remedy:
            case Remedy.REFUSED:
                self._shared.refused[self._question.model] = api_error
                raise ModelRefused(api_error.message, api_error.hint) from error
            case Remedy.SHORTEN:
                raise PromptTooLong(api_error.message, api_error.hint) from error
            case Remedy.WAIT_FOR_LOADING:
                await self._wait_for_loading(api_error, error)
                return None
        if api_error.limits_all or api_error.remedy is Remedy.WAIT:
            self._shared.rate_limiter.strained(self._sent)
        asked_anew = api_error.remedy is Remedy.ASK_ANEW and self._problem is not None
        if api_error.remedy is Remedy.NOTHING or asked_anew or self._attempts >= self._shared.limits.max_attempts:
            # Malformed twice: a third reply would be no better.
            return self._settle_for_best() or self._give_up(api_error, error)
        if api_error.remedy is Remedy.WAIT:
            await self._wait(api_error, error)
        elif api_error.remedy is Remedy.CONCEDE:
            self._concede(api_error, error)
        else:
            self._ask_anew(error)
        return None

    def _api_error(self, error: Exception) -> ApiError:
        if isinstance(error, _ReasonedAway):
            return ApiError(
                Remedy.ASK_ANEW,
                f"{self._question.model} spent its whole reply on reasoning, and wrote none of what was asked for.",
                "Turn its reasoning off or down at the server, or use a model that does not reason.",
            )
        return api_error_of(error, self._shared.endpoint, self._question.model, self._shared.clock.today(), self._form)

    def _concede(self, api_error: ApiError, error: Exception) -> None:
        """Leave a part of the request out; for the run, where the server has said that it does not take it."""
        form = self._form.without(api_error.part, api_error.message) if api_error.part else None
        if form is None:
            self._give_up(api_error, error)
        self._form = form
        if api_error.lasting and api_error.part:
            # Side by side, several requests meet the same rejection.
            self._dialect.form = self._dialect.form.without(api_error.part, api_error.message) or self._dialect.form

    def _ask_anew(self, error: Exception) -> None:
        self._problem = str(error) if isinstance(error, Malformed) else "it could not be read"
        if isinstance(error, _ReasonedAway):
            self._dialect.room = _ROOM_TO_REASON
            self._problem = "there was no room left for it after your reasoning; reason less"
        elif self._question.schema is not None:
            self._form = self._form.worded()

    def _settle_for_best(self) -> Answer | None:
        """The reply with the most items that could be used; None without any."""
        if self._best is None:
            return None
        best, reply = self._best
        return self._answer(best, reply)

    async def _wait_for_loading(self, api_error: ApiError, error: Exception) -> None:
        if not self._loading:
            self._shared.tell(api_error.message)
        wait = max(LOADING_WAIT, min(api_error.after or 0.0, _LONGEST_WAIT))
        if self._loading + wait > LONGEST_LOADING:
            self._give_up(api_error, error)
        self._shared.accounts.check_time(wait)
        self._loading += wait
        self._attempts -= 1
        self._account.queue_seconds += wait
        await self._shared.clock.sleep(wait)

    async def _wait(self, api_error: ApiError, error: Exception) -> None:
        wait = self._backoff() if api_error.after is None else api_error.after
        if wait > _LONGEST_WAIT:
            self._give_up(api_error, error)
        self._shared.accounts.check_time(wait)
        if api_error.limits_all and api_error.after is not None:
            await self._shared.rate_limiter.close_for(wait)
        self._account.queue_seconds += wait
        await self._shared.clock.sleep(wait)

    def _backoff(self) -> float:
        """Twice as long each time, with half of it jitter: by a hash, so that a run can be repeated exactly."""
        digest = sha256(f"{self._question.key} {self._attempts}".encode()).digest()
        full: float = _FIRST_WAIT * 2 ** (self._attempts - 1)
        return min(_LONGEST_WAIT, full * (0.5 + digest[0] / 512))

    def _give_up(self, api_error: ApiError, error: Exception) -> NoReturn:
        times = f" ({self._attempts} tries)" if self._attempts > 1 else ""
        message = api_error.message
        near = self._shared.facts.nearest(self._question.model) if "knows no model" in message else None
        hint = f"The nearest name there is {near}. {api_error.hint}" if near else api_error.hint
        raise ModelUnavailable(f"{message.removesuffix('.')}{times}.", hint) from error

    @asynccontextmanager
    async def _sending(self) -> AsyncIterator[list[Message]]:
        """A place among the calls under way, within the budget; yields the messages to send."""
        if refused := self._shared.refused.get(self._question.model):
            raise ModelRefused(refused.message, refused.hint)
        await self._shared.ready()
        await self._shared.chat.open()
        if self._attempts == 0:
            self._form = self._dialect.form
        messages = self._messages()
        self._size = estimate_messages([message["content"] for message in messages])
        price = self._price(self._question.model)
        accounts = self._shared.accounts
        async with self._shared.rate_limiter.passage() as waited:
            self._account.queue_seconds += waited
            accounts.check_time()
            with accounts.reserved(self._size, price, self._question.model):
                self._attempts += 1
                self._account.calls += 1
                self._sent = self._shared.clock.now()
                yield messages

    async def _reply(self) -> RawReply:
        async with self._sending() as messages:
            most = self._most_tokens()
            asked = Asked(
                model=self._question.model,
                messages=messages,
                extra=self._extra(most),
                patience=self._patience(),
                most_characters=max(_FEWEST_CHARACTERS, most * _CHARACTERS),
                streams=self._form.streams,
                show=self._show(),
            )
            with self._shared.patience.telling(self._shared.tell, self._question.model):
                reply = await self._shared.chat.send(asked)
            self._shared.rate_limiter.succeeded(self._sent)
            self._pay(reply)
        self._check_that_all_was_read(reply)
        return reply

    def _patience(self) -> tuple[float, float]:
        left = max(0.001, self._shared.accounts.seconds_left())
        first, between = self._shared.patience.seconds(streams=self._form.streams)
        return min(first, left), min(between, left)

    def _most_tokens(self) -> int:
        schema = self._question.schema
        most = (most_tokens(schema) if schema else _ANY_LENGTH) * self._dialect.room
        context = self._shared.facts.context
        return min(most, max(_BESIDE, context - self._size - _BESIDE)) if context else most

    def _messages(self) -> list[Message]:
        messages = list(self._question.messages)
        extra = in_words(self._question.schema) if self._question.schema and self._form.shows_schema else ""
        if self._problem is not None:
            extra += f"\nYour last reply could not be used: {self._problem}."
        if extra:
            last = messages[-1]
            messages[-1] = {**last, "content": f"{last['content']}\n\n{extra.strip()}"}
        return messages if self._form.system else without_system(messages)

    def _extra(self, most: int) -> dict[str, Any]:
        """Parameters beside model and messages."""
        question, form = self._question, self._form
        extra = dict[str, Any]()
        if form.temperature is not None:
            extra["temperature"] = form.temperature
        body = dict[str, Any]()
        if form.max_tokens:
            body[form.max_tokens] = most
        wanted = response_format(question.schema, form.level, lengths=form.lengths) if question.schema else None
        if wanted:
            # Past the library's own handling, which would parse the reply into its idea of the schema.
            body["response_format"] = wanted
        extra["extra_body"] = body
        role = "".join(c if c.isalnum() and c.isascii() else "-" for c in question.role)[:40]
        # For a server's support desk, and a server's log; OpenAI documents this header.
        extra["extra_headers"] = {"X-Client-Request-Id": f"autointel/{question.step}/{role}/{question.key[:16]}"}
        return extra

    def _pay(self, reply: RawReply) -> None:
        counted = reply.prompt_tokens is not None and reply.completion_tokens is not None
        prompt = reply.prompt_tokens if counted else self._size
        completion = reply.completion_tokens if counted else estimate_tokens(reply.text)
        self._paid = (prompt or 0, completion or 0)
        self._shared.accounts.pay(self._question.step, self._paid, self._price(reply.model), estimated=not counted)

    def _price(self, model: str) -> Price | None:
        return self._shared.prices.of(model, self._shared.endpoint.base_url)

    def _check_that_all_was_read(self, reply: RawReply) -> None:
        """Some servers cut a prompt that is too long, and answer as if nothing had happened. Raises PromptTooLong."""
        sent, read = self._size, reply.prompt_tokens
        if read is None or sent < _LONG_PROMPT or read >= sent * _READ:
            return
        if not self._dialect.counts_plausibly(sent, read):
            return
        raise PromptTooLong(
            f"{self._shared.endpoint.host} read only {read:,} of some {sent:,} tokens of the prompt.",
            "Raise the server's context: num_ctx or OLLAMA_CONTEXT_LENGTH for Ollama, -c for llama.cpp.",
        )

    def _read(self, reply: RawReply) -> Answer:
        if reply.refusal or reply.finish in _REFUSED:
            raise ModelUnavailable(
                f"{self._question.model} refused to answer as {self._question.role}.",
                "Its provider's rules stand against this source; another model may take it.",
            )
        schema, cut = self._question.schema, reply.finish in _CUT
        if schema is None:
            if reply.finish in _BROKE_OFF or not reply.text.strip():
                raise Malformed("it broke off" if reply.finish in _BROKE_OFF else "it was empty")
            return Answer(reply.text, None, reply.model, *self._paid, whole=not cut)
        try:
            best = salvaged(reply.text, schema)
        except Malformed as problem:
            if cut and reply.thought:
                raise _ReasonedAway from None
            raise Malformed(f"{problem}{_why_cut(reply)}") from None
        if reply.finish == ABORTED or (reply.finish is None and best.cut):
            self._remember(best, reply)
            raise Malformed("it broke off")
        if best.is_poor or (best.cut and not cut):
            self._remember(best, reply)
            raise Malformed(best.problem)
        return self._answer(best, reply)

    def _remember(self, found: Salvaged[BaseModel], reply: RawReply) -> None:
        if found.kept and (self._best is None or found.kept > self._best[0].kept):
            self._best = (found, reply)

    def _answer(self, found: Salvaged[BaseModel], reply: RawReply) -> Answer:
        self._account.dropped_items += len(found.dropped) + found.cut
        whole = not found.cut and reply.finish not in _CUT and not is_empty(found.value)
        return Answer(found.value.model_dump_json(), found.value, reply.model, *self._paid, whole=whole)


def _why_cut(reply: RawReply) -> str:
    if reply.finish == LOOP:
        return " (it went round in circles and was ended)"
    return " (it was cut at the model's limit for a reply)" if reply.finish in _CUT else ""


def key_of(endpoint: Endpoint, model: str, messages: tuple[Message, ...], schema: Mapping[str, Any] | None) -> str:
    """A hash of everything a reply depends on: server, model, messages and schema."""
    parts = [endpoint.identity, model, endpoint.temperature, [dict(message) for message in messages], schema]
    return sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
