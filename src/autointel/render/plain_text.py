"""Titles, names and quotes are untrusted: this module turns each into one harmless line."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Control sequences of a terminal (ECMA-48), complete ones only: an unfinished one must not swallow the words after it.
_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor, clearing
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"  # titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"  # the short ones
)
# Characters that reorder or hide what stands beside them: directions, tags, zero widths that join nothing.
_HIDDEN: Final = re.compile(
    "[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    """One line: no terminal sequences, control or direction characters; white space folded. May be empty."""
    text = _HIDDEN.sub("", _SEQUENCES.sub("", text))
    text = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(kept for kept in text if unicodedata.category(kept) not in {"Cc", "Cs"}).split())


def shortened(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit into ``limit`` characters with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut).rstrip() + "…"
