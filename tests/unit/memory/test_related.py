from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from tests.fakes.material import talk
from tests.unit.memory.conftest import Fill

from autointel.domain.analysis import Statement
from autointel.domain.citation import Citation
from autointel.domain.value import Confidence
from autointel.memory.differences import DIFFERENT_NUMBER, flags, have_other_subjects
from autointel.memory.findings import Stores
from autointel.memory.related import Memory, related, with_related
from autointel.text.near_duplicates import OwnWords

pytestmark = pytest.mark.anyio
CLAIM = "Ridership in Tallinn doubled within a year after fares were dropped in 2013."
OTHER = "Ridership in Tallinn grew by 14 percent in the year after fares were dropped."


def own(sentences: Sequence[str] = (CLAIM,), name: str = "mine") -> OwnWords:
    source, transcript, _ = talk(sentences, name)
    return OwnWords.of(source.id, transcript)


@pytest.fixture
def as_it_stands(stores: Stores) -> Callable[[], Memory]:
    return lambda: Memory(stores, frozenset(source.id for source in stores.index.sources()))


async def test_another_source_on_the_same_thing_is_related(keep: Fill, as_it_stands: Callable[[], Memory]) -> None:
    (passage,) = await keep([OTHER], "statistics")

    (found,) = await related(CLAIM, as_it_stands(), own())

    assert (found.passage_id, found.quote, found.source_title, found.start) == (passage, OTHER, "The statistics", 0.0)
    assert 0.4 <= found.score <= 1


async def test_neither_the_source_itself_nor_its_copies_are_related(
    keep: Fill, as_it_stands: Callable[[], Memory]
) -> None:
    await keep([CLAIM], "mine")
    await keep([CLAIM.upper()], "reupload")

    assert await related(CLAIM, as_it_stands(), own()) == ()


async def test_what_came_into_memory_after_the_run_began_is_not_related(
    keep: Fill, as_it_stands: Callable[[], Memory]
) -> None:
    await keep(["Trees line the road."], "before")
    memory = as_it_stands()
    await keep([OTHER], "after")

    assert await related(CLAIM, memory, own()) == ()


async def test_an_empty_memory_and_a_statement_without_content_have_nothing_related(
    keep: Fill, as_it_stands: Callable[[], Memory]
) -> None:
    assert await related(CLAIM, as_it_stands(), own()) == ()
    await keep([OTHER], "statistics")

    assert await related("It doubled.", as_it_stands(), own()) == ()


async def test_a_passage_that_shares_little_is_not_related(keep: Fill, as_it_stands: Callable[[], Memory]) -> None:
    await keep(["Tallinn is a city by the sea."], "geography")

    assert await related(CLAIM, as_it_stands(), own()) == ()


async def test_the_same_words_in_two_sources_are_one_voice(keep: Fill, as_it_stands: Callable[[], Memory]) -> None:
    await keep([OTHER], "statistics")
    await keep([OTHER], "mirror")

    assert len(await related(CLAIM, as_it_stands(), own())) == 1


async def test_every_statement_keeps_its_place_and_the_limit_holds(
    keep: Fill, as_it_stands: Callable[[], Memory]
) -> None:
    await keep([f"{OTHER[:-1]} on line {number}." for number in range(5)], "statistics")
    statements = [said(CLAIM), said("Trees line the road to the harbour."), said(CLAIM)]

    done = await with_related(statements, as_it_stands(), own(), limit=2)

    assert [statement.text for statement in done] == [statement.text for statement in statements]
    assert [len(statement.related) for statement in done] == [2, 0, 2]
    assert done[0].related == done[2].related


def said(text: str) -> Statement:
    return Statement(
        text=text, confidence=Confidence.LOW, method="rule", citations=(Citation(quote=text, start=0.0, end=2.0),)
    )


@pytest.mark.parametrize(
    ("statement", "quote", "expected"),
    [
        ("Ridership in Tallinn rose by 50 percent.", "Ridership in Tallinn rose by 14 percent.", ("different number",)),
        ("Ridership in Tallinn rose by 1,200.", "Ridership in Tallinn rose by 1200.", ()),
        ("Ridership in Tallinn rose for twelve years.", "Ridership in Tallinn rose for 12 years.", ()),
        ("Tallinn dropped fares in 2013.", "Tallinn dropped fares in 2015.", ("different year",)),
        (
            "Tallinn dropped 3 fares in 2013.",
            "Tallinn dropped 4 fares in 2015.",
            ("different number", "different year"),
        ),
        ("Tallinn dropped fares in 2013.", "Tallinn dropped fares.", ()),
        (
            "The harbour office has 900 boats in Riga.",
            "In Riga the harbour office has 20 boats.",
            ("different number",),
        ),
        ("Ridership in Riga was up 14 percent.", "Ridership in Riga rose by 9 percent.", ("different number",)),
        ("Free buses in Riga raised fares by 14 percent.", "Fares in Riga grew 9 percent.", ("different number",)),
        ("Fares rose by 50.", "Trees grow for 20 years.", ()),
    ],
)
def test_numbers_are_compared_where_the_rest_is_comparable(
    statement: str, quote: str, expected: tuple[str, ...]
) -> None:
    assert flags(statement, quote) == expected


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("survey found transport use up fourteen percent", "survey found transport use up three percent", True),
        ("the city moved twenty-two million", "the city moved 22 million", False),
        ("the city moved twenty two million", "the city moved eighteen million", True),
        ("one of the cities kept its buses free", "two of the cities kept its buses free", False),
    ],
)
def test_numbers_said_as_words_are_numbers(one: str, other: str, differ: bool) -> None:  # noqa: FBT001
    assert (DIFFERENT_NUMBER in flags(one, other)) is differ


@pytest.mark.parametrize(
    ("statement", "quote"),
    [
        ("Our engineer says that the mill costs ten million euros.", "The county runs on 74 million dollars a year."),
        ("The county sold 14 mills in the valley.", "The county sold 20 acres in the valley."),
        ("The county mill cost 14 million dollars.", "The county mill cost 20 million euros."),
        ("Seven members of the council opposed the sale.", "The sale of the mill took nine years, said the council."),
        (
            "The State Inspector tested 300 boilers out of 52,000.",
            "The town has 52,000 boilers. The State Inspector tested 300 of them in 2021 and found 60 off.",
        ),
        (
            "The State Inspector tested 300 boilers out of 52,000.",
            "The State Inspector tested 300 of them in 2021 and found 60 off by two percent.",
        ),
        ("The State Inspector tested 300 boilers out of 52,000.", "The State Inspector tested 52,000 boilers of ours."),
        ("The harbour office of Riga has 900 boats.", "The harbour office of Riga sold 20 boats."),
        ("The bill in Riga was 212 euros and is 391 euros now.", "The bill in Riga is 400 euros now."),
        ("In 1990 the mill burnt down.", "The council met in 2005 about the mill and its taxes and the road."),
    ],
)
def test_numbers_that_count_something_else_are_not_set_against_each_other(statement: str, quote: str) -> None:
    assert flags(statement, quote) == ()


INFLATION = "Inflation in the euro area fell to six percent in May 2023."


@pytest.mark.parametrize(
    ("statement", "quote", "other"),
    [
        (INFLATION, "Unemployment in the euro area fell to four percent in May 2023.", True),
        (INFLATION, "Officials say that unemployment in the euro area fell to four percent in May 2023.", True),
        (INFLATION, "In May 2023 inflation in the euro area stood at four percent.", False),
        (INFLATION, "In the euro area they fell to four percent in May 2023.", False),
        ("The unemployment rate in Spain fell to 12 percent.", "The inflation rate in Spain fell to 5 percent.", True),
        ("The number of ships in Riga fell by 14 percent.", "The number of births in Riga fell by 9 percent.", True),
        ("The rate of inflation in Riga fell to 4 percent.", "Inflation in Riga fell to 9 percent.", False),
        ("Free buses raised ridership by 14 percent.", "Ridership rose by 9 percent with free buses.", False),
        ("Harlow sold 2 million phones in 2020.", "Brandt sold 3 million phones in 2020.", True),
        ("Die Inflation in Riga fiel auf 4 Prozent.", "Die Teuerung in Riga fiel auf 9 Prozent.", False),
    ],
)
async def test_sentences_on_other_subjects_are_neither_related_nor_counted_against_each_other(
    statement: str,
    quote: str,
    other: bool,  # noqa: FBT001
    keep: Fill,
    as_it_stands: Callable[[], Memory],
) -> None:
    await keep([quote], "statistics")

    assert have_other_subjects(statement, quote) is other
    assert not (other and await related(statement, as_it_stands(), own()))
    assert not (other and flags(statement, quote))


async def test_common_words_alone_relate_nothing(keep: Fill, as_it_stands: Callable[[], Memory]) -> None:
    await keep([f"The year after, the city had {number} meetings on Monday." for number in range(8)], "minutes")

    assert (
        await related("The city of Tallinn dropped its fares the year after the Monday vote.", as_it_stands(), own())
        == ()
    )
