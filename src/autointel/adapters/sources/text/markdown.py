"""Markdown as words: what its signs mean to a reader of the page, and no more; the YAML block at its head."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from autointel.adapters.sources.labels import person
from autointel.adapters.sources.markup import language_code, one_line, unescape
from autointel.adapters.sources.text.notation import is_schedule
from autointel.adapters.sources.text.timing import named_stamp, written_stamp
from autointel.errors import NoTranscript

_HEADING: Final = re.compile(r"#{1,6}[ \t]+(.*)\Z")
_BARE_CLOCK: Final = r"(?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,]\d{1,3})?"
_CLOCK: Final = rf"[\[(]?{_BARE_CLOCK}[\])]?"
_TIMED_HEADING: Final = re.compile(rf"#{{1,6}}[ \t]+([^\W\d_][^:\[\]()]{{1,60}}[ \t]*{_CLOCK})[ \t]*\Z")
_BOLD_TIMED: Final = re.compile(
    rf"[ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{{1,4}}[.)])[ \t]+)?(\*\*|__)({_CLOCK}[ \t–—-]+[^*:]{{1,60}}?)"
    r"(?P<inner_colon>:?)\1(?P<outer_colon>:?)"
)
_TIME_LINK: Final = re.compile(rf"(?<!!)\[([*_`]{{0,3}})({_CLOCK})\1\]\([^()\s]*\)")
_SIGNED_TIME: Final = re.compile(rf"(?<![\w*`])(\*{{1,3}}|_{{1,3}}|`)({_CLOCK})\1(?![\w*`])")
# "**Jane Doe:** [0:15] words", where a time without brackets is read with its name.
_TIME_BEHIND: Final = re.compile(
    rf"\A([ \t]*(?:[>*+-][ \t]+)*(\*\*|__)[^*_:\[\]()]{{1,60}}(?::\2|\2[ \t]?:))[ \t]*\\?[\[(]"
    rf"({_BARE_CLOCK}(?:\s?[-–—]\s?{_BARE_CLOCK})?)\\?[\])](?=[ \t]+\S)"
)
_DASHED: Final = re.compile(rf"\A((\*\*|__)[^*_:\[\]()]{{1,60}}\2)[ \t]*[–—-]{{1,2}}[ \t]*({_CLOCK})(?=[ \t:]|\Z)")
# "**Jane Doe** (2024-03-05 10:01): words".
_DATED: Final = re.compile(r"\A(\*\*|__)([^*_:\[\]()]{1,60})\1[ \t]*(?=[\[(]\d{1,4}[-./]\d)")
_CALLOUT: Final = re.compile(r"[ \t]*>[ \t]?\[!([a-z][\w -]{0,30})\][+-]?[ \t]*(.*)", re.IGNORECASE)
_QUOTING: Final = frozenset({"quote", "cite"})
_DIVIDER: Final = re.compile(r"(?:\|[ \t]*)?:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?\Z|\|[ \t]*:?-+:?[ \t]*\|\Z")
_RULE: Final = re.compile(r"[ \t]*(?:[-*_][ \t]*){3,}\Z|[ \t]*(?:```|~~~).{0,40}\Z")
_LEAD: Final = re.compile(r"\A[ \t]*(?:>[ \t]?)*(?:[-*+][ \t]+)?")
_LEADS: Final = frozenset(" \t>-*+")
_IMAGE: Final = re.compile(r"!\[([^\[\]]*)\]\([^()\s]*\)")
_LINK: Final = re.compile(r"(?<!\\)\[([^\[\]]*)\]\([^()\s]*(?:[ \t]+\"[^\"]*\")?\)")
# Signs inside a word or a sum, and signs beside white space, are what was said: 2*3*4, 5 * 3, __init__, *args.
_STRONG: Final = re.compile(
    r"(?<![\\*A-Za-z0-9])\*{2,3}(?=[^\s*])([^*]{0,2000}?[^\s*])\*{2,3}(?![*A-Za-z0-9])"
    r"|(?<![\\\w])__(?=[^\s_])((?=[^ _]{0,2000} )[^_]{1,4000}+(?<!\s))__(?!\w)"
)
_EMPHASIS: Final = re.compile(
    r"(?<![\\*A-Za-z0-9])\*(?=[^\s*])([^*]{0,2000}?[^\s*])\*(?![*A-Za-z0-9])"
    r"|(?<![\\\w])_(?=[^\s_])([^_]{0,2000}?[^\s_])_(?!\w)"
)
_CODE: Final = re.compile(r"`([^`]+)`")
# A tag that a page would show as formatting; the name of a tag in speech about HTML stays.
_TAG: Final = re.compile(
    r"<(?:br|hr|wbr|img|/?(?:details|summary|center|picture|source))\b[^<>]{0,500}>|</?[a-z]{1,12}\s[^<>]{1,500}>",
    re.IGNORECASE,
)
_PAIR: Final = re.compile(
    r"<(b|i|em|strong|u|s|sub|sup|small|mark|kbd|code|span|font|a|q|cite|del|ins|abbr)(?:\s[^<>]{0,500})?>"
    r"([^<>]{0,2000})</\1>",
    re.IGNORECASE,
)
_BLOCK: Final = re.compile(
    r"\s*</?(?:p|div|section|article|blockquote|ul|ol|li|h[1-6]|table|tr|td|th|body|html)\b[^<>]{0,500}>", re.IGNORECASE
)
_ESCAPED: Final = re.compile(r"\\([!-/:-@\[-`{-~])")
_BOLD_NAME: Final = re.compile(r"(\*\*|__)([^*_:]{1,60}):?(\1):?")
# Stands for a bar inside a cell while the table is cut at bars; a sign for private use.
_BAR_IN_CELL: Final = "\ue000"
_DEEPEST: Final = 3  # tags inside tags
_EMPHASIS_DEPTH: Final = 2  # "*one _two_*": one sign inside the other
# Three of these signs make a text Markdown, one of the first two already does.
_SIGNS: Final = re.compile(
    r"^(?:#{1,6} \S|(?:[-*] )?\*\*[^*\n]{1,60}:?\*\*|> \S|\|?(?: ?:?-+:? ?\|)+[ :-]*$)|\]\(https?:|\\\[", re.MULTILINE
)
# Metadata is short; what is longer is a text that happens to begin with a rule.
_LONGEST: Final = 32_768


def looks_like_markdown(text: str) -> bool:
    """Whether a text without a telling name is Markdown: by a heading, a bold name, or a link in its first part."""
    return _SIGNS.search(text[:20_000]) is not None


def heading(line: str) -> str | None:
    """The text of a heading; None for any other line."""
    found = _HEADING.match(line) if line.startswith("#") else None
    return words(found.group(1).rstrip("#").rstrip(" \t")) if found else None


def plain_head(line: str) -> str:
    """A line without the signs and links around a time: "### Jane Doe [0:15]", "**[0:15] Jane Doe:** words"."""
    # Most lines have a time and no sign; to look for each form in all of them takes a fifth of a long text's time.
    signed = "*" in line or "_" in line or "`" in line
    if ":" not in line or not (signed or "](" in line or "[!" in line or line.startswith("#")):
        return line
    if "](" in line:
        line = _TIME_LINK.sub(_linked, line)
    if signed:
        line = _DATED.sub(r"\2 ", _SIGNED_TIME.sub(r"\2", line))
    called = _CALLOUT.match(line) if "[!" in line else None
    if called is not None and (named := named_stamp(called[2])) is not None and named[0]:
        line = f"**{named[0].strip(' *_')}** {named[1]}"
    if line.startswith("#"):
        timed = _TIMED_HEADING.match(line)
        return timed[1] if timed else line
    found = _BOLD_TIMED.match(line)
    if found is None:
        return _DASHED.sub(r"\1 \3", _TIME_BEHIND.sub(r"\1 \3", line, count=1), count=1)
    colon = ":" if found["inner_colon"] or found["outer_colon"] else ""
    return f"{found[2]}{colon} {line[found.end() :].strip()}".rstrip()


def _linked(found: re.Match[str]) -> str:
    is_bracketed = found[2][0] in "[(" or found.string[: found.start()].endswith(("(", "["))
    return found[2] if is_bracketed else f"[{found[2]}]"


def callout(line: str) -> tuple[str | None, str] | None:
    """Who is quoted by a block that begins so ("> [!quote] Jane Doe"), and its title; None for any other line."""
    found = _CALLOUT.match(line)
    if found is None:
        return None
    title = words(found[2]).strip()
    return (person(title) if found[1].lower() in _QUOTING else None), title


def with_blocks_closed(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines, and the people whom tables name.

    The rows of a table of speech become lines of time, name and words; any other table stays as written. A rule stands
    below a table of speech and below a quotation with a title: the speaker does not go on there.
    """
    closed: list[str] = []
    people: list[str] = []
    at, quoted, fenced = 0, False, False
    while at < len(lines):
        line = lines[at]
        if quoted and not line.lstrip().startswith(">"):
            closed += ["", "---"]
            quoted = False
        quoted = quoted or (line.lstrip().startswith(">") and _CALLOUT.match(line) is not None)
        fenced ^= line.lstrip().startswith(("```", "~~~"))
        if "|" in line and not fenced and at + 1 < len(lines) and _DIVIDER.match(lines[at + 1].strip()):
            last = next((end for end in range(at, len(lines)) if "|" not in lines[end]), len(lines))
            rows, named = _spoken(lines[at:last])
            closed += ["", *rows, "---"] if rows else lines[at:last]
            people += named
            at = last
            continue
        closed.append(line)
        at += 1
    return closed, people


def _spoken(rows: Sequence[str]) -> tuple[list[str], list[str]]:
    """The rows of a table of speech as lines, an empty one below each, and its speakers; none of another table."""
    from autointel.adapters.sources.captions.tables import parse_table, table_of

    # A bar in a cell is written with a backslash.
    text = "\n".join([rows[0], *rows[2:]]).replace("\\|", _BAR_IN_CELL)
    table = table_of(text)
    if table is None or is_schedule([row.strip(" |") for row in rows]):
        return [], []
    try:
        draft = parse_table(text)
    except NoTranscript:
        return [], []
    people = [cue.speaker for cue in draft.cues if cue.speaker]
    # A table without times is one of speech where its people come again.
    recurring = "start" in table.columns or len(draft.cues) == len(people) > len(set(people)) > 1
    if draft.blocks_left_out or len(draft.cues) < 2 or not recurring:  # noqa: PLR2004 -- to compare
        return [], []
    lines: list[str] = []
    for cue in draft.cues:
        stamp = "" if cue.start is None else f"{written_stamp(cue.start, cue.end)} "
        name = f"{cue.speaker}: " if cue.speaker else ""
        lines += [f"{stamp}{name}{' '.join(cue.lines)}".replace(_BAR_IN_CELL, "|"), ""]
    return lines, people


def is_rule(line: str) -> bool:
    """Whether a line only divides: a horizontal rule, a code fence."""
    return _RULE.match(line) is not None


def bold_name(line: str) -> tuple[str, str] | None:
    """The name and the rest of ``**Name:** rest`` or ``**Name**: rest``; None for any other line."""
    found = _BOLD_NAME.match(line) if line.startswith(("**", "__")) else None
    if found is None or ":" not in line[len(found.group(2)) : found.end()]:
        return None
    return found.group(2).strip(), line[found.end() :].strip()


def words(line: str) -> str:
    """A line without its signs: emphasis, links (their text stays), tags, escapes, quote marks, bullets."""
    if line[:1] in _LEADS:
        line = _LEAD.sub("", line, count=1)
    if "](" in line:
        line = _LINK.sub(r"\1", _IMAGE.sub(r"\1", line))
    if "*" in line or "_" in line:
        line = _STRONG.sub(_inner, line)
        for _ in range(_EMPHASIS_DEPTH):
            line = _EMPHASIS.sub(_inner, line)
    if "`" in line:
        line = _CODE.sub(r"\1", line)
    if "<" in line:
        line = _without_tags(line)
    if "\\" in line:
        line = _ESCAPED.sub(r"\1", line)
    return unescape(line) if "&" in line else line


def _inner(found: re.Match[str]) -> str:
    return found.group(1) or found.group(2)


def _without_tags(line: str) -> str:
    for _ in range(_DEEPEST):
        line, pairs = _PAIR.subn(r"\2", line)
        if not pairs:
            break
    while (found := _BLOCK.match(line)) is not None:
        closing = f"</{found[0].strip(' <>/').split()[0]}>"
        line = line[found.end() :].rstrip().removesuffix(closing)
    # A tag that stands between two words parts them; "<wbr>" is made for the inside of one.
    return _TAG.sub(lambda tag: "" if tag[0].lower().startswith("<wbr") else " ", line)


def without_comments(text: str) -> str:
    """The text without ``<!-- … -->``; one that is never closed stays. Linear in the length."""
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start + 4)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join([*kept, text[position:]])


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


def _matter(fields: dict[str, str]) -> FrontMatter:
    def first(*names: str) -> str | None:
        return next((fields[name] for name in names if fields.get(name)), None)

    return FrontMatter(
        title=first("title", "name"),
        author=first("author", "authors", "host", "hosts", "by", "creator"),
        published_at=iso_date(first("date", "published", "published_at", "published_on", "pubdate")),
        language=language_code(first("language", "lang", "locale")),
    )


def iso_date(text: str | None) -> date | None:
    """The date that an ISO date or time begins with; None where it is none."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
