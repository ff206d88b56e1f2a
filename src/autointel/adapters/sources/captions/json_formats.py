"""Transcripts in JSON: recognised by what stands in them, never by a file's name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from autointel.adapters.sources.captions.json3 import parse_json3
from autointel.adapters.sources.captions.json_items import Item, item_of
from autointel.adapters.sources.captions.json_search import (
    Listing,
    find_listing,
    find_untimed,
    listings_of,
    speaker_names,
    speakers_by_start,
)
from autointel.adapters.sources.captions.json_turns import cues_of, in_one_unit
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.languages import language_code
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.normalise import LONGEST, cut
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.source import SourceKind
from autointel.errors import NoTranscript

Json = Mapping[str, Any]
_HINT: Final = (
    "JSON is read where it lists texts with times, as Whisper, speech services, YouTube and podcasts write it."
)
_MISTIMED: Final = "Segments left out because their times are broken: {}."
_LANGUAGE: Final = ("language", "language_code", "languageCode", "detected_language", "lang")
_ABOUT: Final = ("metadata", "info", "result", "results", "transcript", "data", "params")
_SAMPLED: Final = ("sample_rate", "sampleRate", "sample_rate_hertz", "sampleRateHertz", "sampling_rate")
_DURATION: Final = ("audio_duration", "audioDuration", "duration", "duration_seconds")
# Names that a transcript without times may have beside its text; with others it is some other document.
_BESIDE_TEXT: Final = frozenset(
    "text language language_code duration task usage logprobs words segments chunks title author id model".split()
)


def parse_json(text: str) -> Draft:
    """A transcript in one JSON document, or in one a line. Raises NoTranscript for any other, and for broken JSON."""
    root = _load(text)
    if isinstance(root, dict) and isinstance(root.get("events"), list):
        return _described(parse_json3(root), root)
    listings = listings_of(root)
    listing = find_listing(listings)
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
        raise NoTranscript("The JSON is broken and cannot be read.", "Export it again; it may be cut short.") from error
    return documents[0] if len(documents) == 1 else documents


def _timed(listing: Listing, listings: Sequence[Listing], root: object) -> Draft:
    items = _items(listing, listings)
    items, notes = in_one_unit(items, _stated(root, _DURATION), _stated(root, _SAMPLED))
    cues, lost = cues_of(items, words=listing.are_words)
    if not any(cue.speaker for cue in cues):
        cues = with_speakers(cues)
    kind = _kind(listing, root)
    draft = Draft(kind, cues, automatic=kind is not SourceKind.PODCAST_JSON, warnings=notes)
    if lost:
        draft.warnings.append(_MISTIMED.format(lost))
    return draft


def _stated(root: object, keys: Sequence[str]) -> float | None:
    """The first number that the document gives under one of these names, in it or in what it says of itself."""
    top = _top(root)
    places = (top, *(each for key in _ABOUT if isinstance(each := top.get(key), Mapping)))
    return next((value for about in places for key in keys if (value := _number(about.get(key))) is not None), None)


def _items(listing: Listing, listings: Sequence[Listing]) -> list[Item]:
    podcast = _is_podcast(listing)
    names, by_start = speaker_names(listings), speakers_by_start(listings)
    items: list[Item] = []
    speaker: str | None = None
    for raw, around in listing.rows:
        item = item_of(raw, around)
        if item is None:
            continue
        who = item.speaker or by_start.get(str(raw.get("start_time")))
        if podcast:  # the standard names a speaker where it changes
            speaker = who = who or speaker
        items.append(replace(item, speaker=names.get(who, who)))
    return items


def _is_podcast(listing: Listing) -> bool:
    return any("body" in raw and "startTime" in raw for raw, _ in listing.rows[:5])


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
    texts: list[tuple[str, str | None]] = []
    for raw, around in listing.rows if listing else ():
        item = item_of(raw, around)
        if item is not None and item.says_something:
            texts.append((item.text, item.speaker))
    if not texts and isinstance(top.get("text"), str) and set(top) <= _BESIDE_TEXT:
        texts = [(line, None) for line in clean(top["text"]).split("\n")]
    if not texts:
        raise NoTranscript("The JSON holds no transcript.", _HINT)
    cues = [
        Cue(None, None, [piece], who)
        for text, who in texts
        for piece in (cut(text) if len(text) > LONGEST else [text.strip()])
        if piece.strip()
    ]
    return Draft(SourceKind.WHISPER_JSON, cues, automatic=True)


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


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and 0 < value < 4e6 else None  # noqa: PLR2004 -- 1,000 hours
