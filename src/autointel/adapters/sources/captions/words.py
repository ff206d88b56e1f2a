"""Single words with times, gathered into sentences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from autointel.adapters.sources.draft import Cue

# A pause that long ends a thought; so many words are as much as a caption holds.
_PAUSE: Final = 1000
_MOST_WORDS: Final = 40
_ENDS: Final = (".", "?", "!", "…", "。", "？", "！", '."', '?"', '!"', ".”", "?”", "!”")


def gather(words: Iterable[Cue]) -> list[Cue]:
    """Cues of whole sentences out of cues of one word each; a pause or another speaker ends one as well."""
    gathered: list[Cue] = []
    open_cue: Cue | None = None
    for word in words:
        text = word.text
        if open_cue is None or _breaks(open_cue, word):
            open_cue = Cue(word.start, word.end, [text], word.speaker)
            gathered.append(open_cue)
        else:
            open_cue.lines.append(text)
            open_cue.end = word.end
        if text.endswith(_ENDS) or len(open_cue.lines) >= _MOST_WORDS:
            open_cue = None
    return gathered


def are_words(cues: list[Cue]) -> bool:
    """Whether most of these cues are single words."""
    return len(cues) > 3 and sum(len(cue.text.split()) <= 1 for cue in cues) > 0.8 * len(cues)  # noqa: PLR2004 -- few


def _breaks(current: Cue, word: Cue) -> bool:
    if word.speaker != current.speaker:
        return True
    start, said_from = word.start or 0, current.start or 0
    # A word out of order is left to be sorted.
    return start < said_from or start - (current.end or start) > _PAUSE
