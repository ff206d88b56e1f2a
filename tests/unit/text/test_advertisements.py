from __future__ import annotations

from tests.unit.local.making import script

from autointel.text.advertisements import advertisement_sentences
from autointel.text.sentences import cut

TALK = "The harbour needs a second crane. Ships wait for nine hours."


def advertising(*texts: str | tuple[str, str]) -> list[str]:
    whole = script(*texts, timed=False)
    sentences = cut(whole)
    return [sentences[index].text for index in sorted(advertisement_sentences(whole, sentences))]


def test_an_advertisement_is_found_from_its_first_sign_to_its_last() -> None:
    advert = (
        "This episode is brought to you by Softbed. Softbed makes mattresses. Ninety percent of people sleep better. "
        "Use code HARBOUR for ten euros off."
    )

    assert "Ninety percent of people sleep better." in advertising(("ANNA", TALK), ("BEN", advert), ("ANNA", TALK))
    assert not any("crane" in text for text in advertising(("ANNA", TALK), ("BEN", advert), ("ANNA", TALK)))


def test_two_likely_signs_make_one() -> None:
    assert advertising("Check it out at cranes.io today. Sign up for the trial.")


def test_one_address_or_the_sponsor_of_a_bill_makes_none() -> None:
    assert advertising("Our figures are on harbour.org for everybody.") == []
    assert advertising("The senator is the first sponsor of the bill on cranes.") == []
