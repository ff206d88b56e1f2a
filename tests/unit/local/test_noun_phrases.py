from __future__ import annotations

import pytest

from autointel.local.noun_phrases import is_noun_phrase


@pytest.mark.parametrize("phrase", ["public cloud", "ridership", "Tallinn", "flash translation layer", "Moore's law"])
def test_a_modifier_and_a_noun_name_a_subject(phrase: str) -> None:
    assert is_noun_phrase(phrase.split()) is ("'" not in phrase.rsplit(maxsplit=1)[-1])


@pytest.mark.parametrize("phrase", ["become", "really", "adding support", "pulls", "thing", "Dell pulls"])
def test_verbs_fillers_and_empty_nouns_name_none(phrase: str) -> None:
    assert not is_noun_phrase(phrase.split())


def test_a_deed_and_the_place_or_people_it_meets_are_no_phrase() -> None:
    assert not is_noun_phrase(["attack", "Mosul"])
    assert not is_noun_phrase(["support", "Canadians"])
    assert is_noun_phrase(["American", "steel"])
