"""Names in a sentence, and who is said to have said what."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from autointel.text.language import CAPITAL_NOUNS
from autointel.text.statement import Statement, means, shared
from autointel.text.vocabulary import Word, stem
from autointel.text.word_lists import base_language, in_lists, word_list

_NEAR: Final = 6  # words between a name and the verb that reports what its bearer said
_PREFIX: Final = 4  # letters: longer names that begin alike are one ("Tallinn", "Tallinners")
_NO_NAMES: Final = frozenset("i ok okay mr mrs ms dr prof a the gee oh wow hey yes no well god".split())
_TITLE_CASE: Final = 0.7  # of the content words capitalised: a headline
_BEFORE: Final = 3  # words between a subject and its verb
_SUBJECTS: Final = frozenset("you he she they".split())
_WHO: Final = frozenset("he she they who people some others those you everybody somebody it".split())
_ASKED: Final = frozenset("let must should please can could would".split())
_SAID: Final = 8  # content words of what is said
_HEART: Final = 5  # of these, those that another sentence must share
_TWICE: Final = 2  # reporting words of a sentence that passes on another's words
# A small model writes this of whoever is spoken of.
_PRESENTS: Final = frozenset(
    "introduces introduced discusses discussed mentions mentioned emphasizes emphasises highlights presents".split()
)
_SKIPPED: Final = 2  # small words between a name and its verb
_FIRST_PERSON: Final = frozenset("i we ich wir yo nosotros je nous".split())


def names(sentence: Statement, known: Collection[str]) -> list[Word]:
    """Words that name somebody or something. ``known`` are names of the source, in lower case."""
    written_large = sum(word.is_capitalised for word in sentence.content)
    if len(sentence.content) > 4 and written_large > _TITLE_CASE * len(sentence.content):  # noqa: PLR2004
        return [word for word in sentence.words if word.is_capitalised and word.folded in known]
    nouns = base_language(sentence.language) in CAPITAL_NOUNS
    found = []
    for index, word in enumerate(sentence.words):
        if not word.is_capitalised or word.folded in _NO_NAMES or word.is_number or word.folded in sentence.dates:
            continue
        if sentence.lists.has("titles", word.folded) or sentence.lists.same("months", word.folded):
            continue
        if sentence.lists.same("same", word.folded) or sentence.lists.same("scale", word.folded):
            continue
        if nouns or word.opens:
            if (
                word.folded in known
                or word.folded in word_list("first-names")
                or (not nouns and _is_part_of_name(sentence, index))
            ):
                found.append(word)
        else:
            found.append(word)
    return found


def _is_part_of_name(sentence: Statement, index: int) -> bool:
    """A sentence's first word beside another capitalised one, itself no word of every sentence."""
    word = sentence.words[index]
    following = sentence.words[index + 1] if index + 1 < len(sentence.words) else None
    if word.text.isupper() and len(word.text) > 1:
        return True
    return bool(
        following
        and following.is_capitalised
        and word in sentence.content
        and not following.is_number
        and following.folded != "i"
    )


def stands_in(word: Word, ground: Statement) -> bool:
    """Whether a name stands in a text: in any case, as its nationality, or as the first letters of its words."""
    if word.stem in ground.stems or word.folded in ground.folded_words:
        return True
    if word.stem == stem("america", ground.language) and "united states" in ground.folded:
        return True
    folded = word.folded.replace(".", "")
    if folded in ground.folded_words or stem(folded, ground.language) in ground.stems:
        return True
    if len(folded) > _PREFIX and any(
        len(other) > _PREFIX and (other.startswith(folded[:-1]) or folded.startswith(other[:-1]))
        for other in ground.folded_words
    ):
        return True
    if word.text.replace(".", "").isupper() and len(folded) > 1:
        return folded in _initials(ground)
    return False


def replaced_opening(sentence: Statement, quotes: Statement) -> Word | None:
    """The sentence's first word, where it may be a name that took the place of the quote's.

    A capital there tells nothing by itself; but the quote lacks the word, and has a capitalised one that the sentence
    lacks.
    """
    first = sentence.words[0]
    if not first.is_capitalised or first not in sentence.content or stands_in(first, quotes):
        return None
    if base_language(sentence.language) in CAPITAL_NOUNS or sentence.lists.has("titles", first.folded):
        return None
    if in_lists(first.folded, "adjectives-en", "verbs-en", "particles-en"):
        return None
    theirs = [w for w in quotes.content if w.is_capitalised and not w.opens] or [
        w for w in quotes.words[:1] if w in quotes.content and w.is_capitalised and not w.folded.endswith("s")
    ]
    missing = [w for w in theirs if not stands_in(w, sentence)]
    return first if missing and len(missing) == len(theirs) else None


def is_first_name(sentence: Statement, word: Word, ground: Statement) -> bool:
    """A common first name before a name that the text has without one: "Michael Bloomberg" for "Bloomberg"."""
    at = sentence.words.index(word)
    following = sentence.words[at + 1] if at + 1 < len(sentence.words) else None
    beside = following is not None and following.is_capitalised and following.clause == word.clause
    if word.folded not in word_list("first-names") or following is None or not beside:
        return False
    places = [index for index, other in enumerate(ground.words) if other.stem == following.stem]
    before = [ground.words[index - 1] for index in places if index]
    return bool(places) and not any(other.folded in word_list("first-names") for other in before)


def abbreviated(sentence: Statement, word: Word, ground: Statement) -> bool:
    """Whether a text gives the first letters of the name that the word is part of: "UN" for "United Nations"."""
    run: list[Word] = []
    for other in sentence.words:
        if other.is_capitalised or (run and other.folded in {"of", "the", "and", "for"}):
            run.append(other)
        elif word in run:
            break
        else:
            run = []
    letters = "".join(other.folded[0] for other in run if other.is_capitalised)
    acronyms = {other.folded.replace(".", "") for other in ground.words if other.text.isupper() and len(other.text) > 1}
    return len(letters) > 1 and word in run and any(acronym in letters for acronym in acronyms)


def _initials(ground: Statement) -> str:
    """The first letters of all words, as one string, with and without small words."""
    letters = "".join(word.folded[0] for word in ground.words)
    heads = "".join(word.folded[0] for word in ground.words if word in ground.content)
    return f"{letters} {heads}"


def attribution(sentence: Statement, quotes: Statement, around: Statement, people: People) -> str | None:
    """A phrase such as "Anna Kask said" that names somebody who did not say it."""
    own = name_parts(people.speaker)
    presenter = _presenter(sentence, quotes, people)
    if not presenter <= own:
        return f"{' '.join(sorted(presenter))} is not the one who speaks there"
    holder = _holder(sentence)
    if holder and not holder <= own and not _reports(around, holder) and not _is_told(holder, sentence, quotes, people):
        return f"{' '.join(sorted(holder))} does not say it"
    return _passed_on(sentence, quotes, own, holder)


@dataclass(frozen=True)
class People:
    """Who speaks, and who speaks just before and after."""

    speaker: str | None
    others: Sequence[str] = ()


def _is_told(holder: frozenset[str], sentence: Statement, quotes: Statement, people: People) -> bool:
    """Whether the quote says that "you" or "he" said something, who may be that person."""
    if not any(holder <= name_parts(other) for other in people.others):
        return False
    return any(
        quotes.lists.has("reporting", word.folded)
        and (word.stem in sentence.stems or not quotes.lists.has("asking", word.folded))
        and any(w.folded in _SUBJECTS for w in quotes.words[max(0, index - _BEFORE) : index])
        and _is_said(quotes, index, sentence)
        for index, word in enumerate(quotes.words)
    )


def _is_said(quotes: Statement, index: int, sentence: Statement) -> bool:
    """Whether at least half of what the quote's sentence says after a word is what the other sentence says."""
    end = next((w.start for w in quotes.words[index + 1 :] if w.opens), inf)
    said = [w.stem for w in quotes.content if quotes.words[index].start < w.start < end][:_HEART]
    return 2 * shared(said, sentence.content_stems) >= len(said)


def _passed_on(sentence: Statement, quotes: Statement, own: frozenset[str], holder: frozenset[str]) -> str | None:
    """Another's words in the quote, told as the speaker's own or as fact."""
    for index, word in enumerate(quotes.words):
        if not sentence.lists.has("sayings", word.folded) or word.is_capitalised or not index:
            continue
        before = [w for w in quotes.words[max(0, index - _NEAR) : index] if w.clause == word.clause]
        who = next((w for w in reversed(before) if w in quotes.content or w.folded in _WHO), None)
        if who is None or {w.folded for w in before} & (_FIRST_PERSON | _ASKED) or who.folded in own:
            continue
        # What is said ends where the quote's sentence does: "as its minutes say" tells nothing of the next one.
        end = next((w.start for w in quotes.words[index + 1 :] if w.opens), inf)
        said = [w.stem for w in quotes.content if word.start < w.start < end][:_SAID]
        if 2 * shared(said[:_HEART], sentence.content_stems) <= len(said[:_HEART]) or len(said) < 2:  # noqa: PLR2004
            continue
        frames = [w for w in sentence.words if sentence.lists.has("sayings", w.folded)]
        named = [w for w in before if w in quotes.content and means(w.stem, sentence)]
        if not frames and not sentence.has("reporting", "opinions", "accounts"):
            return f"the quote tells what {who.folded} said"
        if holder and holder <= own and len(frames) < _TWICE and not named:
            return f"the quote tells what {who.folded} said"
    return None


def name_parts(name: str | None) -> frozenset[str]:
    """The words of a name in lower case, initials left out."""
    return frozenset(part for part in re.findall(r"[^\W\d_]+", (name or "").casefold()) if len(part) > 1)


def _holder(sentence: Statement) -> frozenset[str]:
    """The name before a reporting verb, or after "according to"."""
    words = sentence.words
    for index, word in enumerate(words[:12]):
        if sentence.lists.has("reporting", word.folded) and not word.is_capitalised:
            return frozenset(w.folded for w in _run_before(sentence, index))
    found = re.search(r"\b[Aa]ccording to ((?:[A-Z][\w.'-]*\s?)+)", sentence.plain)
    if found:
        return frozenset(p for p in name_parts(found[1]) if not sentence.lists.has("titles", p))
    return frozenset()


def _presenter(sentence: Statement, quotes: Statement, people: People) -> frozenset[str]:
    """Who, of those that speak there, is said to introduce or discuss something, in a word that no quote has."""
    for index, word in enumerate(sentence.words[:8]):
        if word.folded in _PRESENTS and word.folded not in quotes.folded_words:
            name = frozenset(w.folded for w in _run_before(sentence, index))
            if any(name <= name_parts(other) for other in people.others):
                return name
    return frozenset()


def _run_before(sentence: Statement, index: int) -> list[Word]:
    """The name that ends right before a verb, or one or two small words before it."""
    at = index - 1
    while at >= 0 and index - at <= _SKIPPED and _is_skipped(sentence.words[at]):
        at -= 1
    run: list[Word] = []
    while at >= 0 and sentence.words[at].is_capitalised and sentence.words[at].clause == sentence.words[index].clause:
        word = sentence.words[at]
        if word in sentence.content and len(word.folded) > 1 and not sentence.lists.has("titles", word.folded):
            run.append(word)
        at -= 1
    return run


def _is_skipped(word: Word) -> bool:
    return not word.is_capitalised and (
        word.folded.endswith("ly")
        or word.folded in {"also", "then", "once", "has", "had", "have", "never", "not", "did"}
    )


def _reports(around: Statement, holder: frozenset[str]) -> bool:
    """Whether a text says that a bearer of the name said something."""
    words = around.words
    return any(
        word.folded in holder
        and any(around.lists.has("reporting", other.folded) for other in words[max(0, i - _NEAR) : i + _NEAR])
        for i, word in enumerate(words)
    )
