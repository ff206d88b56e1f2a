"""A question to memory: answered by rule, by a model from excerpts, or by the passages to read instead."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from anyio import to_thread

from autointel.domain.value import Value
from autointel.errors import ModelUnavailable
from autointel.memory.excerpts import Excerpt, excerpts_of, reading, within_budget
from autointel.memory.findings import Answered, Earlier, Findings, Found, Sentence, Show, Stores
from autointel.memory.question import coverage, named, parts_of_name, telling
from autointel.memory.routing import answer_by_rule
from autointel.memory.search import search

_LEAST: Final = 0.4
"""Share of a question's telling words that one passage holds, for memory to hold an answer.

Measured on three conversations of LoCoMo and nine meetings of QMSum, in passages of 120 words: with the rules about
names and missing words it lets 97% and 82% of their own questions pass, and 0% and 31% of those asked of another. That
a passage speaks of what was asked does not say that it answers it: of LoCoMo's questions that only seem to have an
answer, 98% pass.
"""
_FAR_BELOW: Final = 0.4
"""Share of the best hit's score under which a hit is only shown for the words it holds."""
_HALF: Final = 0.5
_SMALL: Final = 3
"""One word in three begins with a small letter, or capitals say nothing."""
_CANDIDATES: Final = 20
"""Passages that are found for a model; the token budget decides how many of them it reads."""
_NAME: Final = re.compile(r"(?<!^)(?<![.?!] )\b(?:[A-Z]\w+|[a-z]+[A-Z]\w*)")
_WEEKDAYS: Final = frozenset("monday tuesday wednesday thursday friday saturday sunday".split())
NOT_HELD: Final = "Memory does not hold the answer."
SIMULATED: Final = "A simulated model wrote this: it shows how an answer looks, and knows nothing."
NO_ANSWER: Final = "No model is asked, so this is not an answer: these are the passages that speak of it."
BY_RULE: Final = "Looked up by rule; no model was asked."
_REFERS: Final = re.compile(
    r"(?i)\b(?:it|its|they|them|their|theirs|he|him|his|she|her|hers|that|this|those|these|then|one|ones|so)\b"
    # "Is there anything about …" refers to nothing.
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bthere\b(?! (?:is|are|was|were)\b)"
)
_GOES_ON: Final = re.compile(r"(?i)(?:and|but|or|so|then|in|on|at|by|since|before|after|why|when|where|who)\b")
_FEW: Final = 3


class Drafted(Value):
    """An answerer's sentences. ``found`` are the quotes in order of their numbers; ``simulated``: by no real model.

    ``removed`` are sentences that no passage carries, with the reasons.
    """

    sentences: tuple[Sentence, ...]
    found: tuple[Found, ...]
    simulated: bool = False
    removed: tuple[str, ...] = ()


class Answerer(Protocol):
    """Answers from excerpts, and from nothing else."""

    async def answer(
        self,
        question: str,
        excerpts: Sequence[Excerpt],
        *,
        show: Show,
        earlier: Sequence[Earlier] = (),
    ) -> Drafted | None:
        """``show`` gets each sentence as soon as it has been checked.

        None where the excerpts do not hold the answer. Raises ModelUnavailable, ModelRefused.
        """
        ...


@dataclass(frozen=True)
class Answering:
    """How a question is answered: by whom, from how many tokens of excerpts, and who sees the sentences as they come.

    Without an ``answerer`` no model is asked. ``retrieval`` is a search for this very question that is already under
    way.
    """

    answerer: Answerer | None = None
    context_tokens: int = 4_000
    show: Show = lambda *_: None
    earlier: Sequence[Earlier] = ()
    retrieval: Callable[[], Awaitable[Findings]] | None = None


async def ask(question: str, limit: int, stores: Stores, answering: Answering | None = None) -> Answered:
    """The answer, or the ``limit`` passages to read instead, or that memory holds neither.

    A question for who said something, when, how often or in which sources is answered by rule. A question on something
    never read ends before a model is asked, and costs nothing.
    """
    answering = answering or Answering()
    ruled = await answer_by_rule(question, limit, stores)
    if ruled is not None:
        sentences = tuple(Sentence(text=text, numbers=numbers) for text, numbers in ruled.sentences)
        for sentence in sentences:
            answering.show(sentence, quotes_of(sentence, ruled.found))
        drafted = Drafted(sentences=sentences, found=ruled.found)
        return _answered(question, drafted, BY_RULE, Findings(seconds=ruled.seconds))
    searched = in_context(question, answering.earlier)
    wanted = candidates(limit, model=answering.answerer is not None)
    findings = await (answering.retrieval or partial(search, searched, wanted, stores))()
    unheard = await to_thread.run_sync(partial(_unheard, searched, findings.missing, stores))
    held = not unheard and holds(searched, findings.found, findings.missing) and _speaks_of(question, findings.found)
    draft = None
    if answering.answerer and held:
        try:
            draft = await _drafted(question, findings, stores, answering)
            held = draft is not None
        except ModelUnavailable as error:
            # What was found is worth reading even so.
            findings = findings.model_copy(update={"warnings": (*findings.warnings, f"{error.message} {error.hint}")})
    if not held:
        remark = f"{NOT_HELD} Nothing read speaks of {', '.join(unheard)}." if unheard else NOT_HELD
        return Answered(
            question=question, held=False, remark=remark, seconds=findings.seconds, warnings=findings.warnings
        )
    if draft is not None:
        return _answered(question, draft, SIMULATED if draft.simulated else "", findings)
    passages = Drafted(sentences=(), found=relevant(searched, findings.found)[:limit])
    return _answered(question, passages, NO_ANSWER, findings)


async def _drafted(question: str, findings: Findings, stores: Stores, answering: Answering) -> Drafted | None:
    if answering.answerer is None:
        return None
    chosen = await to_thread.run_sync(partial(_read, question, findings.found, stores, answering))
    return await answering.answerer.answer(question, chosen, show=answering.show, earlier=answering.earlier)


def _read(question: str, found: Sequence[Found], stores: Stores, answering: Answering) -> list[Excerpt]:
    """The excerpts that the model reads: stretches of the sources of the best moments, within the budget."""
    hits = reading(in_context(question, answering.earlier), found, stores)
    return excerpts_of(within_budget(hits, answering.context_tokens), stores)


def candidates(limit: int, *, model: bool) -> int:
    """How many moments are searched for, for an answer by a model or for ``limit`` passages to read."""
    return max(limit, _CANDIDATES) if model else limit


def quotes_of(sentence: Sentence, found: Sequence[Found]) -> tuple[Found, ...]:
    """The quotes that carry the sentence."""
    return tuple(found[number - 1] for number in sentence.numbers if 0 < number <= len(found))


def _answered(question: str, drafted: Drafted, remark: str, findings: Findings) -> Answered:
    return Answered(
        question=question,
        held=True,
        remark=remark,
        answer=" ".join(map(str, drafted.sentences)) if drafted.sentences else None,
        sentences=drafted.sentences,
        removed=drafted.removed,
        citations=tuple(each.citation for each in drafted.found),
        found=drafted.found,
        seconds=findings.seconds,
        warnings=findings.warnings,
    )


def in_context(question: str, earlier: Sequence[Earlier]) -> str:
    """The question as memory is searched for it: a follow-up ("and what did she say?") with the words before it."""
    words = len(telling(question))
    follows = words == 0 or (words <= 1 and _GOES_ON.match(question)) or (words <= _FEW and _REFERS.search(question))
    if not earlier or not follows:
        return question
    return f"{in_context(earlier[-1].question, earlier[-2:-1])} {question}"


def _speaks_of(question: str, found: Sequence[Found]) -> bool:
    """Whether a passage has any telling word of the question itself, and not only of those before it."""
    own = set(telling(question))
    return not own or any(own & set(telling(_words_of(each))) for each in found)


def holds(question: str, found: Sequence[Found], missing: Sequence[str] = ()) -> bool:
    """Whether one passage holds enough of the question's telling words, and any at all a name that is in it.

    Not where two words, and half of all, are ``missing`` in every passage: the others stand everywhere.
    """
    if len(missing) > 1 and 2 * len(missing) >= len(telling(question)):
        return False
    texts = [frozenset(telling(_words_of(each))) for each in found]
    names = {stem for name in _names_in(question) for stem in telling(name)}
    # Somebody of whom nobody spoke: the other words ("go", "group") stand everywhere.
    if names and not names & set[str]().union(*texts):
        return False
    return coverage(question, texts) >= _LEAST


def _unheard(question: str, missing: Sequence[str], stores: Stores) -> tuple[str, ...]:
    """The ``missing`` names of the question that stand in no passage, title or list of speakers of memory. Blocks.

    Raises HomeUnusable. Where most words begin with a capital, or in German, a capital makes no name.
    """
    words = question.split()
    parts = _names_in(question)
    names = [word for word in missing if word.lower() in parts]
    if not names or _SMALL * sum(word[0].islower() for word in words) < len(words):
        return ()
    from autointel.text.language import detect_language  # a third of a second, where something seems not to be held

    if detect_language(question) == "de":
        return ()
    return tuple(name for name in names if not _is_anywhere(name, stores))


def _names_in(question: str) -> set[str]:
    """The parts of names, in small letters, without titles and days of the week."""
    return set[str]().union(*(parts_of_name(name) for name in _NAME.findall(question))) - _WEEKDAYS


def _is_anywhere(name: str, stores: Stores) -> bool:
    index = stores.index
    if named(name, index.speakers()) or index.keyword(name, 1, around=0.0, scope=stores.scope):
        return True
    return any(set(telling(name)) <= set(telling(source.title)) for source in index.sources())


def relevant(question: str, found: Sequence[Found]) -> tuple[Found, ...]:
    """The passages worth showing: not far below the best in score, or holding half of the question's telling words."""
    least = _FAR_BELOW * max((each.score for each in found), default=0.0)
    return tuple(
        each
        for each in found
        if each.score >= least or coverage(question, [frozenset(telling(_words_of(each)))]) >= _HALF
    )


def _words_of(found: Found) -> str:
    """Who speaks and where belong to what a passage says."""
    return " ".join((found.passage.text, *found.passage.speakers, found.source_title))
