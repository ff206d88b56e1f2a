"""From the content of a file to words that are safe to show: tags, entities, invisible characters; and its language."""

from __future__ import annotations

import html
import re
import string
from typing import TYPE_CHECKING, Final

from autointel.text.language import LANGUAGE_CODES

if TYPE_CHECKING:
    from lxml.etree import _Element

# Without a terminator an operating-system command would swallow the rest of the text; it is bounded, and needs one.
_ESCAPES: Final = re.compile(
    r"\x1b\[[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b\n]{0,2048}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]?[0-~]"
)
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Marks that reorder what a reader sees (a quote could look unlike what it is), and marks that nobody sees: soft
# hyphens, zero-width spaces, word joiners, tags. They part a word for a search, and stand for no sound. Marks of
# direction alone (U+200E, U+200F) stay inside a line, where they keep mixed scripts readable.
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
# Variants choose the form of an ideograph or an emoji, one each. After letters, spaces and one another they are seen by
# nobody, and can spell words for a model.
_VARIANTS: Final = re.compile(
    "(?<=[\\s,.;:!?A-Za-z\u00c0-\u052f\ufe00-\ufe0f\U000e0100-\U000e01ef])[\ufe00-\ufe0f\U000e0100-\U000e01ef]+"
)
# Joiners shape letters in Arabic and Indic scripts and hold emoji together. Beside Latin, Greek or Cyrillic letters
# they mean nothing. A run of them is looked at from its head only: a megabyte of joiners would take an hour.
_JOINERS: Final = re.compile(
    "(?<=[A-Za-z\u00c0-\u052f])[\u200c\u200d]++|(?<![\u200c\u200d])[\u200c\u200d]++(?=[A-Za-z\u00c0-\u052f])"
)
# Joiners and marks that nobody sees at the head of a line.
INVISIBLE: Final = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u061c\u00ad"
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
# Hardly any line holds a character of these kinds, and one look for all of them is three times as fast.
_UNCLEAN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200c\u200d\ud800-\udfff\ufe00-\ufe0f\U000e0100-\U000e01ef"
    + _UNSEEN.pattern.removeprefix("[")
)
# libxml2 compares each attribute of a tag with all before it: 40,000 take two seconds, a hundred times as many a day.
_MOST_ATTRIBUTES: Final = 5_000
# As in the HTML standard, 13.2.5: a quote is a part of a name, and belongs to a value only right after "=". A group
# never gives back what it took, so a page takes time by its length.
_VALUE: Final = rb"""(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)"""
_ATTRIBUTE: Final = rb"(?:=[^\s/>=]*+|[^\s/>=]++)(?:\s*+=\s*+" + _VALUE + rb"?+)?+"
_ATTRIBUTES: Final = re.compile(_ATTRIBUTE)
# Scripts compare numbers: what looks like a tag in them is none.
_ELEMENT: Final = re.compile(
    rb"<!--.*?(?:-->|\Z)|<(?:script|style)\b.*?(?:</(?:script|style)|\Z)"
    rb"|<[a-z][^\s/>]*+(?P<attributes>(?:[\s/]++|" + _ATTRIBUTE + rb")*+)",
    re.IGNORECASE | re.DOTALL,
)
# WebVTT knows only tags and never a bare "<"; people write "x < y", and speak of "<div>" and "vector<int>". So a tag
# must be one of the format's, or of formatting, or it is text.
_TAG: Final = re.compile(
    r"</?(?:c|i|b|u|s|v|lang|ruby|rt|rp|rb|font|span|em|strong|br|sub|sup|q|small|big|center|tt)(?:[.\s/][^<>]*)?>"
    r"|</?[A-Za-z][^<>\s]*\s[^<>=]*+=[^<>]*+>|<\s*[\d:.]+\s*>|</?>",
    re.IGNORECASE,
)
# SubRip has no tags of its own; these are what players understand, and the overrides borrowed from ASS.
_SRT_TAG: Final = re.compile(
    r"<\s?/?\s?(?:b|i|u|s|c|v|font|span|ruby|rt|lang|a|em|strong|small|big|center|tt)\b[^<>]*>|\{\\[^{}]*\}|<[\d:.]+>"
    # MicroDVD's, and tags in braces.
    r"|\{/?[bius]\}|\{[yYcCfFsSpPhH]:[^{}]{0,60}\}",
    re.IGNORECASE,
)
_BREAK: Final = re.compile(r"<br\b[^<>]{0,40}>|\[br\]", re.IGNORECASE)
# Blocks of HTML are markup where a line begins with one; inside a line somebody speaks of them.
_BLOCK: Final = re.compile(r"</?(?:div|p|h[1-6])\b[^<>]{0,200}>", re.IGNORECASE)
_BLOCK_FIRST: Final = re.compile(r"^[ \t]{0,20}<(?:div|p|h[1-6])\b[^<>]{0,200}>", re.IGNORECASE | re.MULTILINE)
# A reading (rt) over an ideograph, and the brackets shown where ruby is not supported (rp), are said once already; over
# other scripts a ruby text is an annotation with words of its own.
_RUBY: Final = re.compile(
    r"(?<=[\u3040-\u30ff\u3400-\u9fff\u3005])(?:<rp\b[^<>]*>[^<>]*</rp>)?<rt\b[^<>]*>[^<>]*(?:</rt>)?"
    r"(?:<rp\b[^<>]*>[^<>]*</rp>)?",
    re.IGNORECASE,
)
# What is still an entity, or a tag of formatting, after entities were resolved was escaped twice.
_ESCAPED_TWICE: Final = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#x[0-9a-fA-F]{1,6});")
# Python refuses to read a number of over 4,300 digits; no character has one of over seven.
_ENDLESS: Final = re.compile(r"&#[0-9]{1000,};?")
_ESCAPED_TAG: Final = re.compile(r"</?(?:b|i|u|s|font|span)(?:\s[^<>]*)?>", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}\Z")
# Speech services and archives write three letters, of two standards (ISO 639-2 and 639-3).
_THREE: Final = dict(
    pair.split("=")
    for pair in (
        "ara=ar zho=zh chi=zh cmn=zh ces=cs cze=cs dan=da nld=nl dut=nl eng=en fin=fi fra=fr fre=fr deu=de ger=de "
        "ell=el gre=el heb=he hin=hi hun=hu ind=id ita=it jpn=ja kor=ko nor=no pol=pl por=pt ron=ro rum=ro "
        "rus=ru spa=es swe=sv tur=tr ukr=uk vie=vi"
    ).split()
)
_CAPITALS: Final = 0.8
_ASCII: Final = re.compile(r"[\x00-\x7f]+")


def clean(text: str) -> str:
    """The text without control characters, terminal escapes and invisible marks; newlines stay."""
    if _UNCLEAN.search(text) is None:
        return text
    text = _ESCAPES.sub("", text)
    text = _CONTROLS.sub("", text)
    text = _SURROGATES.sub("\ufffd", text)
    text = _VARIANTS.sub("", _UNSEEN.sub("", text))
    return _JOINERS.sub("", text) if "\u200c" in text or "\u200d" in text else text


def plain(text: str) -> str:
    """A WebVTT cue text as words: tags and ruby dropped, entities resolved, clean."""
    # Entities last: what they stand for is text, never a tag; cleaned after, since they can stand for an escape.
    return _heads(clean(_unescape(_TAG.sub("", _RUBY.sub("", _broken(text))) if "<" in text else text)))


def _heads(text: str) -> str:
    # A joiner at the head of a line joins nothing.
    return text if text.isascii() else "\n".join(line.lstrip(INVISIBLE) for line in text.split("\n"))


def unescape(text: str) -> str:
    """Entities resolved once, also one of a number without an end."""
    return html.unescape(_ENDLESS.sub("\ufffd", text))


def _unescape(text: str) -> str:
    """Entities resolved; where they were escaped twice, resolved twice, and formatting tags among them dropped."""
    if "&" not in text:
        return text
    once = unescape(text)
    twice = unescape(once) if _ESCAPED_TWICE.search(once) else once
    return _ESCAPED_TAG.sub("", twice) if "<" in twice else twice


def _broken(text: str) -> str:
    if "<" not in text and "[" not in text:
        return text
    text = _BREAK.sub("\n", text)
    return _BLOCK.sub("\n", text) if _BLOCK_FIRST.search(text) else text


def plain_srt(text: str) -> str:
    """A SubRip text as words."""
    text = _broken(text)
    return _heads(clean(_unescape(_SRT_TAG.sub("", _RUBY.sub("", text)) if "<" in text or "{" in text else text)))


def one_line(text: str, limit: int = 300) -> str:
    """A title or name: clean, on one line, bounded."""
    return " ".join(clean(text).split())[:limit].strip()


def language_code(value: object) -> str | None:
    """A language such as "en", "pt-BR" or "english" as a BCP 47 code; None for anything that is no language."""
    if not isinstance(value, str):
        return None
    text = one_line(value)
    if text.lower() in LANGUAGE_CODES:
        return LANGUAGE_CODES[text.lower()]
    if not _CODE.match(text) or text.lower() in {"und", "auto"}:
        return None
    primary, _, rest = text.replace("_", "-").partition("-")
    primary = _THREE.get(primary.lower(), primary.lower())
    return f"{primary}-{rest}" if rest else primary


def xml_root(document: str | bytes) -> _Element | None:
    """The root element, mended where the document breaks off; None where there is none, or a tag is crowded.

    No entity is resolved and nothing is fetched. Comments and processing instructions are left out. Text has been
    decoded already, so the encoding that it declares is not heeded; bytes are read in theirs.
    """
    root = _parsed(document, mend=True)
    # lxml looks each value up from the first attribute on: of all of 100,000, that takes minutes.
    crowded = root is not None and any(len(element.attrib) > _MOST_ATTRIBUTES for element in root.iter())
    return None if crowded else root


def is_sound_xml(document: bytes) -> bool:
    """Whether nothing in a document had to be mended."""
    return _parsed(document, mend=False) is not None


def _parsed(document: str | bytes, *, mend: bool) -> _Element | None:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=mend,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8" if isinstance(document, str) else None,
    )
    try:
        # Recovering, the parser returns None where it finds no element at all; its stubs do not say so.
        return etree.fromstring(document.encode("utf-8", "replace") if isinstance(document, str) else document, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


def is_crowded(page: bytes) -> bool:
    """Whether a tag has more attributes than any page needs, which would take the parser of HTML minutes."""
    longest = 2 * _MOST_ATTRIBUTES
    found = (tag["attributes"] for tag in _ELEMENT.finditer(page) if tag["attributes"] is not None)
    return any(len(part) > longest and sum(1 for _ in _ATTRIBUTES.finditer(part)) > _MOST_ATTRIBUTES for part in found)


def in_capitals(text: str) -> bool:
    """Whether nearly all letters that have a case are capitals."""
    # The letters without accents are most of the text, and are counted a hundred times as fast.
    plain, others = text.encode("ascii", "ignore"), _ASCII.sub("", text)
    upper = _letters(plain, string.ascii_uppercase) + sum(map(str.isupper, others))
    lower = _letters(plain, string.ascii_lowercase) + sum(map(str.islower, others))
    return upper > _CAPITALS * max(1, upper + lower)


def _letters(text: bytes, letters: str) -> int:
    return len(text) - len(text.translate(None, letters.encode()))
