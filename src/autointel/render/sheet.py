"""The content and order of the page, for all renderings: Markdown, terminal and HTML.

Every text in a sheet is one plain line (``plain``); only escaping for its medium is left to whoever writes it out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final
from urllib.parse import quote

from autointel.domain.analysis import Dropped, Verdict
from autointel.domain.citation import Citation, Script
from autointel.domain.report import Results
from autointel.domain.transcript import Origin, Source, Transcript
from autointel.render.plain_text import count, plain, shortened, within_marks

_TITLE_LIMIT: Final = 160
_SPEAKER_LIMIT: Final = 60
_PLACE_LIMIT: Final = 60
_QUOTE_LIMIT: Final = 600  # longer ones are shown in part; the whole stands in the report
_DOUBTFUL: Final = 0.04  # the share of markup from which the head of the page says so
_WORTH_SAYING: Final = 0.1  # the share of words without a speaker above which the head of the page says so
_SHORT: Final = 12  # words below which a text without quotes is too short
_VARIED: Final = 0.1  # of so many words at most, the share of different ones below which a text repeats itself
_COMPARED: Final = 400
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

VERDICT_WORDS: Final = {
    Verdict.REFUTED: ("✗", "refuted", "refuted"),
    Verdict.CONFLICTING_EVIDENCE: ("≠", "conflicting", "conflicting evidence"),
    Verdict.SUPPORTED: ("✓", "supported", "supported"),
    Verdict.NOT_ENOUGH_EVIDENCE: ("?", "not enough", "not enough evidence"),
    None: ("·", "not checked", "not checked"),
}
"""A sign, a word for a line and one for a table, in the table's order. The word carries the meaning."""
_WHOLE: Final = 80  # characters of a quote that are named in full; of a longer one, its first and last words are
_WORDS: Final = 5
_DIRECTIVE: Final = ":~:text="


class Layout(Enum):
    """How the entries of a section stand."""

    LIST = "list"  # mark, label, text, and under it citations and notes
    FLOW = "flow"  # one after another in a paragraph
    ROWS = "rows"  # text, label, notes side by side


@dataclass(frozen=True)
class Cited:
    """A quote, the place it stands at and who says it; ``url`` opens the place, where that is possible."""

    place: str
    quote: str
    url: str | None = None
    speaker: str = ""

    @classmethod
    def of(cls, citation: Citation) -> Cited:
        """The citation as it is shown."""
        return cls(
            place_of(citation),
            within_marks(shortened(plain(citation.quote), _QUOTE_LIMIT)),
            opened_at(citation.url, citation.quote, start=citation.start),
            shortened(plain(citation.speaker or ""), _SPEAKER_LIMIT),
        )


@dataclass(frozen=True)
class Note:
    """A further line under an entry, perhaps with a page to open."""

    text: str
    url: str | None = None


@dataclass(frozen=True)
class Entry:
    """One item. ``mark`` is a number or a sign, ``remark`` a qualification set apart from the text.

    ``heading`` names the group it belongs to; entries of a group stand together.
    """

    text: str = ""
    mark: str = ""
    label: str = ""
    remark: str = ""
    heading: str = ""
    cited: tuple[Cited, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Section:
    """Entries under one title; ``more`` counts those that only the report holds."""

    title: str
    entries: tuple[Entry, ...]
    remark: str = ""
    layout: Layout = Layout.LIST
    more: int = 0


@dataclass(frozen=True)
class Sheet:
    """The whole page."""

    title: str
    byline: str
    sections: tuple[Section, ...]


def place_of(citation: Citation) -> str:
    """The place of a quote; with ≈ if the time is estimated."""
    return moment(citation.start, citation.paragraph, citation.place, approximate=citation.approximate)


def moment(start: float | None, paragraph: int | None, place: str | None = None, *, approximate: bool = False) -> str:
    """A place as people write it: ``4:12``, ``1:02:03``; without times the document's ``p. 12``, else ``¶3``.

    ≈ stands before an ``approximate`` one.
    """
    sign = "≈" if approximate else ""
    if start is None:
        return sign + (shortened(plain(place), _PLACE_LIMIT) if place else f"¶{paragraph or 1}")
    minutes, seconds = divmod(int(start), 60)
    hours, minutes = divmod(minutes, 60)
    return sign + (f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}")


def title_of(source: Source) -> str:
    """The title as it may be shown."""
    return shortened(plain(source.title), _TITLE_LIMIT) or "Untitled"


def origin_of(source: Source, duration: float | None) -> str:
    """Who, when, how long: ``Civic Hour, 2 March 2026, 1 h 12 min``; empty where nothing is known."""
    facts = (
        shortened(plain(source.author or ""), _TITLE_LIMIT),
        date_in_words(source.published_at),
        duration_in_words(source.duration_seconds or duration),
    )
    return ", ".join(fact for fact in facts if fact)


def date_in_words(day: date | None) -> str:
    """``2 March 2026``; empty where it is unknown."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if day else ""


def duration_in_words(seconds: float | None) -> str:
    """``1 h 12 min``, ``43 min``, ``52 s``; empty where it is unknown."""
    if not seconds:
        return ""
    if seconds < 60:  # noqa: PLR2004  a minute
        return f"{max(1, round(seconds))} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)


def grounds(results: Results, judgments: int, citations: list[Citation]) -> str:
    """How many judgments and quotes the page has. Each quote is looked up in the transcript once more."""
    text = Script.of(results.source, results.transcript).text
    missing = sum(" ".join(citation.quote.split()) not in text for citation in citations)
    counts = [count(judgments, "key judgment")] if judgments else []
    if citations:
        counts.append(count(len(citations), "quote"))
        found = _found_in(results.transcript, len(citations))
        counts.append(f"{missing} of them not found in the transcript" if missing else found)
    else:
        counts.append(_why_no_quotes(results))
    estimated = sum(citation.approximate for citation in citations)
    dropped = results.briefing.dropped if results.briefing else results.dropped
    further = (
        [f"the {'times' if estimated > 1 else 'time'} of {count(estimated, 'quote')} estimated"] if estimated else []
    )
    further += [unnamed] if (unnamed := _unnamed_in_words(results.transcript, citations)) else []
    further += [removal] if (removal := removed_in_words(dropped)) else []
    return "; ".join([", ".join(counts), *further])


def _unnamed_in_words(transcript: Transcript, citations: list[Citation]) -> str:
    """How many of the quotes, and how large a share of all words, the source names no speaker for.

    Empty for written words. A share of up to a tenth is not worth the line.
    """
    nameless = sum(citation.speaker is None for citation in citations)
    if transcript.origin is Origin.ARTICLE:
        return ""
    if not transcript.speakers:
        return "speakers not named by the source" if nameless and transcript.timed else ""
    quality = transcript.quality
    share = quality.words_without_speaker / max(1, quality.words)
    # How many people they are, nobody knows.
    counts = [count(nameless, "quote")] if nameless else []
    counts += [f"{share:.0%} of the words"] if share > _WORTH_SAYING else []
    return f"the source names no speaker for {' and '.join(counts)}" if counts else ""


def removed_in_words(dropped: Dropped) -> str:
    """How many sentences were removed, and why; empty for none."""
    kinds = (
        (dropped.not_carried, "not carried by the quotes"),
        (dropped.questions, "stating nothing"),
        (dropped.duplicates, "said before"),
        (dropped.uncited, "without a passage to rest on"),
    )
    number = sum(count for count, _ in kinds)
    why = [(count, what) for count, what in kinds if count]
    if not number:
        return ""
    parted = why[0][1] if len(why) == 1 else ", ".join(f"{count} {what}" for count, what in why)
    return f"{count(number, 'sentence')} removed: {parted}"


def _why_no_quotes(results: Results) -> str:
    """The remark that there are no quotes, with the reason and what to do where the text itself is the reason."""
    words = " ".join(segment.text for segment in results.transcript.segments).casefold().split()
    if len(words) < _SHORT:
        return f"no quotes: the text is too short ({count(len(words), 'word')}). Pass the whole talk or article"
    if len(set(words)) < _VARIED * min(len(words), _COMPARED):
        return "no quotes: the text is one phrase over and over. Pass a text in which something is said"
    if results.briefing is None and not results.notes.key_points:
        return (
            "no quotes: the text has no complete sentence that stands on its own."
            " Pass a text with whole sentences and full stops"
        )
    return "no quotes"


def _found_in(transcript: Transcript, quotes: int) -> str:
    """How well quotes were found: a quote of markup is found as well, and was said by nobody."""
    share = transcript.mends.markup_share
    if share < _DOUBTFUL:
        return "each found word for word" if quotes > 1 else "found word for word"
    return f"found in a text of which {share:.0%} looks like markup"


def byline_of(results: Results, judgments: int, citations: list[Citation]) -> str:
    """The source's author, date and length, and the count of citations, in sentences."""

    def sentences() -> Iterator[str]:
        if origin := origin_of(results.source, results.transcript.duration):
            yield origin
        found = grounds(results, judgments, citations)
        yield found[0].upper() + found[1:]
        if results.simulated:
            yield "A simulated model wrote this: it shows how the page works, and means nothing"

    return ". ".join(sentences()) + "."


def opened_at(url: str | None, quoted: str, *, start: float | None = None) -> str | None:
    """The address, with the quoted words as a text fragment where no second or page is named in it.

    Browsers scroll to such words and highlight them (WICG, URL Fragment Text Directives); others ignore the fragment.
    """
    if not url or start is not None or "#page=" in url or _DIRECTIVE in url:
        return url
    words = plain(quoted)
    if not words:
        return url
    ends = [words]
    if len(words) > _WHOLE and len(parts := words.split()) > 2 * _WORDS:
        ends = [" ".join(parts[:_WORDS]), " ".join(parts[-_WORDS:])]
    return f"{url}{'' if '#' in url else '#'}{_DIRECTIVE}{','.join(map(_encoded, ends))}"


def _encoded(words: str) -> str:
    # A dash, a comma and an ampersand mean something inside the directive.
    return quote(words, safe="").replace("-", "%2D")
