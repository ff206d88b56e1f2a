"""The briefing as Markdown, readable unrendered; no text can break out of its line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from autointel.domain.analysis import KeyJudgment
from autointel.domain.report import Results
from autointel.render.plain_text import plain
from autointel.render.sections import sheet_of
from autointel.render.sheet import Cited, Entry, Layout, Note, Section

# Underscores between letters or digits (OPENAI_API_KEY) never open or close emphasis.
_SPECIAL: Final = re.compile(r"[\\`*\[\]<>~|]|(?<!\w)_+|_+(?!\w)|&(?=#?\w+;)")
# What would begin a list, a heading or a rule at the start of a line.
_OPENING: Final = re.compile(r"^(?:[-+=#]|\d+(?=[.)]))")
_URL_SAFE: Final = "%/:?#@!$&'*+,;=~-._"


def page(results: Results, judgments: Sequence[KeyJudgment]) -> str:
    """The page, ending in one line break. It holds no timings, so that it is equal whatever the flags were."""
    sheet = sheet_of(results, judgments)
    lines = [f"# {escaped(sheet.title)}", "", escaped(sheet.byline)]
    for section in sheet.sections:
        lines += ["", f"## {section.title}{_aside(section.remark)}", "", *_body(section)]
        if section.more:
            lines += ["", f"{section.more} more in the report."]
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown (CommonMark, GitHub's) shows as it stands."""
    text = _SPECIAL.sub(lambda found: "".join(f"\\{sign}" for sign in found[0]), text)
    return _OPENING.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", text)


def opened(text: str, url: str | None) -> str:
    """``text`` as a link, if the address is one that a browser may open; ``text`` is taken as Markdown."""
    address = safe_url(url)
    return f"[{text}]({address})" if address else text


def safe_url(url: str | None) -> str | None:
    """The address without anything that could end a link early; None for all but http and https."""
    address = plain(url or "").replace(" ", "%20")
    if not address.lower().startswith(("http://", "https://")):
        return None
    return quote(address, safe=_URL_SAFE)


def _aside(remark: str) -> str:
    return f" ({remark})" if remark else ""


def _body(section: Section) -> Iterator[str]:
    if section.layout is Layout.FLOW:
        yield " · ".join(f"{escaped(entry.text)}{_aside(escaped(entry.remark))}" for entry in section.entries)
    elif section.layout is Layout.ROWS:
        yield from (_row(entry) for entry in section.entries)
    else:
        heading = ""
        for number, entry in enumerate(section.entries):
            if entry.heading != heading:
                heading = entry.heading
                yield from (*([""] if number else []), *([f"### {escaped(heading)}", ""] if heading else []))
            yield from _entry(entry)


def _row(entry: Entry) -> str:
    why = "; ".join(escaped(note.text) for note in entry.notes)
    return f"- {escaped(entry.text)}: {entry.label}{f' ({why})' if why else ''}"


def _entry(entry: Entry) -> Iterator[str]:
    number = f"{entry.mark}." if entry.mark.isdigit() else "-"
    indent = " " * (len(number) + 1)
    cited = [_cited(each) for each in entry.cited]
    head = [
        "" if entry.mark.isdigit() else escaped(entry.mark),
        f"**{escaped(entry.label)}**" if entry.label else "",
        escaped(entry.text) if entry.text or not cited else cited.pop(0),
        f"({escaped(entry.remark)})" if entry.remark else "",
    ]
    yield f"{number} {' '.join(part for part in head if part)}"
    yield from (f"{indent}- {line}" for line in [*cited, *(_note(note) for note in entry.notes)])


def _cited(cited: Cited) -> str:
    who = f" {escaped(cited.speaker)}:" if cited.speaker else ""
    return f'{opened(cited.place, cited.url)}{who} "{escaped(cited.quote)}"'


def _note(note: Note) -> str:
    link = opened("page", note.url)
    return escaped(note.text) + (f" ({link})" if link != "page" else "")
