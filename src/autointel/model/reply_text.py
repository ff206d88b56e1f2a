"""From what a model wrote to a value: JSON as asked for, found in prose, or in parts while it streams in."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

_FENCE: Final = re.compile(r"```(?:json)?\s*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
# Reasoning models think aloud first; some servers drop the opening tag, which stands in the prompt's template.
_NAME: Final = r"(?:\w+:)?(?:think(?:ing)?|thought|reasoning|reflection)"
_THOUGHT: Final = re.compile(rf"[<\[]({_NAME})[>\]].*?[<\[]/\1[>\]]", re.DOTALL | re.IGNORECASE)
_THOUGHT_ENDS: Final = re.compile(
    rf"\A.*(?:[<\[]/{_NAME}[>\]]|<\|channel\|>final\s*(?:<\|constrain\|>\s*\w+)?\s*<\|message\|>)",
    re.DOTALL | re.IGNORECASE,
)
# Marks of a chat template that a server left in the text: "<|python_tag|>", "[TOOL_CALLS]".
_MARKS: Final = re.compile(r"\A(?:\s*(?:<\|\w+\|>|\[[A-Z]+(?:_[A-Z]+)+\]))+")
# Chinese and Japanese keyboards write the signs of JSON full-width.
_FULL_WIDTH: Final = str.maketrans("：，｛｝［］", ":,{}[]")
_THOUGHT_BEGINS: Final = re.compile(rf"[<\[]{_NAME}[>\]]", re.IGNORECASE)
_LOOKS_LIKE_JSON: Final = re.compile(r"""\{\s*["']|\[\s*[\[{"']""")
_WORD: Final = re.compile(r"\w+")
# Ids in brackets at the end of a sentence.
_CITED: Final = re.compile(r"\s*\[([\w\s,;]{1,40})\](?=[.!?]?\s*\Z)")
_OPENS: Final = re.compile(r"[{\[]")
_NOT_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
_PAIRS: Final = {"{": "}", "[": "]"}
_OPENING_SIGNS: Final = "{["
_CLOSES: Final = "}]"


@dataclass(frozen=True)
class Found:
    """A JSON value found in a reply. ``cut`` where its end was missing: what was not whole is not in ``value``."""

    value: Any
    cut: bool = False


def json_in(text: str) -> Iterator[Found]:
    """The JSON values that may be the reply, most likely first."""
    with suppress(ValueError, RecursionError):
        # Whole as it is, whatever its texts speak of.
        whole = json.loads(text, strict=False)
        if isinstance(whole, str) and whole.lstrip()[:1] in {"{", "["}:  # written as JSON twice
            whole = json.loads(whole, strict=False)
        yield Found(_cleaned(whole))
    if "&quot;" in text and '"' not in text:
        text = unescape(text)
    for candidate in _candidates(spoken(text)):
        found = _read(candidate)
        if found is not None:
            yield Found(_cleaned(found.value), found.cut)


def spoken(text: str) -> str:
    """The reply without the reasoning before it."""
    text = _THOUGHT_ENDS.sub("", _THOUGHT.sub("", text))
    text = _MARKS.sub("", text)
    begins = _THOUGHT_BEGINS.search(text)
    # A thought that never ends has nothing after it; what stands before it may be the reply.
    return (text[: begins.start()] if begins else text).strip()


def clean(text: str) -> str:
    """Without NUL and without half a surrogate pair, which no store and no terminal takes."""
    if not _NOT_TEXT.search(text):
        return text
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _NOT_TEXT.sub("", whole)


def ids_in(written: Iterable[str], known: Container[str]) -> list[str]:
    """The ids that a model wrote, without what it put around them: "[K1]", "note K1". An unknown one stays as it is."""
    found = list[str]()
    for each in written:
        found += [word for word in _WORD.findall(each) if word in known] or [each.strip(" []")]
    return found


def without_citations(text: str, cited: Iterable[object]) -> str:
    """The text without the ids in brackets at its end ("Fares fell [2, 3].") that the model gives beside it as well."""
    at_end = _CITED.search(text)
    ids = set(_WORD.findall(at_end[1])) if at_end else set[str]()
    if at_end is None or not ids or not ids <= set(map(str, cited)):
        return text
    return text[: at_end.start()] + text[at_end.end() :]


def _cleaned(value: Any) -> Any:
    """The same value, its texts without what is no text."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {clean(name): _cleaned(each) for name, each in value.items()}
    return value


def _candidates(text: str) -> Iterator[str]:
    if text.startswith(("{", "[")):
        # And perhaps some chatter after it. What is inside of a reply that was cut short must not pass for the reply.
        places = list(_values(text))
        ends = [end for start, end in places if start == 0]
        if len(places) > 1 and (whole := _joined([json.loads(text[a:b], strict=False) for a, b in places])):
            yield json.dumps(whole)
        yield text[: ends[0]] if ends else text
        if len(places) > 1:  # an item a line, where a list was wanted
            yield f"[{', '.join(text[start:end] for start, end in places)}]"
        return
    yield from reversed([found[1].strip() for found in _FENCE.finditer(text)])
    values = [text[start:end] for start, end in _values(text)]
    yield from reversed(values)
    if len(values) > 1:
        yield f"[{', '.join(values)}]"
    begins = _LOOKS_LIKE_JSON.search(text)
    if begins and not values:
        yield text[begins.start() :]


def _joined(values: list[Any]) -> dict[str, Any] | None:
    """One object of several that share no name: the fields of a reply, one by one. None where they are no such."""
    names = [name for value in values if isinstance(value, dict) for name in value]
    if len(set(names)) < len(names) or not all(isinstance(value, dict) and value for value in values):
        return None
    return {name: part for value in values for name, part in value.items()}


def _values(text: str) -> Iterator[tuple[int, int]]:
    """Where valid objects and lists stand that are not inside one another, up to one that does not end."""
    decoder, begins = json.JSONDecoder(strict=False), _OPENS.search(text)
    while begins:
        at = begins.start()
        try:
            _, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            if _LOOKS_LIKE_JSON.match(text, at):
                return
            end = at + 1
        else:
            yield at, end
        begins = _OPENS.search(text, end)


def _read(candidate: str) -> Found | None:
    """A candidate as a value, mended where it is broken; None where nothing in it is whole."""
    with suppress(ValueError, RecursionError):
        return Found(json.loads(candidate, strict=False))
    if any(sign in candidate for sign in "：，｛［"):
        candidate = "".join(_in_ascii(candidate))
        with suppress(ValueError, RecursionError):
            return Found(json.loads(candidate, strict=False))
    ends, whole = _extent(candidate)
    mended = candidate[:ends] if ends is not None else whole
    value = _repaired(mended) if mended is not None else None
    return None if value is None else Found(value, cut=ends is None)


def _in_ascii(text: str) -> Iterator[str]:
    """The text, its signs between strings as JSON has them."""
    for at, part in enumerate(re.split(r'("(?:[^"\\]|\\.)*")', text)):
        yield part if at % 2 else part.translate(_FULL_WIDTH)


def _extent(text: str) -> tuple[int | None, str | None]:
    """Where the first value ends; where it does not, its whole items with the brackets closed after them."""
    stack: list[str] = []
    in_string = escaped = False
    whole: str | None = None
    for at, character in enumerate(text):
        if in_string:
            in_string = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            in_string = True
        elif character in _PAIRS:
            stack.append(character)
        elif stack and character == _PAIRS[stack[-1]]:
            stack.pop()
            if not stack:
                return at + 1, None
            # An item of a list is whole, or a list of an object; half an item is neither.
            if stack[-1] == "[" or character == "]":
                whole = text[: at + 1] + "".join(_PAIRS[opened] for opened in reversed(stack))
    return None, whole


def _repaired(text: str) -> Any:
    """The value of JSON with small faults; None where it has none."""
    from json_repair import repair_json

    try:
        value = repair_json(text, return_objects=True, skip_json_loads=False)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict | list) and value else None


class StreamedList:
    """Reads a JSON object as it comes in and hands out the raw JSON of each object in its top-level list ``field``.

    Looks at every character once. It does not validate: what it hands out is cut where the brackets say, and the reader
    parses it. Whatever stands before the first brace (a fence, a greeting) is passed over.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._brackets = ""
        self._in_string = False
        self._escaped = False
        self._string = ""
        self._key = ""
        self._item = ""

    def feed(self, text: str) -> list[str]:
        """The items that this piece of the reply completes."""
        return [item for character in text if (item := self._take(character))]

    @property
    def _in_list(self) -> bool:
        return self._key == self._field and self._brackets.startswith("{[")

    def _take(self, character: str) -> str | None:
        if self._in_list and (self._item or character == "{"):
            self._item += character
        if self._in_string:
            self._within_string(character)
        elif character == '"' and self._brackets:
            self._in_string, self._string = True, ""
        elif character == ":" and self._brackets == "{":
            self._key = self._string
        elif character == "{" or (character in _OPENING_SIGNS and self._brackets):
            self._brackets += character
        elif character in _CLOSES:
            return self._close()
        return None

    def _within_string(self, character: str) -> None:
        if self._escaped:
            self._escaped = False
        elif character == "\\":
            self._escaped = True
        elif character == '"':
            self._in_string = False
            return
        self._string += character

    def _close(self) -> str | None:
        self._brackets = self._brackets[:-1]
        if self._item and self._brackets == "{[":
            item, self._item = self._item, ""
            return item
        return None
