"""What a prompt gives the simulated model to work with: sentences, and the ids they go by.

Untrusted text is recognised by its delimiters (two lines that carry the same tag of 16 hex digits). Where a prompt has
such blocks, only they are material: instructions and schemas are not quoted back.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

_BLOCK: Final = re.compile(
    r"<<<(?P<label>[^\n<>]*) (?P<tag>[0-9a-f]{16})>>>\n(?P<text>.*?)\n<<<end (?P=tag)>>>", re.DOTALL
)
_ID: Final = r"[A-Za-z]{1,3}\d{1,5}"
_NAMED_LINE: Final = re.compile(rf"^\s*(?:[-*•]\s+)?(?:\[(?P<a>{_ID})\]|(?P<b>{_ID})[:.)])\s*(?P<rest>.*)$")
_LABEL_ID: Final = re.compile(rf"(?<!\w)\[?({_ID})\]?(?!\w)")
# "[4:12]", "(1:02:03)", "[12.34 --> 15.6]": where a line was said, not what was said.
_STAMP: Final = re.compile(r"^\s*[\[(]\s*[\d:.,\s>–—-]+\s*[\])]\s*")
_SPEAKER: Final = re.compile(r"^(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}):\s+(?=\S)")
# An end is followed by white space: "3.5 percent" and "example.org" have none.
_SENTENCE: Final = re.compile(r"\S.*?(?:[.!?…]+[\"”’')\]]*(?=\s|$)|$)")
# Captions without punctuation would make one endless sentence.
_LONGEST: Final = 40


@dataclass(frozen=True)
class Unit:
    """One sentence, verbatim; the id of the line or block it stands in; and who says it, if the line tells."""

    text: str
    id: str | None = None
    speaker: str | None = None


@dataclass(frozen=True)
class Material:
    """Everything a reply may rest on, in the order of the prompt. ``blocks`` are the untrusted texts, whole."""

    units: tuple[Unit, ...]
    blocks: tuple[str, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id, once."""
        return tuple(dict.fromkeys(unit.id for unit in self.units if unit.id))


def material_of(prompt: str, *, instructions: str = "") -> Material:
    """``prompt`` is what the user's messages say, ``instructions`` what the system's do (blocks count there too)."""
    blocks = [(found["label"], found["text"]) for found in _BLOCK.finditer(f"{instructions}\n{prompt}")]
    units = [unit for label, text in blocks or [("", prompt)] for unit in _units(label, text)]
    return Material(tuple(units) or (Unit("Nothing was given."),), tuple(text for _, text in blocks))


def _units(label: str, text: str) -> list[Unit]:
    found = _LABEL_ID.search(label)
    current = found[1] if found else None
    units: list[Unit] = []
    for line in text.splitlines():
        named = _NAMED_LINE.match(line)
        if named:
            current, line = named["a"] or named["b"], named["rest"]  # noqa: PLW2901 - the rest of the same line
        elif line.lstrip().startswith("{"):
            current, line = _json_line(line, current)  # noqa: PLW2901 - the text within the same line
        units += _sentences(line, current)
    return units


def _json_line(line: str, current: str | None) -> tuple[str | None, str]:
    try:
        value = json.loads(line)
    except ValueError:
        return current, line
    text = value.get("quote") or value.get("text") or ""
    return str(value.get("id", current)), str(text)


def _sentences(line: str, unit_id: str | None) -> list[Unit]:
    line = _STAMP.sub("", line)
    named = _SPEAKER.match(line)
    speaker = named["name"] if named else None
    said = line[named.end() :] if named else line
    units = []
    for found in _SENTENCE.finditer(said):
        text = _shortened(found[0].strip())
        if len(text.split()) > 2:  # noqa: PLR2004 - "Yes." and "Thank you." are not worth a note
            units.append(Unit(text, unit_id, speaker))
    if not units and unit_id and said.strip():
        units.append(Unit(said.strip(), unit_id, speaker))
    return units


def _shortened(sentence: str) -> str:
    """Its first words, still verbatim."""
    words = list(re.finditer(r"\S+", sentence))
    return sentence if len(words) <= _LONGEST else sentence[: words[_LONGEST - 1].end()]
