"""Approximate chapters: where the subject of a talk changes, and a title for each.

A title is what the host announces or asks, else the phrases that tell the chapter apart: of a long chapter one for each
of its stretches, in their order, as in a table of contents.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np

from autointel.domain.transcript import word_count
from autointel.local.gazetteer import is_office
from autointel.local.noun_phrases import is_noun_phrase
from autointel.local.quotable import is_quotable, weight
from autointel.local.references import resolved_share
from autointel.local.statements import is_question
from autointel.local.terms import Found, distinct_terms
from autointel.text.word_lists import pattern_list, word_list

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Words of a talk from which it has chapters, and how many it has at most.
_MIN_WORDS: Final = 1_500
_MAX_CHAPTERS: Final = 20
# Words on either side of a border that are compared, and the shortest chapter at the ends and between.
_AROUND: Final = 600
_EDGE: Final = 400
_ROWS: Final = 4096  # worked on at once
_SHORTEST: Final = 1_200
# Standard deviations above the talk's mean distance at which a chapter begins; what an announcement adds.
_CHANGE: Final = 2.4
_ANNOUNCED: Final = 1.6
# How much more it adds by the speaker who announces most often, and less by all others.
_BY_LEADER: Final = 0.4
# Where the two sides differ so many times more than sentences drawn from one subject would by chance, the subject
# changes, however usual such changes are in this talk: a talk of six subjects has no usual distance.
_CLEARLY: Final = 1.9
# Distances that vary less than this say the same throughout.
_ALIKE: Final = 1e-3
# Phrases in a title.
_IN_TITLE: Final = 2
# Words of a stretch, which has a phrase of its own in the title, and the most stretches of a chapter.
_STRETCH: Final = 1_200
_MOST_STRETCHES: Final = 3
# Stretches in which a talk may say what tells one of them apart: half of them, or this many halves.
_FEW: Final = 4
# Mentions in a stretch from which a phrase is no chance.
_SAID: Final = 3
# The weight of a single ordinary word among phrases and names.
_SINGLE: Final = 0.15
_NAME: Final = 0.3
# Letters of a word that in other languages than English may tell as a phrase does ("Fernwärmenetz"), and its weight.
_COMPOUND: Final = 10
_LONG_WORD: Final = 0.5
# A phrase of several words is the whole title unless single words tell so much more.
_PHRASE: Final = 0.4
# Words of a sentence that stand for a chapter without a phrase of its own.
_OPENING: Final = 10
_ALONE: Final = 0.8  # the share of it that can be read alone
_TRIED: Final = 10  # sentences of which the best is shown
# Sentences at a chapter's start in which its subject is announced or asked.
_ANNOUNCED_WITHIN: Final = 5
_ASKED_WITHIN: Final = 10
_QUESTION_WORDS: Final = range(5, 17)
_MOST_WORDS: Final = 7  # of an announced subject
_POINTING: Final = frozenset("that this it it's that's they them those these he she him her there then".split())
_ASKS: Final = frozenset(
    "what what's how how's why when where who which whose is are was were do does did can could will would should has"
    " have had isn't aren't don't doesn't didn't can't couldn't won't wouldn't shouldn't in to for on at from".split()
)
# Mentions that make two single words a title, where a chapter has no phrase.
_OFTEN: Final = 4
_WORD: Final = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
# Where an announced subject ends.
_ENDS: Final = re.compile(
    r"[,;:.?!()\"“”—–]|\s-\s|--|\b(?:because|that|which|who|so|if|when|where|and then|but|as|while|for a|with you|i|we"
    r"|you|he|she|they|it|is|are|was|were|has|have|will|can|just|right|now|here|today|first|please|from)\b",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    r"^(?:(?:the|a|an|our|your|my|this|these|some|some of|more|bit|little|questions?|issue|topic|area|subject|matter"
    r"|of|about|on|all|whole|next|first|second|third|last)\s+)+",
    re.IGNORECASE,
)
_CALLS: Final = re.compile(
    r"^\W*(?:(?:so|and|but|well|now|ok|okay|yeah|right|then|um|uh|like|i mean|you know|alright)\b\W*)+", re.IGNORECASE
)
# "Council member, what does it cost?": whom the host turns to is no part of the question.
_VOCATIVE: Final = re.compile(
    r"^(?:[A-Z][\w.’'-]*)(?: [\w.’'-]+){0,3}, (?=(?:what|how|why|when|where|who|is|are|do|does|did|can"
    r"|could|will|would|should|have|has)\b)",
    re.IGNORECASE,
)


def chapter_starts(
    vectors: NDArray[np.float32],
    words: Sequence[int],
    texts: Sequence[str],
    speakers: Sequence[str | None] = (),
) -> list[int]:
    """Indexes of the sentences that open a chapter, the first included; empty where the recording is too short, or
    says the same throughout.

    Each sentence has a row of ``vectors``, a number of words, a text and, where ``speakers`` are given, a speaker.
    Time is linear in their number.
    """
    before = np.concatenate([[0], np.cumsum(np.asarray(words, dtype=np.int64))])
    total = int(before[-1])
    if total < _MIN_WORDS:
        return []
    places = [at for at in range(1, len(words)) if _EDGE <= before[at] <= total - _EDGE]
    apart, by_chance = _distances(np.asarray(vectors), np.asarray(words), before, places)
    if not places or float(apart.std()) < _ALIKE:
        return []
    announced = _announcements(texts, speakers)
    change = (apart - apart.mean()) / apart.std()
    change += [_ANNOUNCED * announced[at] for at in places]
    change = np.round(change + np.where(apart > _CLEARLY * by_chance, _CHANGE, 0.0), 5)
    starts: list[int] = []
    for order in np.argsort(-change, kind="stable"):
        if change[order] < _CHANGE or len(starts) == _MAX_CHAPTERS - 1:
            break
        if all(abs(before[places[order]] - before[start]) >= _SHORTEST for start in starts):
            starts.append(places[order])
    return [0, *sorted(starts)] if starts else []


def _announcements(texts: Sequence[str], speakers: Sequence[str | None]) -> list[float]:
    """For each sentence 0, or about 1 where it announces what comes next: more by whoever does so most, who leads."""
    pattern = pattern_list("announcement")
    found = [float(bool(pattern.search(text))) for text in texts]
    counts = Counter(who for who, here in zip(speakers, found, strict=False) if who and here)
    if not counts:
        return found
    leader = max(sorted(counts), key=lambda who: counts[who])
    return [
        here * (1 + _BY_LEADER if who == leader else 1 - _BY_LEADER) for here, who in zip(found, speakers, strict=True)
    ]


def _distances(
    vectors: NDArray[np.float32], words: NDArray[np.int64], before: NDArray[np.int64], places: Sequence[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far apart the mean vectors before and after each place are, and how far they would be by chance.

    By chance: the mean of as many independent draws, by words, from the sentences of either side.
    """
    at = np.asarray(places, dtype=np.int64)
    sums = np.zeros((len(words) + 1, vectors.shape[1]))
    np.multiply(vectors, words[:, None], out=sums[1:])
    lengths = np.zeros(len(words) + 1)
    for first in range(0, len(words), _ROWS):
        rows = slice(first, first + _ROWS)
        lengths[1:][rows] = (sums[1:][rows] * vectors[rows]).sum(axis=1)
    np.cumsum(lengths, out=lengths)
    np.cumsum(sums, axis=0, out=sums)
    squares = np.concatenate([[0], np.cumsum(words * words)])

    def side(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        number = np.maximum(1, before[last] - before[first])
        mean = (sums[last] - sums[first]) / number[:, None]
        spread = (lengths[last] - lengths[first]) / number - (mean * mean).sum(axis=1)
        return mean, np.maximum(0.0, spread) * (squares[last] - squares[first]) / (number * number)

    apart, by_chance = np.zeros(len(at)), np.zeros(len(at))
    # In parts, since a mean takes two kilobytes and a text may have a hundred thousand short sentences.
    for start in range(0, len(at), _ROWS):
        part = at[start : start + _ROWS]
        left, left_spread = side(np.searchsorted(before, before[part] - _AROUND), part)
        right, right_spread = side(part, np.minimum(np.searchsorted(before, before[part] + _AROUND), len(words)))
        apart[start : start + _ROWS] = np.linalg.norm(left - right, axis=1)
        by_chance[start : start + _ROWS] = np.sqrt(left_spread + right_spread)
    return apart, by_chance


def chapter_titles(
    ranked: Sequence[Found],
    starts: Sequence[int],
    texts: Sequence[str],
    *,
    asked: Sequence[bool],
    english: bool = True,
) -> list[str]:
    """A title for each chapter (``starts``: its first sentence).

    ``asked`` says of each sentence whether somebody says it who leads the conversation. A phrase of several words, or
    two subjects side by side: a single word promises too much.
    """
    ends = [*starts[1:], len(texts)]
    parts = [_stretches(texts, start, end) for start, end in zip(starts, ends, strict=True)]
    firsts = [first for part in parts for first in part]
    counts: list[Counter[int]] = [Counter() for _ in firsts]
    spread: Counter[int] = Counter()
    for order, term in enumerate(ranked):
        inside = Counter(bisect_right(firsts, sentence) - 1 for sentence in term.sentences)
        spread[order] = len(inside)
        for stretch, count in inside.items():
            counts[stretch][order] = count
    titles: list[str] = []
    used: set[tuple[str, ...]] = set()
    said_by = iter(counts)
    for part, start, end in zip(parts, starts, ends, strict=True):
        here = [next(said_by) for _ in part]
        said = _announced(texts, asked, start, min(end, start + _ANNOUNCED_WITHIN)) if english else ""
        said = said or (_question(texts, asked, start, min(end, start + _ASKED_WITHIN)) if english else "")
        if not said or said.lower() in {title.lower() for title in titles}:
            chosen = _telling(ranked, here, spread, used, stretches=len(firsts), english=english)
            used.update(term.key for term in chosen)
            said = ", ".join(term.text for term in chosen)
        else:
            used.add(tuple(word.lower() for word in said.split()))
        titles.append(said[:1].upper() + said[1:] if said else _opening(texts[start:end]))
    return titles


def _stretches(texts: Sequence[str], start: int, end: int) -> list[int]:
    """The first sentence of each stretch of a chapter: parts of about as many words."""
    before = [0, *accumulate(word_count(text) for text in texts[start:end])]
    number = max(1, min(_MOST_STRETCHES, round(before[-1] / _STRETCH)))
    return sorted({start + bisect_left(before, before[-1] * part / number) for part in range(number)})


def _announced(texts: Sequence[str], asked: Sequence[bool], start: int, end: int) -> str:
    """The subject that whoever leads says comes next: "let's turn to X", "a question about X"."""
    led = any(asked)
    for text in (texts[at] for at in range(start, end) if asked[at] or not led):
        for found in pattern_list("subject-announced").finditer(text):
            rest = text[found.end() :].lstrip()
            mark = _ENDS.search(rest)
            phrase = _LEADING.sub("", rest[: mark.start() if mark else len(rest)].strip())
            if _tells_subject(phrase):
                return phrase
    return ""


def _tells_subject(phrase: str) -> bool:
    """Whether words name a subject, whatever small words join them: "teacher recruitment", "the future of the web"."""
    words = _WORD.findall(phrase)
    if not 0 < len(words) <= _MOST_WORDS or len(phrase) < 4:  # noqa: PLR2004  no subject has so few letters
        return False
    last = re.split(r"\b(?:of|in|for|and|to|on|at|with|between|by|the|a|an)\b", phrase)[-1].split()
    telling = [word for word in words if word.lower() not in word_list("common-en")]
    # "Go to slides" announces nothing.
    if (
        len(words) == 1
        and words[0].islower()
        and words[0] in word_list("nouns-en")
        and words[0] in word_list("common-en")
    ):
        return False
    role = words[-1].lower() in word_list("roles") or any(word.lower() in {"member", "hon"} for word in words)
    return bool(last) and bool(telling) and not role and is_noun_phrase([word.strip("'’") for word in last])


def _question(texts: Sequence[str], asked: Sequence[bool], start: int, end: int) -> str:
    """The first question by whoever leads that can be read alone, in quotes."""
    for at in range(start, min(end, len(asked))):
        text = _VOCATIVE.sub("", _CALLS.sub("", texts[at]))
        words = _WORD.findall(text.lower())
        if not asked[at] or not is_question(text) or len(words) not in _QUESTION_WORDS or _POINTING.intersection(words):
            continue
        # "I think we talked of X?" and "Can I thank the witnesses?" ask nothing of the subject.
        procedure = words[0] not in _ASKS or (words[0] in {"can", "could", "may"} and words[1] in {"i", "we"})
        if procedure or pattern_list("housekeeping").search(text) or '"' in text or "“" in text:
            continue
        telling = [word for word in words if word not in word_list("common-en") and word not in word_list("filler-en")]
        if len(telling) > 1:
            return f"“{text[:1].upper()}{text[1:]}”"
    return ""


def _telling(
    ranked: Sequence[Found],
    here: Sequence[Counter[int]],
    spread: Counter[int],
    used: set[tuple[str, ...]],
    *,
    stretches: int,
    english: bool,
) -> list[Found]:
    """The phrase that each stretch of a chapter (``here``: its counts) says most and the others least.

    Two single words where none has a phrase.
    """

    def whole(order: int) -> bool:
        return _is_phrase(ranked[order].key) or (not english and len(ranked[order].text) >= _COMPOUND)

    def best_of(counts: Counter[int]) -> tuple[list[int], Callable[[int], float]]:
        def tells(order: int) -> float:
            capital = _NAME if ranked[order].text[:1].isupper() else _SINGLE
            weight = 1.0 if _is_phrase(ranked[order].key) else _LONG_WORD if whole(order) else capital
            return counts[order] * math.log((1 + stretches) / spread[order]) * weight

        # "Shipped jobs" may be half a sentence, too.
        often = [
            order
            for order in counts
            if counts[order] >= (2 if whole(order) and not ranked[order].key[0].endswith("ed") else _SAID)
        ]
        fresh = (
            order for order in often if ranked[order].key not in used and 2 * spread[order] <= max(_FEW, stretches)
        )
        return sorted(fresh, key=lambda order: (-round(tells(order), 6), order)), tells

    phrases: list[Found] = []
    for counts in here:
        best, tells = best_of(counts)
        phrases_here = [order for order in best if whole(order)]
        # What is said twice is a chance in a long stretch where other phrases are said more often.
        phrase = next((order for order in phrases_here if counts[order] >= _SAID), next(iter(phrases_here), None))
        if phrase is not None and tells(phrase) >= _PHRASE * tells(best[0]):
            phrases.append(ranked[phrase])
    if phrases:
        return distinct_terms(phrases, _MOST_STRETCHES)
    together: Counter[int] = sum(here, Counter())
    often = [order for order in best_of(together)[0] if together[order] >= _OFTEN or ranked[order].text[:1].isupper()]
    chosen = distinct_terms([ranked[order] for order in often], _IN_TITLE)
    return chosen if len(chosen) > 1 or any(term.text[:1].isupper() for term in chosen) else []


def _is_phrase(key: Sequence[str]) -> bool:
    """Two or three words that do not end in a deed ("Tallinn raised" is half a sentence) nor name an office."""
    if len(key) < 2 or is_office(key[0]):  # noqa: PLR2004  a phrase
        return False
    return not key[-1].endswith("ed") and key[-1] not in word_list("past-irregular")


def _opening(texts: Sequence[str]) -> str:
    """The first words of an early sentence that says something and can be read alone, in quotes."""
    said = [text for text in texts if is_quotable(text, punctuated=text.rstrip()[-1:] in ".!")]
    # Of the first that can be read alone the one that is worded best.
    whole = [text for text in said if resolved_share(text) >= _ALONE][:_TRIED]
    alone = max(whole, key=weight, default=next(iter(said), texts[0]))
    words = _CALLS.sub("", alone).split() or alone.split()
    shown = " ".join(words[:_OPENING])
    return f'"{shown[:1].upper()}{shown[1:]}{"" if len(words) <= _OPENING else "…"}"'
