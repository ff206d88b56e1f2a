"""Very long text cut into paragraphs at the ends of sentences."""

from __future__ import annotations

from typing import Final

# A paragraph that people wrote is hardly ever longer; a pasted wall of text is.
LONGEST: Final = 6000
_PIECE: Final = 1200
_ENDS: Final = (". ", "? ", "! ", ".\n", "?\n", "!\n", "。", "？", "！")


def cut(text: str) -> list[str]:
    """Pieces of at most 1,200 characters, each ending with a sentence where there is one, else with a word.

    Linear in the length: each step looks at one piece.
    """
    pieces: list[str] = []
    position, size = 0, len(text)
    while position < size:
        stop = size if size - position <= _PIECE else position + _break(text[position : position + _PIECE])
        piece = text[position:stop].strip()
        if piece:
            pieces.append(piece)
        position = stop
    return pieces


def _break(window: str) -> int:
    sentence = max(window.rfind(end) for end in _ENDS)
    if sentence > len(window) // 4:
        return sentence + 1
    space = max(window.rfind(" "), window.rfind("\n"))
    return space + 1 if space > 0 else len(window)
