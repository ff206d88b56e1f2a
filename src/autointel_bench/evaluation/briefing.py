"""The items that the engine without a model shows of transcripts, with the faults that code can count."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from autointel.domain.notes import Notes
from autointel.domain.transcript import Transcript
from autointel.errors import UsageError

Readers: TypeAlias = Callable[[Path], tuple[Transcript, Notes]]
"""A file to its transcript and what is read in it."""


@dataclass(frozen=True)
class Checks:
    """Judges of single items, by code: whether a sentence refers elsewhere, advertises, or a term is a noun phrase."""

    refers: Callable[[str], bool]
    advertises: Callable[[str], bool]
    names: Callable[[str], bool]


@dataclass(frozen=True)
class BriefingScore:
    """One transcript: the page's items, and counts of faults among them."""

    name: str
    quotes: int
    statements: int
    unresolved: int
    repeated: int
    advertising: int
    terms: int
    no_nouns: int
    chapters: int
    covered: int
    lines: tuple[str, ...]

    def render(self) -> str:
        """The items, then one line of counts."""
        sentences = self.quotes + self.statements
        counts = (
            f"{self.name}: of {sentences} sentences {self.unresolved} refer elsewhere, {self.repeated} repeat, "
            f"{self.advertising} advertise; of {self.terms} terms {self.no_nouns} are no noun phrase; "
            f"{self.covered} of {self.chapters} chapters have a quote"
        )
        return "\n".join([*self.lines, counts, ""])


def score_briefings(folder: Path, read: Readers, checks: Checks) -> str:
    """All files of a folder (or one file), printed item by item. Raises UsageError where there is none."""
    files = sorted(file for file in folder.iterdir() if file.is_file()) if folder.is_dir() else [folder]
    if not files:
        raise UsageError(f"{folder} holds no file.", "Give a transcript or a folder of transcripts.")
    return "\n".join(score_briefing(file.name, *read(file), checks).render() for file in files)


def score_briefing(name: str, transcript: Transcript, notes: Notes, checks: Checks) -> BriefingScore:
    """The items of one page and its faults."""
    points = [point.text for point in notes.key_points]
    claims = [claim.text for claim in notes.claims if not claim.sponsored]
    # A sentence shown with the one before it refers to what is shown.
    bare = [*(point.text for point in notes.key_points if not point.context), *claims]
    chapters = transcript.chapters or notes.chapters
    starts = [chapter.start if chapter.start is not None else float(chapter.paragraph or 0) for chapter in chapters]
    places = [
        point.citation.start if point.citation.start is not None else float(point.citation.paragraph or 0)
        for point in notes.key_points
    ]
    lines = [
        *(f"quote     {text}" for text in points),
        *(f"claim     {text}" for text in claims),
        *(f"entity    {entity.name} ({entity.kind})" for entity in notes.entities),
        *(f"term      {term.text}" for term in notes.terms),
        *(f"chapter   {chapter.title}" for chapter in chapters),
    ]
    folded = [" ".join(text.casefold().split()) for text in (*points, *claims)]
    return BriefingScore(
        name=name,
        quotes=len(points),
        statements=len(claims),
        unresolved=sum(map(checks.refers, bare)),
        repeated=len(folded) - len(set(folded)),
        advertising=sum(map(checks.advertises, (*points, *claims))),
        terms=len(notes.terms),
        no_nouns=sum(not checks.names(term.text) for term in notes.terms),
        chapters=len(chapters),
        covered=len({_chapter(starts, place) for place in places} - {-1}),
        lines=tuple(lines),
    )


def _chapter(starts: Sequence[float], place: float) -> int:
    return sum(start <= place for start in starts) - 1
