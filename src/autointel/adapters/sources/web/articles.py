"""The words of a web page as paragraphs, without what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.draft import Cue, Draft, Mark, Parsed
from autointel.adapters.sources.markup import clean, one_line
from autointel.adapters.sources.normalise import segments_of
from autointel.adapters.sources.text.markdown import iso_date
from autointel.adapters.sources.text.plain import parse_text
from autointel.adapters.sources.text.timing import are_timed, place
from autointel.adapters.sources.turns import with_speakers
from autointel.adapters.sources.web.excess import excess_of
from autointel.adapters.sources.web.interviews import mark_turns, may_mark_speakers, parts_of
from autointel.adapters.sources.web.notices import refuse_empty, refuse_notice
from autointel.adapters.sources.web.page import text_of, tree, without_marks
from autointel.domain.transcript import SourceKind, word_count
from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element
    from lxml.html import HtmlElement
    from trafilatura.settings import Document

_BLOCKS: Final = frozenset({"p", "item", "head", "quote", "code", "cell", "row", "ab", "list", "table"})
# The words of one post, by the classes that programs of forums give them.
_POSTED: Final = re.compile(
    rb"class\s*+=\s*+[\"']?+[^\"'<>]{0,80}\b(?:postbody|postcontent|bbwrapper|s-prose|commtext|usertext-body)",
    re.IGNORECASE,
)
_POST: Final = re.compile(
    r"(?:\A|\s)(?:content|postcontent|bbWrapper|s-prose|commtext|usertext-body)(?:\Z|\s)", re.IGNORECASE
)
_FEWEST_POSTS, _MOST_POSTS = 3, 1_000  # each is looked for in the whole text
_OPENING: Final = 6  # words
_SAVE_TEXT: Final = "Save its text to a file, and pass that file."
# A page with fewer words holds a notice, not an article.
_FEWEST_WORDS: Final = 20
# A name in bold, or as a term or citation, with a colon: two of them make an interview, if they name anybody at all.
_SPOKEN: Final = re.compile(
    rb"<(strong|b|dt|cite)\b[^<>]{0,200}>(?:\s*<[^<>]{0,200}>)?[^<>]{1,60}?(?::|\xef\xbc\x9a)?\s*</", re.IGNORECASE
)
_FEWEST_LABELS: Final = 2
_FEWEST_SPEAKERS: Final = 2
_EDITORIAL: Final = re.compile(
    r"\b(?:interview|conversation|transcript|talk)\b.{0,60}\b(?:edited|condensed|shortened)\b|\bedited for (?:length"
    r"|clarity)\b",
    re.IGNORECASE,
)
# How long a text takes to read, which stands beside its writer and the signs to share it.
_READING: Final = re.compile(
    r"\d{1,3}[\s-]?(?:min(?:ute)?s?\.? read|min(?:uten|\.)? lesezeit|min(?:utes)? de lecture"
    r"|min(?:utos)? de (?:lectura|leitura)|min(?:uti)? di lettura|min(?:uten)? leestijd|мин\w* чтения|分で読めます)\Z"
    r"|lesezeit:? \d{1,3} min\w*\.?\Z",
    re.IGNORECASE,
)
_LONGEST_BYLINE: Final = 15
_FEW_WORDS: Final = 4
_ADVERTISED: Final = re.compile(
    r"(?:advertisements?|werbung|anzeige|publicité|publicidad|pubblicità|publicidade|advertentie|annons|reklama?"
    r"|реклама|広告)(?:\Z|\W{1,3}(?:continue reading|story continues|scroll|article continues|weiter|la suite"
    r"|sigue)\b)|(?:article|story|text) continues (?:below|after)\b.{0,40}(?:advert|ad\b)",
    re.IGNORECASE,
)
_LONGEST_NOTE: Final = 10  # words
_RIGHTS: Final = re.compile(
    r"(?:copyright\b|©|\(c\) ?\d{4}).{0,60}\b(?:all rights reserved|alle rechte vorbehalten)", re.IGNORECASE
)
_LETTER: Final = re.compile(r"([QA])\.\s")
_BREAK: Final = "\u2028"  # not white space that pages are indented with
# Text whose lines end where its writer ended them.
_WRITTEN: Final = frozenset({"quote", "code"})
# A name or a time at the head of a paragraph.
_HEAD: Final = re.compile(r"[QA]: |[\[(]?\d{1,2}:\d\d|[^\W\d_][^:：.?!]{0,60}(?:[:：]\s|[:：]\Z|[\[(]\d{1,2}:\d\d)")
_SHARE: Final = 0.4
_FACTS: Final = 2_000_000  # bytes of a page in which its day is looked for
_MONTHS: Final = 12
# A row with a longer cell lays out a page; one with shorter cells is data.
_LONGEST_CELL: Final = 30


def parse_article(html: bytes | str, url: str) -> Parsed:
    """Untimed paragraphs; headings are paragraphs, too, and begin a chapter each. Raises NoTranscript.

    Blocks for some 50 ms a page: call it off the event loop.
    """
    draft = article_draft(html, url)
    segments, chapters = segments_of(draft)
    return Parsed(
        kind=draft.kind,
        segments=segments,
        title=draft.title,
        author=draft.author,
        published_at=draft.published_at,
        chapters=chapters,
        warnings=tuple(draft.warnings),
        turns=tuple(draft.turns),
    )


def article_draft(html: bytes | str, url: str = "") -> Draft:
    """The same before it is cut into segments; a file has no ``url``. Raises NoTranscript. Blocks likewise."""
    page = html.encode("utf-8", "replace") if isinstance(html, str) else html
    if excess := excess_of(page):
        raise NoTranscript(f"The page has {excess}, which no article has.", _SAVE_TEXT)
    source = without_marks(page)
    marked = False
    if may_mark_speakers(page):
        root = tree(page) if isinstance(source, bytes) else source
        marked = root is not None and mark_turns(root)
        source = root if root is not None and marked else source
    document = _extracted(source, url)
    draft = _draft(document, page, url) if document is not None else Draft(SourceKind.ARTICLE, [])
    if marked:
        _take_speakers(draft)
    elif not _read_transcript(draft) and len(_SPOKEN.findall(page)) >= _FEWEST_LABELS:
        _name_speakers(draft)
    paragraphs = [cue.text for cue in draft.cues]
    if sum(map(word_count, paragraphs)) < _FEWEST_WORDS:
        refuse_empty(page)
    refuse_notice(paragraphs, page)
    draft.warnings += _posts_left_out(paragraphs, page)
    return draft


def _posts_left_out(paragraphs: Sequence[str], page: bytes) -> Sequence[str]:
    """A warning where the text is some of a thread's posts: extraction takes the longest for the article."""
    root = tree(page) if len(_POSTED.findall(page)) >= _FEWEST_POSTS else None
    if root is None:
        return ()
    text = " ".join(" ".join(paragraphs).split())
    bodies = [each for each in root.iter("div", "article", "blockquote") if _POST.search(each.get("class") or "")]
    bodies = bodies[:_MOST_POSTS]
    openings = dict.fromkeys(" ".join(words.split()[:_OPENING]) for each in bodies if (words := text_of(each)))
    read = [opening for opening in openings if opening in text]
    # Comments below an article are left out of its text, and are no part of it.
    if len(openings) < _FEWEST_POSTS or len(read) == len(openings) or not _begins_with(paragraphs, read):
        return ()
    left = len(openings) - len(read)
    return (f"The page is a thread of {len(openings)} posts, and {left} of them could not be read as its text.",)


def _begins_with(paragraphs: Sequence[str], openings: Sequence[str]) -> bool:
    """Whether one of the first paragraphs with a heading at most before it begins as a post does."""
    return any(" ".join(text.split()).startswith(tuple(openings)) for text in paragraphs[:2]) if openings else False


@dataclass(frozen=True)
class Facts:
    """What a page says of itself, as far as it does."""

    title: str | None = None
    author: str | None = None
    published_at: date | None = None


def facts(html: bytes | str, url: str) -> Facts:
    """Never fails: what cannot be read, or is too large to be read, is not known."""
    page = html.encode("utf-8", "replace") if isinstance(html, str) else html
    if excess_of(page):
        return Facts()
    from trafilatura import extract_metadata

    found = extract_metadata(html, default_url=url)
    return _facts(found, page, url)


def article_text(html: bytes | str, url: str) -> str:
    """Its paragraphs as lines, the first of a turn with the speaker's name; "" where there is no article."""
    try:
        parsed = parse_article(html, url)
    except NoTranscript:
        return ""
    opens = frozenset(parsed.turns)
    return "\n".join(
        f"{segment.speaker}: {segment.text}" if segment.speaker and number in opens else segment.text
        for number, segment in enumerate(parsed.segments)
    )


def _extracted(html: bytes | HtmlElement, url: str) -> Document | None:
    """What trafilatura finds. Precision first: without it, teasers and captions count as text (F1 .963, with .967)."""
    from trafilatura import bare_extraction

    for precision in (True, False):
        document = bare_extraction(
            html,
            url=url or None,
            include_comments=False,
            favor_precision=precision,
            with_metadata=True,
            # What the page declares, and not a year that its text happens to mention.
            date_extraction_params={"extensive_search": False, "original_date": True},
        )
        if document is not None and not isinstance(document, dict) and document.text:
            return document
    return None


def _draft(document: Document, page: bytes, url: str) -> Draft:
    about = _facts(document, page, url)
    draft = Draft(SourceKind.ARTICLE, [], about.title, about.author, about.published_at)
    for tag, text in _spoken(_examined(_without_byline(list(_blocks(document.body))))):
        if tag == "head":
            draft.marks.append(Mark(one_line(text), len(draft.cues)))
        draft.cues.append(Cue(None, None, [text]))
    return draft


def _examined(blocks: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The blocks with "Q: " and "A: " for "Q. " and "A. ", where each answer follows a question of them."""
    found = [(place, each[1]) for place, (_, text) in enumerate(blocks) if (each := _LETTER.match(text))]
    letters = [letter for _, letter in found]
    answers = letters.count("A")
    if answers < _FEWEST_LABELS or letters[0] != "Q" or any(pair == ("A", "A") for pair in pairwise(letters)):
        return blocks
    labelled = {place for place, _ in found}
    return [
        (tag, f"{text[0]}: {_LETTER.sub('', text)}" if place in labelled else text)
        for place, (tag, text) in enumerate(blocks)
    ]


def _spoken(blocks: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The blocks without words that announce an advertisement, and without the last that says whose the rights are."""
    blocks = [each for each in blocks if not (word_count(each[1]) <= _LONGEST_NOTE and _ADVERTISED.match(each[1]))]
    return blocks[:-1] if len(blocks) > 1 and _RIGHTS.match(blocks[-1][1]) else blocks


def _without_byline(blocks: Sequence[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    """The blocks without the few words each that stand around "6 min read" above the text."""
    head = blocks[:_LONGEST_BYLINE]
    timed = next((place for place, (_, text) in enumerate(head) if _READING.match(text)), None)
    if timed is None:
        return blocks
    few = [
        tag != "head" and word_count(text) <= _FEW_WORDS and not text.endswith((".", "?", "!")) for tag, text in head
    ]
    begin, end = timed, timed
    while begin and few[begin - 1]:
        begin -= 1
    while end < len(few) and few[end]:
        end += 1
    return [*blocks[:begin], *blocks[end:]]


def _take_speakers(draft: Draft) -> None:
    """The paragraphs cut at the speakers marked in them. After a heading or an editor's note nobody speaks."""
    headings = {mark.cue: mark.title for mark in draft.marks}
    draft.marks.clear()
    cues: list[Cue] = []
    speaker: str | None = None
    for number, cue in enumerate(draft.cues):
        if number in headings:
            title = "".join(words for _, _, words in parts_of(headings[number]))
            draft.marks.append(Mark(one_line(title), len(cues)))
        for name, start, words in parts_of(cue.text):
            aside = number in headings or _EDITORIAL.search(words) is not None
            opens = name is not None and name != speaker
            speaker = None if aside else (name or None) if name is not None else speaker
            cues.append(Cue(start, None, [words], speaker, opens_turn=opens or (aside and speaker is None)))
    draft.cues = cues
    _place(draft)


def _place(draft: Draft) -> None:
    """Times for all paragraphs where enough state theirs, which makes the page a recording's; else for none."""
    stamps = [cue.start for cue in draft.cues if cue.start is not None]
    if are_timed(stamps, len(draft.cues), sum(word_count(cue.text) for cue in draft.cues)):
        draft.kind = SourceKind.PODCAST
        draft.warnings += place(draft.cues)
        return
    for cue in draft.cues:
        cue.start = None


def _read_transcript(draft: Draft) -> bool:
    """Read the paragraphs as a transcript's, if names or times at their heads make them one; whether they do."""
    headings = {mark.title for mark in draft.marks}
    heads = [
        number for number, cue in enumerate(draft.cues) if _HEAD.match(cue.text) and one_line(cue.text) not in headings
    ]
    if len(heads) <= _FEWEST_LABELS or len(heads) < _SHARE * (len(draft.cues) - len(headings)):
        return False
    # What stands above the first of them introduces the talk.
    above, below = draft.cues[: heads[0]], draft.cues[heads[0] :]
    found = parse_text("\n\n".join(cue.text for cue in below))
    timed = any(cue.start is not None for cue in found.cues)
    if not timed and len({cue.speaker for cue in found.cues if cue.speaker}) < _FEWEST_SPEAKERS:
        return False
    for cue in above if timed else ():
        cue.start, cue.estimated = 0, True
    draft.cues, draft.warnings = [*above, *found.cues], [*draft.warnings, *found.warnings]
    draft.kind = SourceKind.PODCAST if timed else draft.kind
    _take_headings(draft)
    return True


def _name_speakers(draft: Draft) -> None:
    """An interview's paragraphs with who says them. Headings, and what editors say of the text, are said by nobody."""
    cues = with_speakers(draft.cues)
    if len({cue.speaker for cue in cues if cue.speaker}) < _FEWEST_SPEAKERS:
        return  # "SEE MORE:" before each of a page's links is nobody
    draft.cues = cues
    _take_headings(draft)


def _take_headings(draft: Draft) -> None:
    """The headings found again among paragraphs that were cut anew. Nobody says them, nor what editors say."""
    headings = [mark.title for mark in draft.marks]
    draft.marks.clear()
    for number, cue in enumerate(draft.cues):
        if headings and one_line(cue.text) == headings[0]:
            draft.marks.append(Mark(headings.pop(0), number))
            cue.speaker = None
        elif _EDITORIAL.search(cue.text):
            cue.speaker = None


def _facts(document: Document, page: bytes, url: str) -> Facts:
    return Facts(
        title=one_line(document.title or "") or None,
        author=one_line(", ".join(dict.fromkeys(name.strip() for name in (document.author or "").split(";")))) or None,
        published_at=_day(document.date, url + page[:_FACTS].decode("utf-8", "replace")),
    )


def _blocks(body: _Element) -> Iterator[tuple[str, str]]:
    """The innermost blocks in order; of one that holds others, the words before the first. A row of data is one."""
    rows: set[_Element] = set()
    for element in body.iter():
        if element.tag not in _BLOCKS or (rows and not rows.isdisjoint(element.iterancestors("row"))):
            continue
        text = _row(element) if element.tag == "row" else ""
        if text:
            rows.add(element)
        else:
            holds_blocks = any(inner.tag in _BLOCKS for inner in element.iterdescendants())
            text = element.text or "" if holds_blocks else _words(element)
        lines = [line for raw in text.split(_BREAK) if (line := " ".join(raw.split()))]
        # Turns of a talk may be lines of one block.
        talk = sum(_HEAD.match(line) is not None for line in lines) >= _FEWEST_LABELS
        for each in lines if talk else [" ".join(lines)]:
            if words := clean(each):
                yield str(element.tag), words


def _row(row: _Element) -> str:
    """The cells of a row of data, parted by bars; "" where the row lays out a page."""
    cells = [" ".join(_words(cell).replace(_BREAK, " ").split()) for cell in row]
    filled = [cell for cell in cells if cell]
    return " | ".join(filled) if len(filled) > 1 and max(map(word_count, filled)) <= _LONGEST_CELL else ""


def _words(element: _Element) -> str:
    # What is left inside a block are line breaks; bold and links are gone by now.
    words = _BREAK.join(str(piece) for piece in element.itertext())
    return words.replace("\n", _BREAK) if element.tag in _WRITTEN else words


def _day(text: str | None, page: str) -> date | None:
    """The day, if the page writes it so that it can mean no other: "03/04/2025" may be in March or in April."""
    day = iso_date(text)
    if day is None:
        return None
    year, month, of_month = day.year, f"0?{day.month}", f"0?{day.day}"
    written = [
        rf"{year}\D{{0,3}}0?{day.month}\D{{0,3}}{of_month}(?!\d)",
        rf"(?<!\d){of_month}\. ?{month}\. ?{year}",
        rf"(?<!\w){of_month}(?:st|nd|rd|th|er)?\.? (?:de |of )?[^\W\d_]{{3,12}}\.?,? (?:de )?{year}",
        rf"[^\W\d_]{{3,12}}\.? {of_month}(?:st|nd|rd|th)?,? {year}",
    ]
    if day.day > _MONTHS or day.day == day.month:
        written += [rf"(?<!\d){of_month}\W{month}\W{year}", rf"(?<!\d){month}\W{of_month}\W{year}"]
    return day if re.search("|".join(written), page) else None
