"""The excerpts of memory that an answer may rest on: passages within a token budget, and the quotes in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from autointel.domain.citation import Script
from autointel.domain.passage import Hit
from autointel.domain.transcript import Segment
from autointel.memory.findings import Found, Stores, sentences
from autointel.memory.moments import widened
from autointel.model.prompts import estimate_tokens
from autointel.render.sheet import moment
from autointel.text.carriers import Carriers, Lines, carriers
from autointel.text.carrying import Carried, Ground, carried

_FRAME: Final = 25
"""Tokens of a passage's number, title, speakers and place."""


@dataclass(frozen=True)
class Excerpt:
    """A passage with its sentences. ``spans`` are places in ``script.text``, in order."""

    hit: Hit
    script: Script
    spans: tuple[tuple[int, int], ...]
    published_at: date | None = None

    @classmethod
    def of(cls, hit: Hit, segments: Sequence[Segment], published_at: date | None = None) -> Self:
        """The excerpt over the segments of the passage; sentences run over their borders."""
        script = Script.over(segments, hit.source_url)
        return cls(hit, script, tuple(sentences(script)), published_at)

    def prompt(self, number: int) -> str:
        """The passage under its number, with its source, its speakers, its place and its day."""
        passage = self.hit.passage
        facts = (
            self.hit.source_title,
            ", ".join(passage.speakers),
            moment(passage.start, passage.paragraph),
            self.published_at.isoformat() if self.published_at else "",
        )
        return f"[M{number}] {passage.text}\n({', '.join(fact for fact in facts if fact)})"

    def carriers(self, text: str, language: str) -> Carriers | None:
        """The one to three neighbouring sentences that carry ``text``, or the likeliest with what is wrong."""
        lines = Lines(
            [self.script.text[slice(*span)] for span in self.spans],
            [self.script.speaker_at(span[0]) for span in self.spans],
        )
        return carriers(text, lines, (), self._ground(language))

    def quoting(self, found: Carriers) -> Found:
        """The passage, cited by these sentences."""
        start, end = self.spans[found.first][0], self.spans[found.last][1]
        citation = self.script.cite(start, end)
        return Found(
            passage=self.hit.passage,
            citation=citation,
            speaker=citation.speaker,
            source_title=self.hit.source_title,
            source_url=self.hit.source_url,
            namespace=self.hit.namespace,
            score=self.hit.score,
        )

    def _ground(self, language: str) -> Ground:
        return Ground((), around=(self.hit.source_title,), said_on=self.published_at, language=language)


def excerpts_of(hits: Sequence[Hit], stores: Stores) -> list[Excerpt]:
    """The passages as excerpts, in the order given. Blocks. Raises HomeUnusable."""
    # A source that was forgotten in between has no segments any more.
    segments = stores.words.within([widened(each.passage) for each in hits]) if hits else {}
    wanted = {each.passage.source_id for each in hits}
    days = {source.id: source.published_at for source in stores.index.sources() if source.id in wanted}
    return [
        Excerpt.of(each, segments[each.passage.id], days.get(each.passage.source_id))
        for each in hits
        if each.passage.id in segments
    ]


def within_budget(hits: Sequence[Hit], tokens: int) -> list[Hit]:
    """The first passages that take at most ``tokens`` together, and at least one; each source's in their order."""
    chosen: list[Hit] = []
    for hit in hits:
        tokens -= estimate_tokens(hit.passage.text) + _FRAME
        if chosen and tokens < 0:
            break
        chosen.append(hit)
    sources = list(dict.fromkeys(hit.passage.source_id for hit in chosen))
    return sorted(chosen, key=lambda hit: (sources.index(hit.passage.source_id), hit.passage.index))


def quotes_for(
    text: str, cited: Sequence[Excerpt], others: Sequence[Excerpt], language: str, *, checked: bool = True
) -> tuple[Found, ...]:
    """The quotes that carry ``text``; empty where none do, or the likeliest one where nothing is ``checked``.

    One of the ``cited`` excerpts alone comes first, then all of them together, then any other, since small models
    number their passages wrongly.
    """
    likeliest = [(excerpt, found) for excerpt in cited if (found := excerpt.carriers(text, language))]
    for excerpt, found in likeliest:
        if found.outcome:
            return (excerpt.quoting(found),)
    if len(likeliest) > 1:
        together = [excerpt.quoting(found) for excerpt, found in likeliest]
        if _carried_together(text, together, language):
            return tuple(together)
    for excerpt in others:
        found_there = excerpt.carriers(text, language)
        if found_there and found_there.outcome:
            return (excerpt.quoting(found_there),)
    return tuple(excerpt.quoting(found) for excerpt, found in likeliest[:1]) if not checked else ()


def _carried_together(text: str, quotes: Sequence[Found], language: str) -> Carried:
    said = tuple(f"{each.speaker} said: {each.citation.quote}" for each in quotes if each.speaker)
    return carried(text, Ground(tuple(each.citation.quote for each in quotes), said, language=language))


def likeliest(text: str, cited: Sequence[Excerpt], language: str) -> tuple[Found, Carried] | None:
    """The likeliest quote of the first excerpt under a sentence that none carries, and what is wrong with it."""
    for excerpt in cited:
        if found := excerpt.carriers(text, language):
            return excerpt.quoting(found), found.outcome
    return None
