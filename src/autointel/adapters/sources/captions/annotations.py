"""Transcriptions of research tools: ELAN, Praat's TextGrid, Transcriber, EXMARaLDA, CHAT, and NIST's STM and CTM.

Each names a speaker for each stretch or tier. Where the same speech stands on several tiers (phones, words, glosses,
utterances), the tier of whole utterances is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.captions.words import gather
from autointel.adapters.sources.captions.xml_cues import elements, own_text
from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, language_code, one_line, xml_root
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element

Parser = Callable[[str], Draft]
_STM_LINE: Final = re.compile(
    r"(?!SPEAKER )\S{1,80} \w{1,9} (\S{1,80}) (\d+\.\d+) (\d+\.\d+) (?:<[^<>]{0,80}> ?)?(\S.*)"
)
_CTM_LINE: Final = re.compile(r"\S{1,80} \w{1,9} (\d+\.\d+) (\d+\.\d+) (\S{1,80})(?: \d\.?\d*)?(?: \S{1,20}){0,2}\s*\Z")
_COMMENTS: Final = r"(?:\s*;;[^\n]*\n)*\s*"
_NOT_SAID: Final = frozenset({"ignore_time_segment_in_scoring", "inter_segment_gap"})
# How aligners write a pause, noise or a word that they do not know.
_PAUSES: Final = frozenset(
    "sil <sil> {sl} sp <sp> spn <spn> <p:> <p> <eps> <eps:> <unk> <s> </s> <noise> <nib>".split()
)
_TOKEN: Final = re.compile(r'"((?:[^"]|"")*)"|(?<![\w\[.])(-?\d+(?:\.\d+)?(?:e-?\d+)?)(?![\w\]])')
_TIERS: Final = re.compile(
    r"(?:utterances?|sentences?|words?|phones?|phonemes|text|transcript(?:ion)?|orthography|phrases?|segments?|default"
    r"|speech|asr|tiers?|notes?|v|t)\Z",
    re.IGNORECASE,
)
_MFA: Final = re.compile(r"\s-\s(?:words|phones|utterances)\Z", re.IGNORECASE)
# A tier of whole utterances has more words in a stretch than a tier of words, glosses or numbers.
_UTTERANCE: Final = 1.5
_DEEPEST: Final = 20  # tiers below one another
_CHAT_LINE: Final = re.compile(r"[*@%][^\n]*(?:\n\t[^\n]*)*")
_BULLET: Final = re.compile(r"\x15%?(?:[^\x15\n]{0,200}?_)??(\d{1,12})_(\d{1,12})\x15")
# Marks of retracings, errors and overlaps; actions and fragments; pauses; the rest of a terminator.
_CHAT_CODES: Final = re.compile(
    r"\[[^\[\]\n]{0,200}\]|&[=+*][^\s<>]{0,80}|\(\.{1,3}\)|\((?:\d{1,3}:)?\d{1,4}\.\d{0,3}\)|[<>‹›⌈⌉⌊⌋↑↓]"
    r"|(?<!\S)\+[\"/.,<^+!?]{0,4}(?=[.!?]|\s|\Z)|(?<=\S)@\w{1,4}|&-|(?<!\S)0\w{0,30}"
)
_XML: Final = r"(?:<\?xml[^<>]{0,200}\?>\s*)?"
_ELAN_HEAD: Final = re.compile(_XML + r"<ANNOTATION_DOCUMENT\b")
_TRANSCRIBER_HEAD: Final = re.compile(_XML + r"(?:<!DOCTYPE[^<>]{0,200}>\s*)?<Trans\b")
_EXMARALDA_HEAD: Final = re.compile(_XML + r"(?:<!--[^<>]{0,400}-->\s*)?<basic-transcription\b")
_TEXTGRID_HEAD: Final = re.compile(r"File type = \"ooTextFile(?: short)?\"")
_CHAT_HEAD: Final = re.compile(r"@(?:UTF8|Begin)\s*\n")
_STM_HEAD: Final = re.compile(_COMMENTS + _STM_LINE.pattern)
_CTM_HEAD: Final = re.compile(_COMMENTS + _CTM_LINE.pattern.replace(r"\Z", r"(?:\n|\Z)"))
Stretches = list[tuple[int, int, str]]


def annotation_parser(head: str) -> Parser | None:
    """The parser for a transcription that begins so; None for any other text."""
    parsers = (
        (_ELAN_HEAD, _parse_elan),
        (_TRANSCRIBER_HEAD, _parse_transcriber),
        (_EXMARALDA_HEAD, _parse_exmaralda),
        (_TEXTGRID_HEAD, _parse_textgrid),
        (_CHAT_HEAD, _parse_chat),
        (_STM_HEAD, _parse_stm),
        (_CTM_HEAD, _parse_ctm),
    )
    return next((parser for pattern, parser in parsers if pattern.match(head)), None)


def _parse_elan(text: str) -> Draft:
    """ELAN: the tiers of utterances, each with its participant; annotations that refer to others have their times."""
    root = _root(text)
    slots = {slot.get("TIME_SLOT_ID"): milliseconds(slot.get("TIME_VALUE"), 1) for slot in root.iter("TIME_SLOT")}
    parents = {tier.get("TIER_ID"): tier.get("PARENT_REF") for tier in root.iter("TIER")}
    people = {tier.get("TIER_ID"): tier.get("PARTICIPANT") for tier in root.iter("TIER")}
    times: dict[str | None, tuple[int | None, int | None]] = {}
    tiers: list[tuple[str, str, Stretches]] = []
    known: set[str] = set()
    for tier in elements(root, "TIER", deepest=1):
        name = tier.get("PARTICIPANT") or people.get(top := _top(tier.get("TIER_ID") or "", parents)) or top
        stretches: Stretches = []
        for each in elements(tier, "ALIGNABLE_ANNOTATION", "REF_ANNOTATION"):
            start, end = slots.get(each.get("TIME_SLOT_REF1")), slots.get(each.get("TIME_SLOT_REF2"))
            if each.tag == "REF_ANNOTATION":
                start, end = times.get(each.get("ANNOTATION_REF"), (None, None))
            times[each.get("ANNOTATION_ID")] = (start, end)
            words = own_text(each, "ALIGNABLE_ANNOTATION", "REF_ANNOTATION").strip()
            if words and start is not None and end is not None:
                stretches.append((start, end, words))
        # A gloss has as many words as what it glosses, and stands on a tier below.
        below = parents.get(tier.get("TIER_ID")) is not None
        if below and name in known:
            continue
        tiers.append((name, name, stretches))
        if _mean_words(stretches) >= _UTTERANCE:
            known.add(name)
    return _draft(_cue(*stretch, speaker) for speaker, stretches in _whole_utterances(tiers) for stretch in stretches)


def _root(text: str) -> _Element:
    root = xml_root(text)
    if root is None:
        raise NoTranscript("The XML is broken and cannot be read.", "Export the transcription again.")
    return root


def _top(tier: str, parents: dict[str | None, str | None]) -> str:
    """The tier on which another depends in the end; names of tiers may go in circles in a broken file."""
    for _ in range(_DEEPEST):
        above = parents.get(tier)
        if above is None:
            break
        tier = above
    return tier


def _mean_words(stretches: Stretches) -> float:
    return sum(len(words.split()) for *_, words in stretches) / max(1, len(stretches))


def _draft(cues: Iterable[Cue], language: str | None = None) -> Draft:
    return Draft(SourceKind.ANNOTATION, sorted(cues, key=lambda cue: cue.start or 0), language=language)


def _cue(start: int | None, end: int | None, words: str, speaker: str | None) -> Cue:
    name = one_line(speaker or "", limit=80)
    return Cue(start, end, [clean(words).strip()], name or None, opens_turn=True)


def _whole_utterances(tiers: Iterable[tuple[str, str, Stretches]]) -> list[tuple[str, Stretches]]:
    """Of the tiers with one speaker's speech the one with most words in a stretch; all tiers of utterances, if any."""
    by_speaker: dict[str, list[tuple[float, Stretches]]] = defaultdict(list)
    for speaker, _, stretches in tiers:
        if stretches:
            by_speaker[speaker].append((_mean_words(stretches), stretches))
    best = {speaker: max(found, key=lambda each: (each[0], _letters(each[1]))) for speaker, found in by_speaker.items()}
    utterances = {speaker: each for speaker, each in best.items() if each[0] >= _UTTERANCE}
    # Where nothing but single words is given, phones have the shorter ones.
    levels = utterances or dict(sorted(best.items(), key=lambda item: -_letters(item[1][1]))[:1])
    return [(speaker, stretches) for speaker, (_, stretches) in levels.items()]


def _letters(stretches: Stretches) -> float:
    return sum(len(words) for *_, words in stretches) / len(stretches)


def _parse_transcriber(text: str) -> Draft:
    """Transcriber: turns with their speakers, cut at their ``Sync`` marks."""
    root = _root(text)
    names = {each.get("id"): each.get("name") for each in root.iter("Speaker")}
    cues: list[Cue] = []
    for turn in root.iter("Turn"):
        who = names.get(turn.get("speaker"), turn.get("speaker"))
        at, words = milliseconds(turn.get("startTime")), [turn.text or ""]
        marks = [*turn, None]
        for mark in marks:
            if mark is None or mark.tag in {"Sync", "Who"}:
                said = _cue(at, None, "".join(words), who)
                cues += [said] if said.text else []
                words = []
                at = milliseconds(mark.get("time")) if mark is not None and mark.tag == "Sync" else at
            if mark is not None:
                words.append(mark.tail or "")
        if cues:
            cues[-1].end = milliseconds(turn.get("endTime"))
    cues = [cue for cue in cues if cue.start is not None]
    for cue, following in pairwise(cues):
        cue.end = following.start if cue.end is None else cue.end
    return _draft(cues, language_code(root.get("{http://www.w3.org/XML/1998/namespace}lang")))


def _parse_exmaralda(text: str) -> Draft:
    """EXMARaLDA: the tiers of transcribed speech (type t), timed by the common timeline."""
    root = _root(text)
    names = {each.get("id"): (each.findtext("abbreviation") or each.get("id")) for each in root.iter("speaker")}
    times = {each.get("id"): milliseconds(each.get("time")) for each in root.iter("tli")}
    cues = [
        _cue(start, times.get(event.get("end")), own_text(event, "event"), names.get(tier.get("speaker")))
        for tier in elements(root, "tier", deepest=1)
        if tier.get("type") == "t"
        for event in elements(tier, "event")
        if (start := times.get(event.get("start"))) is not None
    ]
    return _draft(cue for cue in cues if cue.text)


def _parse_textgrid(text: str) -> Draft:
    """Praat's TextGrid, long or short. Names of tiers are speakers where they are no names of levels."""
    tiers = list(_grid_tiers(text))
    kept = _whole_utterances([(_MFA.sub("", name), name, stretches) for name, stretches in tiers])
    cues = [
        _cue(start, end, words, None if _TIERS.match(name) else name)
        for name, stretches in kept
        for start, end, words in stretches
    ]
    single = [len(cue.lines[0].split()) < 2 for cue in cues]  # noqa: PLR2004 -- a word alone
    if len(cues) > 1 and all(single):
        cues = gather(sorted(cues, key=lambda cue: cue.start or 0))
    return _draft(cues)


def _grid_tiers(text: str) -> Iterator[tuple[str, Stretches]]:
    """The name and the filled intervals of each tier, as far as the file goes."""
    tokens = [found[1].replace('""', '"') if found[2] is None else float(found[2]) for found in _TOKEN.finditer(text)]
    position = next((at for at, token in enumerate(tokens) if token in {"IntervalTier", "TextTier"}), len(tokens))
    while position + 4 < len(tokens):
        kind, name, count = tokens[position], tokens[position + 1], tokens[position + 4]
        size = 3 if kind == "IntervalTier" else 2
        if not isinstance(name, str) or not isinstance(count, float):
            return
        position += 5
        # A broken count may be negative, or beyond the file.
        end = position + size * int(max(0.0, min(count, float(len(tokens)))))
        rows = [tokens[at : at + size] for at in range(position, min(len(tokens) - size + 1, end), size)]
        position = end
        if size == 3:  # noqa: PLR2004 -- an interval; points mark events
            yield name, list(_intervals(rows))


def _intervals(rows: Sequence[Sequence[str | float]]) -> Iterator[tuple[int, int, str]]:
    for row in rows:
        start, end = (milliseconds(each) for each in row[:2])
        words = row[-1].strip() if isinstance(row[-1], str) else ""
        if start is not None and end is not None and words and words.lower() not in _PAUSES:
            yield start, end, words


def _parse_chat(text: str) -> Draft:
    """TalkBank's CHAT: ``*CODE:`` says who speaks, bullets say when; without a bullet on every line it is untimed."""
    names: dict[str, str] = {}
    language: str | None = None
    rows: list[tuple[str, str, tuple[int, int] | None]] = []
    for found in _CHAT_LINE.finditer(text):
        head, _, body = found[0].partition(":")
        if head == "@Participants":
            names = dict(map(_participant, body.split(",")))
        elif head == "@Languages":
            language = language_code(body.split(",")[0].strip())
        elif head.startswith("*"):
            times = [(int(start), int(end)) for start, end in _BULLET.findall(body)]
            words = re.sub(r"\s+([.!?,])", r"\1", " ".join(_said(_BULLET.sub(" ", body)).split()))
            rows.append((head[1:].strip(), words, (times[0][0], times[-1][1]) if times else None))
    rows = [row for row in rows if any(map(str.isalnum, row[1]))]
    timed = bool(rows) and all(span for *_, span in rows)
    cues = []
    for code, words, span in rows:
        start, end = span if timed and span else (None, None)
        cues.append(_cue(start, end, words, names.get(code, code)))
    return Draft(SourceKind.ANNOTATION, sorted(cues, key=lambda cue: cue.start or 0), language=language)


def _participant(entry: str) -> tuple[str, str]:
    code, *rest = entry.split() or [""]
    return code, (rest[0].replace("_", " ") if rest else code)


def _said(words: str) -> str:
    """The words without their codes: "(be)cause" is "because", "ice_cream" two words."""
    words = _CHAT_CODES.sub(" ", words)
    return re.sub(r"(?<=\w)[()]|[()](?=\w)", "", words).replace("_", " ")


def _parse_stm(text: str) -> Draft:
    """NIST's reference transcripts: file, channel, speaker, start and end in seconds, labels, words."""
    rows = [found for line in text.split("\n") if (found := _STM_LINE.match(line)) and found[4] not in _NOT_SAID]
    return _draft(_cue(milliseconds(row[2]), milliseconds(row[3]), row[4], row[1]) for row in rows)


def _parse_ctm(text: str) -> Draft:
    """NIST's lists of words: file, channel, start and duration in seconds, word."""
    rows = [found for line in text.split("\n") if (found := _CTM_LINE.match(line))]
    words = [
        Cue(start, start + (milliseconds(row[2]) or 0), [clean(row[3])])
        for row in rows
        if (start := milliseconds(row[1])) is not None and row[3].lower() not in _PAUSES
    ]
    draft = _draft(gather(sorted(words, key=lambda word: word.start or 0)))
    draft.automatic = True
    return draft
