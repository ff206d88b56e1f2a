"""The voices of a recording: who speaks how much and in which role, and who leads by asking."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from autointel.domain.citation import Citation, Script
from autointel.domain.notes import SpeakerShare
from autointel.domain.transcript import word_count
from autointel.local.statements import is_question
from autointel.text.sentences import Sentence

_ASIDE: Final = re.compile(r"\s*[(\[]([^()\[\]]{2,80})[)\]]\s*$")
_TITLES: Final = re.compile(r"^(?:(?:rt|right|the|hon|mr|mrs|ms|miss|dr|prof|professor|sir|sen|senator|gov)\b\.?\s+)+")
_OTHER: Final = (
    r"\b(?:joined by|joining (?:me|us)(?: \w+)? (?:is|are)|welcome|introduce|our guest|guest (?:today )?is"
    r"|with (?:me|us)(?: today| here)? (?:is|are)|moderator|moderated by)\b[^.?!]{0,120}\b%s\b"
    r"|\b%s,? (?:is|was) (?:the|a|an|our)\b"
    r"|\b%s, (?:the|a|an|our|who|chief|director|professor|editor|founder|co-founder|president|minister|head|chair)\b"
)
_EARLY: Final = 0.35  # of the sentences: introductions stand in the first part of a talk
_LONGEST_ROLE: Final = 45  # words
_MOST: Final = 40  # speakers
# Whoever asks in one sentence of five leads the conversation.
_ASKING: Final = 0.2


def speakers_of(script: Script, sentences: Sequence[Sentence]) -> tuple[SpeakerShare, ...]:
    """Everybody named, the most words first; empty where the source names nobody.

    Spellings that differ in case, title or an aside in brackets are one speaker; the aside is the role. So is a family
    name alone with the one full name that ends in it, as in "Anna Kask (Chair)", afterwards "Kask".
    """
    words: dict[str, int] = defaultdict(int)
    labels: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    asides: dict[str, str] = {}
    spans: dict[str, list[float]] = defaultdict(list)
    total = 0
    for segment in script.segments:
        count = word_count(segment.text)
        total += count
        if not segment.speaker:
            continue
        key, shown, aside = _folded(segment.speaker)
        words[key] += count
        labels[key][shown] += count
        if aside:
            asides.setdefault(key, aside)
        spans[key] += [at for at in (segment.start, segment.end) if at is not None]
    for part, whole in _families(words).items():
        words[whole] += words.pop(part)
        spans[whole] += spans.pop(part)
    ranked = sorted(words, key=lambda key: (-words[key], key))[:_MOST]
    return tuple(
        SpeakerShare(
            name=(name := max(labels[key], key=lambda label: labels[key][label])),
            share=round(words[key] / max(1, total), 4),
            first=min(spans[key], default=None),
            last=max(spans[key], default=None),
            role=asides.get(key, ""),
            introduction=_introduction(name, script, sentences),
        )
        for key in ranked
    )


def _families(keys: Iterable[str]) -> dict[str, str]:
    """Family names alone, to the only full name that ends in each."""
    bearers: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        if " " in key:
            bearers[key.split()[-1]].append(key)
    return {key: bearers[key][0] for key in keys if len(bearers.get(key, ())) == 1}


def _folded(label: str) -> tuple[str, str, str]:
    """A key for comparison, the label without its aside, and the aside."""
    found = _ASIDE.search(label)
    shown = _ASIDE.sub("", label).strip() or label
    key = _TITLES.sub("", " ".join(shown.casefold().replace(".", ". ").split()))
    return key.strip() or shown.casefold(), shown, found[1] if found else ""


def _introduction(name: str, script: Script, sentences: Sequence[Sentence]) -> Citation | None:
    """The sentence that says who this is: their own, or a host's; None where nobody says it."""
    parts = name.split()
    if not parts[-1][:1].isupper() or not parts[-1].isalpha():
        return None
    said = re.escape(name)
    own = re.compile(
        rf"\b(?:my name is|my name['’]s|i am|i['’]m|this is) (?:{re.escape(name)}|{re.escape(parts[0])})\b(?=.*\w)",
        re.IGNORECASE,
    )
    other = re.compile(_OTHER.replace("%s", said), re.IGNORECASE)
    early = sentences[: max(30, int(len(sentences) * _EARLY))]
    for sentence in early:
        if word_count(sentence.text) > _LONGEST_ROLE:
            continue
        mine = script.speaker_at(sentence.start) == name
        if (mine and own.search(sentence.text) and word_count(sentence.text) > len(parts) + 4) or (
            not mine and other.search(sentence.text)
        ):
            return script.cite(sentence.start, sentence.end)
    return None


def askers(script: Script, sentences: Sequence[Sentence]) -> frozenset[str]:
    """The named speakers who lead the conversation: a fifth of what they say is questions."""
    said: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for sentence in sentences:
        if who := script.speaker_at(sentence.start):
            said[who] += 1
            asked[who] += is_question(sentence.text)
    return frozenset(who for who, count in said.items() if asked[who] / (count + 5) >= _ASKING)
