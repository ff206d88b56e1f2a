"""Who speaks, and when, on a page that marks it: terms of a list, columns of a table, bold names, classes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from autointel.adapters.sources.clock import TIME, clock
from autointel.adapters.sources.labels import labels_change, person
from autointel.adapters.sources.spellings import name_key
from autointel.adapters.sources.web.page import fold, text_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Brackets that no page uses carry speaker and milliseconds through the extraction of its text: "⟦Ada Lee|5000⟧ words".
_OPEN, _SHUT = "⟦", "⟧"
_MARK: Final = re.compile(r"⟦([^⟦⟧|]{0,80})(?:\|(\d{1,9}))?⟧\s*")
_MARKED: Final = re.compile(
    rb"<(?:dt|cite|strong|b|td|h[2-6])\b|class\s*+=\s*+[\"']?+[^\"'<>]{0,200}"
    rb"(?:speaker|interview|participant|talker|[a-z]-name|question|transcript)|\bdata-(?:time|start)\b",
    re.IGNORECASE,
)
_CLASS: Final = re.compile(
    r"(?:\A|[\s_-])(?:(?:speaker|interviewe[er]|interviewer|participant|talker)(?:s?[\s_-]{0,2}(?:name|label|id|title))?"
    r"|(?:ts|transcript|turn|dialog(?:ue)?|utterance|segment)[_-]{1,2}(?:name|who))(?:\Z|\s)",
    re.IGNORECASE,
)
WHO: Final = re.compile(
    r"(?:speaker|who|participant|sprecher(?:in)?|intervenant|locuteur|hablante|orador|relatore|话者|發言人|发言人|話者|화자|спикер)"
    r"(?: name)?\Z",
    re.IGNORECASE,
)
_ASKED: Final = re.compile(r"(?:\A|[\s_-])(?:question|answer)(?:[\s_-]{0,2}text)?(?:\Z|\s)", re.IGNORECASE)
_TIMED_CLASS: Final = re.compile(r"time|stamp", re.IGNORECASE)
_TIME: Final = re.compile(rf"[\s\[(|–-]*{TIME}[\s\])]*\Z")
_PLACES: Final = ("dt", "cite", "strong", "b", "span", "p", "div", "h2", "h3", "h4", "h5", "h6", "a")
_HEADINGS: Final = frozenset({"h2", "h3", "h4", "h5", "h6"})
_BOLD: Final = frozenset({"strong", "b"})
_BLOCKS: Final = frozenset({"p", "div", "dd", "dt", "li", "blockquote", "section", "article", "td", "tr", "ul", "ol"})
# What holds a whole page, and no single turn.
_PAGE: Final = frozenset({"body", "html", "main", "article", "section", "table", "tbody"})
_BEHIND: Final = re.compile(r"\A[\s:：]*(?:[–—|-]\s+)?")  # a name
_LONGEST: Final = 80
_MOST_TIMES: Final = 5  # before a name
_FEWEST: Final = 2
# The share of a page's paragraphs that names in bold stand at the head of, in an interview.
_SHARE: Final = 0.15
# Words in the last cell of a row, on average: fewer are figures or dates.
_FEWEST_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class _Label:
    """An element that may name who speaks. ``sure``: its class or its kind says so; ``colon``: a colon ends it."""

    element: HtmlElement
    name: str
    sure: bool
    colon: bool
    start: int | None = None

    @property
    def key(self) -> str:
        """What spellings of the name have in common."""
        return name_key(self.name)


def may_mark_speakers(page: bytes) -> bool:
    """A look at a page's bytes, before they are taken apart."""
    return len(_MARKED.findall(page)) >= _FEWEST


def mark_turns(root: HtmlElement) -> bool:
    """Write each marked speaker in brackets before what is said, in place; whether there were any.

    Two people at least must be marked, and one of them come again: a glossary has terms, a recipe has words in bold,
    a page has "READ MORE:", and none of them is a person who talks.
    """
    if any(_OPEN in text for text in root.itertext() if isinstance(text, str)):
        return False
    asked = [each for each in root.iter("div", "span") if _ASKED.search(each.get("class") or "")]
    for element in asked:
        element.tag = "p"  # the extraction drops a short question that stands in a "div"
    if _mark_rows(root):
        return True
    labels = _believed(list(_labels(root, _names_by_class(root))), sum(1 for _ in root.iter("p")))
    if not labels:
        return _part_questions(root) or bool(asked)
    labels = _with_times(root, labels)
    ends = _after_the_last(labels)
    for element in list(_nobodys(root, labels)):
        _insert(element, _mark("", None))
    fold({label.element: _mark(label.name, label.start) for label in labels if _write(label)})
    if ends is not None:
        _insert(ends, _mark("", None))
    return True


def _names_by_class(root: HtmlElement) -> Sequence[HtmlElement]:
    """Elements of one class that name a person each, and head blocks which hold most of the page's words."""
    groups: dict[str, list[HtmlElement]] = {}
    for element in root.iter(*_PLACES):
        key = element.get("class") or ""
        if key and len(element) == 0 and 0 < len(element.text or "") <= _LONGEST:
            groups.setdefault(key, []).append(element)
    body = root.find("body")
    words = len(text_of(body if body is not None else root).split()) if groups else 0
    for group in groups.values():
        names = [person(text_of(element).rstrip(":： ")) for element in group]
        keys = {name_key(name) for name in names if name}
        if None in names or not _FEWEST <= len(keys) < len(group):
            continue
        blocks = [_headed(element) for element in group]
        if (
            None not in blocks
            and sum(len(text_of(each).split()) for each in set(blocks) if each is not None) > words / 2
        ):
            return group
    return []


def _headed(element: HtmlElement) -> HtmlElement | None:
    """The smallest block that begins with an element and holds words beside it; None where something stands before."""
    inner = element
    for block in element.iterancestors():
        before = _before(inner)
        # The words of a block are looked at for its first element alone, so that this stays linear in the page.
        if block.tag in _PAGE or before is not None or (block.text or "").strip():
            return None
        inner = block
        if len(text_of(block).split()) > len(text_of(element).split()) + _FEWEST_WORDS:
            return block
    return None


def _part_questions(root: HtmlElement) -> bool:
    """Part each question in bold from the answer on the next line of its paragraph, by nobody both; whether any are."""
    asked = [
        each
        for each in root.iter(*_BOLD)
        if (after := each.getnext()) is not None
        and after.tag == "br"
        and not (each.tail or "").strip()
        and text_of(each).endswith(("?", "？", "؟"))
        and _heads_block(each)
    ]
    if len(asked) < _FEWEST:
        return False
    for element in asked:
        following = element.getnext()
        element.text = _mark("", None) + (element.text or "")
        if following is not None:
            following.tail = _mark("", None) + (following.tail or "").lstrip()
    return True


def parts_of(text: str) -> Iterator[tuple[str | None, int | None, str]]:
    """The pieces of a paragraph with speaker and milliseconds before each: the speaker is None where none is marked,
    "" where nobody speaks.
    """
    first, *rest = _MARK.split(text)
    if first.strip():
        yield None, None, first.strip()
    for name, start, words in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        if words.strip():
            yield name, None if start is None else int(start), words.strip()


def _mark(name: str, start: int | None) -> str:
    return f"{_OPEN}{name}{_SHUT} " if start is None else f"{_OPEN}{name}|{start}{_SHUT} "


def _mark_rows(root: HtmlElement) -> bool:
    """Write the rows of tables that have a column of names as paragraphs, in place; whether there were any."""
    found = False
    for table in [each for each in root.iter("table") if each.find(".//table") is None]:
        rows = [(row, [cell for cell in row if cell.tag in {"td", "th"}]) for row in table.iter("tr")]
        filled = [cells for _, cells in rows if len(cells) > 1]
        column = _column_of_names([[text_of(cell) for cell in cells] for cells in filled])
        if column is None:
            continue
        headed = WHO.match(text_of(filled[0][column])) is not None
        for cells in filled[headed:]:
            before = next((time for cell in cells[:-1] if (time := _clock(text_of(cell))) is not None), None)
            cells[-1].text = _mark(text_of(cells[column]).rstrip(":： "), before) + (cells[-1].text or "").lstrip()
            for cell in cells[:-1]:
                cell.drop_tree()
            cells[-1].tag = "p"
        for row, cells in rows:
            if not any(cell.tag == "p" for cell in cells):
                row.drop_tree()  # "Time", "Speaker", "Text"
        for each in list(table.iter("table", "thead", "tbody", "tr")):
            each.tag = "div"
        found = True
    return found


def _column_of_names(rows: Sequence[Sequence[str]]) -> int | None:
    """The column of who speaks, by its heading, or beside a time or a colon in each row; the last column has words."""
    if len(rows) <= _FEWEST or len({len(row) for row in rows}) > 1:
        return None
    words = [len(row[-1].split()) for row in rows]
    timed = [any(_clock(cell) is not None for cell in row[:-1]) for row in rows]
    for column, heading in enumerate(rows[0][:-1]):
        headed = WHO.match(heading) is not None
        body = rows[1:] if headed else rows
        names = [person(row[column].rstrip(":： ")) for row in body]
        keys = {name_key(name) for name in names if name}
        marked = all(row[column].endswith((":", "：")) or time for row, time in zip(body, timed[headed:], strict=True))
        talk = (headed or marked) and sum(words[headed:]) >= _FEWEST_WORDS * len(body) and None not in names
        if talk and _FEWEST <= len(keys) < len(body):
            return column
    return None


def _with_times(root: HtmlElement, labels: Sequence[_Label]) -> Sequence[_Label]:
    """The labels with the time that stands beside each, before or behind as the first of them; times are taken out."""
    known = {label.element: number for number, label in enumerate(labels)}
    order: list[int | HtmlElement] = []
    for element in root.iter("time", *_PLACES):
        if element in known:
            order.append(known[element])
        elif _is_time(element) and element.getparent() is not None:
            order.append(element)
    found: dict[int, int] = {}
    leading = bool(order) and not isinstance(order[0], int)
    for number, each in enumerate(order):
        beside = order[number - 1 : number] if leading else order[number + 1 : number + 2]
        if isinstance(each, int) and beside and not isinstance(beside[0], int):
            start = _clock(text_of(beside[0]))
            found.update({each: start} if start is not None else {})
    around = {each for label in labels for each in label.element.iterancestors()}
    fold({each: "" for each in order if not isinstance(each, int) and each not in around})
    return [replace(label, start=found.get(number)) for number, label in enumerate(labels)]


def _clock(text: str) -> int | None:
    return clock(text.strip(" \t[]()|–-")) if len(text) <= _LONGEST and _TIME.match(text) else None


def _labels(root: HtmlElement, names: Sequence[HtmlElement]) -> Iterator[_Label]:
    for element in names:
        element.set("class", "speaker")
    inside: HtmlElement | None = None
    for element in root.iter(*_PLACES):
        if inside is not None and inside in element.iterancestors():
            continue
        label = _label(element)
        if label is not None:
            inside = element
            yield label


def _label(element: HtmlElement) -> _Label | None:
    sure = _is_sure(element)
    # A tag that is broken in its middle may have put the next label inside of this one.
    if element.find(f".//{element.tag}") is not None and element.tag not in {"div", "span"}:
        return None
    if not sure and element.tag not in _HEADINGS | {"dt"} and (element.tag not in _BOLD or not _heads_block(element)):
        return None
    text = text_of(element)
    if not 0 < len(text) <= _LONGEST:
        return None
    text = _TIME.sub("", text).strip() or text
    colon = text.endswith((":", "："))
    after = (element.tail or "").lstrip()
    name = person(text.rstrip(":： "))
    return None if name is None else _Label(element, name, sure, colon or after.startswith((":", "：")))


def _is_sure(element: HtmlElement) -> bool:
    return element.tag == "cite" or _CLASS.search(element.get("class") or "") is not None


def _heads_block(element: HtmlElement) -> bool:
    """Whether nothing stands before an element in its paragraph, or a line break does."""
    before, parent = _before(element), element.getparent()
    if before is not None:
        return before.tag == "br" and not (before.tail or "").strip()
    return parent is not None and parent.tag in _BLOCKS | _PAGE and not (parent.text or "").strip()


def _before(element: HtmlElement) -> HtmlElement | None:
    """What stands before an element, a few times apart."""
    before = element.getprevious()
    for _ in range(_MOST_TIMES):
        if before is None or not _is_time(before) or (before.tail or "").strip():
            break
        before = before.getprevious()
    return before


def _believed(labels: Sequence[_Label], paragraphs: int) -> Sequence[_Label]:
    """The labels that name people, by how they are marked and whether they come again; none on a page that has none."""
    sure = [label for label in labels if label.sure]
    named = {label.key for label in sure}
    if len(named) >= _FEWEST:
        return [label for label in labels if label.key in named]
    for kind in ("dt", "heading", "bold"):
        alike = [label for label in labels if _kind(label.element) == kind and not _leads_away(label)]
        counts = Counter(label.key for label in alike)
        again = len(alike) - len(counts)
        # Without a colon a word in bold is an emphasis, unless all of them come again.
        enough = again > 0 if all(label.colon for label in alike) or kind == "dt" else again >= len(counts)
        if kind == "heading" and (again < len(counts) or not labels_change([label.key for label in alike])):
            continue
        if len(counts) >= _FEWEST and enough and (kind == "dt" or len(alike) >= _SHARE * paragraphs):
            return alike
    return []


def _kind(element: HtmlElement) -> str:
    return "dt" if element.tag == "dt" else "heading" if element.tag in _HEADINGS else "bold"


def _nobodys(root: HtmlElement, labels: Sequence[_Label]) -> Iterator[HtmlElement]:
    """Elements that stand where labels do and name nobody: whoever spoke before is done, and nobody is named."""
    marked = {label.element for label in labels}
    sure, terms = any(label.sure for label in labels), any(label.element.tag == "dt" for label in labels)
    for element in root.iter(*_PLACES):
        where = (terms and element.tag == "dt") or (sure and _is_sure(element))
        if where and element not in marked and text_of(element) and not _is_time(element):
            yield element


def _leads_away(label: _Label) -> bool:
    """Whether a link is all that follows the label: "READ MORE: …"."""
    following = label.element.getnext()
    tail = (label.element.tail or "").strip(" :：\n\t")
    return not tail and following is not None and following.tag == "a" and not (following.tail or "").strip()


def _is_time(element: HtmlElement) -> bool:
    if element.tag != "time" and not _TIMED_CLASS.search(element.get("class") or ""):
        return False
    said = text_of(element)
    return len(said) <= _LONGEST and _TIME.match(said) is not None


def _write(label: _Label) -> bool:
    """Put the name before the words after its element; whether it is to stand in the element's place instead."""
    mark, element = _mark(label.name, label.start), label.element
    tail = _BEHIND.sub("", element.tail or "")
    if tail or (element.tag not in _BLOCKS and _next_inline(element) is not None):
        element.tail = tail
        return True
    following = _following(element)
    if following is not None:
        _insert(following, mark)
        element.drop_tree()
    return False


def _next_inline(element: HtmlElement) -> HtmlElement | None:
    """The next element of the same paragraph, if it has words."""
    following = element.getnext()
    while following is not None and following.tag == "br" and not (following.tail or "").strip():
        following = following.getnext()
    if following is None or following.tag in _BLOCKS:
        return None
    return following if text_of(following) or (following.tail or "").strip() else None


def _following(element: HtmlElement) -> HtmlElement | None:
    """The next element with words, in the element's own block or in the one after it."""
    current: HtmlElement | None = element
    for _ in range(3):
        if current is None or current.tag in _PAGE:
            return None
        for sibling in current.itersiblings():
            if isinstance(sibling.tag, str) and text_of(sibling):
                return sibling
        current = current.getparent()
    return None


def _insert(element: HtmlElement, mark: str) -> None:
    """Write a mark before the first words of an element."""
    inner = next((each for each in element.iter() if isinstance(each.tag, str) and (each.text or "").strip()), element)
    # Inside a link or a word in bold, the mark would be lost with the tag.
    while inner is not element and inner.tag not in _BLOCKS and inner.getparent() is not None:
        inner = inner.getparent()
    inner.text = mark + (inner.text or "").lstrip()


def _after_the_last(labels: Sequence[_Label]) -> HtmlElement | None:
    """What follows the last turn, where each turn has an element of its own; nobody marked says it."""
    homes = [label.element.getparent() for label in labels]
    last = homes[-1]
    if last is None or last.tag in _PAGE:
        return None
    if last.tag != "dl" and sum(home is not None and home.tag == last.tag and home is not last for home in homes) == 0:
        return None
    if last.tag == "p":  # the paragraphs after a name go on with its turn
        return None
    return next((each for each in last.itersiblings() if isinstance(each.tag, str) and text_of(each)), None)
