"""Marks inside a page's text that are no words of it: footnote numbers, exponents, ruby."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.web.page import tree

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HAS_MARKS: Final = re.compile(rb"<(?:sup|rt|rp)\b", re.IGNORECASE)
_NOTE: Final = re.compile(r"[\s\[\](),;*†‡§¶\d–-]*\Z|\[[^\[\]]{1,30}\]\Z")
_LINKED_NOTE: Final = re.compile(r"\w{1,3}\Z")
_ENDS_IN_UNIT: Final = re.compile(r"(?:\d|\b(?:[kcdmnµμ]?m|km|ft|in|yd|mi|s|h))\s?\Z")
_RAISED: Final = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")


def without_marks(html: bytes) -> bytes | HtmlElement:
    """The page without footnote marks and ruby, exponents as raised digits; the bytes themselves where it has none."""
    root = tree(html) if _HAS_MARKS.search(html) else None
    if root is None:
        return html
    for element in list(root.iter("sup", "rt", "rp")):
        if element.getparent() is None:
            continue
        said = "".join(str(piece) for piece in element.itertext()).strip()
        raised = "" if element.tag != "sup" else _meaning(element, said)
        if raised is not None:
            element.text, tail = raised, element.tail
            for child in list(element):
                element.remove(child)
            element.tail = tail
            element.drop_tag()
    return root


def _meaning(element: HtmlElement, said: str) -> str | None:
    """What a raised text stands for: nothing for the number of a note, raised digits for a power, else None (kept)."""
    linked = element.find(".//a") is not None or (element.getparent() is not None and element.getparent().tag == "a")
    if said.lstrip("+-−").isdigit() and not linked and _ENDS_IN_UNIT.search(_before(element)):
        return said.translate(_RAISED)
    return "" if _NOTE.match(said) or (linked and _LINKED_NOTE.match(said)) else None


def _before(element: HtmlElement) -> str:
    previous, parent = element.getprevious(), element.getparent()
    if previous is not None:
        return previous.tail or ""
    return "" if parent is None else parent.text or ""
