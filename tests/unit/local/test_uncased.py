from __future__ import annotations

import pytest

from autointel.local.gazetteer import with_capitals, written


def cased(*sentences: str) -> list[str]:
    return [" ".join(tokens) for tokens in with_capitals([sentence.split() for sentence in sentences])]


def test_names_that_are_no_words_have_capitals() -> None:
    assert cased("then khrushchev flew to chicago") == ["then Khrushchev flew to Chicago"]


def test_an_ordinary_word_is_a_name_after_a_title_or_a_given_name_only() -> None:
    said = cased("senator bush met george bush", "the bush is on fire", "we bush and grant it")

    assert said == ["senator Bush met George Bush", "the bush is on fire", "we bush and grant it"]


def test_names_of_several_words_are_whole_and_acronyms_are_in_capitals() -> None:
    assert cased("in the united states nato and the white house agree") == [
        "in the United States NATO and the White House agree"
    ]


def test_acronyms_that_are_words_stay_words() -> None:
    assert cased("they told us in a sec") == ["they told us in a sec"]


def test_capitals_throughout_are_read_as_none() -> None:
    assert cased("THE PLANE TO CHICAGO LEFT") == ["the plane to Chicago left"]


@pytest.mark.parametrize(
    ("said", "name"), [("bank of england", "Bank of England"), ("nasa", "NASA"), ("mary-ann", "Mary-Ann")]
)
def test_a_name_is_written_as_writing_has_it(said: str, name: str) -> None:
    assert written(said) == name


def test_what_somebody_does_is_no_family_name() -> None:
    said = ["donald thinks it is fine", "and donald thinks so", "donald kask came", "and donald kask left"]

    assert with_capitals([text.split() for text in said])[0][:2] == ["Donald", "thinks"]
