"""The whole page, made of values alone: the same run gives the same bytes."""

from __future__ import annotations

from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from markupsafe import Markup

from autointel.domain.report import Report
from autointel.domain.results import Results
from autointel.render.figures import count, dollars, rounded, seconds
from autointel.render.html import text
from autointel.render.html.arcs import picture_of
from autointel.render.html.parts import VERDICTS, anchor, parts_of
from autointel.render.html.timeline import ROW, timeline_of
from autointel.render.html.waterfall import waterfall_of
from autointel.render.plain_text import plain, shortened
from autointel.render.sections import sheet_of
from autointel.render.sheet import moment
from autointel.render.timing_chart import flags_in_words

if TYPE_CHECKING:
    from jinja2 import Environment

_TEMPLATES: Final = "templates"
_QUOTE: Final = 600
_MISSING: Final = "Not in this briefing"


def html_page(report: Report, results: Results) -> str:
    """One file: no network, no script needed, and nothing of the source can become markup. Pure."""
    style, script = _own("page.css"), _own("page.js")
    # The byline of every other page says it in a sentence; this one has a banner.
    sheet = sheet_of(results.model_copy(update={"simulated": False}), report.briefing.judgments)
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            sheet=sheet,
            parts=parts_of(report),
            missing=next((section.entries for section in sheet.sections if section.title == _MISSING), ()),
            timeline=timeline_of(report, results),
            waterfall=waterfall_of(report),
            picture=picture_of(report, results),
            simulated=report.simulated or results.simulated,
            policy=policy(style, script),
            style=style,
            script=script,
            spoken=text.language(report.source.language or results.transcript.language),
        )
    )


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: this style, this script, and nothing else from anywhere."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_digest(style)}'",
            f"script-src '{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
        )
    )


def _digest(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


@cache
def _own(name: str) -> Markup:
    """A file of this package; the only text that goes into the page as it stands."""
    return Markup((files(__package__) / _TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704  our own file


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(__package__, _TEMPLATES),
        autoescape=True,
        finalize=text.gate,
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
        link=text.link,
        moment=moment,
        rounded=rounded,
        row=ROW,
        seconds=seconds,
        span=text.span,
        verdicts=VERDICTS,
    )
    environment.filters["plain"] = plain
    environment.filters["quoted"] = lambda quote: shortened(plain(quote), _QUOTE)
    return environment
