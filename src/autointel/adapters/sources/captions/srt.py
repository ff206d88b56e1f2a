"""SubRip and SubViewer, as found rather than as specified: neither has a standard."""

from __future__ import annotations

from collections.abc import Callable

from autointel.adapters.sources.captions.reader import account, name_by_ids, take_apart, timed_cues, without_marks
from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.captions.time_lines import Span, arrow_span, comma_span
from autointel.adapters.sources.draft import Draft
from autointel.adapters.sources.markup import plain_srt
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind


def parse_srt(text: str) -> Draft:
    """The cues of a SubRip file. Indexes may be missing or wrong, empty lines may stand inside a cue."""
    return _parse(text, arrow_span, SourceKind.SRT)


def parse_sbv(text: str) -> Draft:
    """The cues of a SubViewer file (YouTube's ``0:00:02.569,0:00:04.519``)."""
    return _parse(text, comma_span, SourceKind.SBV)


def _parse(text: str, span_of: Callable[[str], Span | None], kind: SourceKind) -> Draft:
    blocks = take_apart(without_marks(text).split("\n"), span_of, named_ids=False)
    draft = Draft(kind, [])
    pairs = list(timed_cues(blocks, draft, _words))
    name_by_ids(pairs)
    account(draft, blocks)
    if pairs and any(line.strip() for line in blocks.preface):
        draft.warnings.append("Text before the first time was left out.")
        draft.blocks_left_out += 1
    draft.cues = with_speakers(once([cue for _, cue in pairs], draft))
    return draft


def _words(lines: list[str]) -> list[str]:
    # Empty lines inside a cue go; a tag may reach over a line, so the cue is cleaned as a whole.
    return [stripped for line in plain_srt("\n".join(lines)).split("\n") if (stripped := line.strip())]
