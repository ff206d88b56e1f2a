"""Findings that cite notes: the schema a model fills, its ids and sentences checked by code, the wrong ones counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import ClassVar, Final, Self, TypeAlias, TypeVar, cast

from pydantic import BaseModel, Field, model_validator
from typing_extensions import override

from autointel.domain.analysis import CheckedClaim, Dropped, Finding, Verdict
from autointel.domain.citation import Citation
from autointel.domain.notes import Note, Notes
from autointel.domain.report import Results
from autointel.domain.transcript import Transcript
from autointel.domain.value import Confidence
from autointel.model.replies import Ungrounded
from autointel.model.reply_text import ids_in, without_citations
from autointel.pipeline.stages import ROLES
from autointel.pipeline.step import Done, Judgement, V
from autointel.pipeline.verifying import Rejected, Shown, Verifier, at_least, in_words
from autointel.text.carrying import Carried, Fault, Ground, carried
from autointel.text.near_duplicates import same_claim

F = TypeVar("F", bound=Finding)

_MOST_CITATIONS: Final = 4
_METHOD: Final = "model, over cited notes"
# An analyst's own words: how far something may be leaned on, how much of it, what compares.
_OWN_WORDS: Final = frozenset({Fault.MODALITY, Fault.QUANTIFIER, Fault.COMPARISON})
# Of what follows from several notes, causes and directions are the analyst's own too.
_INFERRED: Final = _OWN_WORDS | {Fault.CAUSE, Fault.DIRECTION}
# A supposition may suppose anything but a fact of its own.
_SUPPOSED: Final = frozenset(Fault) - {
    *(Fault.NUMBER, Fault.RECKONED, Fault.DATE, Fault.NAME, Fault.EMPTY, Fault.INSTRUCTION, Fault.PROMPT)
}  # fmt: skip
_AGAINST: Final = frozenset({Verdict.REFUTED, Verdict.CONFLICTING_EVIDENCE})
_OVERLAP: Final = 0.4  # of the content words; measured, docs/evaluation.md
_BESIDE: Final = 2  # segments on either side of a quote
Doubts: TypeAlias = dict[tuple[str, tuple[Citation, ...]], str]
"""What code has against items, by their texts and citations: the same text may stand on notes that carry it."""


class Cited(BaseModel):
    """Something that rests on notes.

    ``carried_parts`` are fields that the notes must carry like the text; ``supposed_parts`` may suppose what nobody
    said, and still name no number, day or person of their own.
    """

    carried_parts: ClassVar[tuple[str, ...]] = ()
    supposed_parts: ClassVar[tuple[str, ...]] = ()

    text: str = Field(min_length=1, max_length=400, description="one plain sentence")
    note_ids: list[str] = at_least(1, 8)
    confidence: Confidence

    @model_validator(mode="after")
    def _uncited(self) -> Self:
        self.text = without_citations(self.text, self.note_ids) or self.text
        return self


@dataclass
class Grounding:
    """Resolves note ids, and checks that the notes' quotes carry what is said on them; counts what does not hold.

    ``doubts`` gets what code has against items that a model is to decide on; None where code decides.
    """

    notes: dict[str, Note]
    transcript: Transcript | None = None
    claims: Sequence[CheckedClaim] = ()
    checked: bool = True
    doubts: Doubts | None = None
    unknown: list[str] = field(default_factory=list)
    uncited: list[str] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    standing: int = 0

    @classmethod
    def on(
        cls,
        notes: Notes,
        transcript: Transcript | None = None,
        claims: Sequence[CheckedClaim] = (),
        *,
        checked: bool = True,
        doubts: Doubts | None = None,
    ) -> Grounding:
        """Over every note that has an id; ``transcript`` gives the neighbours of quotes, ``claims`` their evidence.

        ``checked`` is False where quotes need not carry what is said on them.
        """
        kinds: tuple[tuple[Note, ...], ...] = (notes.key_points, notes.claims, notes.fallacies, notes.positions)
        return cls({note.id: note for kind in kinds for note in kind}, transcript, claims, checked, doubts)

    def citations(self, text: str, note_ids: Sequence[str]) -> tuple[Citation, ...]:
        """The citations of the ids that exist, each place once. None at all: the item is to be left out."""
        named = ids_in(note_ids, self.notes)
        self.unknown += [note_id for note_id in named if note_id not in self.notes]
        if not named:
            self.uncited.append(text)
        notes = [self.notes[note_id] for note_id in named if note_id in self.notes]
        found = [place for note in notes for place in (note.citation, *note.more)]
        return tuple(dict.fromkeys(found))[:_MOST_CITATIONS]

    def carries(self, item: Cited, citations: tuple[Citation, ...], *, inferred: bool) -> bool:
        """Whether the quotes of the item's notes carry its text, or code only doubts that; if not, it is counted.

        ``inferred`` is for what follows from several notes taken together: causes and directions are its own then.
        """
        if not self.checked:
            return True
        notes = self._named(item)
        free = _INFERRED if inferred else _OWN_WORDS
        if any(claim.verdict in _AGAINST for claim in self.claims if claim.id in {note.id for note in notes}):
            free |= {Fault.NEGATION, Fault.DIRECTION}  # what evidence refutes is denied
        outcome = self._outcome(item.text, self._ground(notes, item), free)
        if self.doubts is not None and outcome.is_doubtful:
            self.doubts[item.text, citations] = in_words(outcome.reasons)
            return True
        return self._stands(item.text, outcome)

    def parts(self, item: Cited) -> dict[str, str]:
        """The item's further fields, empty where the notes do not carry them; each of these is counted."""
        if not self.checked:
            return {}
        ground = self._ground(self._named(item), item)
        allowed = dict.fromkeys(item.carried_parts, _INFERRED) | dict.fromkeys(item.supposed_parts, _SUPPOSED)
        said = {name: str(getattr(item, name)) for name in allowed}
        outcomes = {name: self._outcome(text, ground, allowed[name]) for name, text in said.items()}
        return {name: "" for name, outcome in outcomes.items() if not self._stands(said[name], outcome)}

    def _named(self, item: Cited) -> list[Note]:
        return [self.notes[note_id] for note_id in ids_in(item.note_ids, self.notes) if note_id in self.notes]

    def _outcome(self, text: str, ground: Ground, free: Collection[Fault]) -> Carried:
        """Whether a text is carried, but for faults that it may have."""
        outcome = carried(text, ground, threshold=_OVERLAP)
        return replace(outcome, reasons=tuple(each for each in outcome.reasons if each.fault not in free))

    def _stands(self, text: str, outcome: Carried) -> bool:
        """Whether a text is carried; if not, it is counted."""
        if not outcome:
            self.rejected.append(Rejected(text, outcome.reasons))
        return bool(outcome)

    def _ground(self, notes: Sequence[Note], item: Cited) -> Ground:
        """The notes and their quotes; beside them what was said before and after, and who said it."""
        speakers = [note.speaker or note.citation.speaker for note in notes]
        said = [f"{who} said: {note.citation.quote}" for who, note in zip(speakers, notes, strict=True) if who]
        holder = getattr(item, "holder", "")
        beside = [line for note in notes for line in self._beside(note.citation)]
        return Ground(
            # Each once: a denial that stands twice would have to be denied twice.
            tuple(dict.fromkeys([*(note.citation.quote for note in notes), *self._evidence(notes)])),
            (
                *(note.text for note in notes),
                *said,
                *beside,
                *([f"{holder} said."] if holder and self._is_heard(holder, notes) else []),
            ),
            next(iter(speakers), None) if len(set(speakers)) == 1 else None,
            prompt=_instructions(),
            language=(self.transcript.language if self.transcript else None) or "en",
        )

    def _evidence(self, notes: Sequence[Note]) -> list[str]:
        """Rationales and evidence of the fact-check on the claims among the notes."""
        ids = {note.id for note in notes}
        checked = [claim for claim in self.claims if claim.id in ids]
        return [text for each in checked for text in (each.rationale or "", *(e.quote for e in each.evidence)) if text]

    def _is_heard(self, holder: str, notes: Sequence[Note]) -> bool:
        """Whether a holder of a view speaks in the notes, or is named there."""
        there = " ".join(f"{note.speaker or ''} {note.text} {note.citation.quote}" for note in notes).casefold()
        return any(part in there for part in holder.casefold().split() if len(part) > 2)  # noqa: PLR2004  not "of"

    def _beside(self, citation: Citation) -> list[str]:
        segments = self.transcript.segments if self.transcript else ()
        at = next(
            (n for n, s in enumerate(segments) if (s.start, s.paragraph) == (citation.start, citation.paragraph)), None
        )
        return [] if at is None else [s.text for s in segments[max(0, at - _BESIDE) : at + _BESIDE + 1]]

    def findings(self, kind: type[F], items: Sequence[Cited]) -> tuple[F, ...]:
        """The items that rest on notes which carry them, as findings of that kind; each once.

        Of two that say the same, one that code doubts gives way.
        """
        found: list[F] = []
        doubted = {} if self.doubts is None else self.doubts
        language = (self.transcript.language if self.transcript else None) or "en"
        for item in items:
            citations = self.citations(item.text, item.note_ids)
            if not citations or not self.carries(item, citations, inferred=True):
                continue
            same = next((at for at, other in enumerate(found) if same_claim(item.text, other.text, language)), None)
            if same is not None and (
                (item.text, citations) in doubted or (found[same].text, found[same].citations) not in doubted
            ):
                self.repeated.append(item.text)
                continue
            fields = item.model_dump(exclude={"note_ids"}) | self.parts(item)
            finding = kind(**fields, method=_METHOD, citations=citations)
            if same is None:
                found.append(finding)
                self.standing += 1
            else:
                self.repeated.append(found[same].text)
                found[same] = finding
        return tuple(found)

    def settle(self, *, last: bool) -> Dropped:
        """Counts of what was removed. Raises Ungrounded instead while the model may still mend it."""
        # What states nothing is not mended by asking again; it is only worth a call where nothing else stands.
        mendable = [each for each in self.rejected if each.is_mendable or not self.standing]
        if not last and (self.unknown or self.uncited or mendable):
            problems = [f"there is no note {', '.join(dict.fromkeys(self.unknown))}"] if self.unknown else []
            problems += [f"no note is cited for: {text[:200]}" for text in self.uncited]
            problems += [f"the notes it cites do not say this: {each}" for each in mendable]
            raise Ungrounded("; ".join(problems))
        counted = Dropped(note_ids=len(self.unknown), uncited=len(self.uncited), duplicates=len(self.repeated))
        named = [f"{text[:200]} (no note is cited)" for text in self.uncited]
        named += [f"{text} (said before)" for text in self.repeated]
        return sum((each.dropped for each in self.rejected), counted + Dropped(sentences=tuple(named)))


@cache
def _instructions() -> str:
    """The instructions of all roles; a model may repeat them as a finding."""
    return " ".join(role.description for role in ROLES.values())


class AnalystStep(Judgement[V]):
    """An analyst over the notes. Each analyst has fields of its own in the analysis, so siblings never collide."""

    def __init__(self, verifier: Verifier | None = None, *, checked: bool = True) -> None:
        self._verifier = verifier
        self._checked = checked
        # Between the check by code and that by the model; a step is made for one run.
        self._doubts: Doubts = {}

    def grounding(self, results: Results) -> Grounding:
        """Over the notes; where the model takes a second look, it decides on what code doubts."""
        doubts = None if self._verifier is None else self._doubts
        return Grounding.on(results.notes, results.transcript, checked=self._checked, doubts=doubts)

    @override
    def unasked(self, results: Results) -> Done[V] | None:
        return None if results.notes.is_citable else Done(cast("V", self.value()), detail="nothing was noted")

    @override
    async def verified(self, done: Done[V]) -> Done[V]:
        if self._verifier is None:
            return done
        findings = {
            name: [each for each in found if isinstance(each, Finding)]
            for name, found in dict(done.value).items()
            if isinstance(found, tuple)
        }
        shown = [shown_with(each.text, each.citations, self._doubts) for found in findings.values() for each in found]
        checked = await self._verifier.check(self.name, shown, partly=True)
        places = iter(range(len(shown)))
        stays = {
            name: tuple(each for each in found if next(places) in checked.stays) for name, found in findings.items()
        }
        removed = {as_text([each]) for name, found in findings.items() for each in found if each not in stays[name]}
        dropped: Dropped = getattr(done.value, "dropped", Dropped())
        value = done.value.model_copy(update={**stays, "dropped": dropped + checked.dropped})
        text = "\n".join(line for line in done.text.splitlines() if line not in removed)
        return replace(done, value=value, text=text, shortfall=done.shortfall or checked.unheard)

    @override
    def put(self, results: Results, value: V) -> Results:
        found = {field: getattr(value, field) for field in type(value).model_fields if field != "dropped"}
        dropped: Dropped = getattr(value, "dropped", Dropped())
        return results.model_copy(
            update={"analysis": results.analysis.model_copy(update=found), "dropped": results.dropped + dropped}
        )


def shown_with(text: str, citations: tuple[Citation, ...], doubts: Doubts) -> Shown:
    """A text as the second look sees it: with its quotes, and what code has against it on these."""
    return Shown(text, tuple(each.quote for each in citations), doubts.get((text, citations), ""))


def as_text(findings: Sequence[Finding]) -> str:
    """Findings as the briefing writer reads them: bounded by the schema's own limits."""
    return "\n".join(f"{finding.text} ({finding.confidence} confidence)" for finding in findings)
