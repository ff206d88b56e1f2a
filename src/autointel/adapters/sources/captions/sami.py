"""SAMI (.smi): SYNC elements that say from when a text is shown, hardly ever closed."""

from __future__ import annotations

import html
import re
from collections import Counter
from itertools import pairwise
from typing import Final

from autointel.adapters.sources.captions.repeats import once
from autointel.adapters.sources.clock import milliseconds
from autointel.adapters.sources.draft import Cue, Draft
from autointel.adapters.sources.markup import clean, language_code, one_line
from autointel.adapters.sources.turns import with_speakers
from autointel.domain.transcript import SourceKind

_SYNC: Final = re.compile(r"<sync\b([^<>]*)>", re.IGNORECASE)
_START: Final = re.compile(r"\bstart\s*=\s*[\"']?\s*(\d{1,12})", re.IGNORECASE)
_END: Final = re.compile(r"\bend\s*=\s*[\"']?\s*(\d{1,12})", re.IGNORECASE)
_PARAGRAPH: Final = re.compile(r"<p\b([^<>]*)>", re.IGNORECASE)
_CLASS: Final = re.compile(r"\bclass\s*=\s*[\"']?\s*([\w-]{1,40})", re.IGNORECASE)
_BREAK: Final = re.compile(r"<br\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"</?[A-Za-z!][^<>]*>")
_TITLE: Final = re.compile(r"<title[^<>]*>([^<]{0,300})</title", re.IGNORECASE)
_STYLE: Final = re.compile(r"\.([\w-]{1,40})\s*\{([^{}]{0,500})\}")
_LANGUAGE: Final = re.compile(r"\blang\s*:\s*([\w-]{2,12})", re.IGNORECASE)


def parse_sami(text: str) -> Draft:
    """The texts of the language that has most of them; an empty text ends the one before."""
    title = _TITLE.search(text[:20_000])
    styles = _STYLE.findall(text[:20_000])
    languages = {name.lower(): language_code(found[1]) for name, body in styles if (found := _LANGUAGE.search(body))}
    draft = Draft(SourceKind.SAMI, [])
    shown = _events(_without_comments(text), draft)
    classes = Counter(name for _, _, name, words in shown if words)
    chosen = classes.most_common(1)[0][0] if classes else ""
    cues = _cues([(start, end, words) for start, end, name, words in shown if name == chosen])
    draft.cues = with_speakers(once(cues, draft))
    draft.title = (one_line(html.unescape(title[1])) or None) if title else None
    draft.language = languages.get(chosen)
    others = sum(count for name, count in classes.items() if name != chosen)
    if others:
        draft.blocks_left_out += others
        draft.warnings.append(f"The file has captions in several languages; left out of the others: {others}.")
    return draft


def _events(text: str, draft: Draft) -> list[tuple[int, int | None, str, str]]:
    """Start, end where stated, class and words of each paragraph, in the file's order; ``draft`` counts the others."""
    refused = 0
    events: list[tuple[int, int | None, str, str]] = []
    marks = list(_SYNC.finditer(text))
    for number, mark in enumerate(marks):
        start = _START.search(mark[1])
        at = milliseconds(start[1], 1) if start else None
        stop = marks[number + 1].start() if number + 1 < len(marks) else len(text)
        body = text[mark.end() : stop]
        if at is None:
            refused += any(map(str.isalnum, _words(body)))
            continue
        end = _END.search(mark[1])
        paragraphs = list(_PARAGRAPH.finditer(body))
        if not paragraphs:
            events.append((at, None, "", _words(body)))
        heads = [*(paragraph.start() for paragraph in paragraphs), len(body)][1:]
        for paragraph, last in zip(paragraphs, heads, strict=True):
            named = _CLASS.search(paragraph[1])
            until = milliseconds(end[1], 1) if end else None
            events.append((at, until, named[1].lower() if named else "", _words(body[paragraph.end() : last])))
    if refused:
        draft.blocks_left_out += refused
        draft.warnings.append(f"Cues left out because their times are broken: {refused}.")
    return events


def _without_comments(text: str) -> str:
    """Linear, also where comments are opened and never closed; an unclosed one stays."""
    kept: list[str] = []
    position = 0
    while (begin := text.find("<!--", position)) >= 0 and (end := text.find("-->", begin)) >= 0:
        kept.append(text[position:begin])
        position = end + len("-->")
    return "".join([*kept, text[position:]])


def _words(body: str) -> str:
    broken = _BREAK.sub("\n", " ".join(body.split()))
    return clean(html.unescape(_TAG.sub("", broken))).replace("\xa0", " ").strip()


def _cues(events: list[tuple[int, int | None, str]]) -> list[Cue]:
    """The cues in the file's order: who speaks is said by the label before, whatever a broken time says."""
    starts = sorted({start for start, *_ in events})
    following = dict(pairwise(starts))
    return [
        Cue(start, end or following.get(start), [line.strip() for line in words.split("\n")])
        for start, end, words in events
        if words
    ]
