"""A question in people's words, as a query of the full-text index."""

from __future__ import annotations

import re
from typing import Final

# Words that stand in nearly every English passage; bm25 gives them no weight, and each costs a walk of the index.
_STOP_WORDS: Final = frozenset(
    """
    a about after all also am an and any are as at be because been before being but by can could did do does doing
    for from had has have having he her here hers him his how i if in into is it its just me more most my no nor not
    of on only or other our out over said say says she should so some such than that the their them then there these
    they this those through to too under until up very was we were what when where which while who whom why will with
    would you your
    """.split()
)
# No question has more; a pasted page would walk the whole index.
_MOST: Final = 48
_WORD: Final = re.compile(r"\w+")


def match_any(question: str) -> str | None:
    """An FTS5 query for passages with any of the question's words, or None where it has none.

    Every word is quoted, so nothing in it is taken for the index's own syntax.
    """
    words = list(dict.fromkeys(_WORD.findall(question.lower())))
    telling = [word for word in words if word not in _STOP_WORDS] or words
    return " OR ".join(f'"{word}"' for word in telling[:_MOST]) or None
