"""A judge's verdict on one claim, and its accepted part: a verdict stands on sentences that are on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import BaseModel, Field

from autointel.domain.analysis import Dropped, Evidence, Stance, Verdict
from autointel.domain.citation import Script
from autointel.domain.transcript import Segment
from autointel.domain.value import Confidence
from autointel.model.reply_text import ids_in
from autointel.pipeline.verifying import Rejected, at_least
from autointel.text.carrying import Fault, Ground, Reason, carried
from autointel.text.sentences import Sentence, cut

# What the evidence must say for a verdict to stand.
_NEEDS: Final = {
    Verdict.SUPPORTED: {Stance.SUPPORTS},
    Verdict.REFUTED: {Stance.REFUTES},
    Verdict.CONFLICTING_EVIDENCE: {Stance.SUPPORTS, Stance.REFUTES},
    Verdict.NOT_ENOUGH_EVIDENCE: set[Stance](),
}
_GAP: Final = 200  # characters between two sentences that are quoted together
# Faults that no rationale may have: it weighs in words of its own, and its facts are the evidence's.
_OWN: Final = frozenset({Fault.NUMBER, Fault.RECKONED, Fault.DATE, Fault.NAME, Fault.PROMPT, Fault.INSTRUCTION})


class JudgedEvidence(BaseModel):
    """One piece of evidence and the numbers of its sentences that bear on the claim."""

    evidence_id: str = Field(max_length=12)
    stance: Stance
    at: list[int] = at_least(1, 3)


class VerdictReply(BaseModel):
    """A verdict by AVeriTeC's four labels."""

    verdict: Verdict
    confidence: Confidence
    rationale: str = Field(min_length=1, max_length=400, description="one or two sentences that name the evidence")
    evidence: list[JudgedEvidence] = Field(max_length=6)


class NumberedEvidence:
    """Evidence as a judge reads it: E1 first, its sentences numbered on through all of it."""

    def __init__(self, shown: Sequence[Evidence]) -> None:
        self.by_id = {f"E{number}": evidence for number, evidence in enumerate(shown, start=1)}
        self._scripts = {
            name: Script.over((Segment(text=evidence.quote, paragraph=1),), evidence.url)
            for name, evidence in self.by_id.items()
        }
        self._sentences: dict[int, tuple[str, Sentence]] = {}
        for name, script in self._scripts.items():
            for sentence in cut(script) or [Sentence(0, len(script.text), script.text)]:
                self._sentences[len(self._sentences) + 1] = (name, sentence)

    @property
    def text(self) -> str:
        """Each piece with its id and title, and a line a sentence."""
        pages = {name: [f"[{name}] {evidence.title}"] for name, evidence in self.by_id.items()}
        for number, (name, sentence) in self._sentences.items():
            pages[name].append(f"{number}| {sentence.text}")
        return "\n\n".join("\n".join(lines) for lines in pages.values())

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of all sentences; a rationale may name them."""
        return tuple(self._sentences)

    def has(self, numbers: Sequence[int]) -> bool:
        """Whether any of the numbers is one of a sentence, whatever evidence has it."""
        return any(number in self._sentences for number in numbers)

    def span(self, name: str, numbers: Sequence[int]) -> str | None:
        """The page's words from the first to the last of the numbered sentences; None where it has none of them."""
        found = [
            self._sentences[n][1] for n in sorted(numbers) if n in self._sentences and self._sentences[n][0] == name
        ]
        if not found:
            return None
        near = [sentence for sentence in found if sentence.start - found[0].end <= _GAP]
        return self._scripts[name].text[found[0].start : near[-1].end]


@dataclass(frozen=True)
class Ruling:
    """A verdict as far as its evidence holds; None where no evidence could be sought."""

    verdict: Verdict | None
    confidence: Confidence | None
    rationale: str
    evidence: tuple[Evidence, ...]
    dropped: Dropped = field(default_factory=Dropped)
    problems: str = ""


def ruling(reply: VerdictReply, shown: NumberedEvidence, claim: str = "") -> Ruling:
    """The verdict as far as it is grounded in ``shown``. What is removed is counted in ``dropped``.

    Removed are evidence with an unknown id, evidence without any of the sentences it names, and a rationale with a
    number, day or name that neither the claim nor the evidence has. A verdict whose label the remaining evidence does
    not carry becomes NOT_ENOUGH_EVIDENCE.
    """
    kept: list[Evidence] = []
    unknown, absent = [], []
    for item in reply.evidence:
        name = ids_in([item.evidence_id], shown.by_id)[0]
        evidence = shown.by_id.get(name)
        if evidence is None:
            unknown.append(item.evidence_id)
            # The sentences are made up as well as the id, unless some evidence has a sentence of that number.
            absent += [] if shown.has(item.at) else [item]
        elif (span := shown.span(name, item.at)) is None:
            absent.append(item)
        else:
            kept.append(evidence.model_copy(update={"quote": span, "stance": item.stance}))
    evidence_shown = distinct(kept)
    problems = [f"there is no evidence {', '.join(unknown)}"] if unknown else []
    problems += [f"{each.evidence_id} has no sentence {', '.join(map(str, each.at))}" for each in absent]
    dropped = Dropped(note_ids=len(unknown), spans=len(absent))
    rationale = reply.rationale
    wrong = _wrong_in(rationale, shown, claim)
    if wrong:
        problems.append(f"the evidence does not say this: {Rejected(rationale, wrong)}")
        dropped += Rejected(rationale, wrong).dropped
        rationale = "The judge's reasons are left out: they say what the evidence does not."
    if _NEEDS[reply.verdict] <= {evidence.stance for evidence in kept}:
        confidence = None if reply.verdict is Verdict.NOT_ENOUGH_EVIDENCE else reply.confidence
        return Ruling(reply.verdict, confidence, rationale, evidence_shown, dropped, "; ".join(problems))
    return Ruling(
        Verdict.NOT_ENOUGH_EVIDENCE,
        None,
        f"The judge said {reply.verdict}, but the evidence it gave for that does not hold up.",
        evidence_shown,
        dropped,
        "; ".join(problems),
    )


def _wrong_in(rationale: str, shown: NumberedEvidence, claim: str) -> tuple[Reason, ...]:
    """The facts of a rationale that neither the claim nor the evidence has."""
    pages = tuple(f"{evidence.title}. {evidence.quote}" for evidence in shown.by_id.values())
    ids = " ".join(shown.by_id)
    said = re.sub(r"\[?\bE\d+\b\]?|\b(?:SUPPORTED|REFUTED|CONFLICTING_EVIDENCE|NOT_ENOUGH_EVIDENCE)\b", "it", rationale)
    numbers = "Sentence " + ", ".join(map(str, shown.numbers)) + "."
    outcome = carried(said, Ground((*pages, claim, numbers), (ids,)))
    return tuple(reason for reason in outcome.reasons if reason.fault in _OWN)


def distinct(evidence: Sequence[Evidence]) -> tuple[Evidence, ...]:
    """Each piece of evidence once: the longest quote of a page, and of pages with the same words the first one.

    A page that is searched in overlapping pieces, a judge who names a sentence twice, and a copy of a page at another
    address make no claim more likely. What supports and what refutes stay apart.
    """
    kept: list[int] = []
    for place in sorted(range(len(evidence)), key=lambda place: -len(_words(evidence[place]))):
        if not any(_repeats(evidence[place], evidence[other]) for other in kept):
            kept.append(place)
    return tuple(evidence[place] for place in sorted(kept))


def _repeats(short: Evidence, long: Evidence) -> bool:
    words, more = _words(short), _words(long)
    return short.stance is long.stance and (words == more or (words in more and short.url == long.url))


def _words(evidence: Evidence) -> str:
    return " ".join(evidence.quote.casefold().split())


def agreed(first: Ruling, second: Ruling) -> Ruling:
    """Two independent rulings as one: where they differ, the evidence conflicts as far as we can tell."""
    dropped = first.dropped + second.dropped
    evidence = distinct((*first.evidence, *second.evidence))
    if first.verdict is second.verdict:
        return Ruling(first.verdict, first.confidence, first.rationale, evidence, dropped)
    verdict = Verdict.CONFLICTING_EVIDENCE if evidence else Verdict.NOT_ENOUGH_EVIDENCE
    rationale = f"Judged twice: {first.verdict} ({first.rationale}) and {second.verdict} ({second.rationale})."
    return Ruling(verdict, Confidence.LOW if evidence else None, rationale, evidence, dropped)
