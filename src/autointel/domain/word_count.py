"""How long a text is, in words, whatever script it is written in."""

from __future__ import annotations

import re
from typing import Final

# Scripts that put no space between words. An English sentence of ten words has some twenty Chinese or Japanese
# characters, and some fifty letters and vowel signs in Thai, Lao, Burmese or Khmer.
_IDEOGRAPHS: Final = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
_IDEOGRAPHS_PER_WORD: Final = 2
_LETTERS_PER_WORD: Final = 5


def word_count(text: str) -> int:
    """Words between white space, and the equivalent number for scripts that do not part words; linear in the length."""
    if text.isascii():
        return len(text.split())
    rest, ideographs = _IDEOGRAPHS.subn(" ", text)
    rest, letters = _UNSPACED.subn(" ", rest)
    spaced = sum(any(map(str.isalnum, word)) for word in rest.split()) if ideographs or letters else len(rest.split())
    return spaced + -(-ideographs // _IDEOGRAPHS_PER_WORD) + -(-letters // _LETTERS_PER_WORD)
