"""Findings that cite notes: the schema a model fills, and its note ids checked by code, the wrong ones counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import BaseModel, Field
from typing_extensions import override

from autointel.domain.analysis import Finding
from autointel.domain.briefing import Dropped
from autointel.domain.citation import Citation
from autointel.domain.notes import Note, Notes
from autointel.domain.results import Results
from autointel.domain.value import Confidence
from autointel.model.grounding import Ungrounded
from autointel.pipeline.step import Judgement, V

F = TypeVar("F", bound=Finding)

_MOST_CITATIONS: Final = 4
_METHOD: Final = "model, over cited notes"


class Cited(BaseModel):
    """Something that rests on notes."""

    text: str = Field(min_length=1, description="one plain sentence")
    note_ids: list[str] = Field(description="ids of the notes it rests on, as in square brackets")
    confidence: Confidence


@dataclass
class Grounding:
    """Resolves note ids, and counts those that name no note."""

    notes: dict[str, Note]
    unknown: list[str] = field(default_factory=list)
    uncited: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, notes: Notes) -> Grounding:
        """Over every note that has an id."""
        return cls(
            {
                note.id: note
                for kind in (notes.key_points, notes.claims, notes.fallacies, notes.positions)
                for note in kind
            }
        )

    def citations(self, text: str, note_ids: Sequence[str]) -> tuple[Citation, ...]:
        """The citations of the ids that exist, each place once. None at all: the item is to be left out."""
        named = [note_id.strip().strip("[]") for note_id in note_ids]
        self.unknown += [note_id for note_id in named if note_id not in self.notes]
        if not named:
            self.uncited.append(text)
        found = [self.notes[note_id].citation for note_id in named if note_id in self.notes]
        return tuple(dict.fromkeys(found))[:_MOST_CITATIONS]

    def findings(self, kind: type[F], items: Sequence[Cited]) -> tuple[F, ...]:
        """The items that rest on a note, as findings of that kind."""
        found = []
        for item in items:
            citations = self.citations(item.text, item.note_ids)
            if citations:
                found.append(kind(**item.model_dump(exclude={"note_ids"}), method=_METHOD, citations=citations))
        return tuple(found)

    def settle(self, *, last: bool) -> Dropped:
        """What was removed. Raises Ungrounded instead while the model may still mend it."""
        if not last and (self.unknown or self.uncited):
            problems = [f"there is no note {', '.join(dict.fromkeys(self.unknown))}"] if self.unknown else []
            problems += [f"no note is cited for: {text[:200]}" for text in self.uncited]
            raise Ungrounded("; ".join(problems))
        return Dropped(note_ids=len(self.unknown), uncited=len(self.uncited))


class AnalystStep(Judgement[V]):
    """An analyst over the notes. Each analyst has fields of its own in the analysis, so siblings never collide."""

    @override
    def put(self, results: Results, value: V) -> Results:
        found = {field: getattr(value, field) for field in type(value).model_fields if field != "dropped"}
        dropped: Dropped = getattr(value, "dropped", Dropped())
        return results.model_copy(
            update={"analysis": results.analysis.model_copy(update=found), "dropped": results.dropped + dropped}
        )


def as_text(findings: Sequence[Finding]) -> str:
    """What the briefing writer reads of an analyst's findings: bounded by the schema's own limits."""
    return "\n".join(f"{finding.text} ({finding.confidence} confidence)" for finding in findings)
