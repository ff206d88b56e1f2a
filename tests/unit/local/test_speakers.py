from __future__ import annotations

from tests.unit.local.making import script

from autointel.domain.notes import SpeakerShare
from autointel.local.speakers import speakers_of
from autointel.text.sentences import cut


def speakers(*texts: str | tuple[str, str], timed: bool = True) -> tuple[SpeakerShare, ...]:
    whole = script(*texts, timed=timed)
    return speakers_of(whole, cut(whole))


def test_each_has_a_share_of_the_words_and_a_first_and_last_second() -> None:
    found = speakers(("Ann Lee", "One two three."), ("Ben Ode", "Four."), ("Ann Lee", "Five six seven eight."))

    assert [(each.name, each.share, each.first, each.last) for each in found] == [
        ("Ann Lee", 0.875, 0.0, 9.0),
        ("Ben Ode", 0.125, 3.0, 6.0),
    ]


def test_spellings_of_one_label_are_one_speaker_and_the_aside_is_the_role() -> None:
    found = speakers(
        ("Hon. Ann Lee (Minister of Cranes)", "One two."), ("ANN LEE", "Three."), ("Hon. Ann Lee", "Four.")
    )

    assert [(each.name, each.role) for each in found] == [("Hon. Ann Lee", "Minister of Cranes")]


def test_an_introduction_is_quoted() -> None:
    found = speakers(
        ("Ann Lee", "Our guest today is Ben Ode, the director of the harbour."),
        ("Ben Ode", "The harbour needs a second crane."),
    )

    quotes = {each.name: each.introduction and each.introduction.quote for each in found}
    assert quotes == {"Ann Lee": None, "Ben Ode": "Our guest today is Ben Ode, the director of the harbour."}


def test_where_nobody_is_named_nobody_is_listed() -> None:
    assert speakers("The harbour needs a second crane.") == ()


def test_a_family_name_alone_is_the_speaker_whose_full_name_ends_in_it() -> None:
    found = speakers(("Ann Lee (D-Harbour)", "One two."), ("Lee", "Three."), ("Ode", "Four."), ("Ben Ode", "Five."))

    assert [(each.name, each.share) for each in found] == [("Ann Lee", 0.6), ("Ben Ode", 0.4)]
    both = speakers(("Ann Lee", "One two."), ("Bo Lee", "Three."), ("Lee", "Four."))
    assert [each.name for each in both] == ["Ann Lee", "Bo Lee", "Lee"]
