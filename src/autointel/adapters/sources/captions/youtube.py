"""YouTube's own captions: json3, srv1 and srv2 (a text a line), srv3 (words with their own times).

json3 holds timed text as events, without the repeated lines of YouTube's rolling WebVTT.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.captions.words import ENDS
from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, xml_root
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element

_LEAST: Final = 200  # milliseconds: the last word of a line takes at least that long
_PER_LETTER: Final = 65
# How long a recognised word lasts: the last one of an event has a start and no end.
_WORD: Final = 160
_LETTER: Final = 50


def parse_youtube_xml(text: str) -> Draft:
    """The lines in order; each ends where the next begins at the latest, for it stays on the screen longer.

    Raises NoTranscript where it is no XML.
    """
    root = _root(text)
    elements = [element for element in root.iter() if element.tag in {"text", "p"}]
    cues = [cue for element in elements for cue in _cues(element) if cue.text]
    cues.sort(key=lambda cue: cue.start or 0)
    for cue, following in pairwise(cues):
        if cue.end is None or (following.start is not None and cue.end > following.start):
            cue.end = following.start
    automatic = any(element.tag == "s" and element.get("ac") for element in root.iter("s"))
    draft = Draft(SourceKind.YOUTUBE_XML, [], automatic=automatic)
    draft.cues = with_speakers(once(cues, draft))
    return draft


def _root(text: str) -> _Element:
    root = xml_root(text)
    if root is None:
        raise NoTranscript("The XML is broken and cannot be read.", "Download the captions again.")
    return root


def _cues(element: _Element) -> list[Cue]:
    in_seconds = element.get("start") is not None
    start = milliseconds(element.get("start"), 1000) if in_seconds else milliseconds(element.get("t"), 1)
    lasts = milliseconds(element.get("dur"), 1000) if in_seconds else milliseconds(element.get("d"), 1)
    if start is None:
        return []
    words = [(milliseconds(word.get("t"), 1), _said(word)) for word in element if word.tag == "s"]
    end = None if lasts is None else start + lasts
    if len(words) > 1:
        # A line stays on the screen after its last word.
        offset, last = words[-1]
        spoken = start + (offset or 0) + max(_LEAST, _PER_LETTER * len(last.strip()))
        end = spoken if end is None else min(end, spoken)
        if len("".join(word for _, word in words)) == len(_said(element)):
            return _at_sentences(start, end, words)
    return _at_sentences(start, end, [(None, _said(element))])


def _said(element: _Element) -> str:
    # YouTube escapes twice: "&amp;#39;" is an apostrophe.
    return clean(html.unescape("".join(map(str, element.itertext()))))


def _at_sentences(start: int, end: int | None, words: Sequence[tuple[int | None, str]]) -> list[Cue]:
    """The line as cues that begin where a sentence or another speaker's words do, by the offsets of its words."""
    groups: list[tuple[int, list[str]]] = []
    last = ""
    for offset, word in words:
        begins = word.lstrip().startswith(">>") or last.endswith(ENDS)
        if not groups or (begins and offset and last):
            groups.append((start + (offset or 0), []))
            last = ""
        groups[-1][1].append(word)
        last = word.rstrip() or last
    ends = [*(begin for begin, _ in groups[1:]), end]
    texts = ["".join(pieces) for _, pieces in groups]
    return [
        Cue(begin, until, [stripped for line in text.split("\n") if (stripped := line.strip())])
        for (begin, _), until, text in zip(groups, ends, texts, strict=True)
    ]


def parse_json3(root: Mapping[str, Any]) -> Draft:
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
        words = [(milliseconds(part.get("tOffsetMs"), 1), _word(part)) for part in parts]
        cues += [cue for cue in _at_sentences(start, _end(start, event, parts), words) if cue.lines]
    for before, after in pairwise(cues):
        if before.end is not None and before.start is not None and before.start < (after.start or 0) < before.end:
            before.end = after.start
    return Draft(SourceKind.JSON3, with_speakers(cues), automatic=automatic)


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _word(part: Mapping[str, Any]) -> str:
    return clean(part["utf8"]) if isinstance(part.get("utf8"), str) else ""


def _end(start: int, event: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> int | None:
    length = milliseconds(event.get("dDurationMs"), 1)
    shown = None if length is None else start + length
    offsets = [offset for part in parts if (offset := milliseconds(part.get("tOffsetMs"), 1)) is not None]
    if not offsets and not any("acAsrConf" in part for part in parts):
        return shown
    last = parts[-1].get("utf8")
    word = len(last.strip()) if isinstance(last, str) else 0
    said = start + max(offsets, default=0) + _WORD + _LETTER * word
    return said if shown is None else min(said, shown)
