"""Answers a question from excerpts of memory. Every sentence is carried by a quote of one, or it is not shown."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from pydantic import BaseModel, Field, ValidationError

from autointel.domain.run import StepName
from autointel.memory.ask import Drafted, quotes_of
from autointel.memory.excerpts import Excerpt, likeliest, quotes_for
from autointel.memory.findings import Earlier, Found, Sentence, Show
from autointel.model.prompts import estimate_tokens, untrusted
from autointel.text.language import is_english
from autointel.text.near_duplicates import same_claim

if TYPE_CHECKING:
    from autointel.model.chat import Message

_ID: Final = re.compile(r"\[?M(\d{1,4})\]?")
_MARKS: Final = re.compile(r"\s*\[M?\d{1,4}\]")
_ROLE: Final = "Librarian"
_SYSTEM: Final = (
    "You are a Librarian. You answer from the passages you are given and from nothing you know besides.\n"
    "Your goal: an answer of which every sentence can be looked up."
)
_TASK: Final = (
    "Answer the question in at most five plain sentences. Give for each the ids of the passages it rests on, exactly "
    "as they stand in square brackets; a sentence without one is removed. Where the passages do not hold the answer, "
    "give no sentences."
)
_AFTER: Final = "The question may refer to the conversation before it."
SecondLook: TypeAlias = Callable[
    [Sequence[tuple[str, tuple[str, ...], str]]], Awaitable[tuple[frozenset[int], tuple[str, ...]]]
]
"""Of sentences with their quotes and what code doubts: which stay, by place, and what was removed and why."""


class AnswerSentence(BaseModel):
    """One sentence of the answer."""

    text: str = Field(min_length=1)
    passage_ids: list[str] = Field(description="ids of the passages it rests on, as in square brackets")


class AnswerReply(BaseModel):
    """The answer; no sentences where the passages do not hold it."""

    sentences: list[AnswerSentence] = Field(max_length=5)


class Streams(Protocol):
    """The part of ModelClient that shows the items of a reply as they come."""

    async def answer_shown(
        self,
        messages: Sequence[Message],
        schema: type[BaseModel],
        *,
        role: str,
        step: StepName,
        field: str,
        show: Callable[[str], None],
    ) -> object:
        """``show`` gets each item of the list ``field``, as JSON. Raises ModelRefused, ModelUnavailable."""
        ...


class ModelAnswerer:
    """Implements Answerer over the one client to the model."""

    def __init__(
        self,
        model: Streams,
        *,
        history_tokens: int = 1_500,
        checked: bool = True,
        second_look: SecondLook | None = None,
    ) -> None:
        self._model = model
        self._history_tokens = history_tokens
        self._checked = checked
        self._second_look = second_look

    async def answer(
        self,
        question: str,
        excerpts: Sequence[Excerpt],
        *,
        show: Show,
        earlier: Sequence[Earlier] = (),
    ) -> Drafted | None:
        """The sentences that quotes carry, each shown as soon as it has come; None where there is none.

        With a second look they are shown together, after it. Not ``checked``: a sentence has the likeliest quote, which
        may not carry it.

        The model is asked once more where most sentences have no such passage or no passage that carries them; what
        stays wrong is removed. Raises ModelRefused, ModelUnavailable.
        """
        prompt = _prompt(question, excerpts, _recent(earlier, self._history_tokens))
        alone = self._second_look is None
        draft = _Draft(
            excerpts, show if alone else lambda *_: None, checked=self._checked, doubts=None if alone else {}
        )
        await self._ask(prompt, draft)
        if draft.is_wanting:
            problems, draft.problems = "; ".join(draft.problems), []
            await self._ask(f"{prompt}\n\nOf your last answer this was rejected: {problems}\nAnswer again.", draft)
        drafted = draft.drafted()
        return await self._verified(drafted, draft.doubts or {}, show) if drafted and self._second_look else drafted

    async def _verified(self, drafted: Drafted, doubts: Mapping[str, str], show: Show) -> Drafted | None:
        """The answer after a second look."""
        quotes = [each.citation.quote for each in drafted.found]
        shown = [
            (each.text, tuple(quotes[number - 1] for number in each.numbers), doubts.get(each.text, ""))
            for each in drafted.sentences
        ]
        stays, removed = await self._second_look(shown) if self._second_look else (frozenset(range(len(shown))), ())
        left = tuple(each for at, each in enumerate(drafted.sentences) if at in stays)
        # The quotes of what fell carry nothing.
        used = sorted({number for each in left for number in each.numbers})
        places = {number: place for place, number in enumerate(used, start=1)}
        found = tuple(drafted.found[number - 1] for number in used)
        left = tuple(Sentence(text=each.text, numbers=tuple(places[one] for one in each.numbers)) for each in left)
        for sentence in left:
            show(sentence, quotes_of(sentence, found))
        if not left:
            return None
        return drafted.model_copy(update={"sentences": left, "found": found, "removed": (*drafted.removed, *removed)})

    async def _ask(self, prompt: str, draft: _Draft) -> None:
        await self._model.answer_shown(
            [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": prompt}],
            AnswerReply,
            role=_ROLE,
            step=StepName.BRIEF,
            field="sentences",
            show=draft.take,
        )


class _Draft:
    """The answer as far as it has come. Quotes are numbered from 1, in the order of their first use.

    ``doubts`` are what code has against sentences that a model is to decide on, by text; None where code decides.
    """

    def __init__(
        self, excerpts: Sequence[Excerpt], show: Show, *, checked: bool = True, doubts: dict[str, str] | None = None
    ) -> None:
        self._excerpts = excerpts
        self._checked = checked
        self._show = show
        self._sentences: list[Sentence] = []
        self._quotes: list[Found] = []
        self.problems: list[str] = []
        self.doubts = doubts

    @property
    def is_wanting(self) -> bool:
        """Whether more sentences fell than stand: then the answer is worth another call."""
        return len(self.problems) > len(self._sentences)

    def take(self, raw: str) -> None:
        """Check one sentence of the reply and show it, or note what is wrong with it. Some milliseconds."""
        try:
            sentence = AnswerSentence.model_validate_json(raw)
        except ValidationError:
            return  # the client checks the whole reply, and asks again
        text = _MARKS.sub("", sentence.text).strip()
        language = _language(text)
        same = next((other for other in self._sentences if same_claim(text, other.text, language)), None)
        if not text or (same and same.text not in (self.doubts or {})):
            return
        numbers = [_number(each, len(self._excerpts)) for each in sentence.passage_ids]
        unknown = [each for each, number in zip(sentence.passage_ids, numbers, strict=True) if number is None]
        cited = [self._excerpts[number - 1] for number in dict.fromkeys(numbers) if number is not None]
        if not cited:
            there = f"there is no passage {', '.join(unknown)[:200]}" if unknown else "no passage is cited"
            self.problems.append(f"{there} for: {text[:200]}")
            return
        others = [each for each in self._excerpts if each not in cited]
        quotes = quotes_for(text, cited, others, language, checked=self._checked)
        if not quotes:
            found = likeliest(text, cited, language)
            reasons = "; ".join(map(str, found[1].reasons)) if found else ""
            if same:
                return
            if self.doubts is None or found is None or not found[1].is_doubtful:
                self.problems.append(f"no passage says: {text[:200]} ({reasons})")
                return
            self.doubts[text], quotes = reasons, (found[0],)
        if same and self.doubts is not None:  # the carried one takes the place of the doubted one
            self._sentences.remove(same)
            del self.doubts[same.text]
        self._sentences.append(Sentence(text=text, numbers=tuple(map(self._place, quotes))))
        self._show(self._sentences[-1], quotes_of(self._sentences[-1], self._quotes))

    def _place(self, quote: Found) -> int:
        same = [(each.passage.source_id, each.citation) for each in self._quotes]
        place = (quote.passage.source_id, quote.citation)
        if place not in same:
            self._quotes.append(quote)
            return len(self._quotes)
        return same.index(place) + 1

    def drafted(self) -> Drafted | None:
        """The answer; None without sentences."""
        if not self._sentences:
            return None
        removed = tuple(self.problems)
        return Drafted(sentences=tuple(self._sentences), found=tuple(self._quotes), removed=removed)


def _prompt(question: str, excerpts: Sequence[Excerpt], earlier: str) -> str:
    passages = "\n\n".join(excerpt.prompt(number) for number, excerpt in enumerate(excerpts, start=1))
    before = f"{_AFTER}\n{untrusted('conversation', earlier)}\n" if earlier else ""
    return f"{_TASK}\n{before}{untrusted('question', question)}\n{untrusted('passages', passages)}"


def _recent(earlier: Sequence[Earlier], tokens: int) -> str:
    """The latest questions with their answers that take at most ``tokens`` together."""
    turns: list[str] = []
    for turn in reversed(earlier):
        text = f"Question: {turn.question}\nAnswer: {turn.answer}"
        tokens -= estimate_tokens(text)
        if tokens < 0:
            break
        turns.insert(0, text)
    return "\n".join(turns)


def _number(passage_id: str, most: int) -> int | None:
    """Which passage an id stands for, from 1; None where it stands for none."""
    named = _ID.fullmatch(passage_id.strip())
    return int(named[1]) if named and 1 <= int(named[1]) <= most else None


def _language(text: str) -> str:
    from autointel.text.language import detect_language

    return "en" if is_english(None, text) else detect_language(text) or "en"
