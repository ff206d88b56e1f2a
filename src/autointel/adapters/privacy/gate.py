"""Replaces personal data by placeholders, or refuses a text that holds any."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Final

from typing_extensions import override

from autointel.adapters.privacy.detectors import Finding, emails, telephone_numbers, tokens, without_overlaps
from autointel.adapters.privacy.id_numbers import card_numbers, ibans, national_ids
from autointel.domain.transcript import Chapter, Segment, Source, Transcript
from autointel.errors import PrivateData, UsageError
from autointel.ports import PrivacyGate

# Of two kinds found at one place the one named first here counts: a card number is no telephone's.
DETECTORS: Final[tuple[Callable[[str], Iterable[Finding]], ...]] = (
    tokens,
    emails,
    ibans,
    card_numbers,
    national_ids,
    telephone_numbers,
)
_PLACEHOLDER: Final = re.compile(r"\b(?:email|phone|card|iban|id|secret|person)_[0-9a-f]{10}\b")
_CALLED: Final = {
    "email": "e-mail address",
    "phone": "telephone number",
    "card": "card number",
    "iban": "account number",
    "id": "national identity number",
    "secret": "credential",
    "person": "name",
}
_ROLES: Final = frozenset(
    "host moderator interviewer interviewee speaker narrator guest audience presenter chair operator".split()
)
_SHORTEST_NAME: Final = 3


class ClosedGate(PrivacyGate):
    """Finds personal data in a transcript or a question.

    ``key`` makes the placeholders: the same value has the same one wherever the key is the same, and nobody without
    the key can try values out. With ``block`` nothing is replaced, and whatever is found is an error. ``persons``
    names the people that a text speaks of; None leaves names alone.
    """

    def __init__(
        self, key: bytes, *, block: bool = False, persons: Callable[[str], Iterable[str]] | None = None
    ) -> None:
        self._key = key
        self._block = block
        self._persons = persons

    @override
    def screen(self, source: Source, transcript: Transcript) -> tuple[Source, Transcript]:
        """See PrivacyGate. About 0.1 s for an hour of speech; blocks."""
        known = self._names([segment.text for segment in transcript.segments], transcript.speakers, source.author)
        counts: Counter[str] = Counter()
        segments = self._segments(transcript.segments, known, counts)
        chapters = tuple(self._chapter(chapter, known, counts) for chapter in transcript.chapters)
        warnings = tuple(self._text(warning, known, counts) for warning in transcript.warnings)
        title, author = (
            self._text(source.title, known, counts),
            source.author and self._text(source.author, known, counts),
        )
        if self._block and counts:
            raise PrivateData(
                f"The transcript holds {described(counts)}, and --privacy block lets none pass.",
                "Use --privacy redact to replace them, or --privacy off.",
            )
        redacted = dict(Counter(transcript.redacted) + counts)
        return (
            source.model_copy(update={"title": title, "author": author}),
            transcript.model_copy(
                update={"segments": segments, "chapters": chapters, "warnings": warnings, "redacted": redacted}
            ),
        )

    @override
    def screen_question(self, question: str) -> str:
        """See PrivacyGate."""
        counts: Counter[str] = Counter()
        screened = self._text(question, self._names([question], (), None), counts)
        if self._block and counts:
            raise UsageError(
                f"The question holds {described(counts)}, and --privacy block lets none pass.",
                "Leave it out, use --privacy redact, or --privacy off.",
            )
        return screened

    def _segments(
        self, segments: Sequence[Segment], known: Mapping[str, str], counts: Counter[str]
    ) -> tuple[Segment, ...]:
        """Found in all of the text at once: captions cut numbers in two."""
        ends = list(accumulate(len(segment.text) + 1 for segment in segments))
        findings = list(self._find(" ".join(segment.text for segment in segments), known))
        counts.update(finding.kind for finding in findings)
        changed, first = [], 0
        for segment, end in zip(segments, ends, strict=True):
            start = end - len(segment.text) - 1
            while first < len(findings) and findings[first].end <= start:
                first += 1
            text = self._replaced(segment.text, start, findings[first:])
            speaker = segment.speaker and self._text(segment.speaker, known, Counter())
            place = segment.place and self._text(segment.place, known, Counter())
            same = (text, speaker, place) == (segment.text, segment.speaker, segment.place)
            update = {"text": text, "speaker": speaker, "place": place}
            changed.append(segment if same else segment.model_copy(update=update))
        return tuple(changed)

    def _replaced(self, text: str, offset: int, findings: Iterable[Finding]) -> str:
        """The text, which begins at ``offset``, with placeholders.

        A value that two segments share has its placeholder in the first; the second loses its part, or bears the
        placeholder too where that is all it says.
        """
        parts, reached = [], 0
        for finding in findings:
            if finding.start >= offset + len(text):
                break
            here = max(finding.start - offset, 0)
            parts.append(text[reached:here])
            if finding.start >= offset:
                parts.append(self._placeholder(finding))
            reached = min(finding.end - offset, len(text))
            if finding.start < offset and not text[reached:].strip():
                parts.append(self._placeholder(finding))
        return "".join([*parts, text[reached:]])

    def _text(self, text: str, known: Mapping[str, str], counts: Counter[str]) -> str:
        findings = list(self._find(text, known))
        counts.update(finding.kind for finding in findings)
        return self._replaced(text, 0, findings)

    def _chapter(self, chapter: Chapter, known: Mapping[str, str], counts: Counter[str]) -> Chapter:
        title = self._text(chapter.title, known, counts)
        return chapter if title == chapter.title else chapter.model_copy(update={"title": title})

    def _find(self, text: str, known: Mapping[str, str]) -> Iterator[Finding]:
        held = [match.span() for match in _PLACEHOLDER.finditer(text)]
        found = [finding for detector in DETECTORS for finding in detector(text)]
        found += _named(text, known)
        fresh = (each for each in found if not any(each.start < end and start < each.end for start, end in held))
        return without_overlaps(fresh)

    def _placeholder(self, finding: Finding) -> str:
        digest = hmac.new(self._key, f"{finding.kind}\x1f{finding.value}".encode(), hashlib.sha256).hexdigest()
        return f"{finding.kind}_{digest[:10]}"

    def _names(self, texts: Sequence[str], speakers: Iterable[str], author: str | None) -> dict[str, str]:
        """The spelling of every name, and of each part of it that is no other's: to the whole name."""
        if self._persons is None:
            return {}
        names = [*speakers, *([author] if author else []), *self._persons(" ".join(texts))]
        known: dict[str, str] = {}
        parts: dict[str, set[str]] = {}
        for name in names:
            if name.lower().split()[0] in _ROLES or not name[:1].isupper() or _PLACEHOLDER.search(name):
                continue
            known[name] = name.lower()
            for part in name.split():
                if len(part) >= _SHORTEST_NAME and part[:1].isupper():
                    parts.setdefault(part, set()).add(name.lower())
        alone = {part: min(wholes) for part, wholes in parts.items() if len(wholes) == 1}
        return alone | known


def _named(text: str, known: Mapping[str, str]) -> Iterator[Finding]:
    if not known:
        return
    longest_first = sorted(known, key=lambda name: (-len(name), name))
    for match in re.finditer(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", text):
        yield Finding(match.start(), match.end(), "person", known[match[0]])


def described(counts: Mapping[str, int]) -> str:
    """Such as: 2 e-mail addresses and 1 card number."""
    said = [f"{count:,} {_plural(_CALLED[kind], count)}" for kind, count in sorted(counts.items())]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def _plural(noun: str, count: int) -> str:
    if count == 1:
        return noun
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
