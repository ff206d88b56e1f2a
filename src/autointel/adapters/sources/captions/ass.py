"""Advanced SubStation Alpha and its ancestor SSA, read by pysubs2."""

from __future__ import annotations

from autointel.adapters.sources.captions.rolling import looks_rolling, unroll
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript


def parse_ass(text: str) -> Draft:
    """The dialogue, without comments and drawings; the Name column is the speaker.

    Raises NoTranscript where the file is too broken to be read.
    """
    from pysubs2 import SSAFile

    # Attached fonts and pictures are lines of noise, and pysubs2 keeps them all.
    form = "ass" if "[V4 Styles]" not in text else "ssa"
    try:
        file = SSAFile.from_string(text.replace("\x00", ""), format_=form)
    except Exception as error:  # a parser of free text: what it raises is not listed anywhere
        raise NoTranscript(
            "The subtitles are broken and cannot be read.", "Export them again, as SRT or VTT."
        ) from error
    cues = [
        Cue(max(0, event.start), max(0, event.end), _lines(event.plaintext), one_line(event.name) or None)
        for event in file.events
        if not event.is_comment and not event.is_drawing
    ]
    rolling = looks_rolling(cues, word_times=False)
    if rolling:
        cues = unroll(cues)
    return Draft(SourceKind.ASS, with_speakers(cues), title=_title(file.info.get("Title", "")), automatic=rolling)


def _lines(text: str) -> list[str]:
    return [stripped for line in clean(text).split("\n") if (stripped := line.strip())]


def _title(title: str) -> str | None:
    # What Aegisub writes when nobody gave one.
    return None if title.startswith("Default Aegisub") else one_line(title) or None
