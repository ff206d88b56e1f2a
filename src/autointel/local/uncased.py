"""Capitals for names in a text without them, by lists and by the text's own evidence: who is called Mr, Senator, Dr.

Only to find entities: quotes stay as they were said. An ordinary word that is also a name ("bush", "grant") is one
only after a title or a given name, so some names are missed; little that is none is taken for one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from autointel.text.word_lists import word_list

_TITLES: Final = frozenset(
    "mr mrs ms miss dr doctor senator governor president secretary congressman congresswoman professor prof judge"
    " justice mayor minister premier chancellor general captain queen king prince sir lady lord ambassador".split()
)
_ACRONYMS: Final = frozenset(
    "abc amd aol bbc bmw cbs cia cnn epa espn eu faa fbi fcc fda fema gao gchq hbo hp hsbc ibm imf irs isis isro kgb lg"
    " mit msnbc nasa nato nbc nhs nih noaa npr nsa nyt oecd opec pbs rcmp sap sec tsmc ubs uk un unesco unicef us usa"
    " usaid usda wto".split()
)
# Acronyms that are words as well.
_WORDS_TOO: Final = frozenset({"us", "un", "sap", "sec", "hp"})
# Names with a capital inside.
_SPELT: Final = {
    name.lower(): name
    for name in (
        "LinkedIn GitHub GitLab YouTube JavaScript TypeScript PayPal OpenAI DeepMind FedEx WhatsApp TikTok SpaceX"
        " WikiLeaks PlayStation BlackBerry AstraZeneca BioNTech MasterCard McKinsey DC O'Rourke O'Neill O'Brien"
        " O'Connor DeSantis DeLay LaGuardia"
    ).split()
}
_SMALL: Final = frozenset("of the for and de la von van der al".split())
_MOST_WORDS: Final = 3
_SHORTEST: Final = 4
# Mentions after a title that make an ordinary word a name.
_CALLED: Final = 2


def with_capitals(sentences: Sequence[Sequence[str]]) -> list[list[str]]:
    """The sentences (lists of tokens) in lower case, with capitals where a name stands; linear in the tokens."""
    folded = [[token.lower() for token in tokens] for tokens in sentences]
    called = _called(folded)
    return [_cased(tokens, called) for tokens in folded]


def written(name: str) -> str:
    """A name as writing would have it: "John F Kennedy", "NATO", "Bank of England"."""
    words = name.split()
    return " ".join(
        word.upper() if word.lower() in _ACRONYMS else word.lower() if at and word.lower() in _SMALL else _capital(word)
        for at, word in enumerate(words)
    )


def _capital(word: str) -> str:
    return _SPELT.get(word.lower()) or "-".join(_part(part.lower()) for part in word.split("-"))


def _part(folded: str) -> str:
    if folded.startswith("mc") and len(folded) > _SHORTEST:
        return f"Mc{folded[2:].capitalize()}"
    return folded[:1].upper() + folded[1:]


def _called(sentences: Sequence[Sequence[str]]) -> frozenset[str]:
    """Words that follow a title or a given name so often that the text has somebody of that name."""
    counts: Counter[str] = Counter()
    for tokens in sentences:
        for before, word in pairwise(tokens):
            if (
                (before.rstrip(".") in _TITLES or _is_given(before))
                and word.isalpha()
                and not (_is_small(word) or _is_deed(word))
            ):
                counts[word] += 1
    return frozenset(
        word for word, count in counts.items() if count >= _CALLED or word in word_list("surnames") or _is_strange(word)
    )


def _is_deed(word: str) -> bool:
    """Whether "donald thinks" says what somebody does and not what he is called."""
    return word.endswith("s") and word in word_list("verbs-en") and word not in word_list("surnames")


def _cased(tokens: Sequence[str], called: frozenset[str]) -> list[str]:
    names: set[int] = set()
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else ""
        introduced = before.rstrip(".") in _TITLES or (at - 1 in names and _is_given(before))
        if _is_name(token) or (introduced and token in called):
            names.add(at)
        for end in range(at + 2, min(len(tokens), at + _MOST_WORDS) + 1):
            whole = " ".join(tokens[at:end])
            if whole in word_list("places") or whole in word_list("organisations"):
                names.update(range(at, end))
    return [written(token) if at in names else token for at, token in enumerate(tokens)]


def _is_name(token: str) -> bool:
    """Listed as a name, and as nothing else."""
    if token in _ACRONYMS:
        return token not in _WORDS_TOO
    if _is_small(token) or not _is_strange(token):
        return False
    lists = ("places", "organisations", "first-names", "given-names", "surnames", "known-names", "leaders")
    # Of three letters more are slips of the captions than names.
    return len(token) >= _SHORTEST and any(token in word_list(name) for name in lists)


def _is_given(token: str) -> bool:
    return token in word_list("first-names") or token in word_list("given-names")


def _is_small(token: str) -> bool:
    return any(token in word_list(name) for name in ("function-en", "filler-en", "common-en", "roles", "demonyms"))


def _is_strange(token: str) -> bool:
    """Whether no lexicon of ordinary words has it."""
    return not any(
        token in word_list(name) for name in ("verbs-en", "adjectives-en", "particles-en", "nouns-en", "not-names")
    )
