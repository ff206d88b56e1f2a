"""The page that lists the briefings of a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from autointel.domain.analysis import Finding
from autointel.domain.briefing import KeyJudgment
from autointel.domain.report import Report
from autointel.render.html.page import ICON, environment, own_file, policy
from autointel.render.html.parts import VERDICTS, standfirst_of
from autointel.render.html.strip import tone
from autointel.render.plain_text import plain
from autointel.render.sheet import date_in_words, duration_in_words


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
