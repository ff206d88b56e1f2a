"""Whether a label names a person: decided by the whole text, before any label is believed.

A label that is believed wrongly takes words out of the text and gives the words after it to somebody who never said
them; a label that is not believed stays in the words, and nobody is named. So doubt means nobody.

"Question:" and "Answer:" head paragraphs of essays as well. They stand for those who speak only where questions are
asked under them, again and again, and somebody answers each time.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.labels import Label, Look, Shape
from autointel.adapters.sources.likelihood import NUMBERED, Judge, Sighting, counted, is_described
from autointel.adapters.sources.spellings import name_key, short_forms

_SENTENCE_END: Final = re.compile(r"[.!?…。？！।॥؟۔።။;:—–-][\"'”’»)\]）」』]*\s*\Z|[♪\])）]\s*\Z")
_SHARE_ABOVE: Final = 0.15
_QUESTIONS: Final = frozenset("question frage pregunta pergunta domanda vraag вопрос".split())
_ANSWERS: Final = frozenset("answer response antwort respuesta resposta risposta antwoord réponse ответ".split())
# Who asks, in other words; these are labels by themselves.
_ASKERS: Final = frozenset({"q", "reporter", "journalist", "press"})
# The mark of the next label, or its time, may stand behind the words.
_ASKED: Final = re.compile(r"[?？؟][\s\"'”’»<>()\[\]*_\d:.,–—-]*\Z")
_SET_OFF: Final = re.compile(r"[^.:：?!]{0,60}[:：﹕>\])]")
# Two questions are a habit where all paragraphs are labelled; three where somebody answers at length.
_FEW: Final = 2
_SHARE_OF_FEW: Final = 0.9
_SHARE: Final = 0.4


@dataclass(frozen=True)
class Names:
    """The names that the text as a whole bears out: for each key, the spelling it was first met in; ``above`` tells
    whether names stand on lines of their own, above the words.
    """

    spelled: Mapping[str, str] = field(default_factory=dict)
    doubted: frozenset[str] = frozenset()
    above: bool = False

    def ends_turn(self, label: Label) -> bool:
        """Whether a label that is not believed may name somebody else, so that whoever spoke before is done.

        A single word that no rule reads as a name does so only if it stands before a colon more than once.
        """
        if label.name is None or label.shape is Shape.ALONE:
            return self.above and label.shape is Shape.ALONE
        weak = label.shape is Shape.DOUBTFUL or (label.name != "" and label.look is Look.HANDLE)
        return not weak or " " in label.name or label.key in self.doubted

    def of(self, label: Label) -> str | None:
        """Who the label names: "" where it says that nobody knows, None where it is not believed."""
        if label.name is None or (label.shape is Shape.ALONE and not self.above):
            return None
        if label.name == "":
            return "" if self.spelled or "" in self.doubted or label.shape not in {Shape.DOUBTFUL, Shape.BOLD} else None
        if label.shape is Shape.DOUBTFUL and not _is_question_or_answer(label):
            return None
        return self.spelled.get(label.key)

    def __bool__(self) -> bool:
        return bool(self.spelled)


def _is_question_or_answer(label: Label) -> bool:
    """Whether the label is a word for a question or an answer, which may stand for whoever speaks."""
    return label.key in _QUESTIONS | _ANSWERS


def believed_names(
    sightings: Sequence[Sighting],
    words: Iterable[str],
    *,
    stretches: int,
    first: Iterable[Label],
    timed: bool,
    given: Iterable[str] = (),
    blocks: int | None = None,
) -> Names:
    """The names to believe.

    ``words`` are the text's pieces with their labels, ``stretches`` how many cues or paragraphs hold words, ``first``
    the labels with which the first of them begin, ``timed`` whether the text is captions or carries times, and
    ``given`` the speakers that the format itself names. ``blocks`` counts the paragraphs, where ``stretches`` counts
    lines.
    """
    text = " ".join(words)
    spelled = {name_key(name): name for name in given if name}
    doubtful = Counter(
        each.label.key
        for each in sightings
        if each.label.shape is Shape.DOUBTFUL or (each.label.name and each.label.look is Look.HANDLE)
    )
    doubted = frozenset(key for key, seen in doubtful.items() if seen > 1 and (key or timed))
    labels = [each.label for each in sightings if each.label.name]
    exchange = _people_in_exchange(labels, text, stretches=stretches, timed=timed)

    def may_name(label: Label) -> bool:
        return label.shape is not Shape.DOUBTFUL or (_is_question_or_answer(label) and label.key in exchange)

    sightings = [each for each in sightings if each.label.name and may_name(each.label)]
    above = _stand_above(sightings, stretches if blocks is None else blocks)
    if not above:
        sightings = [each for each in sightings if each.label.shape is not Shape.ALONE]
    if not sightings or 2 * sum(_is_figures(each.label.rest) for each in sightings) > len(sightings):
        return Names(spelled, doubted)
    named = [*spelled.values(), *(sighting.label.name or "" for sighting in sightings)]
    folds = short_forms([name for name in named if not is_described(name)])
    counts = counted(sightings, folds, exchange)
    keys = [folds.get(sighting.label.key, sighting.label.key) for sighting in sightings]
    judge = Judge(counts, keys, text, stretches=stretches, first=any(map(may_name, first)), timed=timed)
    believed = {key for key in counts if key in exchange or judge.believes(key)} | {
        folds.get(key, key) for key in spelled
    }
    for sighting in sightings:
        key = folds.get(sighting.label.key, sighting.label.key)
        if key in believed:
            name = spelled.setdefault(key, sighting.label.name or "")
            spelled.setdefault(sighting.label.key, name)
    numbered = [key for key in spelled if NUMBERED.fullmatch(key) and len(key) > 1]
    if {key[0] for key in numbered} == {"q", "a"}:
        # "Q1", "A1", "Q2": one person asks all of them, and one answers.
        spelled.update({key: key[0].upper() for key in numbered})
    if "q" in spelled:
        # The answer may stand behind the question, in its line.
        spelled.setdefault("a", "A")
    return Names(spelled, doubted, above)


def _people_in_exchange(labels: Sequence[Label], text: str, *, stretches: int, timed: bool) -> frozenset[str]:
    """The keys of "Question", "Answer" and of those who answer or ask beside them; empty where nobody is asked.

    ``labels`` are all of the text's in order, ``text`` holds them with their words, ``stretches`` counts its cues or
    paragraphs. Linear in the text.
    """
    labels = [each for each in labels if each.shape is not Shape.DOUBTFUL or _is_question_or_answer(each)]
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
    places: list[int] = []
    for label in labels:
        name = label.name or ""
        at = text.find(name, places[-1] + 1 if places else 0)
        # Whoever is asked is also addressed by name: "Question: President Trump, will ...?".
        while at >= 0 and not _SET_OFF.match(text, at + len(name)):
            at = text.find(name, at + 1)
        if at < 0:
            break
        places.append(at)
    ends = [*places[1:], len(text)]
    yield from ((label, text[begin:end]) for label, begin, end in zip(labels, places, ends, strict=False))


def _stand_above(sightings: Sequence[Sighting], blocks: int) -> bool:
    """Whether this text has names on lines of their own: some recur, and no other labels outnumber them."""
    alone = Counter(each.label.key for each in sightings if each.label.shape is Shape.ALONE)
    recurring = [seen for seen in alone.values() if seen > 1]
    others = len(sightings) - sum(alone.values())
    return (
        len(alone) > 1
        and sum(recurring) >= 0.5 * sum(alone.values())
        and sum(recurring) >= _SHARE_ABOVE * blocks
        and others < sum(recurring)
    )


def _is_figures(words: str) -> bool:
    """Whether what stands behind a label is a number and no speech, as in a list of telephones or prices."""
    return words[:1].isdigit() and ":" not in words and not any(map(str.isalpha, words))


def ends_sentence(text: str) -> bool:
    """Whether the words end where a sentence does, so that another speaker may begin; true for no words at all."""
    # Nearly every line ends with a letter, and then there is nothing to look for.
    return not text[-1:].isalnum() and (not text.strip() or _SENTENCE_END.search(text[-8:]) is not None)
