"""Read every passage once, into notes; every later step works on the notes, or on their digest of bounded size."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from typing_extensions import override

from autointel.domain.analysis import Analysis
from autointel.domain.notes import Note, Notes
from autointel.domain.report import Results
from autointel.domain.run import StepName
from autointel.domain.transcript import Transcript
from autointel.domain.value import Value
from autointel.pipeline.step import Done, Work, described, digest_of
from autointel.ports import Reader
from autointel.render.plain_text import count
from autointel.render.sheet import place_of

# Four agents read the digest. At a tenth of the transcript each, all prompts of a run stay below twice its length, even
# where 15 claims are judged twice (docs/model-costs.md).
_SHARE: Final = 1 / 10
_LEAST: Final = 6_000  # characters
_MOST: Final = 60_000  # about 15k tokens, which every model takes
Survey = Callable[[Notes], Analysis]
"""Lays notes out as findings without judging them: the local engine's analysis."""
Related = Callable[[Results, Analysis], Awaitable[Analysis]]
"""Puts what other sources say beside the statements of an analysis."""


def limit_for(transcript: Transcript) -> int:
    """How many characters of notes an agent may read of this transcript."""
    length = sum(len(segment.text) for segment in transcript.segments)
    return min(_MOST, max(_LEAST, int(length * _SHARE)))


def digest(notes: Notes, limit: int) -> str:
    """A line a note: id, place, speaker, text, quote. Where there are too many, quotes go first, then notes.

    What is left is spread over the whole: a talk is not judged by its beginning.
    """
    kinds: list[tuple[str, tuple[Note, ...]]] = [
        ("Key points", notes.key_points),
        ("Claims", notes.claims),
        ("Suspected fallacies", notes.fallacies),
        ("Positions", notes.positions),
    ]
    share = limit // max(1, sum(bool(kept) for _, kept in kinds))
    return "\n\n".join(f"{title}\n" + "\n".join(_within(kept, share)) for title, kept in kinds if kept)


def _within(notes: tuple[Note, ...], limit: int) -> list[str]:
    lines = [_line(note, quoted=True) for note in notes]
    if _length(lines) > limit:
        lines = [_line(note, quoted=False) for note in notes]
    if _length(lines) <= limit:
        return lines
    some = min(len(lines) - 1, limit * len(lines) // _length(lines))
    spread = _spread(lines, some)
    while _length(spread) > limit:
        some -= 1
        spread = _spread(lines, some)
    return spread


def _line(note: Note, *, quoted: bool) -> str:
    who = f"{note.speaker}: " if note.speaker else ""
    line = f"[{note.id}] {place_of(note.citation)} {who}{note.text}"
    return f'{line} — "{note.citation.quote}"' if quoted and note.text != note.citation.quote else line


def _length(lines: Sequence[str]) -> int:
    return sum(len(line) + 1 for line in lines)


def _spread(lines: Sequence[str], some: int) -> list[str]:
    """So many of them, at even distances."""
    return [lines[at * len(lines) // some] for at in range(some)]


class Noted(Value):
    """Notes, and what can be said from notes alone."""

    notes: Notes
    analysis: Analysis = Analysis()


class Read(Work[Noted]):
    """Notes from the transcript.

    ``survey`` gives the findings that need no model; ``related`` looks up what other sources say, anew in every run.
    """

    name = StepName.READ
    value = Noted
    version = 3

    def __init__(self, reader: Reader, survey: Survey | None = None, related: Related | None = None) -> None:
        self._reader = reader
        self._survey = survey
        self.related = related

    @override
    def inputs(self, results: Results) -> str:
        return digest_of(described(results.source), results.transcript.model_dump_json())

    @override
    async def run(self, results: Results) -> Done[Noted]:
        notes = await self._reader.read(results.source, results.transcript)
        noted = Noted(notes=notes, analysis=self._survey(notes) if self._survey else Analysis())
        counts = {"key point": notes.key_points, "claim": notes.claims, "entity": notes.entities}
        detail = ", ".join(count(len(found), what) for what, found in counts.items() if found)
        return Done(
            noted,
            text=digest(notes, limit_for(results.transcript)),
            detail=f"{count(len(results.passages), 'passage')}, {detail}".rstrip(", "),
            shortfall=notes.left_out,
            hint="Mend the cause and run it again; what was read is not asked again." if notes.left_out else "",
        )

    @override
    def put(self, results: Results, value: Noted) -> Results:
        return results.model_copy(update={"notes": value.notes, "analysis": value.analysis})

    @override
    async def complete(self, results: Results, value: Noted) -> Noted:
        if self.related is None:
            return value
        return value.model_copy(update={"analysis": await self.related(results, value.analysis)})
