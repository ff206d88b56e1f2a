from __future__ import annotations

import pytest

from autointel.domain.notes import EntityKind
from autointel.local.gazetteer import is_state, kind_of, works_at


@pytest.mark.parametrize(
    ("name", "before", "after", "kind"),
    [
        ("Gavrilo Princip", "", "", EntityKind.PERSON),
        ("Khrushchev", "", "said", EntityKind.PERSON),
        ("Lincoln", "President", "", EntityKind.PERSON),
        ("Jackson", "in", "", EntityKind.PLACE),
        ("Blaenau Gwent", "in", "", EntityKind.PLACE),
        ("Lake Constance", "", "", EntityKind.PLACE),
        ("Lubbock , Texas", "", "", EntityKind.PLACE),
        ("Heidelberg", "in", "", EntityKind.PLACE),
        ("Statistics Canada", "", "", EntityKind.ORGANISATION),
        ("Department for Transport", "", "", EntityKind.ORGANISATION),
        ("Joyent", "", "hired", EntityKind.ORGANISATION),
        ("Statistics Act", "", "", EntityKind.WORK),
        ("World Cup", "", "", EntityKind.EVENT),
        ("JavaScript", "in", "", EntityKind.OTHER),
        ("NASA Discovery", "", "", EntityKind.OTHER),
    ],
)
def test_a_kind_is_told_by_lists_head_and_neighbours(name: str, before: str, after: str, kind: EntityKind) -> None:
    assert kind_of(name.split(), before, after) is kind


def test_a_place_of_work_is_told_by_the_words_before() -> None:
    assert works_at(["when", "I", "joined"])
    assert works_at(["years", "of", "work", "at"])
    assert not works_at(["we", "looked", "at"])
    assert not works_at([])


def test_a_state_follows_a_town() -> None:
    assert is_state("Texas")
    assert is_state("D.C.")
    assert not is_state("Ethiopia")
    assert not is_state("texas")
