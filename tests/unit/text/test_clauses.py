"""The light reading of clauses: whose verb it is, and what follows it."""

from __future__ import annotations

import pytest

from autointel.text.clauses import Clause, Phrase, clauses
from autointel.text.statement import statement


def _told(clause: Clause) -> str:
    def name(phrase: Phrase | None) -> str:
        return " ".join(word.folded for word in phrase.heads) if phrase else "-"

    verb = f"{clause.verb.folded}{' (passive)' if clause.is_passive else ''}"
    return " ".join([name(clause.agent), verb, *(f"{p.preposition} {name(p)}".strip() for p in clause.rest)])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The city has not paid the union.", ["city paid union"]),
        ("He was often sued by the state.", ["he sued (passive) by state"]),
        ("Anna and Peter both learned a lot from Scott.", ["anna peter learned lot from scott"]),
        ("The man who never met me took a picture of us.", ["man met me", "man took picture of us"]),
        ("We want the city to pay.", ["we want city", "city pay"]),
        ("We came to the city to pay.", ["we came to city", "we pay"]),
        ("The rider pays half, and the city pays the rest.", ["rider pays half", "city pays rest"]),
        ("They make promises to farmers.", ["they make promises to farmers"]),
        ("You get things included in a bill.", ["you get things", "things included (passive) in bill"]),
        ("By looking at it you learn.", ["- looking at it", "you learn"]),
        ("I hope the rest belongs to you.", ["i hope", "rest belongs to you"]),
    ],
)
def test_each_verb_has_its_doer_and_what_follows(text: str, told: list[str]) -> None:
    assert [_told(clause) for clause in clauses(statement(text, "en"))] == told


def test_other_languages_are_not_read() -> None:
    assert clauses(statement("Die Stadt verklagte die Bank.", "de")) == ()
