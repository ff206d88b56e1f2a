"""Questions and answers: where "Question:" and "Answer:" stand for those who speak, and whom a text names beside them.

The words head paragraphs of essays as well. They are labels only where questions are asked under them, again and
again, and somebody answers each time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.labels import Label, Look, Shape

_QUESTIONS: Final = frozenset("question frage pregunta pergunta domanda vraag вопрос".split())
_ANSWERS: Final = frozenset("answer response antwort respuesta resposta risposta antwoord réponse ответ".split())
# Who asks, in other words; these are labels by themselves.
_ASKERS: Final = frozenset({"q", "reporter", "journalist", "press"})
# The mark of the next label, or its time, may stand behind the words.
_ASKED: Final = re.compile(r"[?？؟][\s\"'”’»<>()\[\]*_\d:.,–—-]*\Z")
_SET_OFF: Final = r"[^.:：?!]{0,60}[:：﹕>\])]"
# Two questions are a habit where all paragraphs are labelled; three where somebody answers at length.
_FEW: Final = 2
_SHARE_OF_FEW: Final = 0.9
_SHARE: Final = 0.4


def is_question_or_answer(label: Label) -> bool:
    """Whether the label is a word for a question or an answer, which may stand for whoever speaks."""
    return label.key in _QUESTIONS | _ANSWERS


def people_in_exchange(labels: Sequence[Label], text: str, *, stretches: int, timed: bool) -> frozenset[str]:
    """The keys of "Question", "Answer" and of those who answer or ask beside them; empty where nobody is asked.

    ``labels`` are all of the text's in order, ``text`` holds them with their words, ``stretches`` counts its cues or
    paragraphs. Linear in the text.
    """
    labels = [each for each in labels if each.shape is not Shape.DOUBTFUL or is_question_or_answer(each)]
    seen = Counter(each.key for each in labels)
    if not any(seen[word] >= _FEW for word in _QUESTIONS | _ANSWERS | _ASKERS):
        return frozenset()
    asked: Counter[str] = Counter()
    partners: Counter[str] = Counter()
    pairs = 0
    for (label, words), (after, _) in pairwise(_with_words(labels, text)):
        asks, answers = label.key in _QUESTIONS | _ASKERS, after.key in _ANSWERS
        if label.key == after.key or not (asks or answers) or label.key in _ANSWERS or after.key in _QUESTIONS:
            continue
        if _ASKED.search(words):
            pairs += 1
            asked.update({label.key, after.key})
            partners.update(key for key in (label.key, after.key) if key not in _QUESTIONS | _ANSWERS)
    share = len(labels) / max(1, stretches)
    if pairs < _FEW or not (share >= _SHARE_OF_FEW or (pairs > _FEW and (timed or share >= _SHARE))):
        return frozenset()
    roles = {key for key in asked if key in _QUESTIONS | _ANSWERS and asked[key] > seen[key] / 2}
    named = {each.key for each in labels if each.look is not Look.HANDLE}
    return frozenset(roles | {key for key, times in partners.items() if times >= _FEW and key in named})


def _with_words(labels: Sequence[Label], text: str) -> Iterator[tuple[Label, str]]:
    """Each label with the words from it to the next one, up to the first that does not stand in the text as read."""
    patterns: dict[str, re.Pattern[str]] = {}
    places: list[int] = []
    for label in labels:
        name = label.name or ""
        # Whoever is asked is also addressed by name: "Question: President Trump, will ...?".
        pattern = patterns.setdefault(name, re.compile(re.escape(name) + _SET_OFF))
        found = pattern.search(text, places[-1] + 1 if places else 0)
        if found is None:
            break
        places.append(found.start())
    ends = [*places[1:], len(text)]
    yield from ((label, text[begin:end]) for label, begin, end in zip(labels, places, ends, strict=False))


def labels_change(keys: Sequence[str]) -> bool:
    """Whether hardly any label repeats the one before: such labels stand where the speaker changes."""
    return sum(before != after for before, after in pairwise(keys)) >= 0.9 * (len(keys) - 1)
