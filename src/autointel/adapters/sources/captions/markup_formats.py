"""Captions in markup: TTML and DFXP (W3C Timed Text), SAMI (.smi), and YouTube's XML.

TTML is read with entities and network off. SAMI's SYNC elements say from when a text is shown, and are hardly ever
closed. YouTube's srv1 and srv2 hold a text a line, srv3 words with their own times.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.captions.words import at_sentences
from autointel.adapters.sources.captions.xml_cues import elements, own_text
from autointel.adapters.sources.clock import LATEST, clock, milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, language_code, one_line, unescape, xml_root
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element

_OFFSET: Final = re.compile(r"(\d{1,12}(?:\.\d{1,9})?)(h|m|s|ms|f|t)?\Z")
_FRAMES: Final = re.compile(r"(\d{1,4}):(\d\d):(\d\d)[:;](\d{1,3})(?:\.\d+)?\Z")
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_READINGS: Final = frozenset({"text", "delimiter"})
_PHRASE: Final = 2.5  # words in a span that is no single word
# Apple's lyrics and podcasts state every time from the beginning, against the standard.
_APPLE: Final = ("http://music.apple.com/lyric-ttml-internal", "http://podcasts.apple.com/transcript-ttml-internal")
_SAMI_SYNC: Final = re.compile(r"<sync\b([^<>]*)>", re.IGNORECASE)
_SAMI_START: Final = re.compile(r"\bstart\s*+=\s*+[\"']?+\s*+(\d{1,12})", re.IGNORECASE)
_SAMI_END: Final = re.compile(r"\bend\s*+=\s*+[\"']?+\s*+(\d{1,12})", re.IGNORECASE)
_SAMI_PARAGRAPH: Final = re.compile(r"<p\b([^<>]*)>", re.IGNORECASE)
_SAMI_CLASS: Final = re.compile(r"\bclass\s*+=\s*+[\"']?+\s*+([\w-]{1,40})", re.IGNORECASE)
_SAMI_BREAK: Final = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_SAMI_TAG: Final = re.compile(r"</?[A-Za-z!][^<>]*>")
_SAMI_TITLE: Final = re.compile(r"<title[^<>]*>([^<]{0,300})</title", re.IGNORECASE)
_SAMI_STYLE: Final = re.compile(r"\.([\w-]{1,40})\s*\{([^{}]{0,500})\}")
_SAMI_LANGUAGE: Final = re.compile(r"\blang\s*:\s*([\w-]{2,12})", re.IGNORECASE)
# The last word of a line has no end in srv3; it takes at least that long.
_LAST_WORD_MS: Final = 200
_LETTER_MS: Final = 65


def parse_ttml(text: str) -> Draft:
    """The paragraphs of a TTML file; ``ttm:agent`` is the speaker. Raises NoTranscript where it is not XML at all."""
    root = _ttml_root(text)
    rates = _rates(root)
    relative = not set(_APPLE).intersection(root.nsmap.values())
    agents = _agents(root)
    sequenced = _sequenced(root, rates) if "seq" in text and relative else {}
    cues = [
        Cue(span[0], span[1], _lines(part), _agent(element, agents))
        for element in elements(root, "p")
        for part in _sentences(element, relative=relative)
        if (span := sequenced.get(part) or _span(part, rates, relative=relative)) is not None
    ]
    draft = Draft(SourceKind.TTML, [], language=one_line(root.get(f"{_XML}lang", "")) or None)
    draft.cues = with_speakers(once(cues, draft))
    title = root.find(".//{*}head//{*}title")
    draft.title = None if title is None else one_line(title.text or "") or None
    return draft


def _ttml_root(text: str) -> _Element:
    root = xml_root(clean(text).lstrip())
    if root is None:
        raise NoTranscript("The TTML captions are broken and cannot be read.", "Export them again, as SRT or VTT.")
    return root


def _rates(root: _Element) -> _Rates:
    values: dict[str, str] = {}
    for key, value in root.attrib.items():
        values[str(key).rpartition("}")[2]] = str(value)
    frames = _positive(values.get("frameRate")) or 30.0
    over, _, under = values.get("frameRateMultiplier", "1 1").replace(":", " ").partition(" ")
    multiplier = (_positive(over) or 1.0) / (_positive(under) or 1.0)
    # Without a tick rate, a tick is a frame where frames are counted, else a second (TTML 2, 7.2.14).
    ticks = _positive(values.get("tickRate")) or (frames * multiplier if "frameRate" in values else 1.0)
    return _Rates(frames * multiplier, ticks)


@dataclass(frozen=True, slots=True)
class _Rates:
    frames: float
    ticks: float

    def milliseconds(self, text: str | None) -> int | None:
        """A TTML time expression; None where it is missing or none."""
        text = (text or "").strip()
        counted = _FRAMES.match(text)
        if counted:
            hours, minutes, seconds, frames = map(int, counted.groups())
            return round((((hours * 60) + minutes) * 60 + seconds + frames / self.frames) * 1000)
        offset = _OFFSET.match(text)
        if offset is None:
            return clock(text)
        units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001, "f": 1 / self.frames, "t": 1 / self.ticks}
        value = round(float(offset.group(1)) * units[offset.group(2) or "s"] * 1000)
        return value if value <= LATEST else None


def _positive(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", text) and float(text) > 0 else None


def _agents(root: _Element) -> dict[str, str]:
    agents = {}
    for agent in root.iter("{*}agent"):
        name = agent.find("{*}name")
        ident = str(agent.get(f"{_XML}id") or "")
        if ident:
            # An agent without a name is told apart by its id, as recognisers number speakers.
            agents[ident] = one_line((name.text if name is not None else None) or ident)
    return agents


def _sequenced(root: _Element, rates: _Rates) -> dict[_Element, tuple[int, int | None]]:
    """When each element is shown in a document with containers whose parts follow one another."""
    found: dict[_Element, tuple[int, int | None]] = {}

    def place(element: _Element, at: int) -> int:
        begin = at + (rates.milliseconds(element.get("begin")) or 0)
        end, length = rates.milliseconds(element.get("end")), rates.milliseconds(element.get("dur"))
        until = at + end if end is not None else None if length is None else begin + length
        follow, latest = element.get("timeContainer") == "seq", begin
        for child in element:
            if isinstance(child.tag, str):
                latest = max(latest, place(child, latest if follow else begin))
        found[element] = (begin, until)
        return latest if until is None else until

    for body in root.iter("{*}body"):
        place(body, 0)
    return found


def _lines(element: _Element) -> list[str]:
    words = element.text or "" if len(element) == 0 else _inner(element)
    # Line ends in the source are white space; only <br/> ends a line.
    return [folded for line in words.split("\u2028") if (folded := " ".join(line.split()))]


def _inner(element: _Element) -> str:
    for rule in element.iter("{*}br"):
        rule.text = "\u2028"
    for span in element.iter("{*}span"):
        # How a word is read stands beside it in small signs, and is not said again.
        if any(str(key).endswith(("}ruby", ":ruby")) and value in _READINGS for key, value in span.attrib.items()):
            span.text = ""
        # Apple writes a span for each word and no space between them.
        if _unit(span) == "word":
            span.tail = f"{span.tail or ''} "
    # Entities that are not XML's own come through as written ("&nbsp;"), since nothing is looked up.
    return unescape(own_text(element, "p"))


def _unit(span: _Element) -> str | None:
    return next((str(value) for key, value in span.attrib.items() if str(key).endswith("}unit")), None)


def _agent(element: _Element, agents: dict[str, str]) -> str | None:
    for key, value in element.attrib.items():
        if str(key).endswith("}agent"):
            ident = str(value).split(" ")[0]
            # Apple names agents that no head declares: "SPEAKER_1".
            return agents.get(ident) if agents else ident or None
    return None


def _sentences(element: _Element, *, relative: bool) -> list[_Element]:
    """The spans of a paragraph that are sentences with times of their own; else the paragraph."""
    if len(element) == 0:
        return [element]
    timed = [span for span in element.iter("{*}span") if span.get("begin")]
    spans = [span for span in timed if _unit(span) == "sentence"]
    if any(not set(spans).isdisjoint(span.iterancestors("{*}span")) for span in spans):
        return [element]  # in a broken file, where each would be read with all that stand in it
    if spans or not relative or len(timed) < 2:  # noqa: PLR2004 -- one says no more than its paragraph
        return spans or [element]
    # Spans of a word each are for singing along, and words beside the spans would be lost.
    loose = [element.text, *(child.tail for child in element)]
    if any((words or "").strip() for words in loose) or any(inner.getparent() is not element for inner in timed):
        return [element]
    untimed = sum(not child.get("begin") and not str(child.tag).endswith("}br") for child in element)
    words = sum(len("".join(map(str, span.itertext())).split()) for span in timed)
    return timed if not untimed and words >= _PHRASE * len(timed) else [element]


def _span(element: _Element, rates: _Rates, *, relative: bool) -> tuple[int, int | None] | None:
    """When a paragraph is shown; its spans' times where it has none itself. None where nothing tells."""
    begin, end = _own_span(element, rates)
    if begin is None:
        inner = [_own_span(span, rates) for span in element.iter("{*}span")]
        begin = min((first for first, _ in inner if first is not None), default=None)
        end = max((last for _, last in inner if last is not None), default=end)
    if begin is None:
        return None
    shift = _shift(element, rates) if relative else 0
    return begin + shift, None if end is None else end + shift


def _own_span(element: _Element, rates: _Rates) -> tuple[int | None, int | None]:
    begin, end = rates.milliseconds(element.get("begin")), rates.milliseconds(element.get("end"))
    length = rates.milliseconds(element.get("dur"))
    if end is None and length is not None:
        end = (begin or 0) + length
    return begin, end


def _shift(element: _Element, rates: _Rates) -> int:
    return sum(rates.milliseconds(parent.get("begin")) or 0 for parent in element.iterancestors())


def parse_sami(text: str) -> Draft:
    """The texts of the language that has most of them; an empty text ends the one before."""
    title = _SAMI_TITLE.search(text[:20_000])
    styles = _SAMI_STYLE.findall(text[:20_000])
    languages = {
        name.lower(): language_code(found[1]) for name, body in styles if (found := _SAMI_LANGUAGE.search(body))
    }
    draft = Draft(SourceKind.SAMI, [])
    shown = _sami_events(_without_comments(text), draft)
    classes = Counter(name for _, _, name, words in shown if words)
    chosen = classes.most_common(1)[0][0] if classes else ""
    cues = _sami_cues([(start, end, words) for start, end, name, words in shown if name == chosen])
    draft.cues = with_speakers(once(cues, draft))
    draft.title = (one_line(unescape(title[1])) or None) if title else None
    draft.language = languages.get(chosen)
    others = sum(count for name, count in classes.items() if name != chosen)
    if others:
        draft.blocks_left_out += others
        draft.warnings.append(f"The file has captions in several languages; left out of the others: {others}.")
    return draft


def _sami_events(text: str, draft: Draft) -> list[tuple[int, int | None, str, str]]:
    """Start, end where stated, class and words of each paragraph, in the file's order; ``draft`` counts the others."""
    refused = 0
    events: list[tuple[int, int | None, str, str]] = []
    marks = list(_SAMI_SYNC.finditer(text))
    for number, mark in enumerate(marks):
        start = _SAMI_START.search(mark[1])
        at = milliseconds(start[1], 1) if start else None
        stop = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        body = text[mark.end() : stop]
        if at is None:
            refused += any(map(str.isalnum, _sami_words(body)))
            continue
        end = _SAMI_END.search(mark[1])
        paragraphs = list(_SAMI_PARAGRAPH.finditer(body))
        if not paragraphs:
            events.append((at, None, "", _sami_words(body)))
        heads = [*(paragraph.start() for paragraph in paragraphs), len(body)][1:]
        for paragraph, last in zip(paragraphs, heads, strict=True):
            named = _SAMI_CLASS.search(paragraph[1])
            until = milliseconds(end[1], 1) if end else None
            events.append((at, until, named[1].lower() if named else "", _sami_words(body[paragraph.end() : last])))
    if refused:
        draft.blocks_left_out += refused
        draft.warnings.append(f"Cues left out because their times are broken: {refused}.")
    return events


def _sami_words(body: str) -> str:
    broken = _SAMI_BREAK.sub("\n", " ".join(body.split()))
    return clean(unescape(_SAMI_TAG.sub("", broken))).replace("\xa0", " ").strip()


def _without_comments(text: str) -> str:
    """Linear, also where comments are opened and never closed; an unclosed one stays."""
    kept: list[str] = []
    position = 0
    while (begin := text.find("<!--", position)) >= 0 and (end := text.find("-->", begin)) >= 0:
        kept.append(text[position:begin])
        position = end + len("-->")
    return "".join([*kept, text[position:]])


def _sami_cues(events: list[tuple[int, int | None, str]]) -> list[Cue]:
    """The cues in the file's order: who speaks is said by the label before, whatever a broken time says."""
    starts = sorted({start for start, *_ in events})
    following = dict(pairwise(starts))
    return [
        Cue(start, end or following.get(start), [line.strip() for line in words.split("\n")])
        for start, end, words in events
        if words
    ]


def parse_youtube_xml(text: str) -> Draft:
    """The lines in order; each ends where the next begins at the latest, for it stays on the screen longer.

    Raises NoTranscript where it is no XML.
    """
    root = _youtube_root(text)
    cues = [cue for element in elements(root, "text", "p") for cue in _youtube_cues(element) if cue.text]
    cues.sort(key=lambda cue: cue.start or 0)
    for cue, following in pairwise(cues):
        if cue.end is None or (following.start is not None and cue.end > following.start):
            cue.end = following.start
    automatic = any(element.tag == "s" and element.get("ac") for element in root.iter("s"))
    draft = Draft(SourceKind.YOUTUBE_XML, [], automatic=automatic)
    draft.cues = with_speakers(once(cues, draft))
    return draft


def _youtube_root(text: str) -> _Element:
    root = xml_root(text)
    if root is None:
        raise NoTranscript("The XML is broken and cannot be read.", "Download the captions again.")
    return root


def _youtube_cues(element: _Element) -> list[Cue]:
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
        spoken = start + (offset or 0) + max(_LAST_WORD_MS, _LETTER_MS * len(last.strip()))
        end = spoken if end is None else min(end, spoken)
        if len("".join(word for _, word in words)) == len(_said(element)):
            return at_sentences(start, end, words)
    return at_sentences(start, end, [(None, _said(element))])


def _said(element: _Element) -> str:
    # YouTube escapes twice: "&amp;#39;" is an apostrophe.
    return clean(unescape(own_text(element, "text", "p")))
