"""What is so, what may, must, will or would be, and under which condition: none of them stands for another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from autointel.text.statement import Statement, means, shared
from autointel.text.stems import Word
from autointel.text.word_lists import base_language, word_list


def modality(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """What may be told as what is, what must be as what is done, and the other way round."""
    del around
    for kinds, soft, wrong in _MODALITIES:
        if not sentence.has(*kinds) or sentence.words[0].folded == "should":
            continue
        if not _has_modal(quotes, (*kinds, soft)):
            return wrong
        theirs = _after_modals(quotes, (*kinds, soft))
        for said in _after_modals(sentence, kinds, verbs_only=True):
            # The quote says it too, and there no such word stands before it.
            if means(said[0], quotes) and not any(shared(said[:1], frozenset(o), quotes.language) for o in theirs):
                return wrong
    if not sentence.has("possible", "likely", "soft", "opinions") and _is_said(
        quotes, ("possible", "likely"), sentence
    ):
        return "the quote says that it may be so"
    if not sentence.has("soft", "reporting") and not _has_modal(sentence, ("duty", "duty_soft")):
        return "the quote says that it should be so" if _is_said(quotes, ("duty",), sentence) else None
    return None


_MODALITIES: Final = (
    (("possible", "likely"), "soft", "the quote has no such doubt"),
    (("duty",), "duty_soft", "the quote demands nothing"),
)
_OBLIGED: Final = re.compile(r"\b(?:have|has|had|having|got|ought|need|needs|want|wants) (?:got )?to\b|\bgotta\b")


def _has_modal(statement: Statement, kinds: Sequence[str]) -> bool:
    return statement.has(*kinds) or ("duty" in kinds and _OBLIGED.search(statement.folded) is not None)


def _after_modals(statement: Statement, kinds: Sequence[str], *, verbs_only: bool = False) -> list[tuple[str, ...]]:
    """For each modal word of the kinds the content that follows, nearest first."""
    obliged = [found.start() for found in _OBLIGED.finditer(statement.folded)] if "duty_soft" in kinds else []
    found = []
    for index, word in enumerate(statement.words):
        if not (any(statement.lists.has(kind, word.folded) for kind in kinds) or word.start in obliged):
            continue
        if word.text == "May" and (statement.dates or not word.opens):
            continue
        if (verbs_only and word.folded in _ADVERBS) or (word.opens and word.folded == "should"):
            continue
        if {w.folded for w in statement.words[max(0, index - 3) : index]} & _ALL_THAT:
            continue
        after = [w.stem for w in statement.words[index + 1 : index + _FAR] if w in statement.content]
        if after:
            found.append(tuple(after[:_GOVERNED]))
    return found


# They stand before or after what they hedge.
_ADVERBS: Final = frozenset("perhaps maybe possibly probably presumably apparently conceivably possible likely".split())
_FAR: Final = 15  # words
_GOVERNED: Final = 5  # content words
_ALL_THAT: Final = frozenset("everything all whatever best".split())  # "everything we could" leaves no doubt


def _is_said(quotes: Statement, kinds: Sequence[str], sentence: Statement) -> bool:
    """Whether the sentence says what stands right after a modal word of the quotes."""
    return any(said[0] in sentence.content_stems for said in _after_modals(quotes, kinds))


def condition(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """What holds under a condition, told as what holds."""
    del around
    if sentence.lists.conditions.spans(sentence.folded):
        return None
    open_ = sentence.has("hypothetical", "possible")
    for start, end in quotes.lists.conditions.spans(quotes.folded):
        if quotes.folded[:start].endswith(("as ", "even ", "what ", "see ", "know ", "ask ", "whether ")):
            continue
        clause = next((w.clause for w in quotes.words if w.start >= end), -1)
        words = {w.folded for w in quotes.words if w.start >= end and w.clause == clause}
        if len(sentence.words) > 1 and sentence.folded_words <= words:
            return "the quote says so only under a condition"
        if open_:
            continue
        supposed = [w.stem for w in quotes.content if w.start >= end and w.clause == clause]
        supposed = [stem for stem in supposed if not quotes.lists.has("reporting", stem)]
        if supposed and 2 * shared(supposed, sentence.stems) > len(supposed) and not _said_apart(supposed, quotes):
            return "the quote says so only under a condition"
    return None


def _said_apart(supposed: Sequence[str], quotes: Statement) -> bool:
    """Whether the words of the condition stand a second time in the quote, outside it."""
    counts = [sum(w.stem == stem for w in quotes.words) for stem in supposed]
    return min(counts) > 1


def intention(sentence: Statement, quotes: Statement, around: Statement) -> str | None:
    """What somebody wants, plans or foresees, told as what has happened or is so."""
    del around
    if base_language(sentence.language) != "en":
        return None
    ours = {verb.stem for _, verb, _ in _ahead(sentence)}
    open_ = ours or sentence.has(
        "hypothetical", "possible", "likely", "soft", "duty", "intent", "duty_soft", "reporting"
    )
    told = [w for w in sentence.content if w.folded not in _REPORTS]
    for kind, verb, rest in _ahead(quotes):
        others = [w for w in quotes.content if w.stem == verb.stem and (w != verb or kind == "future")]
        if any(_is_past(quotes, w) for w in others):
            continue
        for word in told:
            if not shared([word.stem], frozenset({verb.stem})):
                continue
            if _is_past(sentence, word, alone=not ours) and word.stem not in ours:
                return "the quote says that it is to come"
            if kind == "wish" and not open_ and 2 * shared([w.stem for w in told], rest) >= len(told):
                return "the quote says that it is wanted"
    return None


_REPORTS: Final = frozenset("said says".split())
_FUTURE: Final = re.compile(
    r"\b(?:will|shall|gonna|won't|(?:am|is|are|we're|i'm|'re|be)? ?going to|about to|ready to|have to|has to|got to"
    r"|(?:try|tries|trying|attempt|attempts|attempting|work|working|seek|seeks|seeking|aim|aims) to(?: do is)?"
    r"|need to|needs to|must|should|would|ought to)\b(?: (?:not|be|have|also|then|just|never))*"
)
_WISH: Final = re.compile(
    r"\b(?:wants?|wish(?:es)?|hopes?|(?:would|'d)? ?(?:like|love)|plans?|intends?|proposes?|promised?|pledged?"
    r"|vow(?:s|ed)?|pledge on|ask(?:ed)?|call(?:ed|s)?) (?:\w+ ){0,4}?(?:to|on|for)\b"
    r"(?: (?:see|be|have|the|more|a|an))*"
)


def _ahead(statement: Statement) -> Iterator[tuple[str, Word, frozenset[str]]]:
    """Each verb that is still to come, and all that follows it in its clause."""
    for kind, pattern in (("future", _FUTURE), ("wish", _WISH)):
        for found in pattern.finditer(statement.folded):
            after = [w for w in statement.words if w.start >= found.end()]
            after = [w for w in after if w.clause == after[0].clause and w in statement.content]
            for word in after[: 3 if kind == "wish" else 2]:
                if word.folded in _FRAMES:
                    break
                yield kind, word, frozenset(w.stem for w in after)


# "I want you to understand that ..." says what follows.
_FRAMES: Final = frozenset(
    "understand know remember say tell point think emphasize emphasise hear realize realise".split()
)


def _is_past(statement: Statement, word: Word, *, alone: bool = True) -> bool:
    """Whether a verb stands in the past: "raised", "was raised", "have created"; the first only if ``alone``."""
    before = [w.folded for w in statement.words if w.start < word.start][-3:]
    if set(before) & {"to", "will", "would", "should", "must", "can", "could", "may"}:
        return False
    if set(before) & {"has", "have", "had", "was", "were"}:
        return True
    if not alone:
        return False  # "must be defeated and disrupted"
    irregular = statement.lists.same("irregular", word.folded) not in {None, word.folded}
    return (
        irregular
        or word.folded in word_list("past-irregular")
        or (word.folded.endswith("ed") and not set(before) & {"be", "is", "are", "being", "get", "gets"})
    )
