"""The simulated model's material from a prompt: sentences, and their ids.

Untrusted text is recognised by its delimiters (two lines that carry the same tag of 16 hex digits). Where a prompt has
such blocks, only they are material: instructions and schemas are not quoted back. The last block is what is to be
worked on, with others that are called the same ("evidence e1", "evidence e2"); those before it say what it is about.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Final

_BLOCK: Final = re.compile(
    r"<<<(?P<label>[^\n<>]*) (?P<tag>[0-9a-f]{16})>>>\n(?P<text>.*?)\n<<<end (?P=tag)>>>", re.DOTALL
)
_ID: Final = r"[A-Za-z]{1,3}\d{1,5}"
_NAMED_LINE: Final = re.compile(rf"^\s*(?:[-*•]\s+)?(?:\[(?P<a>{_ID})\]|(?P<b>{_ID})[:.)])\s*(?P<rest>.*)$")
_NUMBERED: Final = re.compile(r"^(?P<number>\d{1,4})\| (?P<rest>.*)$")
_LABEL_ID: Final = re.compile(rf"(?<!\w)\[?({_ID})\]?(?!\w)")
# "[4:12]", "(1:02:03)", "[12.34 --> 15.6]": where a line was said, not what was said.
_STAMP: Final = re.compile(r"^\s*(?:[\[(]\s*[\d:.,\s>–—-]+\s*[\])]|≈?\d{1,3}(?::\d{2}){1,2}(?=\s)|¶\d+(?=\s))?[\s:]*")
_SPEAKER: Final = re.compile(r"^(?P<name>[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,3}):\s+(?=\S)")
# An end is followed by white space: "3.5 percent" and "example.org" have none.
_SENTENCE: Final = re.compile(r"\S.*?(?:[.!?…]+[\"”’')\]]*(?=\s|$)|$)")
# Captions without punctuation would make one endless sentence.
_LONGEST: Final = 40
_SHORTEST: Final = 3


@dataclass(frozen=True)
class Unit:
    """One sentence, verbatim; the id of the line or block it stands in; and who says it, if the line tells.

    ``number`` is the line's own, where the lines of the text are numbered. ``follows`` is true on the lines
    under the one that has the id: a page's words, under its title.
    """

    text: str
    id: str | None = None
    speaker: str | None = None
    follows: bool = False
    number: int | None = None


@dataclass(frozen=True)
class Material:
    """The sentences that a reply may rest on, in the order of the prompt.

    ``units`` are of what is to be worked on; ``seen`` are of every block; ``blocks`` are the untrusted texts, whole;
    ``task`` is what stands outside of them.
    """

    units: tuple[Unit, ...]
    seen: tuple[Unit, ...] = ()
    blocks: tuple[str, ...] = ()
    task: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id, once."""
        return tuple(dict.fromkeys(unit.id for unit in self.units if unit.id))


def material_of(prompt: str, *, instructions: str = "") -> Material:
    """``prompt`` is what the user's messages say, ``instructions`` what the system's do (blocks count there too)."""
    blocks = [(found["label"], found["text"]) for found in _BLOCK.finditer(f"{instructions}\n{prompt}")]
    task = _BLOCK.sub("", prompt)
    last = blocks[-1][0].split(" ")[0] if blocks else ""
    seen, units = list[Unit](), list[Unit]()
    for label, text in blocks or [("", prompt)]:
        found = _units(label, text)
        seen += found
        units += found if label.split(" ")[0] == last else []
    return Material(tuple(units) or (Unit("Nothing was given."),), tuple(seen), tuple(text for _, text in blocks), task)


def _units(label: str, text: str) -> list[Unit]:
    found = _LABEL_ID.search(label)
    own = current = found[1] if found else None
    units: list[Unit] = []
    speaker: str | None = None
    for line in text.splitlines():
        named, numbered = _NAMED_LINE.match(line), _NUMBERED.match(line)
        if numbered:
            # One line is one sentence, however it is punctuated.
            said = numbered["rest"].strip()
            follows = current != own
            units.append(Unit(said, current, speaker, follows=follows, number=int(numbered["number"])))
        elif re.fullmatch(r"[^|\[\]]{1,60}:", line) and label.startswith("passage"):
            speaker = line[:-1]
        elif named:
            current = named["a"] or named["b"]
            units += _sentences(named["rest"], current) or [Unit(named["rest"].strip(), current)]
        elif line.lstrip().startswith("{"):
            units += _sentences(*_json_line(line, current))
        elif line.strip():
            units += [replace(unit, follows=current != own) for unit in _sentences(line, current)]
        else:
            current = own
    return [unit for unit in units if unit.text]


def _json_line(line: str, current: str | None) -> tuple[str, str | None]:
    try:
        value = json.loads(line)
    except ValueError:
        return line, current
    text = value.get("quote") or value.get("text") or ""
    return str(text), str(value.get("id", current))


def _sentences(line: str, unit_id: str | None) -> list[Unit]:
    line = _STAMP.sub("", line)
    named = _SPEAKER.match(line)
    speaker = named["name"] if named else None
    said = line[named.end() :] if named else line
    pieces = [piece for found in _SENTENCE.finditer(said) for piece in _pieces(found[0].strip())]
    # "Yes." and "Thank you." are not worth a note.
    return [Unit(text, unit_id, speaker) for text in pieces if len(text.split()) >= _SHORTEST]


def _pieces(sentence: str) -> list[str]:
    """All of it, in verbatim runs of words."""
    words = list(re.finditer(r"\S+", sentence))
    runs = [words[at : at + _LONGEST] for at in range(0, len(words), _LONGEST)]
    return [sentence[run[0].start() : run[-1].end()] for run in runs]
