"""The sections of the page, in the order a reader wants them: judgments first, what is missing last."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Final, TypeVar

from autointel.domain.analysis import (
    CheckedClaim,
    Dropped,
    Evidence,
    Excerpt,
    Fallacy,
    Finding,
    FrequentTerm,
    KeyJudgment,
    Perspective,
    RelatedPassage,
    Statement,
)
from autointel.domain.citation import Citation
from autointel.domain.notes import Claim, KeyPoint, SpeakerShare, Unsought
from autointel.domain.report import Results, TopEntity, top_entities
from autointel.domain.run import StepName, StepReport
from autointel.domain.transcript import Chapter
from autointel.domain.value import Confidence
from autointel.render.plain_text import plain, within_marks
from autointel.render.sheet import (
    VERDICT_WORDS,
    Cited,
    Entry,
    Layout,
    Note,
    Section,
    Sheet,
    byline_of,
    moment,
    title_of,
)

Item = TypeVar("Item")

_MOST: Final = 10  # items of a kind on the page; the report holds all
_MOST_IN_A_FLOW: Final = 20
_MOST_EXCERPTS: Final = 12
_MOST_SPEAKERS: Final = 12
_MOST_CHAPTERS: Final = 40
_MOST_EVIDENCE: Final = 2
_DROPPED: Final = (
    ("quotes", "quote", "not found in the transcript"),
    ("note_ids", "reference", "to a note that does not exist"),
    ("uncited", "sentence", "without a passage to rest on"),
    ("spans", "span", "not found on the page it names"),
    ("not_carried", "sentence", "that the quotes did not carry"),
    ("questions", "sentence", "that stated nothing"),
    ("duplicates", "sentence", "that had been said before"),
)


def sheet_of(results: Results, judgments: Sequence[KeyJudgment]) -> Sheet:
    """The page's content; the same whatever the flags and the clock were."""
    return Sheet(
        title=title_of(results.source),
        byline=byline_of(results, len(judgments), list(_citations(results, judgments))),
        sections=tuple(section for section in _sections(results, judgments) if section.entries),
    )


def _citations(results: Results, judgments: Sequence[KeyJudgment]) -> Iterator[Citation]:
    """The citations that the page shows; a reader of the page could not check a count of others."""
    found = results.analysis
    kinds: tuple[Sequence[Finding], ...] = (
        *(found.insights, found.themes, found.excerpts),
        *(found.statements, found.fallacies, found.perspectives, *found.further.values()),
    )
    for judgment in judgments[:_MOST]:
        yield from judgment.citations
    for kind in kinds:
        for finding in kind[:_MOST]:
            yield from finding.citations
    for excerpt in found.excerpts[_MOST:_MOST_EXCERPTS]:
        yield from excerpt.citations
    for claim in results.claims:
        yield claim.citation
    points, claims = unjudged(results, judgments)
    noted: tuple[KeyPoint | Claim, ...] = (*points[:_MOST], *claims[:_MOST])
    yield from (place for note in noted for place in (note.citation, *note.more))


def unjudged(results: Results, judgments: Sequence[KeyJudgment]) -> tuple[Sequence[KeyPoint], Sequence[Claim]]:
    """The points and claims as they were noted, where nothing was drawn from them that could be shown instead."""
    if judgments or results.analysis.excerpts or results.analysis.statements:
        return (), ()
    return results.notes.key_points, () if results.claims else results.notes.claims


def _sections(results: Results, judgments: Sequence[KeyJudgment]) -> Iterator[Section]:
    found = results.analysis
    chapters = results.chapters
    yield _section("Speakers", results.notes.speakers, _speaker, most=_MOST_SPEAKERS)
    yield _section("Key judgments", judgments, _judgment)
    points, claims = unjudged(results, judgments)
    yield _section("What was said", points, _noted)
    yield _section("Insights", found.insights, _finding)
    yield _section("Themes", found.themes, _finding)
    yield _section("Claims", results.claims, _claim, most=len(results.claims))
    yield _section("Claims", claims, _noted, remark="not checked")
    yield _section("Reasoning", found.fallacies, _fallacy)
    yield _section("Perspectives", found.perspectives, _perspective)
    for name, findings in found.further.items():
        yield _section(name.replace("_", " ").capitalize(), findings, _finding)
    yield _section(
        "Representative quotes",
        found.excerpts,
        partial(_excerpt, chapters),
        remark="in the order of time",
        most=_MOST_EXCERPTS,
    )
    own = [statement for statement in found.statements if not statement.sponsored]
    yield _section("Possible factual claims", own, _statement, remark="not checked")
    advertised = [statement for statement in found.statements if statement.sponsored]
    yield _section("What advertisements claim", advertised, _statement, remark="not checked")
    yield _section("Terms", found.terms, _term, layout=Layout.FLOW, most=_MOST_IN_A_FLOW)
    entities = results.graph.top_entities or top_entities(results.notes)
    low = all(entity.confidence is Confidence.LOW for entity in entities)
    yield _section(
        "Entities", entities, _entity, layout=Layout.FLOW, most=_MOST_IN_A_FLOW, remark="low confidence" if low else ""
    )
    rough = "approximate" if any(chapter.approximate for chapter in chapters) else ""
    yield _section("Chapters", chapters, _chapter, most=_MOST_CHAPTERS, remark=rough)
    dropped = results.briefing.dropped if results.briefing else results.dropped
    left_out = (
        *_missing(results.incomplete),
        *_unsought(results.notes.unsought),
        *_advertising(results.notes.advertising),
        *_removed(dropped),
        *_unreadable(sum(step.dropped_items for step in results.steps)),
    )
    yield Section("Not in this briefing", left_out, layout=Layout.ROWS)


def _section(
    title: str,
    items: Sequence[Item],
    entry: Callable[[int, Item], Entry],
    *,
    layout: Layout = Layout.LIST,
    remark: str = "",
    most: int = _MOST,
) -> Section:
    entries = tuple(entry(number, item) for number, item in enumerate(items[:most], start=1))
    return Section(title, entries, remark=remark, layout=layout, more=max(0, len(items) - most))


def _judgment(number: int, judgment: KeyJudgment) -> Entry:
    remark = f"{judgment.likelihood} · {judgment.confidence} confidence"
    return Entry(plain(judgment.text), mark=str(number), remark=remark, cited=_cited(judgment.citations))


def _noted(number: int, note: KeyPoint | Claim) -> Entry:
    places = tuple(Cited.of(place) for place in (note.citation, *note.more))
    return Entry(plain(note.text), mark=str(number), label=plain(note.speaker or ""), cited=places)


def _finding(number: int, finding: Finding) -> Entry:
    remark = f"{finding.confidence} confidence"
    return Entry(plain(finding.text), mark=str(number), remark=remark, cited=_cited(finding.citations))


def _cited(citations: Sequence[Citation]) -> tuple[Cited, ...]:
    return tuple(Cited.of(citation) for citation in citations)


def _speaker(_: int, speaker: SpeakerShare) -> Entry:
    share = f"{speaker.share:.0%}" if speaker.share >= 0.01 else "under 1%"  # noqa: PLR2004  what rounds to nothing
    seconds = [moment(at, None) for at in (speaker.first, speaker.last) if at is not None]
    return Entry(
        ", ".join(plain(part) for part in (speaker.name, speaker.role) if part),
        remark=", ".join(part for part in (f"{share} of the words", " to ".join(seconds)) if part),
        notes=(_quoted("introduced", speaker.introduction),) if speaker.introduction else (),
    )


def _excerpt(chapters: Sequence[Chapter], number: int, excerpt: Excerpt) -> Entry:
    chapter = chapter_at(chapters, excerpt.citations[0])
    return Entry(
        mark=str(number),
        heading=plain(chapter.title) if chapter else "",
        cited=_cited(excerpt.citations),
        notes=(_quoted("before it", excerpt.context),) if excerpt.context else (),
    )


def _quoted(label: str, citation: Citation) -> Note:
    shown = Cited.of(citation)
    return Note(f'{label}, {shown.place}: "{shown.quote}"')


def chapter_at(chapters: Sequence[Chapter], citation: Citation) -> Chapter | None:
    """The last chapter that begins before the quote does."""

    def begun(chapter: Chapter) -> bool:
        if citation.start is not None and chapter.start is not None:
            return chapter.start <= citation.start
        return chapter.paragraph is not None and chapter.paragraph <= (citation.paragraph or 0)

    return next((chapter for chapter in reversed(chapters) if begun(chapter)), None)


def _statement(number: int, statement: Statement) -> Entry:
    return Entry(
        mark=str(number), cited=_cited(statement.citations), notes=tuple(_related(each) for each in statement.related)
    )


def _related(related: RelatedPassage) -> Note:
    flags = f" ({', '.join(plain(flag) for flag in related.flags)})" if related.flags else ""
    where = moment(related.start, related.paragraph, related.place, approximate=related.approximate)
    return Note(
        f'related: "{within_marks(plain(related.quote))}" — {plain(related.source_title)} [{where}]{flags}',
        related.source_url,
    )


def _claim(_: int, claim: CheckedClaim) -> Entry:
    mark, label = VERDICT_WORDS[claim.verdict][:2]
    restated = "" if plain(claim.text) == plain(claim.citation.quote) else plain(claim.text)
    notes = [Note(plain(claim.rationale))] if claim.rationale else []
    return Entry(
        restated,
        mark=mark,
        label=label,
        remark=f"{claim.confidence} confidence" if claim.confidence else "",
        cited=(Cited.of(claim.citation),),
        notes=(*notes, *(_evidence(each) for each in claim.evidence[:_MOST_EVIDENCE])),
    )


def _evidence(evidence: Evidence) -> Note:
    newer = " (newer than the claim)" if evidence.newer_than_claim else ""
    return Note(f"{evidence.stance}: «{plain(evidence.quote)}» — {plain(evidence.title)}{newer}", evidence.url)


def _fallacy(_: int, fallacy: Fallacy) -> Entry:
    against = f" Against this reading: {plain(fallacy.counter_reading)}" if fallacy.counter_reading else ""
    premise = f"premise: {plain(fallacy.premise)}" if fallacy.premise else ""
    return Entry(
        plain(fallacy.text),
        label=plain(fallacy.type),
        remark=f"{fallacy.confidence} confidence",
        cited=_cited(fallacy.citations),
        notes=(Note(text),) if (text := f"{premise}{against}".strip()) else (),
    )


def _perspective(_: int, perspective: Perspective) -> Entry:
    lines = (("grounds", perspective.grounds), ("missing", perspective.missing))
    return Entry(
        plain(perspective.text),
        label=plain(perspective.holder),
        remark=f"{perspective.confidence} confidence",
        cited=_cited(perspective.citations),
        notes=tuple(Note(f"{name}: {plain(text)}") for name, text in lines if text),
    )


def _term(_: int, term: FrequentTerm) -> Entry:
    return Entry(plain(term.text), remark=str(term.count))


def _entity(_: int, entity: TopEntity) -> Entry:
    return Entry(plain(entity.name), remark=f"{entity.kind}, {entity.mentions}")


def _chapter(_: int, chapter: Chapter) -> Entry:
    return Entry(plain(chapter.title), mark=moment(chapter.start, chapter.paragraph, chapter.place))


def _missing(steps: Sequence[StepReport]) -> Iterator[Entry]:
    """Steps with the same outcome share a line."""

    def ending(step: StepReport) -> tuple[str, str, str]:
        return (step.outcome, step.reason, step.hint)

    kinds = list(dict.fromkeys(ending(step) for step in steps))
    for (outcome, reason, hint), alike in groupby(sorted(steps, key=lambda step: kinds.index(ending(step))), ending):
        names = ", ".join(_name(step.name) for step in alike)
        why = "; ".join(plain(part).rstrip(".") for part in (reason, hint) if part)
        yield Entry(names, label=outcome, notes=(Note(why),) if why else ())


def _name(name: StepName) -> str:
    return "verdicts" if name is StepName.FACT_CHECK else name.value


def _unsought(unsought: Sequence[Unsought]) -> Iterator[Entry]:
    for each in unsought:
        yield Entry(plain(", ".join(each.kinds)), label="declined", notes=(Note(plain(each.reason)),))


def _advertising(sentences: int) -> Iterator[Entry]:
    if sentences:
        number = f"{sentences} sentence{'' if sentences == 1 else 's'} of advertisements"
        yield Entry(number, label="left out", notes=(Note("found by their wording"),))


def _removed(dropped: Dropped) -> Iterator[Entry]:
    for kind, noun, why in _DROPPED:
        if number := getattr(dropped, kind):
            yield Entry(f"{number} {noun}{'' if number == 1 else 's'}", label="removed", notes=(Note(why),))


def _unreadable(items: int) -> Iterator[Entry]:
    if items:
        number = f"{items} item{'' if items == 1 else 's'} of the model's replies"
        yield Entry(number, label="left out", notes=(Note("they could not be read"),))
