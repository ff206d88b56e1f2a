"""A podcast's feed: RSS or Atom however broken, with the transcripts and chapters of Podcasting 2.0.

feedparser reads what everyone writes; of several transcripts it keeps the last, so they are read by lxml beside it.
Neither resolves an entity or fetches anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from autointel.adapters.sources.markup import is_sound_xml, language_code, one_line, xml_root
from autointel.adapters.sources.web.get import named_like_media
from autointel.adapters.sources.web.page import Link, absolute
from autointel.errors import NoTranscript, UsageError

if TYPE_CHECKING:
    from lxml.etree import _Element

# RFC 822 with a year of four digits, however the weekday is spelt; "Di, 05 Mär 2024" is no English month, and no date.
_RFC_822: Final = re.compile(
    r"(?:[^\W\d_]{1,12}\.?,?\s+)?(\d{1,2})[ -]"
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}[ -](\d{4})"
    r"(?:,?\s+(\d{1,2}:\d{2}(?::\d{2})?)(?:\.\d+)?\s*([A-Za-z]{1,4}|[+-]\d{2}:?\d{2})?)?",
    re.IGNORECASE,
)
# A year first is followed by the month everywhere. Day and month first ("05/03/2024") are two dates, so none.
_YEAR_FIRST: Final = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(.{0,9}))?"
)
_ZONE: Final = re.compile(r"(?:Z|UTC?|GMT|[+-]\d{2}:?\d{2})?\Z", re.IGNORECASE)
# The namespace is matched by its address (and its older one): feeds bind it to any prefix.
_PODCAST: Final = frozenset(
    {
        "https://podcastindex.org/namespace/1.0",
        "http://podcastindex.org/namespace/1.0",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    }
)
_ITEMS: Final = frozenset({"item", "entry"})
# Reading takes some 30 us for each on a busy machine, so that 5 MB of them would take over 10 s. What is no sound XML
# is read twice. A feed of 4,000 episodes has 240,000.
_MOST_TAGS: Final = 280_000
# feedparser looks for an address in an author's name, and for the end of each comment in a description, in time with
# the square of a run of signs that an address may have, and of what stands before the next end of a tag.
_RUN: Final = re.compile(rb"[\w.+-]{500,}")
_TAG_END: Final = re.compile(rb">|&gt;")
_MOST_STEPS: Final = 1_000_000_000
_CLOCK: Final = 60
_SHOWN: Final = 5
_SURELY_RISING: Final = 2  # of neighbouring dates, before a feed is believed to list the oldest first


def parse_feed(data: bytes, url: str) -> Feed:
    """Raises NoTranscript for a feed without episodes; for any bytes, nothing else."""
    import feedparser

    tags = data.count(b"<")
    if tags > _MOST_TAGS or (tags > _MOST_TAGS // 2 and not is_sound_xml(data)):
        raise NoTranscript(
            f"The feed has {tags:,} tags: more than can be read.",
            "Give the page of an episode, or its audio file.",
        )
    if _steps(data) > _MOST_STEPS:
        raise NoTranscript(
            "The feed has words or comments without an end.", "Give the page of an episode, or its audio file."
        )
    try:
        # As a file: bytes that look like a path or an address would be opened.
        read = feedparser.parse(BytesIO(data), sanitize_html=True, resolve_relative_uris=False)
    except Exception as error:  # feedparser mends most feeds and dies on some, each time by another exception
        raise NoTranscript("The feed cannot be read.", "Give the page of an episode, or its audio file.") from error
    extras = _extras(data, url)
    pairs = zip(read.entries, _padded(extras, len(read.entries)), strict=True)
    # An item that breaks off before it says anything is none.
    episodes = [_episode(entry, extra, url) for entry, extra in pairs if _says_something(entry)]
    if not episodes:
        raise NoTranscript("The feed holds no episode.", "Check that it is the podcast's own feed.")
    about = read.feed
    return Feed(
        url=url,
        title=_text(about.get("title")) or "Podcast",
        author=_text(about.get("author")) or None,
        language=_language(about.get("language")),
        episodes=_newest_first(episodes),
    )


def _steps(data: bytes) -> int:
    """How many signs feedparser may look at, some of them again and again."""
    addresses = sum(len(run) ** 2 for run in _RUN.findall(data))
    return addresses + sum(piece.count(b"!") * len(piece) for piece in _TAG_END.split(data))


def _extras(data: bytes, url: str) -> list[_Extra]:
    root = xml_root(data)  # a feed that is no sound XML still has its elements in order
    return [] if root is None else [_extra(item, url) for item in root.iter() if _name(item)[1] in _ITEMS]


@dataclass(frozen=True)
class _Extra:
    transcripts: tuple[Link, ...] = ()
    chapters: str = ""


def _extra(item: _Element, url: str) -> _Extra:
    transcripts, chapters = [], ""
    for element in item:
        namespace, name = _name(element)
        address = absolute(element.get("url"), url) if namespace in _PODCAST else ""
        if address and name == "transcript":
            language = (language_code(element.get("language")) or "").partition("-")[0]
            transcripts.append(Link(address, language, (element.get("type") or "").lower()))
        elif address and name == "chapters":
            chapters = address
    return _Extra(tuple(transcripts), chapters)


def _name(element: _Element) -> tuple[str, str]:
    # A processing instruction has a function for a tag; it has no namespace, and no name that is looked for.
    namespace, _, name = str(element.tag).rpartition("}")
    if not namespace and name.startswith("podcast:"):
        return next(iter(_PODCAST)), name.removeprefix("podcast:")  # the feed forgot to bind the prefix
    return namespace.lstrip("{"), name


def _padded(extras: list[_Extra], length: int) -> Iterator[_Extra]:
    # Where the two parsers disagree on what an item is, nobody knows which transcript is whose.
    yield from extras if len(extras) == length else [_Extra()] * length


def _episode(entry: Any, extra: _Extra, url: str) -> Episode:
    enclosed = [(absolute(each.get("href"), url), _text(each.get("type"))) for each in entry.get("enclosures", [])]
    sound = next((address for address, declared in enclosed if address and _is_sound(address, declared)), "")
    page = absolute(_page_of(entry), url)
    title = _text(entry.get("title")) or "Untitled episode"
    number = _text(entry.get("itunes_episode"))
    return Episode(
        guid=_text(entry.get("id")) or page or sound or title,
        title=title,
        page=page,
        sound=sound,
        author=_text(entry.get("author")) or None,
        published=_appeared(entry),
        duration=_seconds(_text(entry.get("itunes_duration"))),
        number=int(number) if number.isascii() and number.isdecimal() else None,
        transcripts=extra.transcripts,
        chapters=extra.chapters,
    )


def _is_sound(address: str, declared: str) -> bool:
    """False for pictures, texts and documents that a feed encloses."""
    declared = declared.lower()
    if not declared or declared.startswith(("audio/", "video/")):
        return True
    return named_like_media(address) or declared.startswith("application/octet")


def _text(value: object) -> str:
    return one_line(value) if isinstance(value, str) else ""


def _page_of(entry: Any) -> str | None:
    """The episode's page. Without a link feedparser takes the guid for one, which often is no address at all."""
    link = entry.get("link")
    named = entry.get("guidislink") and link == entry.get("id")
    return None if named and not str(link).lower().startswith(("http://", "https://")) else link


def _appeared(entry: Any) -> float | None:
    # As it is written: feedparser's own reading makes 1 November of "2016/6/29". Asked for by name only where it
    # stands, since feedparser warns of a day that it would put in its place.
    times = [published_at(_text(entry.get(name))) for name in ("published", "updated") if name in entry]
    return next((time for time in times if time is not None), None)


def _seconds(text: str) -> float | None:
    """From ``HH:MM:SS``, ``MM:SS`` or seconds."""
    seconds = 0.0
    try:
        for part in text.split(":"):
            seconds = seconds * _CLOCK + float(part)
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None


def _says_something(entry: Any) -> bool:
    return any(_text(entry.get(name)) for name in ("id", "title", "link")) or bool(entry.get("enclosures"))


def _language(value: object) -> str | None:
    return (language_code(value) or "").partition("-")[0] or None


def _newest_first(episodes: Sequence[Episode]) -> tuple[Episode, ...]:
    """Those with a date by date; those without stay where they stand, as nearly every feed lists the newest first."""
    times = [episode.published for episode in episodes if episode.published is not None]
    rising = sum(first < second for first, second in pairwise(times))
    falling = sum(first > second for first, second in pairwise(times))
    listed = list(reversed(episodes)) if rising >= _SURELY_RISING and not falling else list(episodes)
    dated = iter(
        sorted(
            (episode for episode in listed if episode.published is not None), key=lambda each: -(each.published or 0.0)
        )
    )
    return tuple(episode if episode.published is None else next(dated) for episode in listed)


@dataclass(frozen=True)
class Episode:
    """One item of a feed. ``number`` is the publisher's own; ``published`` a Unix time in seconds."""

    guid: str
    title: str
    page: str = ""
    sound: str = ""
    author: str | None = None
    published: float | None = None
    duration: float | None = None
    number: int | None = None
    transcripts: tuple[Link, ...] = ()
    chapters: str = ""

    @property
    def audible(self) -> bool:
        """Whether it has a sound or a transcript; a feed may hold notes as well."""
        return bool(self.sound or self.transcripts)

    @property
    def day(self) -> date | None:
        """When it appeared, in UTC."""
        return None if self.published is None else datetime.fromtimestamp(self.published, UTC).date()


@dataclass(frozen=True)
class Feed:
    """A show and its episodes, newest first where the feed dates them. ``url`` is where the feed stands."""

    url: str
    title: str
    author: str | None
    language: str | None
    episodes: tuple[Episode, ...]


def published_at(text: str) -> float | None:
    """Unix seconds, in UTC where no zone is named; None for what is not surely a date."""
    text = " ".join(text.split())
    try:
        return _year_first(text) if text[:4].isdecimal() else _rfc_822(text)
    except (ValueError, OverflowError):
        return None


def _year_first(text: str) -> float | None:
    found = _YEAR_FIRST.fullmatch(text)
    if found is None or not _ZONE.match(found[7] or ""):
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    zone = (found[7] or "").upper()
    offset = f"{zone[:3]}:{zone[-2:]}" if zone[:1] in {"+", "-"} else "+00:00"
    day_and_clock = f"{year:04d}-{month:02d}-{day:02d}T{hour:02d}:{minute:02d}:{second:02d}{offset}"
    return datetime.fromisoformat(day_and_clock).timestamp()


def _rfc_822(text: str) -> float | None:
    found = _RFC_822.fullmatch(text)
    if found is None:
        return None
    day, month, year, clock, zone = found.groups()
    zone = "GMT" if (zone or "Z").upper() == "Z" else zone.replace(":", "")
    read = parsedate_to_datetime(f"{day} {month} {year} {clock or '00:00'} {zone}")
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def pick(feed: Feed, wanted: str | None) -> Episode:
    """The newest with a sound or a transcript, or the one with this guid, number (the publisher's, else 1 for the
    newest) or title.

    Raises UsageError where none is, or several are.
    """
    if wanted is None:
        return next((episode for episode in feed.episodes if episode.audible), feed.episodes[0])
    found = _matching(feed.episodes, wanted.strip())
    if len(found) == 1:
        return found[0]
    said = f"{len(found)} episodes" if found else "No episode"
    some = "; ".join(episode.title for episode in (found or feed.episodes)[:_SHOWN])
    raise UsageError(f"{said} of {feed.title} can be meant by {wanted!r}.", f"There is: {some}.")


def _matching(episodes: Sequence[Episode], wanted: str) -> Sequence[Episode]:
    folded = wanted.casefold()
    number = int(wanted) if wanted.isascii() and wanted.isdecimal() else 0
    ways: tuple[Sequence[Episode], ...] = (
        [episode for episode in episodes if wanted and wanted in {episode.guid, episode.page}],
        [episode for episode in episodes if number and episode.number == number],
        [episode for episode in episodes if episode.audible][number - 1 : number] if number else [],
        episodes[number - 1 : number] if number else [],
        [episode for episode in episodes if episode.title.casefold() == folded],
        [episode for episode in episodes if folded and folded in episode.title.casefold()],
    )
    return next((found for found in ways if found), [])
