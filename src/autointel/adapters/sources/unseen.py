"""What of a page nobody sees: its words were not said to anybody.

Only what stands in an element itself is looked at. Rules of a style sheet are not applied, nor are scripts.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from lxml.etree import _Element

TRANSCRIPT: Final = re.compile(r"trans[ck]ri|trascri|文字起こし|逐字稿|전사", re.IGNORECASE)
_STYLE_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_STYLE_ESCAPE: Final = re.compile(r"\\(?:([0-9a-f]{1,6})\s?|(.))", re.IGNORECASE | re.DOTALL)
_FAR: Final = re.compile(r"-\s*\d{3,}(?:\.\d+)?(?:px|r?em|vw|vh|%|ch|pt)\Z")
_NOTHING: Final = re.compile(r"rect\(\s*(\d+)(?:px)?(?:[\s,]+\1(?:px)?){3}\s*\)\Z")
_NO_SIZE: Final = re.compile(r"(?:0+(?:\.0+)?|\.0+)[a-z%]*\Z|(?:0*\.\d+|1)p[xt]\Z")
_CLEAR: Final = re.compile(r"(?:0+(?:\.0\d*)?|\.0\d*)%?\Z")
_MOVES: Final = re.compile(r"transform|translate|transition|animation|will-change")
_TO_BE_HEARD: Final = re.compile(r"sr-only|visually-?hidden|screen-?reader|assistive|a11y", re.IGNORECASE)
# What names the element that it opens, by its id.
_OPENERS: Final = ("aria-controls", "href", "data-target", "data-bs-target", "popovertarget", "commandfor", "for")
_WHOLE: Final = frozenset({"html", "body"})  # hidden until the page's scripts are there
_FIRST_PIECES: Final = 8


def unseen(root: _Element) -> list[_Element]:
    """The elements that hide their words, in the order of the page. Words for screen readers are no such."""
    elements = list(root.iter("*"))
    closed = {each for each in elements if each.get("hidden") is not None}
    opened = {
        name.rpartition("#")[2]
        for each in (elements if closed else ())
        for opener in _OPENERS
        for name in (each.get(opener) or "").split()
    }
    said: dict[_Element, str] = {}  # thousands that are hidden side by side have one parent
    return [
        each for each in elements if _is_hidden(each) or (each in closed and not _can_be_opened(each, opened, said))
    ]


def _can_be_opened(element: _Element, opened: Collection[str], said: dict[_Element, str]) -> bool:
    """Whether a reader finds what the attribute ``hidden`` hides: the page opens it, or calls it a transcript.

    ``said`` keeps the first words of elements.
    """
    if (
        element.tag in _WHOLE
        or element.get("id") in opened
        or element.get("role") == "tabpanel"
        or (element.get("hidden") or "").lower() == "until-found"
    ):
        return True
    near = [each for each in (element, element.getparent(), element.getprevious()) if each is not None]
    called = [each.get(name) or "" for each in near for name in ("id", "class", "aria-label")]
    for each in near:
        if each not in said:
            said[each] = " ".join(map(str, islice(each.itertext(), _FIRST_PIECES)))
    return TRANSCRIPT.search(" ".join([*called, *(said[each] for each in near)])) is not None


def _is_hidden(element: _Element) -> bool:
    """Whether nobody sees an element: a template that no script has shown, or a style of its own that hides.

    What fades in as a reader scrolls stays: it is marked for a script, or moves.
    """
    if element.tag == "template":
        return element.get("shadowrootmode") is None
    written = element.get("style") or ""
    style = _declared(written) if ":" in written else {}
    if not style or element.tag in _WHOLE:
        return False
    if style.get("display") == "none" or style.get("visibility") in {"hidden", "collapse"}:
        return True
    return _TO_BE_HEARD.search(element.get("class") or "") is None and _is_nowhere(element, style)


def _is_nowhere(element: _Element, style: Mapping[str, str]) -> bool:
    """Whether a style shows no letter of an element: too small, too clear, too far away or clipped."""
    if _NO_SIZE.match(style.get("font-size", "")):
        words = [element.text, *(child.tail for child in element)]  # none in a row of boxes whose gaps it closes
        return any(each is not None and not each.isspace() for each in words)
    if _CLEAR.match(style.get("opacity", "")):
        return not any(map(_MOVES.search, style)) and not any(str(name).startswith("data-") for name in element.attrib)
    is_out_of_flow = style.get("position") in {"absolute", "fixed"}
    places = [style.get("text-indent", "")]
    places += [style.get(side, "") for side in ("left", "right", "top", "bottom") if is_out_of_flow]
    return any(map(_FAR.match, places)) or (is_out_of_flow and _NOTHING.match(style.get("clip", "")) is not None)


def _declared(style: str) -> dict[str, str]:
    """The properties of a style as a browser reads them: without comments and escapes, the important or last one."""
    plain = _STYLE_ESCAPE.sub(
        lambda found: chr(min(int(found[1], 16), 0x10FFFF)) if found[1] else found[2], _STYLE_COMMENT.sub("", style)
    )
    properties: dict[str, str] = {}
    weighty: set[str] = set()
    for declaration in plain.lower().split(";"):
        name, _, value = (" ".join(part.split()) for part in declaration.partition(":"))
        value, important, _ = value.partition("!")
        if important:
            weighty.add(name)
        elif name in weighty:
            continue
        properties[name] = value.strip()
    return properties
