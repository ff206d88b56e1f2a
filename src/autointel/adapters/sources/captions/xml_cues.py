"""Elements of an XML file that hold what is said, in one that may be broken: where an end is missing, they nest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from autointel.errors import NoTranscript

if TYPE_CHECKING:
    from lxml.etree import _Element

# Each missing end nests all that follows once more, and every level reads everything below it again.
_DEEPEST: Final = 8


def elements(root: _Element, *names: str, deepest: int = _DEEPEST) -> list[_Element]:
    """The elements of these names in any namespace, in their order.

    Raises NoTranscript where more than ``deepest`` stand inside one another.
    """
    tags = _tags(names)
    found = list(root.iter(*tags))
    for element in found:
        if sum(1 for _ in element.iterancestors(*tags)) >= deepest:
            raise NoTranscript(
                "The XML is broken: ends of its elements are missing.", "Export or download the transcript again."
            )
    return found


def own_text(element: _Element, *names: str) -> str:
    """The text of an element but for elements of these names inside it, which are read by themselves."""
    if next(element.iterdescendants(*_tags(names)), None) is None:
        return "".join(map(str, element.itertext()))
    return "".join(_without(element, frozenset(names)))


def _without(element: _Element, names: frozenset[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        # The tag of a comment is a function.
        if str(child.tag).rpartition("}")[2] not in names and not str(child.tag).startswith("<"):
            yield from _without(child, names)
        yield child.tail or ""


def _tags(names: tuple[str, ...]) -> list[str]:
    return [f"{{*}}{name}" for name in names]
