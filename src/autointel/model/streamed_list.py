"""The items of a list in a JSON reply, each as soon as it is complete."""

from __future__ import annotations

from typing import Final

_OPENS: Final = "{["
_CLOSES: Final = "}]"


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
        elif character == "{" or (character in _OPENS and self._brackets):
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
