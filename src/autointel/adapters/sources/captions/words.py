"""Single words with times, gathered into sentences and joined as their script joins words; lines cut at sentences."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from autointel.adapters.sources.draft import Cue

# A pause that long (milliseconds) ends a thought; so many words are as much as a caption holds.
_PAUSE: Final = 1000
_MOST_WORDS: Final = 40
ENDS: Final = (".", "?", "!", "…", "。", "？", "！", "।", "؟", "۔", '."', '?"', '!"', ".”", "?”", "!”")
_CLOSING: Final = frozenset(".,;:!?%…)]}»”’、。，；：！？）】」』।؟،؛")
# Before letters they begin a word of its own, where ".com" goes on with the word before.
_PARTING: Final = frozenset(":;!?")
_OPENING: Final = frozenset("([{«“‘¿¡（【「『")
# "'t", "’s", "n't", "-five": pieces of the word before.
_TAIL: Final = re.compile(r"(?:['’]\w{1,3}|n['’]t|[-‐‑]\w.*)\Z", re.IGNORECASE)
# Scripts that put no spaces between words, by the first word of a letter's Unicode name.
_UNSPACED: Final = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR"})
_WIDE_SIGNS: Final = frozenset("、。，；：！？（）【】「」『』・ー々")
_MOST_UNKNOWN: Final = 0x0E00


def gather(words: Iterable[Cue]) -> list[Cue]:
    """Cues of whole sentences out of cues of one piece each; a pause or another speaker ends one as well.

    A piece is a word, a sign or white space. Pieces that carry their own spaces are joined by those, others by the
    rules of their script: no space before a comma, before "'t", or between Chinese, Japanese or Thai words.
    """
    pieces = list(words)
    spaced = _carry_spaces(pieces)
    gathered: list[Cue] = []
    is_open = False
    for piece in pieces:
        raw = "".join(piece.lines)
        goes_on = bool(gathered) and _goes_on(gathered[-1], piece, raw, is_open=is_open)
        if not goes_on and raw.strip():
            gathered.append(Cue(piece.start, piece.end, [], piece.speaker))
        if goes_on or raw.strip():
            gathered[-1].lines.append(raw)
        if raw.strip():
            gathered[-1].end = max(gathered[-1].end or 0, piece.end or 0) or None
            is_open = not raw.rstrip().endswith(ENDS)
    for cue in gathered:
        cue.lines = [join(cue.lines, spaced=spaced)]
    return gathered


def _carry_spaces(pieces: Sequence[Cue]) -> bool:
    raws = [raw for piece in pieces if (raw := "".join(piece.lines))]
    filled = [raw for raw in raws if raw.strip()]
    if len(filled) < 2:  # noqa: PLR2004 -- one piece has no neighbour
        return False
    edges = sum(raw[0].isspace() or raw[-1].isspace() for raw in filled)
    return edges >= 0.5 * len(filled) or len(raws) - len(filled) >= 0.3 * len(filled)


def _goes_on(current: Cue, piece: Cue, raw: str, *, is_open: bool) -> bool:
    """Whether a piece belongs to the cue before it."""
    said = raw.strip()
    if not said:
        return True
    # A sign of its own ends the words before it, whoever is said to speak it.
    if not any(map(str.isalnum, said)) and said[0] not in _OPENING:
        return (piece.start or 0) - (current.end or current.start or 0) <= _PAUSE
    return is_open and not _breaks(current, piece) and len(current.lines) < _MOST_WORDS


def _breaks(current: Cue, word: Cue) -> bool:
    if word.speaker != current.speaker:
        return True
    start, said_from = word.start or 0, current.start or 0
    # A word out of order is left to be sorted.
    return start < said_from or start - (current.end or start) > _PAUSE


def are_words(cues: Sequence[Cue]) -> bool:
    """Whether most of these cues are single words or signs."""
    single = sum(len(cue.text.split()) <= 1 and len(cue.text) < _MOST_WORDS for cue in cues)
    return len(cues) > 3 and single > 0.8 * len(cues)  # noqa: PLR2004 -- few


def join(pieces: Sequence[str], *, spaced: bool = False) -> str:
    """The pieces as running text. ``spaced`` says that they carry the spaces between them."""
    joined: list[str] = []
    last = ""
    for piece in pieces:
        if joined and not spaced and _wants_space(last, piece):
            joined.append(" ")
        joined.append(piece)
        last = piece if piece.strip() else " "
    return "".join(joined)


def _wants_space(left: str, right: str) -> bool:
    if not left.strip() or not right.strip() or left[-1].isspace() or right[0].isspace():
        return False
    if left[-1] in _OPENING or _TAIL.match(right):
        return False
    if right[0] in _CLOSING and not (right[0] in _PARTING and right[1:2].isalpha()):
        return False
    return not (unspaced(left[-1]) and unspaced(right[0]))


def unspaced(character: str) -> bool:
    """Whether a character belongs to a script without spaces between words."""
    if character < chr(_MOST_UNKNOWN):
        return False
    return character in _WIDE_SIGNS or unicodedata.name(character, "").partition(" ")[0] in _UNSPACED


def at_sentences(start: int, end: int | None, words: Sequence[tuple[int | None, str]]) -> list[Cue]:
    """The line as cues that begin where a sentence or another speaker's words do, by the offsets of its words."""
    groups: list[tuple[int, list[str]]] = []
    last = ""
    for offset, word in words:
        begins = word.lstrip().startswith(">>") or last.endswith(ENDS)
        if not groups or (begins and offset and last):
            groups.append((start + (offset or 0), []))
            last = ""
        groups[-1][1].append(word)
        last = word.rstrip() or last
    ends = [*(begin for begin, _ in groups[1:]), end]
    texts = ["".join(pieces) for _, pieces in groups]
    return [
        Cue(begin, until, [stripped for line in text.split("\n") if (stripped := line.strip())])
        for (begin, _), until, text in zip(groups, ends, texts, strict=True)
    ]
