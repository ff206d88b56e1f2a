"""The YAML block at the head of a Markdown file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from autointel.adapters.sources.languages import language_code
from autointel.adapters.sources.markup import one_line

# Metadata is short; what is longer is a text that happens to begin with a rule.
_LONGEST: Final = 32_768


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a file says of itself."""

    title: str | None = None
    author: str | None = None
    published_at: date | None = None
    language: str | None = None


def split_front_matter(text: str) -> tuple[FrontMatter, str]:
    """The metadata and the text after it; text that has none comes back whole."""
    if not text.startswith("---\n"):
        return FrontMatter(), text
    end = text.find("\n---", 3, _LONGEST)
    fields = _fields(text[4:end]) if end > 0 else None
    if fields is None:
        return FrontMatter(), text
    return _matter(fields), text[end + 1 :].partition("\n")[2]


def _matter(fields: dict[str, str]) -> FrontMatter:
    def first(*names: str) -> str | None:
        return next((fields[name] for name in names if fields.get(name)), None)

    return FrontMatter(
        title=first("title", "name"),
        author=first("author", "authors", "host", "hosts", "by", "creator"),
        published_at=day(first("date", "published", "published_at", "published_on", "pubdate")),
        language=language_code(first("language", "lang", "locale")),
    )


def day(text: str | None) -> date | None:
    """The date that an ISO date or time begins with; None where it is none."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def _fields(block: str) -> dict[str, str] | None:
    """Top-level names and their texts; None where the block is no mapping."""
    import yaml

    # Only the nodes are looked at: constructing values would follow merge keys, which can be made to explode.
    try:
        root = yaml.compose(block, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if not isinstance(root, yaml.MappingNode):
        return None
    return {
        key.value.lower(): one_line(text)
        for key, value in root.value
        if isinstance(key, yaml.ScalarNode) and (text := ", ".join(_texts(value)))
    }


def _texts(node: object) -> Iterator[str]:
    import yaml

    if isinstance(node, yaml.ScalarNode):
        yield node.value
    elif isinstance(node, yaml.SequenceNode):
        yield from (item.value for item in node.value if isinstance(item, yaml.ScalarNode))
