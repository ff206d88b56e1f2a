"""Count each speaker's words in transcripts twice, by a reading of this file's own and by the product, and compare.

    python scripts/words_by_speaker.py FOLDER [FOLDER ...]

The transcripts are text in which every turn begins with its speaker: "Name: words", "**Name:** words", or a line
"Name: 0:15" above the words. This file's reading believes every such head that comes twice, or that has two words with
capitals, and shares no code with the product. Prints a line for each file and each difference; exits with 1 if there
is one.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path
from typing import Final

from autointel.adapters.sources.parse import parse
from autointel.errors import NoTranscript

_ENDINGS: Final = (".said", ".txt", ".md")
_HEAD: Final = re.compile(
    r"(?:\*\*)?([A-Z][\w.'’-]*(?: (?:[A-Z][\w.'’-]*|\d+|of|the|de|van|questioner)){0,4})(?:\*\*)?:(?:\*\*)?(?:\s|$)"
)
_TIME: Final = re.compile(r"\s*\d{1,2}:\d\d(?::\d\d)?\s*$")
_BARE_TIME: Final = re.compile(r"\s*\\?\[\d{1,2}:\d\d[\d:.]*\\?\]\s*$")
# Times in brackets are no words, so figures are not counted.
_WORD: Final = re.compile(r"[^\W\d_]+")
_FEW: Final = 2


def own_count(text: str) -> Counter[str | None]:
    """Words by speaker; under None those before the first."""
    lines = _body(text).split("\n")
    heads = Counter(found[1] for line in lines if (found := _HEAD.match(line)))
    timed = {found[1] for line in lines if (found := _HEAD.match(line)) and _BARE_TIME.match(line[found.end() :])}
    people = {name for name, seen in heads.items() if (seen > 1 or " " in name)} - timed
    counts: Counter[str | None] = Counter()
    speaker: str | None = None
    for line in lines:
        found = _HEAD.match(line)
        rest = line
        if found and found[1] in timed:
            # "Break: [48:33]" is a mark of the editor's.
            speaker = None
        elif found and found[1] in people:
            speaker, rest = found[1], line[found.end() :]
            rest = "" if _TIME.match(rest) else rest
        if not line.startswith("#"):
            counts[speaker] += len(_WORD.findall(re.sub(r"\]\([^)]*\)", "]", rest)))
    return +counts


def _body(text: str) -> str:
    """The text below a block of metadata."""
    return text.split("\n---\n", 1)[-1] if text.startswith("---\n") else text


def read_count(data: bytes, name: str) -> Counter[str | None]:
    """Words by speaker, as the product reads the file."""
    counts: Counter[str | None] = Counter()
    for segment in parse(data, name).segments:
        counts[segment.speaker] += len(_WORD.findall(segment.text))
    return +counts


def differences(path: Path) -> list[str]:
    """A line for each speaker whose words are not the same number in both readings; prints the file's figures."""
    data = path.read_bytes()
    try:
        read = read_count(data, path.name)
    except NoTranscript as error:
        return [f"{path.name}: {error}"]
    own = own_count(data.decode())
    told = sum(own.values()) - own[None]
    print(f"{path.name}: {len(own.keys() - {None})} speakers, {told} words, {own[None]} of nobody")
    return [
        f"{path.name}: {who or 'nobody'}: {own[who]} in the file, {read[who]} as read"
        for who in sorted(own.keys() | read.keys(), key=str)
        if own[who] != read[who]
    ]


def main(folders: list[str]) -> int:
    """Compare every transcript in the folders."""
    paths = [path for folder in folders for path in sorted(Path(folder).iterdir()) if path.suffix in _ENDINGS]
    found = [line for path in paths if path.name != "SOURCE.md" for line in differences(path)]
    print("\n".join(found) or f"{len(paths)} files, no difference.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
