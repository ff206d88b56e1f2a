"""Questions that are answered by rule: who said something, when, how often, and in which sources.

Their answer is where the words stand, not what they mean, so no model is asked. A question that no rule fits, or whose
words memory does not hold, is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Final

from anyio import to_thread

from autointel.domain.citation import Script
from autointel.domain.passage import Hit, Passage, Scope
from autointel.domain.transcript import Source
from autointel.memory.findings import Found, Stores
from autointel.memory.moments import likely_sentences
from autointel.memory.question import coverage, parts_of_name, telling, telling_run
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
    r"|promised|warned|admitted|denied|asked|discussed|discusses|(?:talked|talks|spoke|speaks) (?:about|of)"
    r"|brought up|referred to)"
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
_WHO: Final = re.compile(
    rf"(?i)^who (?:else |first |all |has |have )*(?P<verb>{_SAID}) (?:that )?(?P<topic>.+?)\s*\??$"
)
_SPEAKS_OF: Final = re.compile(r"(?i)mention|discuss|talk|spoke|speak|brought|referred")
_WHEN: Final = re.compile(
    r"(?i)^when (?:did|does) (?P<who>.+?) (?:first )?(?P<verb>say|mention|discuss|(?:talk|speak) (?:about|of)|claim)"
    r" (?:that )?(?P<topic>.+?)\s*\??$"
)
_WHEN_PASSIVE: Final = re.compile(rf"(?i)^when (?:is|was|are|were) (.+?) {_PASSIVE}\s*\??$")
_SPEAKERS: Final = re.compile(
    r"(?i)^who (?:speaks|spoke|is speaking|talks|are the speakers|is the speaker|were the speakers|is heard)"
    r"(?: (?:in|at|on) (.+?))?\s*\??$"
)
_PUBLISHED: Final = re.compile(r"(?i)^when (?:was|were) (.+?) (?:published|recorded|released|aired|posted|held)\s*\??$")

_SURE: Final = 0.75
"""Share of the topic's telling words that a passage, or a sentence with the one beside it, holds to be an answer."""
_MANY: Final = 200
_MOST: Final = 100_000
_LISTED: Final = 20
_MARGIN: Final = 4
"""Segments on either side of passages that are read too: a sentence of captions runs over several."""
_LOOKED: Final = 2_000
"""Passages with the topic's words of which every sentence is looked at, those that hold most of them first."""

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
    said = await to_thread.run_sync(partial(_sentences_on, topic, stores))
    times = [_occurrences(telling_run(each.citation.quote), wanted) for each in said.found]
    found = [each for each, number in zip(said.found, times, strict=True) if number]
    if not found:
        return None
    sources = {each.passage.source_id for each in found}
    text = f"“{topic}” is said {count(sum(times), 'time')} in {count(len(sources), 'source')}."
    shown = tuple(found[:limit])
    return Ruled(((text, tuple(range(1, len(shown) + 1))), *_left_out(said, 0)), shown)


def _occurrences(run: Sequence[str], wanted: Sequence[str]) -> int:
    size = len(wanted)
    return sum(tuple(run[at : at + size]) == tuple(wanted) for at in range(len(run) - size + 1))


async def _who(matched: re.Match[str], _: int, stores: Stores) -> Ruled | None:
    """Everyone who says it, with the first place in each source; for a claim, those whose sentence carries it."""
    said = await _mentions(matched["topic"], matched["verb"], stores)
    if not any(each.speaker for each in said.found):
        return None  # where the source does not say who speaks, code does not guess
    places: dict[tuple[str, str | None], list[Found]] = {}
    for each in said.found:
        places.setdefault((each.passage.source_id, each.speaker), []).append(each)
    chosen = sorted(places.values(), key=lambda found: found[0].speaker is None)[:_LISTED]
    rows = [(_said_by(found), (number,)) for number, found in enumerate(chosen, 1)]
    return Ruled((*rows, *_left_out(said, len(places) - len(chosen))), tuple(found[0] for found in chosen))


def _said_by(found: Sequence[Found]) -> str:
    first = found[0]
    who = first.speaker or "Without a named speaker"
    if len(found) == 1:
        return f"{who}, in {_place(first)}."
    return f"{who}, in {len(found)} sentences of {first.source_title}, first at {place_of(first.citation)}."


def _left_out(said: _Mentions, more: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    if more:
        yield f"And {more:,} more.", ()
    if not said.whole:
        yield f"Only the {_LOOKED:,} passages that hold the most of these words were looked through.", ()


async def _when(matched: re.Match[str], limit: int, stores: Stores) -> Ruled | None:
    """When somebody says it, in the order of time."""
    asked = parts_of_name(matched["who"])
    shared = {name: len(asked & parts_of_name(name)) for name in await to_thread.run_sync(stores.index.speakers)}
    # "van" alone makes nobody Piet van der Berg: whoever shares the most parts of the name is meant.
    people = {name for name, parts in shared.items() if parts and parts == max(shared.values())}
    said = await _mentions(matched["topic"], matched["verb"], stores)
    return await _dated(replace(said, found=[each for each in said.found if each.speaker in people]), limit, stores)


async def _when_passive(matched: re.Match[str], limit: int, stores: Stores) -> Ruled | None:
    """When anybody mentions it, in the order of time."""
    return await _dated(await _mentions(matched[1], "mentioned", stores), limit, stores)


async def _dated(said: _Mentions, limit: int, stores: Stores) -> Ruled | None:
    if not said.found:
        return None
    days = await _days(stores)
    chosen = said.found[:limit]
    rows = [
        (_upper(f"{_day(days.get(each.passage.source_id))}in {_place(each)}{_by(each)}."), (number,))
        for number, each in enumerate(chosen, 1)
    ]
    return Ruled((*rows, *_left_out(said, len(said.found) - len(chosen))), tuple(chosen))


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


@dataclass(frozen=True)
class _Mentions:
    """Every sentence that speaks of a topic, in the order of time; not ``whole`` where passages were left unread."""

    found: Sequence[Found]
    whole: bool


async def _mentions(topic: str, verb: str, stores: Stores) -> _Mentions:
    """The sentences that hold the topic's words or, where the verb states a claim, carry it. Raises HomeUnusable."""
    said = await to_thread.run_sync(partial(_sentences_on, topic, stores))
    if _SPEAKS_OF.search(verb):
        return said
    return replace(said, found=[each for each in said.found if carried(topic, Ground((each.citation.quote,)))])


def _sentences_on(topic: str, stores: Stores) -> _Mentions:
    wanted = frozenset(telling(topic))
    hits = stores.index.keyword(topic, _LOOKED, around=0.0, scope=stores.scope) if wanted else []
    days = {source.id: source.published_at or date.max for source in stores.index.sources()}
    runs = _runs([hit for hit in hits if _is_enough(wanted, frozenset(telling(hit.passage.text)))])
    runs.sort(key=lambda run: (days.get(run[0].passage.source_id, date.max), run[0].source_title))
    stretches = [_stretch(run) for run in runs]
    words = stores.words.within(stretches) if stretches else {}
    found = [
        each
        for run, stretch in zip(runs, stretches, strict=True)
        # A source that was forgotten in between is not shown.
        for each in _on_topic(wanted, run, stretch.first, Script.over(words.get(stretch.id, ()), run[0].source_url))
    ]
    return _Mentions(found, whole=len(hits) < _LOOKED)


def _runs(hits: Sequence[Hit]) -> list[list[Hit]]:
    """Hits in runs of neighbours: passages overlap, and a sentence of two must count once."""
    runs: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda each: (each.passage.source_id, each.passage.first)):
        passage, before = hit.passage, runs[-1][-1].passage if runs else None
        if before and before.source_id == passage.source_id and passage.first <= before.last + 2 * _MARGIN + 1:
            runs[-1].append(hit)
        else:
            runs.append([hit])
    return runs


def _stretch(run: Sequence[Hit]) -> Passage:
    passage, last = run[0].passage, max(hit.passage.last for hit in run)
    return passage.model_copy(update={"first": max(0, passage.first - _MARGIN), "last": last + _MARGIN})


def _on_topic(wanted: frozenset[str], run: Sequence[Hit], first: int, script: Script) -> Iterator[Found]:
    """The sentences with enough of the words; of two that hold them only together, the one with more."""
    spans = list(likely_sentences(script))
    held = [wanted & frozenset(telling(script.text[slice(*span)])) for span in spans]
    speakers = [script.speaker_at(start) for start, _ in spans]
    chosen = {at for at, words in enumerate(held) if _is_enough(wanted, words)}
    for at, (one, other) in enumerate(pairwise(held)):
        together = speakers[at] == speakers[at + 1] and _is_enough(wanted, one | other)
        if together and not chosen & {at, at + 1}:
            chosen.add(at if len(one) >= len(other) else at + 1)
    for at in sorted(chosen):
        segment = first + script.segment_at(spans[at][0])
        hit = next((each for each in run if segment <= each.passage.last), run[-1])
        yield Found(
            passage=hit.passage,
            citation=script.cite(*spans[at]),
            speaker=speakers[at],
            source_title=hit.source_title,
            source_url=hit.source_url,
            namespace=hit.namespace,
            score=hit.score,
        )


def _is_enough(wanted: frozenset[str], held: frozenset[str]) -> bool:
    """Whether the words speak of the topic: both of two words must be there."""
    return len(wanted & held) >= (1 if len(wanted) <= 2 else _SURE) * len(wanted)  # noqa: PLR2004


async def _moments(topic: str, limit: int, stores: Stores) -> tuple[list[Found], dict[str, float]]:
    """The best moment of each passage that holds the topic's words."""
    findings = await search(topic, limit, stores, per_passage=1)
    wanted = frozenset(telling(topic))
    return [each for each in findings.found if wanted and _is_about(each, wanted)], findings.seconds


def _is_about(found: Found, wanted: frozenset[str]) -> bool:
    words = telling(" ".join((found.passage.text, *found.passage.speakers, found.source_title)))
    return _is_enough(wanted, frozenset(words))


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
    (_WHEN_PASSIVE, _when_passive),
)
