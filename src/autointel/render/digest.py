"""A digest of new briefings, with the sentences that matter most: as Markdown, RSS 2.0 or JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from html import escape
from typing import Final

from autointel.domain.analysis import Finding, KeyJudgment
from autointel.domain.report import Report
from autointel.render.markdown import escaped, opened, safe_url
from autointel.render.plain_text import plain, shortened, within_marks
from autointel.render.sheet import Cited

_POINTS: Final = 3
_TITLE: Final = 160
_SENTENCE: Final = 400
_NAME: Final = "autointel"
_ABOUT: Final = "New briefings"


@dataclass(frozen=True)
class Point:
    """One sentence of a briefing and the quote that carries it."""

    text: str
    cited: Cited

    @property
    def is_quote(self) -> bool:
        """Whether the sentence is the quote itself, as an excerpt is."""
        return self.cited.quote == within_marks(self.text)


@dataclass(frozen=True)
class DigestEntry:
    """One briefing in a digest. All texts are plain lines; ``id`` is the run's and never changes."""

    id: str
    title: str
    url: str | None
    author: str
    briefed_at: datetime
    points: tuple[Point, ...]

    @classmethod
    def of(cls, report: Report) -> DigestEntry:
        """The entry of a report: its judgments, else what its analysts found, else its excerpts."""
        analysis = report.analysis
        found: Sequence[KeyJudgment | Finding] = (
            report.briefing.judgments or analysis.insights or analysis.excerpts or analysis.statements
        )
        return cls(
            id=report.run_id,
            title=shortened(plain(report.source.title), _TITLE) or "Untitled",
            url=safe_url(report.source.url),
            author=shortened(plain(report.source.author or ""), _TITLE),
            briefed_at=report.created_at,
            points=tuple(
                Point(shortened(plain(each.text), _SENTENCE), Cited.of(each.citations[0])) for each in found[:_POINTS]
            ),
        )


def to_markdown(entries: Sequence[DigestEntry]) -> str:
    """A section an entry, ending in a line break; empty for no entries."""
    return "".join(f"{line}\n" for entry in entries for line in _section(entry))


def _section(entry: DigestEntry) -> list[str]:
    lines = [f"## {opened(escaped(entry.title), entry.url)}", ""]
    if entry.author:
        lines += [escaped(entry.author), ""]
    for point in entry.points:
        lines.append(f'- "{escaped(point.cited.quote)}"' if point.is_quote else f"- {escaped(point.text)}")
        lines.append(f"  - {opened(point.cited.place, point.cited.url)}{_said(point)}")
    return [*lines, ""]


def _said(point: Point) -> str:
    """Who said it, and the quote where that is not the sentence itself."""
    who = f" {escaped(point.cited.speaker)}" if point.cited.speaker else ""
    return who if point.is_quote else f'{who}{":" if who else ""} "{escaped(point.cited.quote)}"'


def to_json_feed(entries: Sequence[DigestEntry]) -> str:
    """JSON Feed 1.1; a reader knows an item by its id."""
    items = [
        {
            "id": entry.id,
            "title": entry.title,
            **({"url": entry.url} if entry.url else {}),
            **({"authors": [{"name": entry.author}]} if entry.author else {}),
            "date_published": entry.briefed_at.isoformat(),
            "content_html": _html(entry),
            "content_text": "\n".join(point.text for point in entry.points),
        }
        for entry in entries
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": f"{_NAME}: {_ABOUT}", "items": items}
    return json.dumps(feed, ensure_ascii=False, indent=2) + "\n"


def to_rss(entries: Sequence[DigestEntry]) -> str:
    """RSS 2.0."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0"><channel>',
        f"<title>{_NAME}: {_ABOUT}</title><link>{_anywhere(entries)}</link><description>{_ABOUT}</description>",
    ]
    for entry in entries:
        link = f"<link>{escape(entry.url)}</link>" if entry.url else ""
        lines.append(
            f"<item><title>{escape(entry.title)}</title>{link}"
            f'<guid isPermaLink="false">{escape(entry.id)}</guid>'
            f"<pubDate>{format_datetime(entry.briefed_at)}</pubDate>"
            f"<description>{escape(_html(entry))}</description></item>"
        )
    return "\n".join([*lines, "</channel></rss>", ""])


def _anywhere(entries: Sequence[DigestEntry]) -> str:
    """RSS asks for a page of the channel, and a digest has none: the newest source stands in for it."""
    return escape(next((entry.url for entry in entries if entry.url), "about:blank"))


def _html(entry: DigestEntry) -> str:
    points = "".join(f"<li>{_sentence(point)}{_quoted(point)}</li>" for point in entry.points)
    return f"<ul>{points}</ul>" if points else ""


def _sentence(point: Point) -> str:
    return f"<q>{escape(point.cited.quote)}</q>" if point.is_quote else escape(point.text)


def _quoted(point: Point) -> str:
    cited, address = point.cited, safe_url(point.cited.url)
    place = f'<a href="{escape(address)}">{escape(cited.place)}</a>' if address else escape(cited.place)
    parts = [place, escape(cited.speaker), "" if point.is_quote else f"<q>{escape(cited.quote)}</q>"]
    return f"<br>{' '.join(part for part in parts if part)}"


FORMATS: Final[Mapping[str, Callable[[Sequence[DigestEntry]], str]]] = {
    ".md": to_markdown,
    ".rss": to_rss,
    ".xml": to_rss,
    ".json": to_json_feed,
}
"""How a digest is written, by the ending of its file."""
