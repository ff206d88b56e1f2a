"""Transcripts in JSON: recognised by what stands in them, never by a file's name.

YouTube's json3 holds timed text as events, without the repeated lines of its rolling WebVTT.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Any, Final

from autointel.adapters.sources.captions.json_items import Item, item_of
from autointel.adapters.sources.captions.json_search import (
    Listing,
    find_listing,
    find_untimed,
    listings_of,
    mapped_names,
    messages_of,
    speaker_names,
    speakers_by_start,
    turns_beside,
)
from autointel.adapters.sources.captions.json_turns import cues_of, in_one_unit
from autointel.adapters.sources.captions.words import at_sentences
from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, language_code, one_line, plain
from autointel.adapters.sources.normalise import LONGEST, cut
from autointel.adapters.sources.spellings import names_nobody
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

Json = Mapping[str, Any]
_HINT: Final = (
    "JSON is read where it lists texts with times, as Whisper, speech services, YouTube and podcasts write it."
)
_PRINTED: Final = re.compile(r"\s{0,99}(?:\[\s{0,99})?\{\s{0,99}'")
_LARGEST_PRINTED: Final = 2_000_000
_OTR_TIME: Final = re.compile(
    r"""<span\b(?=[^<>]{0,200}class=["']timestamp\b)[^<>]{0,200}?data-timestamp=["']"""
    r"""(\d{1,7}(?:\.\d{1,12})?)["'][^<>]{0,200}>[^<>]{0,20}</span>"""
)
_OTR_BREAK: Final = re.compile(r"</?(?:p|div|br|li)\b[^<>]{0,200}>")
_OTR_TAG: Final = re.compile(r"</?[a-z][^<>]{0,300}>")
_MISTIMED: Final = "Segments left out because their times are broken: {}."
_SAMPLE: Final = 40
_TURNS_AROUND: Final = 20
_BORDER: Final = 0.2
_WHOLE: Final = ("text", "transcript", "full_text", "full_transcript")
_OTHERS: Final = {
    "a notebook": {"cells", "nbformat"},
    "a map (GeoJSON)": {"type", "features"},
    "a description of a programming interface (OpenAPI)": {"openapi", "paths"},
    "a record of web traffic (HAR)": {"log"},
    "a package's description": {"name", "version", "dependencies"},
    "an animation (Lottie)": {"v", "fr", "layers"},
    "a schema": {"$schema", "properties"},
}
_LANGUAGE: Final = ("language", "language_code", "languageCode", "detected_language", "lang")
_ABOUT: Final = ("metadata", "info", "result", "results", "transcript", "data", "params")
_SAMPLED: Final = ("sample_rate", "sampleRate", "sample_rate_hertz", "sampleRateHertz", "sampling_rate")
_DURATION: Final = ("audio_duration", "audioDuration", "duration", "duration_seconds")
# Names that a transcript without times may have beside its text; with others it is some other document.
_BESIDE_TEXT: Final = frozenset(
    "text language language_code duration task usage logprobs words segments chunks title author id model".split()
)
# How long a recognised word lasts: the last one of an event has a start and no end.
_WORD_MS: Final = 160
_LETTER_MS: Final = 50


def parse_json(text: str) -> Draft:
    """A transcript in one JSON document, or in one a line. Raises NoTranscript for any other, and for broken JSON."""
    root = _load(text)
    if isinstance(root, dict) and _is_json3(root.get("events")):
        return _described(_parse_json3(root), root)
    if (noted := _otranscribe(root)) is not None:
        return _described(noted, root)
    if isinstance(root, dict) and "RecognitionStatus" in root:  # Azure answers a short recording with one row
        root = [root]
    listings = listings_of(root)
    listing = find_listing(listings) or messages_of(root)
    draft = _timed(listing, listings, root) if listing is not None else _untimed(listings, root)
    return _described(draft, root)


def _load(text: str) -> Any:
    decoder = json.JSONDecoder()
    documents: list[Any] = []
    position, size = 0, len(text)
    try:
        while position < size:
            document, position = decoder.raw_decode(text, position)
            documents.append(document)
            while position < size and text[position] in " \t\n\r,\x1e":
                position += 1
    except RecursionError as error:
        raise NoTranscript("The JSON is nested too deeply to be a transcript.", _HINT) from error
    except ValueError as error:
        written = _python(text)
        if written is not None:
            return written
        raise NoTranscript("The JSON is broken and cannot be read.", "Export it again; it may be cut short.") from error
    return documents[0] if len(documents) == 1 else documents


def _python(text: str) -> Any:
    """A list as Python prints it, which people save as JSON; None for anything else, or for more than two megabytes."""
    if len(text) > _LARGEST_PRINTED or not _PRINTED.match(text):
        return None
    import ast

    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def _is_json3(events: object) -> bool:
    """Whether these are YouTube's events; other programs give the name to other lists."""
    if not isinstance(events, list):
        return False
    return any(isinstance(event, dict) and ("tStartMs" in event or "segs" in event) for event in events[:_SAMPLE])


def _described(draft: Draft, root: object) -> Draft:
    """What the document says of itself."""
    top = _top(root)
    for about in (top, *(each for key in _ABOUT if isinstance(each := top.get(key), Mapping))):
        draft.title = draft.title or _string(about, "title")
        draft.author = draft.author or _string(about, "author")
        codes = (language_code(about.get(key)) for key in _LANGUAGE)
        draft.language = draft.language or next(filter(None, codes), None)
    return draft


def _top(root: object) -> Json:
    return root if isinstance(root, Mapping) else {}


def _string(root: Json, key: str) -> str | None:
    value = root.get(key)
    return (one_line(value) or None) if isinstance(value, str) else None


def _parse_json3(root: Mapping[str, Any]) -> Draft:
    """Each event with words is a cue. Words with offsets of their own were recognised by a machine.

    ``dDurationMs`` is how long a line stays on the screen. A recognised event ends with its last word instead, and
    every event at the latest where the next begins, so that pauses are seen.
    """
    cues: list[Cue] = []
    automatic = False
    for event in root["events"]:
        # An event that appends holds only the line break of the roll.
        if not isinstance(event, dict) or event.get("aAppend"):
            continue
        parts = [part for part in _list(event.get("segs")) if isinstance(part, dict)]
        start = milliseconds(event.get("tStartMs"), 1)
        if start is None or not parts:
            continue
        automatic = automatic or any("tOffsetMs" in part or "acAsrConf" in part for part in parts)
        words = [(milliseconds(part.get("tOffsetMs"), 1), _json3_word(part)) for part in parts]
        cues += [cue for cue in at_sentences(start, _json3_end(start, event, parts), words) if cue.lines]
    for before, after in pairwise(cues):
        if before.end is not None and before.start is not None and before.start < (after.start or 0) < before.end:
            before.end = after.start
    return Draft(SourceKind.JSON3, with_speakers(cues), automatic=automatic)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _json3_word(part: Mapping[str, Any]) -> str:
    return clean(part["utf8"]) if isinstance(part.get("utf8"), str) else ""


def _json3_end(start: int, event: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> int | None:
    length = milliseconds(event.get("dDurationMs"), 1)
    shown = None if length is None else start + length
    offsets = [offset for part in parts if (offset := milliseconds(part.get("tOffsetMs"), 1)) is not None]
    if not offsets and not any("acAsrConf" in part for part in parts):
        return shown
    last = parts[-1].get("utf8")
    word = len(last.strip()) if isinstance(last, str) else 0
    said = start + max(offsets, default=0) + _WORD_MS + _LETTER_MS * word
    return said if shown is None else min(said, shown)


def _otranscribe(root: object) -> Draft | None:
    """An oTranscribe file: one text of HTML, with times among its words; None for any other document."""
    written = _top(root).get("text")
    if not isinstance(written, str) or not _OTR_TIME.search(written):
        return None
    head, *pieces = (_OTR_TAG.sub("", part) for part in _OTR_TIME.split(_OTR_BREAK.sub("\n", written)))
    cues = [Cue(0, None, plain(head).split("\n"), estimated=True)]
    for at, words in zip(pieces[::2], pieces[1::2], strict=True):
        cues.append(Cue(round(float(at) * 1000), None, plain(words).strip().split("\n")))
    return Draft(SourceKind.JSON, with_speakers([cue for cue in cues if cue.text]))


def _timed(listing: Listing, listings: Sequence[Listing], root: object) -> Draft:
    items = _items(listing, listings, root)
    if listing.are_words:
        items = _with_signs(items, _top(root))
    items, notes = in_one_unit(items, _stated(root, _DURATION), _stated(root, _SAMPLED))
    if not any(item.start is not None for item in items):
        return _without_times(((item.text, item.speaker) for item in items), notes)
    cues, lost = cues_of(items, words=listing.are_words)
    if all(cue.speaker is None or names_nobody(cue.speaker) for cue in cues):
        cues = with_speakers([replace(cue, speaker=None) for cue in cues])
    kind = _kind(listing, root)
    draft = Draft(kind, cues, automatic=kind is not SourceKind.PODCAST_JSON, warnings=notes)
    if lost:
        draft.warnings.append(_MISTIMED.format(lost))
    return draft


def _items(listing: Listing, listings: Sequence[Listing], root: object) -> list[Item]:
    podcast = _is_podcast(listing)
    names, by_start = mapped_names(root) | speaker_names(listings), speakers_by_start(listings)
    items: list[Item] = []
    speaker: str | None = None
    for raw, around in listing.rows:
        item = item_of(raw, around)
        if item is None:
            continue
        who = item.speaker or by_start.get(str(raw.get("start_time", raw.get("start"))))
        if podcast:  # the standard names a speaker where it changes
            speaker = who = who or speaker
        item.speaker = names.get(who, who)
        items.append(item)
    if not any(item.speaker or word.speaker for item in items for word in (item, *item.words)):
        _name_by_turns(items, turns_beside(listings), names)
    return items


def _is_podcast(listing: Listing) -> bool:
    return any("body" in raw and "startTime" in raw for raw, _ in listing.rows[:5])


def _name_by_turns(
    items: Sequence[Item], turns: Sequence[tuple[float, float, str]], names: Mapping[str | None, str]
) -> None:
    """Name who speaks each item, where all turns that it stands in are one person's. Linear in items and turns."""
    at = 0
    for item in items:
        if item.start is None:
            continue
        start = item.start.value
        end = max(start, item.end.value if item.end is not None else start)
        while at < len(turns) and turns[at][1] <= start:
            at += 1
        # A word at the border belongs to whoever has more than a little of it.
        around = takewhile(lambda turn: turn[0] <= end, turns[at : at + _TURNS_AROUND])  # noqa: B023 -- used at once
        least = _BORDER * (end - start)
        speakers = {who for begin, until, who in around if min(end, until) - max(start, begin) >= least}
        who = speakers.pop() if len(speakers) == 1 else None
        item.speaker = names.get(who, who)


def _with_signs(items: list[Item], top: Json) -> list[Item]:
    """Words without signs as they stand in the text that the document gives beside them, signs and all.

    Only where every word stands there in order; else the words as they are.
    """
    whole = next((clean(top[key]) for key in _WHOLE if isinstance(top.get(key), str)), "")
    said = [item for item in items if item.says_something]
    if not whole or any(not item.text.strip()[-1].isalnum() for item in said) or whole.isalnum():
        return items
    folded, ends, position = whole.casefold(), [], 0
    if len(folded) != len(whole):
        return items
    for item in said:
        found = folded.find(item.text.strip().casefold(), position)
        if found < 0 or any(map(str.isalnum, whole[position:found])):
            return items
        position = found + len(item.text.strip())
        while position < len(whole) and not whole[position].isspace() and not whole[position].isalnum():
            position += 1
        ends.append(position)
    starts = [0, *ends[:-1]]
    return [replace(item, text=whole[a:b].strip()) for item, a, b in zip(said, starts, ends, strict=True)]


def _stated(root: object, keys: Sequence[str]) -> float | None:
    """The first number that the document gives under one of these names, in it or in what it says of itself."""
    top = _top(root)
    places = (top, *(each for key in _ABOUT if isinstance(each := top.get(key), Mapping)))
    return next((value for about in places for key in keys if (value := _number(about.get(key))) is not None), None)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and 0 < value < 4e6 else None  # noqa: PLR2004 -- 1,000 hours


def _without_times(texts: Iterable[tuple[str, str | None]], notes: list[str]) -> Draft:
    cues = [
        Cue(None, None, [piece], who)
        for text, who in texts
        for piece in (cut(text) if len(text) > LONGEST else [text.strip()])
        if piece.strip()
    ]
    return Draft(SourceKind.WHISPER_JSON, cues, automatic=True, warnings=notes)


def _kind(listing: Listing, root: object) -> SourceKind:
    if _is_podcast(listing):
        return SourceKind.PODCAST_JSON
    top = _top(root)
    whisper = listing.path in {(), ("segments",), ("words",), ("segments", "words"), ("chunks",), ("transcription",)}
    return SourceKind.WHISPER_JSON if whisper and "utterances" not in top else SourceKind.JSON


def _untimed(listings: Sequence[Listing], root: object) -> Draft:
    """Texts without times: the rows of a list, or the one text."""
    top = _top(root)
    listing = find_untimed(listings)
    found = (item_of(raw, around) for raw, around in listing.rows) if listing else ()
    items = [item for item in found if item is not None and item.says_something]
    ended = _by_ends(items)
    if ended:
        return Draft(SourceKind.JSON, with_speakers(ended), automatic=True)
    texts = [(item.text, item.speaker) for item in items]
    if not texts and isinstance(top.get("text"), str) and set(top) <= _BESIDE_TEXT:
        texts = [(line, None) for line in clean(top["text"]).split("\n")]
    if not any(text.strip() for text, _ in texts):
        raise NoTranscript(f"The JSON is {_other_kind(root)} and holds no transcript.", _HINT)
    return _without_times(texts, [])


def _by_ends(items: Sequence[Item]) -> list[Cue]:
    """Cues of items that state only when they end: each begins where the one before ends. None where any has no end."""
    ends = [round(item.end.value) for item in items if item.end is not None and item.start is None]
    if len(ends) < len(items) or ends != sorted(set(ends)):
        return []
    rows = zip([0, *ends[:-1]], ends, items, strict=True) if ends else ()
    return [Cue(start, end, [item.text.strip()], item.speaker, estimated=True) for start, end, item in rows]


def _other_kind(root: object) -> str:
    """What a document without a transcript is, by its fields."""
    top = _top(root)
    found = next((name for name, keys in _OTHERS.items() if keys <= top.keys()), None)
    fields = ", ".join(f'"{one_line(str(key), limit=30)}"' for key in list(top)[:4])
    return found or (f"a document of another kind (its fields: {fields})" if fields else "a document of another kind")
