"""A script cut into sentences: spans of its text, so that whatever is quoted is verbatim.

Where people punctuated, syntok finds the ends (boundary F1 .964). Automatic captions have none to find: in English a
linear model over the words guesses them (boundary F1 .55), with the pauses between cues; in other languages the pauses
and a length limit are all there is, and the cuts are rough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from autointel.domain.citation import Script
from autointel.domain.transcript import Segment, word_count
from autointel.text.language import english_share
from autointel.text.word_lists import weight_list

WEIGHTS: Final = Path(__file__).with_name("sentence_ends.tsv")
# A word, or a number with its decimals.
WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’-][^\W_]+)*")
BIAS: Final = "(bias)"
# Stands before the first word and after the last.
_EDGE: Final = "^"
# A quote longer than this is not read.
MAX_CHARS: Final = 400
_MIN_PIECE: Final = 200  # characters of a long one before which no clause ends a piece
# Speech has an end mark every 10 to 20 words; fewer than one in 60 is chance.
_WORDS_PER_MARK: Final = 60
# A silence this long (seconds) ends a thought, whatever the punctuation says.
_SILENCE: Final = 4.0
# Seconds. Without punctuation, a pause this long ends a phrase of some length.
_PAUSE: Final = 0.6
# A pause after which somebody else may speak, however few the words before it.
_LONG_PAUSE: Final = 1.5
# A shorter one is within the error of a recogniser's times.
_BREATH: Final = 0.3
_MIN_WORDS: Final = 8  # of such a phrase
_MAX_WORDS: Final = 28
# How sure a cut is that rests on a pause or on the length alone.
_BY_PAUSE: Final = 0.5
# What a pause adds to the log odds that a sentence ends, and twice that after a long one.
_PAUSED: Final = 2.0
# Log odds at which a place is taken for an end: as many ends as there are sentences (chosen on a podcast).
_READY: Final = 2.0
# Log odds, negative, at which three in five places are ends.
_HALF_SURE: Final = 1.5
# Words of a sentence whose ends are guessed.
_FEWEST_RESTORED: Final = 4
_MOST_RESTORED: Final = 40
# Characters from which the language is told, and the share of English function words that makes it English.
_SAMPLE: Final = 6_000
_ENGLISH: Final = 0.25
# Characters handed to syntok at once; its cost is linear, but a line of 50 MB would be tokenised in one list.
_BLOCK: Final = 20_000
# Full stops of scripts beside the Latin one: Chinese and Japanese, Devanagari and its neighbours, Arabic and Urdu,
# Armenian, Ethiopic, Burmese, Khmer, Tibetan.
_STOPS: Final = "。！？｡．।॥؟۔։՞՜።፧፨။។៕།"
_CLOSING: Final = "\"'”’»」』）】〉》)\\]"
_END_MARK: Final = re.compile(rf"[.!?…][{_CLOSING}]*(?=\s|$)|[{_STOPS}]")
# A Japanese or Chinese sentence may end in the marks of Latin script, without a space after. A quotation that a
# particle follows (「…。」と) goes on.
_WIDE_END: Final = re.compile(
    rf"(?:[{_STOPS}]++|…{{2,}}|(?<=[\u3040-\u30ff\u4e00-\u9fff])[!?]+(?=[\u3040-\u30ff\u4e00-\u9fff「『]))[{_CLOSING}]*+"
    r"(?![とってのはがをに、，])"
)
# Thai, Lao and Khmer put a space where a sentence ends, and in lists and around numbers as well: only a longer run of
# letters before the space, and letters after, make a sentence.
_SPACED_END: Final = re.compile("(?<=[\u0e00-\u0eff\u1780-\u17ff]{30}) (?=[\u0e00-\u0eff\u1780-\u17ff])")
# A singer between notes, a sound in brackets. Each part is bounded, so that no text makes the search quadratic.
_SOUND: Final = re.compile(r"[♪♫🎵][^♪♫🎵]*|\[[^\[\]]{0,60}\]|\([^()]{0,40}\)")
_LEADING_SOUND: Final = re.compile(r"(?:\s*\[[^\[\]]{0,60}\])*\s*")
_CLAUSE: Final = re.compile(r"[,;:–—、，；]\s?|\s-{1,2}\s")
Ends = dict[int, float]
"""Where sentences end in the text, and how sure that is."""
PAGE_SENTENCE_CHARS: Final = 500
# Runs are taken whole or not at all: a page of a million dots must not be looked at a million times a million.
_PAGE_END: Final = re.compile(r"(?<![.!?…])[.!?…]++[\"”’»)\]]*+\s++(?=[^\sa-zß-ÿа-я])|[。！？]+[」』”]?|\n+")
# A stop after these ends no sentence: titles, initials, "e.g.".
_ABBREVIATED: Final = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Sen|Rep|Gov|Gen|No|vs|cf|ca|approx|e\.g|i\.e)|\b\w)\.$"
)


@dataclass(frozen=True)
class Sentence:
    """``script.text[start:end]``, which is ``text``.

    ``sure`` in 0..1 says how likely both ends are a sentence's: 1.0 where the source has punctuation.
    """

    start: int
    end: int
    text: str
    sure: float = 1.0


def cut(script: Script) -> list[Sentence]:
    """All sentences of speech, in order, none longer than MAX_CHARS; linear in the script's length.

    None crosses a change of speaker, a long silence, a bracketed sound or, in an untimed source, a paragraph.
    """
    ends = _ends_for(script)
    return [
        Sentence(start, end, script.text[start:end], sure)
        for first, last in turns(script)
        for begin, stop, sure in _spans(script, first, last, ends(script, first, last))
        for start, end in _pieces(script.text, begin, stop, MAX_CHARS)
        if is_speech(script.text[start:end])
    ]


def is_punctuated(text: str) -> bool:
    """Whether sentence ends are marked often enough to be cut by."""
    words = max(word_count(text), 1)
    marks = sum(1 for _ in _END_MARK.finditer(text))
    # One short line without a full stop is still a sentence.
    return words < _WORDS_PER_MARK or marks * _WORDS_PER_MARK >= words or _SPACED_END.search(text) is not None


def is_speech(text: str) -> bool:
    """False for music notes, [Applause], (laughter) and marks alone."""
    return any(map(str.isalnum, _SOUND.sub(" ", text)))


def turns(script: Script) -> Iterator[tuple[int, int]]:
    """Runs of segments that may share a sentence: indexes of the first and the last.

    A run ends at a change of speaker, a long silence, a bracketed sound or, in an untimed source, a paragraph: a
    heading is a paragraph of its own.
    """
    first = 0
    for index, (before, after) in enumerate(pairwise(script.segments), 1):
        if index in script.turns or _parted(before, after):
            yield first, index - 1
            first = index
    if script.segments:
        yield first, len(script.segments) - 1


def _parted(before: Segment, after: Segment) -> bool:
    if before.speaker != after.speaker or not is_speech(before.text) or not is_speech(after.text):
        return True
    if before.end is None or after.start is None:
        # A paragraph may go on over a page.
        return before.paragraph != after.paragraph
    return after.start - before.end >= _SILENCE


def _ends_for(script: Script) -> Callable[[Script, int, int], Ends]:
    if is_punctuated(script.text):
        return _syntok_ends
    return _restored_ends if english_share(script.text[:_SAMPLE]) >= _ENGLISH else _pause_ends


def _syntok_ends(script: Script, first: int, last: int) -> Ends:
    """Where sentences end, by syntok and by the full stops of scripts that it does not know."""
    from syntok import segmenter

    ends: set[int] = set()
    for begin, stop in _blocks(script, first, last):
        block = script.text[begin:stop]
        ends.add(stop)
        ends.update(begin + match.end() for match in _WIDE_END.finditer(block))
        ends.update(begin + match.end() for match in _SPACED_END.finditer(block))
        starts = [sentence[0].offset for paragraph in segmenter.analyze(block) for sentence in paragraph]
        ends.update(begin + start for start in starts if start)
    return dict.fromkeys(ends, 1.0)


def _blocks(script: Script, first: int, last: int) -> Iterator[tuple[int, int]]:
    """A turn in pieces of bounded size, cut where a segment ends in an end mark, or else where it must be."""
    begin, stop = script.offsets[first], _end_of(script, last)
    boundaries = [_end_of(script, index) for index in range(first, last)]
    for boundary in boundaries:
        if boundary - begin >= _BLOCK // 4 and _END_MARK.search(script.text, max(begin, boundary - 2), boundary):
            yield from _pieces(script.text, begin, boundary, _BLOCK)
            begin = boundary
    yield from _pieces(script.text, begin, stop, _BLOCK)


def _restored_ends(script: Script, first: int, last: int) -> Ends:
    """Where English sentences probably end: by the words, and by the pauses between cues."""
    begin, stop = script.offsets[first], _end_of(script, last)
    matches = list(WORD.finditer(script.text, begin, stop))
    scores = end_scores([match.group().lower().replace("’", "'") for match in matches])
    places = {match.end(): index for index, match in enumerate(matches)}
    for index in range(first, last):
        pause = (script.segments[index + 1].start or 0.0) - (script.segments[index].end or 0.0)
        at = places.get(_end_of(script, index))
        if at is not None and pause >= _PAUSE:
            scores[at] += _PAUSED if pause < _LONG_PAUSE else 2 * _PAUSED
    breaks = sentence_breaks([score + _READY for score in scores], _FEWEST_RESTORED, _MOST_RESTORED)
    return {matches[at].end(): 1 / (1 + math.exp(-scores[at] - _HALF_SURE)) for at in breaks}


def end_scores(words: Sequence[str]) -> list[float]:
    """Log odds that a sentence ends after each word (lower case, without marks); linear in their number."""
    weights = weight_list(WEIGHTS)
    bias = weights[BIAS]
    return [bias + sum(weights.get(name, 0.0) for name in features(words, index)) for index in range(len(words))]


def features(words: Sequence[str], index: int) -> list[str]:
    """What is known of the place after ``words[index]``: two words on either side, and pairs across and beside it."""
    before = words[index - 1] if index else _EDGE
    here = words[index]
    after = words[index + 1] if index + 1 < len(words) else _EDGE
    beyond = words[index + 2] if index + 2 < len(words) else _EDGE
    return [
        f"0{here}",
        f"1{after}",
        f"-{before}",
        f"2{beyond}",
        f"x{here} {after}",
        f"l{before} {here}",
        f"r{after} {beyond}",
    ]


def sentence_breaks(scores: Sequence[float], fewest: int, most: int) -> list[int]:
    """Indexes of the words that end a sentence, the last word excluded.

    They are the likeliest division into sentences of ``fewest`` to ``most`` words, by dynamic programming over log
    odds; the time grows with the words times ``most``.
    """
    total = len(scores)
    best = [-math.inf] * (total + 1)
    came = [0] * (total + 1)
    best[0] = 0.0
    for end in range(1, total + 1):
        gain = scores[end - 1] if end < total else 0.0
        for begin in range(max(0, end - most), max(0, end - fewest) + 1):
            if best[begin] + gain > best[end]:
                best[end], came[end] = best[begin] + gain, begin
        if best[end] == -math.inf:  # fewer words than a sentence has: they go with what follows or stand alone
            best[end], came[end] = gain, 0
    breaks, end = [], total
    while end > 0:
        end = came[end]
        if end:
            breaks.append(end - 1)
    return breaks[::-1]


def _pause_ends(script: Script, first: int, last: int) -> Ends:
    """Cuts at the borders of cues: at a pause once there are a few words; before there are too many, at the longest.

    Of equal pauses the last one ends the phrase. Linear: a phrase is looked through once for each of its cuts.
    """
    ends: list[int] = []
    words = 0
    open_borders: list[tuple[float, int, int]] = []  # the pause, the index, and the words up to there
    for index in range(first, last):
        words += word_count(script.segments[index].text)
        pause = (script.segments[index + 1].start or 0.0) - (script.segments[index].end or 0.0)
        if words >= _MIN_WORDS:
            open_borders.append((pause if pause >= _BREATH else 0.0, index, words))
        if pause >= _LONG_PAUSE or (words >= _MIN_WORDS and pause >= _PAUSE):
            ends.append(_end_of(script, index))
            words, open_borders = 0, []
        elif words + word_count(script.segments[index + 1].text) > _MAX_WORDS:
            _, border, said = max(open_borders, default=(0.0, index, words))
            ends.append(_end_of(script, border))
            words -= said
            open_borders = [(gap, at, upto - said) for gap, at, upto in open_borders if upto - said >= _MIN_WORDS]
    return dict.fromkeys(ends, _BY_PAUSE)


def _spans(script: Script, first: int, last: int, ends: Ends) -> Iterator[tuple[int, int, float]]:
    """The spans between cuts, without white space around them, or a sound or time in brackets before them."""
    begin, opened = script.offsets[first], 1.0
    for end, closed in [*sorted(ends.items()), (_end_of(script, last), 1.0)]:
        piece = script.text[begin:end]
        lead = _LEADING_SOUND.match(piece)
        yield begin + (lead.end() if lead else 0), begin + len(piece.rstrip()), opened * closed
        begin, opened = max(begin, end), closed


def _end_of(script: Script, index: int) -> int:
    """Where segment ``index`` ends in the text."""
    following = index + 1
    return script.offsets[following] - 1 if following < len(script.offsets) else len(script.text)


def _pieces(text: str, start: int, end: int, limit: int) -> Iterator[tuple[int, int]]:
    """A span in pieces of at most ``limit`` characters, cut after a clause where there is one."""
    while end - start > limit:
        cut_at = _cut_before(text, start, start + limit)
        yield start, cut_at - (len(text[start:cut_at]) - len(text[start:cut_at].rstrip()))
        start = cut_at
        while start < end and text[start].isspace():
            start += 1
    if start < end:
        yield start, end


def _cut_before(text: str, start: int, stop: int) -> int:
    """The last good place to cut in ``text[start:stop]``: after a clause, else at a space, else at ``stop``."""
    clauses = [match.end() for match in _CLAUSE.finditer(text, stop - _MIN_PIECE, stop)]
    if clauses:
        return clauses[-1]
    space = text.rfind(" ", start + 1, stop + 1)
    return space if space > start else stop


def page_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of a page, none longer than PAGE_SENTENCE_CHARS; lines end sentences, too.

    By one pattern: a page of evidence can have megabytes, of which two sentences are quoted, and syntok takes nine
    times as long (0.2 s against 0.02 s for 200,000 characters).
    """
    begin = 0
    for match in _PAGE_END.finditer(text):
        if match.group()[0] == "." and _ABBREVIATED.search(text, max(begin, match.start() - 12), match.start() + 1):
            continue
        yield from _within_limit(text, begin, match.end())
        begin = match.end()
    yield from _within_limit(text, begin, len(text))


def _within_limit(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    start, end = start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
    while end - start > PAGE_SENTENCE_CHARS:
        space = text.rfind(" ", start + 1, start + PAGE_SENTENCE_CHARS)
        middle = space if space > 0 else start + PAGE_SENTENCE_CHARS
        yield start, middle
        start = middle + (1 if space > 0 else 0)
    if start < end:
        yield start, end
