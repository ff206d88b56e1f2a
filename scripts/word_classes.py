"""Write the word lists of classes (verbs, adjectives, other words) from the lexicon of Brill's tagger.

    python scripts/word_classes.py LEXICON

LEXICON is ``textblob/en/en-lexicon.txt`` of the package textblob (MIT licence; copyright 1993 by the Massachusetts
Institute of Technology and the University of Pennsylvania): one word and its commonest tag a line. Words that are not
listed are taken for nouns, so only the words of other classes are written.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

_OUT: Final = Path(__file__).parents[1] / "src" / "autointel" / "text" / "words"
_CLASSES: Final = {
    "verbs-en": ("VB", "MD"),
    "adjectives-en": ("JJ",),
    "particles-en": ("RB", "UH", "IN", "CC", "DT", "PRP", "WP", "WRB", "WDT", "EX", "RP", "TO"),
}
_HEAD: Final = """\
# Words whose commonest class in Brill's lexicon (MIT licence, copyright 1993 Massachusetts Institute of Technology and
# University of Pennsylvania) is this one. Written by scripts/word_classes.py.
"""
_WIDTH: Final = 120


def main(lexicon: Path) -> None:
    """Write a list for each class."""
    words: dict[str, set[str]] = {name: set() for name in _CLASSES}
    for line in lexicon.read_text(encoding="utf-8").splitlines():
        word, _, tags = line.partition(" ")
        tag = tags.split("|")[0].split(" ")[0]
        if line.startswith(";") or not word.replace("'", "").isalpha() or not word.islower():
            continue
        for name, starts in _CLASSES.items():
            if tag.startswith(starts):
                words[name].add(word)
    for name, listed in words.items():
        (_OUT / f"{name}.txt").write_text(_HEAD + _wrapped(sorted(listed)), encoding="utf-8")


def _wrapped(words: list[str]) -> str:
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) >= _WIDTH:
            lines.append(line.rstrip())
            line = ""
        line += f"{word} "
    return "\n".join([*lines, line.rstrip(), ""])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
