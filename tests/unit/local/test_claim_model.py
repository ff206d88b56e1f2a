from __future__ import annotations

from autointel.local.statements import claim_logit, features


def test_a_figure_from_public_life_sounds_more_like_a_claim_than_a_greeting() -> None:
    assert claim_logit("Unemployment rose by 14 percent in 2008.") > 0 > claim_logit("Thank you very much, everybody.")


def test_all_numbers_are_one_word_and_the_first_word_is_marked() -> None:
    assert features("Fares rose 14%.") == ["fares", "rose", "#", "%", "^ fares", "fares rose", "rose #", "# %"]


def test_words_that_were_never_seen_say_nothing() -> None:
    assert claim_logit("Qwrt") == claim_logit("")
