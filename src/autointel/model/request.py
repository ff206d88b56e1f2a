"""One question put to the model until it is answered: the only place where anything is tried again."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final, NoReturn

import anyio
from pydantic import BaseModel

from autointel.domain.run import StepName
from autointel.errors import AutointelError, ModelRefused, ModelUnavailable
from autointel.model.api_errors import ApiError, Remedy, trouble_of
from autointel.model.budget import Account, Accounts
from autointel.model.chat import Chat, Message, RawReply
from autointel.model.endpoint import Clock, Endpoint, Limits
from autointel.model.prices import Price, Prices
from autointel.model.rate_limit import RateLimiter
from autointel.model.reply_schema import Level, in_words, response_format
from autointel.model.reply_text import Malformed, parsed
from autointel.model.tokens import estimate_messages, estimate_tokens

_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
# So many questions answered only after the schema was put in words: the server does not heed it elsewhere.
_STRIKES: Final = 2


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
    """A reply that fits. ``text`` is its JSON where a schema was asked for; tokens are 0 where no call was made."""

    text: str
    value: BaseModel | None
    model: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = False


@dataclass
class Dialect:
    """What a model's server turned out to understand, for the rest of the run."""

    level: Level = Level.SCHEMA
    temperature: float | None = None
    streams: bool = True
    strikes: int = 0

    def concede(self, about: str, level: Level) -> bool:
        """Do without; False where there is nothing left to give up. ``level`` is what the rejected request used."""
        if about == "temperature" and self.temperature is not None:
            self.temperature = None
        elif about.startswith("stream") and self.streams:
            self.streams = False
        elif about.startswith(("response", "json")) and level < Level.TEXT:
            # Side by side, several requests meet the same rejection; each concedes from where it stood.
            self.level = max(self.level, Level(level + 1))
        else:
            return False
        return True


@dataclass
class Shared:
    """What all exchanges of a run have in common."""

    endpoint: Endpoint
    limits: Limits
    clock: Clock
    prices: Prices
    chat: Chat
    gate: RateLimiter
    accounts: Accounts
    dialects: dict[str, Dialect] = field(default_factory=dict)
    refused: dict[str, ApiError] = field(default_factory=dict)

    def dialect(self, model: str) -> Dialect:
        """What is known of a model's server."""
        return self.dialects.setdefault(model, Dialect(temperature=self.endpoint.temperature))


class Exchange:
    """Asks one question, at most ``max_attempts`` times in all."""

    def __init__(self, question: Question, shared: Shared) -> None:
        self._question = question
        self._shared = shared
        self._dialect = shared.dialect(question.model)
        self._account: Account = shared.accounts.steps[question.step]
        self._attempts = 0
        self._problem: str | None = None
        self._level = self._dialect.level
        self._streamed = RawReply("", question.model)
        self._paid = (0, 0)

    async def answer(self) -> Answer:
        """The reply. Raises ModelRefused, BudgetSpent, ModelUnavailable."""
        while True:
            try:
                return self._read(await self._whole())
            except AutointelError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever the vendor raises becomes one of ours
                await self._recover(error)

    async def answer_in_pieces(self) -> AsyncGenerator[str | Answer]:
        """The reply's text as it comes, and last the answer. Raises as ``answer``.

        A try that breaks off after its first piece is followed by one that comes whole: what has been handed out cannot
        be taken back.
        """
        begun = False
        while self._dialect.streams and not begun:
            try:
                async with aclosing(self._pieces()) as pieces:
                    async for piece in pieces:
                        begun = True
                        yield piece
                answer = self._read(self._streamed)
            except AutointelError:
                raise
            except Exception as error:  # noqa: BLE001 - as above
                await self._recover(error)
            else:
                yield answer
                return
        yield await self.answer()

    async def _recover(self, error: Exception) -> None:
        """Get ready for another try, or raise."""
        trouble = trouble_of(error, self._shared.endpoint, self._question.model, self._shared.clock.today())
        if trouble.cure is Remedy.REFUSED:
            self._shared.refused[self._question.model] = trouble
            raise ModelRefused(trouble.message, trouble.hint) from error
        if trouble.cure is Remedy.NOTHING or self._attempts >= self._shared.limits.max_attempts:
            self._give_up(trouble, error)
        if trouble.cure is Remedy.WAIT:
            await self._wait(trouble, error)
        elif trouble.cure is Remedy.CONCEDE:
            if not self._dialect.concede(trouble.about, self._level):
                self._give_up(trouble, error)
        elif self._problem is not None:
            # Malformed twice: a third reply would be no better.
            self._give_up(trouble, error)
        else:
            self._problem = str(error) if isinstance(error, Malformed) else "it could not be read"

    async def _wait(self, trouble: ApiError, error: Exception) -> None:
        wait = self._backoff() if trouble.after is None else trouble.after
        if wait > _LONGEST_WAIT:
            self._give_up(trouble, error)
        self._shared.accounts.check_time(wait)
        if trouble.limits_all and trouble.after is not None:
            self._shared.gate.close_for(wait)
        self._account.queue_seconds += wait
        await self._shared.clock.sleep(wait)

    def _backoff(self) -> float:
        """Twice as long each time, with half of it jitter: by a hash, so that a run can be told again."""
        digest = sha256(f"{self._question.key} {self._attempts}".encode()).digest()
        full: float = _FIRST_WAIT * 2 ** (self._attempts - 1)
        return min(_LONGEST_WAIT, full * (0.5 + digest[0] / 512))

    def _give_up(self, trouble: ApiError, error: Exception) -> NoReturn:
        times = f" ({self._attempts} tries)" if self._attempts > 1 else ""
        raise ModelUnavailable(f"{trouble.message.removesuffix('.')}{times}.", trouble.hint) from error

    @asynccontextmanager
    async def _sending(self) -> AsyncIterator[tuple[list[Message], dict[str, Any]]]:
        """A place at the gate, within the budget: what to send."""
        if refused := self._shared.refused.get(self._question.model):
            raise ModelRefused(refused.message, refused.hint)
        await self._shared.chat.open()
        self._level = self._next_level()
        messages = self._messages()
        price = self._price(self._question.model)
        accounts = self._shared.accounts
        async with self._shared.gate.passage() as waited:
            self._account.queue_seconds += waited
            accounts.check_time()
            with accounts.reserved(estimate_messages([m["content"] for m in messages]), price, self._question.model):
                self._attempts += 1
                self._account.calls += 1
                yield messages, self._extra()

    def _next_level(self) -> Level:
        """After a malformed reply, the schema goes into the prompt: the server may not heed it elsewhere."""
        asked_anew = self._problem is not None and self._dialect.level is Level.SCHEMA
        return Level.JSON if asked_anew else self._dialect.level

    async def _whole(self) -> RawReply:
        async with self._sending() as (messages, extra):
            with anyio.fail_after(self._patience()):
                reply = await self._shared.chat.send(self._question.model, messages, extra)
            self._pay(reply, messages)
            return reply

    async def _pieces(self) -> AsyncGenerator[str]:
        """The text of a streamed reply; the whole reply is in ``_streamed`` at the end."""
        self._streamed = RawReply("", self._question.model)
        async with (
            self._sending() as (messages, extra),
            aclosing(self._shared.chat.stream(self._question.model, messages, extra)) as pieces,
        ):
            while True:
                # A scope of its own for each piece: one around a yield would cancel whoever is listening.
                with anyio.fail_after(self._patience()):
                    piece = await anext(pieces, None)
                if piece is None:
                    break
                self._streamed = _joined(self._streamed, piece)
                yield piece.text
            self._pay(self._streamed, messages)
        if self._streamed.finish is None:
            raise Malformed("it broke off")

    def _patience(self) -> float:
        return max(0.001, min(self._shared.endpoint.timeout, self._shared.accounts.seconds_left()))

    def _messages(self) -> list[Message]:
        messages = list(self._question.messages)
        extra = in_words(self._question.schema) if self._question.schema and self._level > Level.SCHEMA else ""
        if self._problem is not None:
            extra += f"\nYour last reply could not be used: {self._problem}."
        if extra:
            last = messages[-1]
            messages[-1] = {**last, "content": f"{last['content']}\n\n{extra.strip()}"}
        return messages

    def _extra(self) -> dict[str, Any]:
        """Parameters beside model and messages."""
        question, extra = self._question, dict[str, Any]()
        if self._dialect.temperature is not None:
            extra["temperature"] = self._dialect.temperature
        wanted = response_format(question.schema, self._level) if question.schema else None
        if wanted:
            # Past the library's own handling, which would parse the reply into its idea of the schema.
            extra["extra_body"] = {"response_format": wanted}
        role = "".join(c if c.isalnum() and c.isascii() else "-" for c in question.role)[:40]
        # For a server's support desk, and a server's log; OpenAI documents this header.
        extra["extra_headers"] = {"X-Client-Request-Id": f"autointel/{question.step}/{role}/{question.key[:16]}"}
        return extra

    def _pay(self, reply: RawReply, messages: list[Message]) -> None:
        counted = reply.prompt_tokens is not None and reply.completion_tokens is not None
        prompt = reply.prompt_tokens if counted else estimate_messages([m["content"] for m in messages])
        completion = reply.completion_tokens if counted else estimate_tokens(reply.text)
        self._paid = (prompt or 0, completion or 0)
        self._shared.accounts.pay(self._question.step, self._paid, self._price(reply.model), estimated=not counted)

    def _price(self, model: str) -> Price | None:
        return self._shared.prices.of(model, self._shared.endpoint.base_url)

    def _read(self, reply: RawReply) -> Answer:
        if reply.refusal or reply.finish == "content_filter":
            raise ModelUnavailable(
                f"{self._question.model} refused to answer as {self._question.role}.",
                "Its provider's rules stand against this source; another model may take it.",
            )
        schema = self._question.schema
        if schema is None:
            if not reply.text.strip():
                raise Malformed("it was empty")
            return Answer(reply.text, None, reply.model, *self._paid)
        try:
            value = parsed(reply.text, schema)
        except Malformed as problem:
            cut = " (it was cut at the model's limit for a reply)" if reply.finish == "length" else ""
            raise Malformed(f"{problem}{cut}") from None
        if self._level > self._dialect.level:
            self._dialect.strikes += 1
            if self._dialect.strikes >= _STRIKES:
                self._dialect.level = self._level
        return Answer(value.model_dump_json(), value, reply.model, *self._paid)


def _joined(whole: RawReply, piece: RawReply) -> RawReply:
    return RawReply(
        text=whole.text + piece.text,
        model=piece.model or whole.model,
        refusal=(whole.refusal or "") + (piece.refusal or "") or None,
        finish=piece.finish or whole.finish,
        prompt_tokens=piece.prompt_tokens if piece.prompt_tokens is not None else whole.prompt_tokens,
        completion_tokens=piece.completion_tokens if piece.completion_tokens is not None else whole.completion_tokens,
    )


def key_of(endpoint: Endpoint, model: str, messages: tuple[Message, ...], schema: Mapping[str, Any] | None) -> str:
    """Everything a reply depends on: where it is asked, whom, what, in which form."""
    parts = [endpoint.base_url, model, endpoint.temperature, [dict(message) for message in messages], schema]
    return sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
