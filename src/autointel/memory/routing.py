"""Questions that are answered by rule: who said something, when, how often, and in which sources.

Their answer is where the words stand, not what they mean, so no model is asked. A question that no rule fits, or whose
words memory does not hold, is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Final

from anyio import to_thread

from autointel.domain.passage import Scope
from autointel.domain.source import Source
from autointel.memory.findings import Found, Stores
from autointel.memory.question import coverage, telling, telling_run
from autointel.memory.search import search
from autointel.render.plain_text import count
from autointel.render.sheet import date_in_words, place_of
from autointel.text.carrying import Ground, carried

_SOURCES: Final = (
    r"(?:sources?|talks?|episodes?|podcasts?|debates?|articles?|videos?|recordings?|interviews?|meetings?"
    r"|speech(?:es)?|documents?|files?|transcripts?)"
)
_ABOUT: Final = (
    r"(?:mentions?|mentioned|discuss(?:es|ed)?|covers?|covered|(?:talks?|talked|speaks?|spoke|is|are|was|were)"
    r" (?:about|of|on)|deals? with|says?|said|names?|named|brings? up|brought up|refers? to|referred to)"
)
_SAID: Final = (
    r"(?:said|says|say|mentioned|mentions|claimed|claims|argued|argues|stated|states|suggested|proposed|predicted"
    r"|promised|warned|admitted|denied|asked|(?:talked|talks|spoke|speaks) (?:about|of)|brought up|referred to)"
)
_PASSIVE: Final = r"(?:mentioned|discussed|said|named|talked about|spoken of|brought up|referred to)"

_ALL_SOURCES: Final = re.compile(
    rf"(?i)^(?:what|which {_SOURCES}|how many {_SOURCES}) (?:have you read|did you read|(?:are|is) (?:there|in memory|"
    r"saved|held)|do you (?:know|have|remember)|does memory hold|has been read|have been read|were read)\s*\??$"
)
_WHICH: Final = re.compile(rf"(?i)^(?:in |on )?(which|what|how many) {_SOURCES} {_ABOUT} (.+?)\s*\??$")
_WHICH_PASSIVE: Final = re.compile(
    rf"(?i)^(?:in|on) (which|what|how many) {_SOURCES} (?:is|was|are|were) (.+?) {_PASSIVE}\s*\??$"
)
_HOW_OFTEN: Final = re.compile(
    rf"(?i)^(?:how often|how many times) (?:is|are|was|were|has|have) (.+?) (?:been )?{_PASSIVE}\s*\??$"
)
_WHO: Final = re.compile(rf"(?i)^who (?:else )?(?P<verb>{_SAID}) (?:that )?(?P<topic>.+?)\s*\??$")
_SPEAKS_OF: Final = re.compile(r"(?i)mention|talk|spoke|speak|brought|referred")
_WHEN: Final = re.compile(r"(?i)^when (?:did|does) (.+? (?:say|mention|discuss|talk about|speak of|claim) .+?)\s*\??$")
_WHEN_PASSIVE: Final = re.compile(rf"(?i)^when (?:is|was|are|were) (.+?) {_PASSIVE}\s*\??$")
_SPEAKERS: Final = re.compile(
    r"(?i)^who (?:speaks|spoke|is speaking|talks|are the speakers|is the speaker|were the speakers|is heard)"
    r"(?: (?:in|at|on) (.+?))?\s*\??$"
)
_PUBLISHED: Final = re.compile(r"(?i)^when (?:was|were) (.+?) (?:published|recorded|released|aired|posted|held)\s*\??$")

_SURE: Final = 0.75
"""Share of the topic's telling words, by rarity, that a moment's passage holds to be an answer."""
_MANY: Final = 200
_MOST: Final = 100_000
_LISTED: Final = 20

Rows = tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True)
class Ruled:
    """An answer by rule: sentences, each with the numbers of its quotes in ``found`` from 1; seconds by strategy."""

    sentences: Rows
    found: tuple[Found, ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)


_Answer = Callable[[re.Match[str], int, Stores], Awaitable[Ruled | None]]


async def answer_by_rule(question: str, limit: int, stores: Stores) -> Ruled | None:
    """The answer; None where no rule fits the question or memory does not hold its words. Raises HomeUnusable."""
    asked = " ".join(question.split())
    for pattern, answer in _RULES:
        matched = pattern.match(asked)
        if matched:
            return await answer(matched, limit, stores)
    return None


async def _all_sources(_: re.Match[str], __: int, stores: Stores) -> Ruled | None:
    sources = await _sources(stores)
    return Ruled(_listed("Memory holds", sources)) if sources else None


def _listed(opening: str, sources: Sequence[Source]) -> Rows:
    titles = "; ".join(_titled(source.title, source.published_at) for source in sources[:_LISTED])
    more = f"; and {len(sources) - _LISTED} more" if len(sources) > _LISTED else ""
    return ((f"{opening} {count(len(sources), 'source')}: {titles}{more}.", ()),)


def _titled(title: str, day: date | None) -> str:
    return f"{title} ({date_in_words(day)})" if day else title


async def _which_sources(matched: re.Match[str], _: int, stores: Stores) -> Ruled | None:
    """The sources that hold the topic, each with its best moment."""
    topic = matched[2]
    found, seconds = await _moments(topic, _MANY, stores)
    best: dict[str, Found] = {}
    for each in found:
        best.setdefault(each.passage.source_id, each)
    if not best:
        return None
    chosen = list(best.values())
    rows = tuple((f"{each.source_title}.", (number,)) for number, each in enumerate(chosen[:_LISTED], 1))
    heading = (f"{_upper(count(len(chosen), 'source'))} {'speaks' if len(chosen) == 1 else 'speak'} of {topic}:", ())
    return Ruled((heading, *rows), tuple(chosen[:_LISTED]), seconds)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


async def _how_often(matched: re.Match[str], limit: int, stores: Stores) -> Ruled | None:
    """How often the words stand in memory next to each other, endings apart."""
    topic = matched[1].strip("\"“”'")
    wanted = telling(topic)
    if not wanted:
        return None
    hits = await to_thread.run_sync(partial(stores.index.phrase, topic, _MOST, scope=stores.scope))
    times = sum(_occurrences(telling_run(hit.passage.text), wanted) for hit in hits)
    if not times:
        return None
    sources = {hit.passage.source_id for hit in hits}
    found, seconds = await _moments(f'"{topic}"', limit, stores)
    text = f"“{topic}” is said {count(times, 'time')} in {count(len(sources), 'source')}."
    return Ruled(((text, tuple(range(1, min(len(found), limit) + 1))),), tuple(found[:limit]), seconds)


def _occurrences(run: Sequence[str], wanted: Sequence[str]) -> int:
    size = len(wanted)
    return sum(tuple(run[at : at + size]) == tuple(wanted) for at in range(len(run) - size + 1))


async def _who(matched: re.Match[str], limit: int, stores: Stores) -> Ruled | None:
    """Everyone who says it, each with the best moment; for a claim, those whose quote carries it."""
    topic = matched["topic"]
    found, seconds = await _moments(topic, _MANY, stores)
    best: dict[tuple[str, str], Found] = {}
    for each in found:
        says_it = _SPEAKS_OF.search(matched["verb"]) or carried(topic, Ground((each.citation.quote,)))
        if each.speaker and says_it:
            best.setdefault((each.speaker, each.passage.source_id), each)
    if not best or not found[0].speaker:
        return None  # where the source does not say who speaks, code does not guess
    chosen = list(best.values())[:limit]
    rows = tuple((f"{each.speaker}, in {_place(each)}.", (number,)) for number, each in enumerate(chosen, 1))
    return Ruled(rows, tuple(chosen), seconds)


async def _when(matched: re.Match[str], limit: int, stores: Stores) -> Ruled | None:
    """The moments in which it is said, in the order of their days."""
    found, seconds = await _moments(matched[1], limit, stores)
    if not found:
        return None
    days = await _days(stores)
    chosen = sorted(found, key=lambda each: (days.get(each.passage.source_id) or date.max, each.passage.start or 0.0))
    rows = tuple(
        (f"{_day(days.get(each.passage.source_id))}in {_place(each)}{_by(each)}.", (number,))
        for number, each in enumerate(chosen, 1)
    )
    return Ruled(tuple((_upper(text), numbers) for text, numbers in rows), tuple(chosen), seconds)


def _day(day: date | None) -> str:
    return f"on {date_in_words(day)}, " if day else ""


def _by(found: Found) -> str:
    return f", by {found.speaker}" if found.speaker else ""


def _place(found: Found) -> str:
    return f"{found.source_title} at {place_of(found.citation)}"


async def _speakers(matched: re.Match[str], _: int, stores: Stores) -> Ruled | None:
    sources = await _sources(stores)
    chosen = _named(matched[1], sources) if matched[1] else sources
    if not chosen:
        return None
    scope = Scope(source_ids=frozenset(source.id for source in chosen))
    hits = await to_thread.run_sync(partial(stores.index.within, scope, _MOST))
    people: dict[str, dict[str, None]] = {}
    for hit in hits:
        people.setdefault(hit.passage.source_id, {}).update(dict.fromkeys(hit.passage.speakers))
    rows = [(f"In {source.title}: {', '.join(people[source.id])}.", ()) for source in chosen if people.get(source.id)]
    return Ruled(tuple(rows)) if rows else None


async def _published(matched: re.Match[str], _: int, stores: Stores) -> Ruled | None:
    sources = _named(matched[1], await _sources(stores))
    rows = [
        (f"{source.title} is of {date_in_words(source.published_at)}.", ()) for source in sources if source.published_at
    ]
    return Ruled(tuple(rows)) if rows else None


def _named(name: str, sources: Sequence[Source]) -> list[Source]:
    """The sources whose title or address holds the name, or all of its telling words."""
    typed = name.casefold()
    return [
        each
        for each in sources
        if typed in f"{each.title} {each.url or ''}".casefold()
        or coverage(name, [frozenset(telling(f"{each.title} {each.url or ''}"))]) == 1
    ]


async def _moments(topic: str, limit: int, stores: Stores) -> tuple[list[Found], dict[str, float]]:
    """The best moment of each passage that holds the topic's words."""
    findings = await search(topic, limit, stores, per_passage=1)
    wanted = telling(topic)
    return [each for each in findings.found if _is_about(each, topic, wanted)], findings.seconds


def _is_about(found: Found, topic: str, wanted: Sequence[str]) -> bool:
    words = frozenset(telling(" ".join((found.passage.text, *found.passage.speakers, found.source_title))))
    whole = coverage(topic, [words])
    # Of a topic of one or two words, both must be there.
    return whole == 1 if len(wanted) <= 2 else whole >= _SURE  # noqa: PLR2004


async def _sources(stores: Stores) -> list[Source]:
    """The sources that are searched, the latest first."""
    within = stores.scope.source_ids
    everything = await to_thread.run_sync(stores.index.sources)
    return [source for source in everything if within is None or source.id in within]


async def _days(stores: Stores) -> dict[str, date | None]:
    return {source.id: source.published_at for source in await to_thread.run_sync(stores.index.sources)}


_RULES: Final[tuple[tuple[re.Pattern[str], _Answer], ...]] = (
    (_ALL_SOURCES, _all_sources),
    (_WHICH, _which_sources),
    (_WHICH_PASSIVE, _which_sources),
    (_HOW_OFTEN, _how_often),
    (_SPEAKERS, _speakers),
    (_PUBLISHED, _published),
    (_WHO, _who),
    (_WHEN, _when),
    (_WHEN_PASSIVE, _when),
)
