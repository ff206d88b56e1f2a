"""Note ids in a model's reply, checked against the notes: what cites nothing that exists is not said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from autointel.domain.briefing import Dropped
from autointel.domain.citation import Citation
from autointel.domain.notes import Note, Notes
from autointel.pipeline.step import Ungrounded

_MOST_CITATIONS = 4


@dataclass
class Grounding:
    """Resolves ids, and keeps account of what could not be."""

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

    def settle(self, *, last: bool) -> Dropped:
        """What was removed. Raises Ungrounded instead while the model may still mend it."""
        if not last and (self.unknown or self.uncited):
            problems = [f"there is no note {', '.join(dict.fromkeys(self.unknown))}"] if self.unknown else []
            problems += [f"no note is cited for: {text[:200]}" for text in self.uncited]
            raise Ungrounded("; ".join(problems))
        return Dropped(note_ids=len(self.unknown), uncited=len(self.uncited))
