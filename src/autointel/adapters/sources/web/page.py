"""What a web page says of the recording on it: transcripts, captions, feeds, media, and whether it is one.

Marks inside its text that are no words of it are left out: footnote numbers, exponents, ruby.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from autointel.adapters.sources.markup import is_crowded, language_code, one_line
from autointel.adapters.sources.unseen import TRANSCRIPT, unseen
from autointel.domain.transcript import word_count

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_CAPTION_TYPES: Final = frozenset(
    "text/vtt application/x-subrip application/srt text/srt application/ttml+xml "
    "application/json+podcast-transcript".split()
)
_CAPTION_NAMES: Final = (".vtt", ".srt", ".sbv", ".ttml")
_FEED_TYPES: Final = frozenset({"application/rss+xml", "application/atom+xml"})
_SPOKEN: Final = frozenset({"PodcastEpisode", "AudioObject", "RadioEpisode"})
_WRITTEN: Final = frozenset({"Article", "NewsArticle", "BlogPosting", "ReportageNewsArticle", "OpinionNewsArticle"})
_SEEN: Final = frozenset({"VideoObject", "Movie", "TVEpisode", "Clip"})
_FREE: Final = "isAccessibleForFree"
_MAY_HOLD_CONTROLS: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]|&#")
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HAS_MARKS: Final = re.compile(
    rb"<(?:sup|rt|rp|summary)\b|mw-editsection|type\s*=\s*[\"']?email|#[^<>]{0,200}>\s*[\[(]?\d{1,3}[\])]?\s*</a"
    rb"|[|:\xbb\x93\x94]\s*(?:</\w{1,9}>\s*)?<a\b",
    re.IGNORECASE,
)
_MAY_HIDE: Final = re.compile(rb"<template\b|\bstyle\s*=|\shidden[\s=>/]", re.IGNORECASE)
# Extraction takes elements out of a line one by one, and copies the line for each.
_MOST_IN_LINE: Final = 2_000
_FORMATS: Final = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q s samp small span strike strong "
    "sub sup tt u var".split()
)
_WORDLESS: Final = frozenset(
    "applet area audio button canvas datalist embed fencedframe frame iframe img input label legend link map math "
    "menuitem meta meter noscript object optgroup option output param picture progress rp rt rtc script select source "
    "style svg template textarea time track use video wbr".split()
)
_NUMBERED: Final = re.compile(r"[\[(]?\d{1,3}[\])]?\Z")
_LONGEST_HANDLE: Final = 60
_LONGEST_FORM: Final = 40  # words
_MOST_FIELDS: Final = 20  # each looks at the words around it
_LONGEST_LEAD: Final = 4  # words
_FEWEST_TITLE: Final = 4  # words
_NOTE: Final = re.compile(r"[\s\[\](),;*†‡§¶\d–-]*\Z|\[[^\[\]]{1,30}\]\Z")
_LINKED_NOTE: Final = re.compile(r"\w{1,3}\Z")
_ENDS_IN_UNIT: Final = re.compile(r"(?:\d|\b(?:[kcdmnµμ]?m|km|ft|in|yd|mi|s|h))\s?\Z")
_RAISED: Final = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")


@dataclass(frozen=True)
class Link:
    """An address that a page names, with the language and type it gives for it ("" where it gives none).

    Tracks of one player have its number as ``player``: they are the same words in several forms.
    """

    url: str
    language: str = ""
    type: str = ""
    player: int | None = None


@dataclass
class Recorded:
    """What stands on the page about its recording. All addresses are absolute http(s) ones."""

    transcripts: list[Link] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    media: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    addresses: set[str] = field(default_factory=set)
    players: int = 0
    language: str | None = None
    title: str | None = None
    spoken_text: str | None = None
    is_video: bool = False
    is_podcast: bool = False
    is_article: bool = False


def inspect(html: bytes, url: str) -> Recorded:
    """Never fails: a page that cannot be read says nothing. Nothing it names is fetched."""
    page = Recorded(addresses={url})
    root = tree(html)
    if root is None:
        return page
    page.language = _language(root.get("lang")) or None
    _links(root, url, page)
    _meta(root, url, page)
    for thing in _structured_data(root):
        _structured(thing, url, page)
    return page


def _language(value: str | None) -> str:
    """The language without its country: pages say "en-GB" where their captions say "en"."""
    return (language_code(value) or "").partition("-")[0]


def _links(root: HtmlElement, url: str, page: Recorded) -> None:
    for element in root.iter("track", "link", "a", "audio", "video", "source", "iframe", "base", "title"):
        tag, kind = str(element.tag), (element.get("type") or "").lower()
        address = absolute(element.get("href") or element.get("src"), url)
        if tag == "title":
            page.title = one_line(element.text or "") or None
        page.is_video = page.is_video or tag == "video"
        page.players += tag in {"video", "audio"}
        if address:
            _place(page, tag, address, kind, element)


def _place(page: Recorded, tag: str, address: str, kind: str, element: HtmlElement) -> None:
    path = urlsplit(address).path.lower()
    language = element.get("srclang") or element.get("hreflang") or ""
    captions = tag == "track" and (element.get("kind") or "subtitles").lower() in {"subtitles", "captions"}
    if captions or (tag in {"link", "a"} and (kind in _CAPTION_TYPES or path.endswith(_CAPTION_NAMES))):
        player = page.players if tag == "track" else None
        page.transcripts.append(Link(address, _language(language), kind, player))
    elif tag == "link" and kind in _FEED_TYPES:
        page.feeds.append(address)
    elif tag == "link" and (element.get("rel") or "").lower() == "canonical":
        page.addresses.add(address)
    elif tag in {"audio", "video", "source"}:
        page.media.append(address)
    elif tag == "iframe":
        page.embedded.append(address)


def _meta(root: HtmlElement, url: str, page: Recorded) -> None:
    for element in root.iter("meta"):
        name = (element.get("property") or element.get("name") or "").lower()
        content = element.get("content") or ""
        if name == "og:type":
            page.is_video = page.is_video or content.startswith("video")
            page.is_article = page.is_article or content == "article"
        elif name in {"og:video", "og:video:url", "og:video:secure_url", "twitter:player"}:
            page.is_video = True
            page.embedded += _listed(content, url)
        elif name in {"og:audio", "og:audio:url", "og:audio:secure_url"}:
            page.is_podcast = True
            page.media += _listed(content, url)
        elif name == "og:title" and content:
            page.title = one_line(content) or page.title


def _listed(address: object, url: str) -> list[str]:
    joined = absolute(address, url)
    return [joined] if joined else []


def _structured_data(root: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD, the nested ones included."""
    for script in root.iter("script"):
        if (script.get("type") or "").lower() == "application/ld+json":
            try:
                yield from _dicts(json.loads(script.text or ""), depth=6)
            except (ValueError, RecursionError):
                continue


def _dicts(value: object, depth: int) -> Iterator[dict[str, Any]]:
    if depth == 0:
        return
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _dicts(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _dicts(inner, depth - 1)


def _structured(thing: dict[str, Any], url: str, page: Recorded) -> None:
    """schema.org, as JSON-LD."""
    declared = thing.get("@type")
    types = set(declared) if isinstance(declared, list) else {declared}
    page.is_video = page.is_video or bool(types & _SEEN)
    page.is_podcast = page.is_podcast or bool(types & _SPOKEN)
    page.is_article = page.is_article or bool(types & _WRITTEN)
    if types & (_SEEN | _SPOKEN):
        text = thing.get("transcript")
        page.spoken_text = text if isinstance(text, str) and text.strip() else page.spoken_text
        page.media += _listed(thing.get("contentUrl"), url)
        page.embedded += _listed(thing.get("embedUrl"), url)


def tree(html: bytes) -> HtmlElement | None:
    """The page's elements; None for what has none, or would take minutes. Resolves no entity and fetches nothing."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    if is_crowded(html):
        return None
    try:
        html.decode()
        encoding = "utf-8"  # lxml takes a page that declares nothing for Latin-1
    except UnicodeDecodeError:
        encoding = None
    # The words behind a comment, which React writes inside sentences, would be lost with it.
    parser = HTMLParser(no_network=True, remove_comments=True, remove_pis=True, encoding=encoding)
    try:
        root = document_fromstring(html, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    if _MAY_HOLD_CONTROLS.search(html):
        _without_controls(root)
    return root


def _without_controls(root: HtmlElement) -> None:
    """Take out signs that lxml reads and refuses to write: moving an element would fail on the text beside it."""
    for element in root.iter():
        if isinstance(element.tag, str) and element.text and _NOT_XML.search(element.text):
            element.text = _NOT_XML.sub("", element.text)
        if element.tail and _NOT_XML.search(element.tail):
            element.tail = _NOT_XML.sub("", element.tail)


def is_paid(html: bytes) -> bool:
    """Whether the page's structured data says that it is not accessible for free (schema.org)."""
    root = tree(html) if _FREE.encode() in html else None
    if root is None:
        return False
    declared = [thing.get(_FREE) for thing in _structured_data(root)]
    declared += [meta.get("content") for meta in root.iter("meta") if meta.get("itemprop") == _FREE]
    return any(str(value).strip().lower() in {"false", "http://schema.org/false"} for value in declared)


def visible_text(html: bytes, most_words: int) -> str:
    """The text of a page of fewer words, "" for a larger one."""
    root = tree(html)
    if root is None:
        return ""
    fold(dict.fromkeys(root.iter("script", "style", "template"), ""))
    text = text_of(root)
    return text if length_in_words(text) < most_words else ""


def fold(words: Mapping[HtmlElement, str]) -> None:
    """Put the words given for each element in its place, in one pass over the children of each parent.

    lxml's ``drop_tree`` copies the text before an element each time, which is quadratic in a line of thousands.
    """
    for parent in dict.fromkeys(element.getparent() for element in words):
        if parent is None:
            continue
        before: HtmlElement | None = None
        pieces = [parent.text or ""]
        for child in [*parent, None]:
            if child is not None and child in words:
                pieces += [words[child], child.tail or ""]
                parent.remove(child)
                continue
            if before is None:
                parent.text = "".join(pieces)
            else:
                before.tail = "".join(pieces)
            before, pieces = child, [child.tail or "" if child is not None else ""]


def length_in_words(text: str) -> int:
    """Words of a text, or as many as stand in its characters if none had over 80: a word may have no end."""
    return max(word_count(text), len(text) // 80)


def text_of(element: HtmlElement) -> str:
    """The words of an element and of all within it, on one line; none for a comment."""
    return " ".join("".join(map(str, element.itertext())).split()) if isinstance(element.tag, str) else ""


def absolute(address: object, url: str) -> str:
    """An http(s) address, or "": a page may name file://, data: and worse."""
    if not isinstance(address, str) or not address.strip():
        return ""
    try:
        joined = urljoin(url, address.strip())
        parts = urlsplit(joined)
    except ValueError:
        return ""
    return joined if parts.scheme in {"http", "https"} and parts.netloc else ""


def without_marks(html: bytes) -> bytes | HtmlElement:
    """The page without what nobody sees, footnote marks, ruby, forms that ask for an address and links to other pages
    in lines of their own; exponents as raised digits. The bytes themselves where it has none of these. A line of
    thousands of elements comes as its words.
    """
    many = html.count(b"<") > _MOST_IN_LINE
    has_marks = many or _HAS_MARKS.search(html) is not None
    root = tree(html) if has_marks or _MAY_HIDE.search(html) else None
    hidden = [] if root is None else unseen(root)
    if root is None or not (has_marks or hidden):
        return html
    fold(dict.fromkeys(hidden, ""))
    found = [each for each in root.iter() if isinstance(each.tag, str) and _is_furniture(each)]
    fold(dict.fromkeys([each for each in found if each.tag != "input"], ""))
    forms = map(_form_of, [each for each in found if each.tag == "input"][:_MOST_FIELDS])
    fold(dict.fromkeys([form for form in forms if form is not None], ""))
    notes = dict.fromkeys(root.iter("rt", "rp"), "")
    notes |= {
        mark: raised
        for mark in root.iter("sup")
        if (raised := _meaning(mark, "".join(map(str, mark.itertext())).strip())) is not None
    }
    fold(notes)
    for parent in root.iter() if many else ():
        if len(parent) > _MOST_IN_LINE:
            words = ((child, _words_in_line(child)) for child in parent)
            for in_line, run in groupby(words, key=lambda each: each[1] is not None):
                pieces = dict(run)
                if in_line and len(pieces) > _MOST_IN_LINE:
                    fold({child: said or "" for child, said in pieces.items()})
    return root


def _is_furniture(element: HtmlElement) -> bool:
    """Whether an element holds no words of the page's text, by what it is or where its links lead."""
    if element.tag == "input":
        return (element.get("type") or "").lower() == "email"
    if element.tag == "summary":
        return len(said := text_of(element)) <= _LONGEST_HANDLE and TRANSCRIPT.search(said) is not None
    if element.tag == "a":
        before = _before(element)
        leads = "#" in (element.get("href") or "") and _NUMBERED.match(text_of(element)) is not None
        return leads and bool(before) and not before[-1].isspace()
    if element.tag == "p":
        return _leads_away(element)
    return "mw-editsection" in (element.get("class") or "").split()


def _before(element: HtmlElement) -> str:
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        return previous.tail or ""
    return "" if parent is None else parent.text or ""


def _leads_away(paragraph: HtmlElement) -> bool:
    """Whether a paragraph is a few words with a sign behind them, and a link to another text: "Also read | ..."."""
    links = list(islice(paragraph.iter("a"), 2))
    if len(links) != 1 or paragraph.find(".//p") is not None:
        return False
    said, title = text_of(paragraph), text_of(links[0])
    label = said.removesuffix(title).rstrip()
    led = len(title.split()) >= _FEWEST_TITLE and title != said and said.endswith(title)
    return led and len(label.split()) <= _LONGEST_LEAD and label.endswith(("|", ":", "»", "–", "—"))


def _form_of(field: HtmlElement) -> HtmlElement | None:
    """The largest element around a field that holds few words; None where there is none."""
    around = None
    for element in field.iterancestors():
        if element.tag in {"body", "main", "article"} or len(text_of(element).split()) > _LONGEST_FORM:
            break
        around = element
    return around


def _meaning(element: HtmlElement, said: str) -> str | None:
    """What a raised text stands for: nothing for the number of a note, raised digits for a power, else None (kept)."""
    linked = element.find(".//a") is not None or (element.getparent() is not None and element.getparent().tag == "a")
    if said.lstrip("+-−").isdigit() and not linked and _ENDS_IN_UNIT.search(_before(element)):
        return said.translate(_RAISED)
    return "" if _NOTE.match(said) or (linked and _LINKED_NOTE.match(said)) else None


def _words_in_line(element: HtmlElement) -> str | None:
    """The words that extraction takes from an element within a line; None for an element that is no part of one."""
    if element.tag in _WORDLESS or (element.tag == "form" and len(text_of(element).split()) <= _LONGEST_FORM):
        return ""
    if not all(each.tag in _FORMATS or (isinstance(each.tag, str) and "-" in each.tag) for each in element.iter()):
        return None  # a tag with a hyphen is an element of the page's own, which the parser knows nothing of
    return "".join(map(str, element.itertext()))
