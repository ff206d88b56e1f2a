"""The briefing as one page, and the page that lists the briefings of a folder.

All untrusted text passes through ``gate`` before it is escaped.
"""

from __future__ import annotations

import re
import unicodedata
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from markupsafe import Markup

from autointel.domain.analysis import Finding, KeyJudgment
from autointel.domain.report import Report, Results
from autointel.render.durations import flags_in_words
from autointel.render.html.arcs import picture_of
from autointel.render.html.parts import VERDICTS, anchor, by_chapter, parts_of, standfirst_of
from autointel.render.html.player import player_of
from autointel.render.html.strip import ROW, strip_of, tone, waterfall_of
from autointel.render.html.transcript import TranscriptView
from autointel.render.markdown import safe_url
from autointel.render.plain_text import count, dollars, plain, rounded, seconds, shortened, within_marks
from autointel.render.sections import sheet_of
from autointel.render.sheet import Sheet, date_in_words, duration_in_words, moment, opened_at

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES: Final = "templates"
_QUOTE: Final = 600
_SUMMARY: Final = 200
_MISSING: Final = "Not in this briefing"
ICON: Final = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16'"
    " rx='3' fill='%230b5f6b'/%3E%3Cpath d='M4 5h8M4 8h8M4 11h5' stroke='%23fff' stroke-width='1.6'/%3E%3C/svg%3E"
)
# The page is for reading; whatever is longer stands in report.json.
_LONGEST: Final = 2_000
_LONGEST_URL: Final = 2_000
# More marks on one letter than any script puts there; a pile of them covers lines or runs off the screen.
_MOST_MARKS: Final = 8
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def html_page(report: Report, results: Results) -> str:
    """One file that loads nothing by itself; nothing of the source can become markup.

    It can be read without its script. Only a player that the reader starts connects to anywhere.
    """
    style, script = own_file("page.css"), own_file("page.js")
    # The byline of every other page says it in a sentence; this one has a banner.
    sheet = sheet_of(results.model_copy(update={"simulated": False}), report.briefing.judgments)
    view, player = TranscriptView(results), player_of(results)
    return (
        environment()
        .get_template("page.html")
        .render(
            report=report,
            sheet=sheet,
            parts=parts_of(report, results),
            standfirst=standfirst_of(report),
            summary=summary_of(report, sheet),
            missing=next((section.entries for section in sheet.sections if section.title == _MISSING), ()),
            strip=strip_of(report, results),
            chapters=results.chapters,
            view=view,
            marks=view.marks(report),
            player=player,
            waterfall=waterfall_of(report),
            picture=picture_of(report, results),
            simulated=report.simulated or results.simulated,
            policy=policy(style, script, player.policy if player else ()),
            style=style,
            script=script,
            icon=ICON,
            spoken=language(report.source.language or results.transcript.language),
        )
    )


def summary_of(report: Report, sheet: Sheet) -> str:
    """The description of the page that links to it show."""
    first: Sequence[Finding | KeyJudgment] = report.briefing.judgments or standfirst_of(report)
    said = f"{plain(first[0].text)} " if first else ""
    simulated = "Simulated. " if report.simulated else ""
    return shortened(f"{simulated}{said}{sheet.byline}", _SUMMARY)


def policy(style: str, script: str, media: Sequence[str] = ()) -> str:
    """The Content-Security-Policy: this style, this script, what the player needs, and nothing else."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "img-src data:",
            *media,
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _digest(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


@cache
def own_file(name: str) -> Markup:
    """A file of this package; only such text goes into a page as it stands."""
    return Markup((files(__package__) / _TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  our own file


@cache
def environment() -> Environment:
    """The templates, with every expression sanitised and escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__, _TEMPLATES),
        autoescape=True,
        finalize=gate,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(
        anchor=anchor,
        count=count,
        dollars=dollars,
        flags_in_words=flags_in_words,
        link=link,
        moment=moment,
        rounded=rounded,
        opened_at=opened_at,
        row=ROW,
        seconds=seconds,
        shortened=shortened,
        span=span,
        tone=tone,
        verdicts=VERDICTS,
    )
    environment.filters["plain"] = plain
    environment.filters["by_chapter"] = by_chapter
    environment.filters["numbered"] = lambda items: tuple(enumerate(items, 1))
    environment.filters["quoted"] = lambda quote: within_marks(shortened(plain(quote), _QUOTE))
    return environment


def gate(value: Any) -> Any:
    """Applied to every expression in the templates before escaping: text becomes one harmless line."""
    if isinstance(value, str) and not isinstance(value, Markup):
        # Looking at each character of a megabyte, to show the first line of it, takes seconds.
        return shortened(_level(plain(value[: 4 * _LONGEST])), _LONGEST)
    return value


def _level(text: str) -> str:
    """The text without piles of combining marks."""
    if text.isascii():
        return text
    runs = groupby(text, lambda letter: unicodedata.category(letter) in {"Mn", "Me"})
    return "".join("".join([*run][: _MOST_MARKS if marks else None]) for marks, run in runs)


def link(url: str | None) -> str | None:
    """The address if it is one that may be opened (http, https), else None."""
    address = safe_url(url)
    return address if address and len(address) <= _LONGEST_URL else None


def language(code: str | None) -> str | None:
    """A language tag that a screen reader can use, or None."""
    return code if code and _LANGUAGE.fullmatch(code) else None


def span(seconds: float) -> str:
    """Seconds as HTML's ``datetime`` takes a duration."""
    return f"PT{int(seconds)}S"


@dataclass(frozen=True)
class Listed:
    """One briefing: where its page is, and what it comes to. ``verdicts`` are a colour, a number and a word each."""

    href: str
    title: str
    facts: str
    said: str
    verdicts: tuple[tuple[str, int, str], ...]


def index_page(briefings: Sequence[tuple[str, Report]]) -> str:
    """A link for each briefing, in their order; ``briefings`` are pairs of the folder's name and the report. Pure."""
    style = own_file("page.css")
    entries = [_listed(folder, report) for folder, report in briefings]
    template = environment().get_template("index.html")
    return template.render(entries=entries, policy=policy(style, ""), style=style, icon=ICON)


def _listed(folder: str, report: Report) -> Listed:
    source = report.source
    facts = (
        "simulated" if report.simulated else "",
        plain(source.author or ""),
        date_in_words(source.published_at),
        duration_in_words(source.duration_seconds),
        ", ".join(plain(name) for name in report.transcript.speakers[:4]),
    )
    first: Sequence[Finding | KeyJudgment] = report.briefing.judgments or standfirst_of(report)
    return Listed(
        f"{quote(folder)}/report.html",
        plain(source.title) or "Untitled",
        " · ".join(fact for fact in facts if fact),
        plain(first[0].text) if first else "",
        tuple(_counted(report)),
    )


def _counted(report: Report) -> Iterator[tuple[str, int, str]]:
    for verdict, (_, word) in VERDICTS.items():
        if number := sum(claim.verdict is verdict for claim in report.fact_check.claims):
            yield tone(verdict), number, word
