"""The ledger of a subject, and sources side by side."""

from __future__ import annotations

from datetime import date

import pytest
from tests.fakes.material import talk
from tests.unit.memory.conftest import Fill

from autointel.adapters.catalogue.passages import Passages
from autointel.domain.analysis import CheckedClaim, Verdict
from autointel.domain.citation import Citation
from autointel.domain.passage import cut
from autointel.domain.transcript import Source, Transcript
from autointel.memory.compare import REMARK, compare
from autointel.memory.differences import DENIED, DIFFERENT_NUMBER, difference
from autointel.memory.findings import Stores
from autointel.memory.ledger import ledger

pytestmark = pytest.mark.anyio
EARLY = ["The tram line in Riga cost 40 million euros to build.", "Trees line the road."]
LATE = ["The tram line in Riga cost 70 million euros to build.", "Bread is cheap in Riga."]
OWLS = ["Owls hunt mice in the dark forest at night.", "Mice fear owls that hunt in the forest."]


async def test_a_ledger_is_in_the_order_of_time_and_names_a_later_number_that_differs(
    stores: Stores, keep: Fill
) -> None:
    await keep(LATE, "late", date(2025, 5, 1))
    await keep(EARLY, "early", date(2024, 5, 1))
    sources = {source.id: source for source in stores.index.sources()}

    found = await ledger("Riga", 10, stores, sources, {})

    assert [entry.published_at for entry in found.entries] == [date(2024, 5, 1), date(2025, 5, 1), date(2025, 5, 1)]
    first, second, third = found.entries
    assert (first.differs, third.differs) == ((), ())
    assert [(each.number, each.what) for each in second.differs] == [(1, DIFFERENT_NUMBER)]


async def test_sources_without_a_day_stand_by_title(stores: Stores, keep: Fill) -> None:
    await keep(LATE, "2016 debate")
    await keep(EARLY, "1960 debate")

    found = await ledger("Riga", 10, stores, {}, {})

    assert [entry.source_title for entry in found.entries] == ["The 1960 debate", "The 2016 debate", "The 2016 debate"]


async def test_captions_without_sentences_are_not_quoted_twice(stores: Stores) -> None:
    said = " ".join(f"and stop{at} of the tram in riga is number {at} on the line" for at in range(60)).split()
    cues = [" ".join(said[at : at + 7]) for at in range(0, len(said), 7)]
    source, transcript, _ = talk(cues)
    segments = tuple(each.model_copy(update={"speaker": None}) for each in transcript.segments)
    transcript = transcript.model_copy(update={"segments": segments})
    assert isinstance(stores.index, Passages)
    stores.index.store(source, transcript, cut(source, transcript))

    found = await ledger("Riga", 20, stores, {}, {})

    quotes = [entry.citation.quote for entry in found.entries]
    assert len(quotes) > 3
    assert not [
        (one, other) for one in quotes for other in quotes if one != other and " ".join(one.split()[:8]) in other
    ]


async def test_a_statement_bears_the_verdict_on_its_claim(stores: Stores, keep: Fill) -> None:
    await keep(EARLY, "early", date(2024, 5, 1))
    sources = {source.id: source for source in stores.index.sources()}
    claim = CheckedClaim(
        id="c",
        text="It cost 40 million.",
        citation=Citation(quote=EARLY[0], start=0.0),
        verdict=Verdict.NOT_ENOUGH_EVIDENCE,
    )

    found = await ledger("Riga", 10, stores, sources, {source_id: [claim] for source_id in sources})

    assert [entry.verdict for entry in found.entries] == [Verdict.NOT_ENOUGH_EVIDENCE]


async def test_a_subject_of_which_nobody_speaks_has_an_empty_ledger(stores: Stores, keep: Fill) -> None:
    await keep(EARLY)

    assert (await ledger("Zanzibar", 10, stores, {}, {})).entries == ()
    assert (await ledger("what of it", 10, stores, {}, {})).entries == ()


@pytest.mark.parametrize(
    ("earlier", "later", "what"),
    [
        ("The council approved the new tram line.", "The council never approved the new tram line.", DENIED),
        ("The council approved the new tram line.", "The council approved the new tram line in May.", None),
        ("The council approved the new tram line.", "Bread is not cheap in Riga.", None),
    ],
)
def test_a_denial_is_seen_on_the_same_matter_only(earlier: str, later: str, what: str | None) -> None:
    assert difference(earlier, later) == what


def test_sources_agree_differ_and_stand_alone_each_with_its_quote() -> None:
    first = talk(["The council of Riga approved the tram line in spring.", EARLY[0], *OWLS])
    second = talk(["In spring the council of Riga approved that tram line.", LATE[0]], "other")

    found = compare([(first[0], first[1]), (second[0], second[1])], 5)

    assert [pair.first.citation.quote[:11] for pair in found.agreements] == ["The council"]
    assert [(pair.first.source, pair.second.source, pair.what) for pair in found.numbers] == [(1, 2, DIFFERENT_NUMBER)]
    assert [said.citation.quote for said in found.alone] == OWLS
    assert found.remark == REMARK


def test_sources_that_share_nothing_agree_on_nothing() -> None:
    first, second = (
        talk(["Owls hunt mice in the forest at night."]),
        talk(["Bread prices rose in every town."], "other"),
    )

    found = compare([(first[0], first[1]), (second[0], second[1])], 5)

    assert (found.agreements, found.numbers, found.differences) == ((), (), ())


def test_what_an_advertisement_says_is_not_compared() -> None:
    advert = (
        "This episode is brought to you by Softbed, maker of mattresses. Softbed mattresses are sewn by hand from "
        "organic cotton in Riga. Use code HARBOUR for ten euros off any Softbed mattress."
    )
    first, second = talk([advert, OWLS[0]]), talk([OWLS[0], advert], "other")

    found = compare([(first[0], first[1]), (second[0], second[1])], 9)

    assert [pair.first.citation.quote for pair in found.agreements] == [OWLS[0]]
    assert "Softbed" not in found.model_dump_json()


def captions(said: str, name: str) -> tuple[Source, Transcript]:
    """A talk as raw captions have it: no speaker, no mark, seven words a cue."""
    words = said.split()
    source, transcript, _ = talk([" ".join(words[at : at + 7]) for at in range(0, len(words), 7)], name)
    return source, Transcript(
        segments=tuple(each.model_copy(update={"speaker": None}) for each in transcript.segments), language="en"
    )


def test_raw_captions_are_compared_by_the_sentences_that_they_probably_have() -> None:
    first = captions(
        "thank you very much for having me and i want to say that the harbour bridge in riga will close for repairs in "
        "november because the steel cables are rusting and i am glad that so many people came here tonight to listen "
        "and we should talk about schools because my daughter goes to one of them and she likes the teachers there",
        "first",
    )
    second = captions(
        "good evening everybody it is raining again so let me begin with the weather nobody likes it and then i will "
        "tell you that the harbour bridge in riga will close for repairs in november as the steel cables are rusting "
        "and after that we can have some coffee and a piece of the cake that my neighbour baked for all of you",
        "second",
    )

    found = compare([first, second], 5)

    assert [("harbour bridge" in each.first.citation.quote, each.what) for each in found.agreements] == [(True, "")]
    assert all(len(each.citation.quote) < 200 for each in found.alone)


def test_a_short_statement_is_not_the_same_as_a_long_one_that_happens_to_have_its_words() -> None:
    short = "Companies stop stealing jobs from countries."
    long = (
        "Number three, stop the programme that gives loans and training funds to companies that shut down factories, "
        "move jobs to other countries, import cheap steel and never return to pay what they owe to their towns."
    )
    first, second = talk([short, *OWLS]), talk([long, EARLY[0]], "other")

    found = compare([(first[0], first[1]), (second[0], second[1])], 5)

    assert (found.agreements, found.differences) == ((), ())


BRANDT = "Ada Brandt of the Kestrel Institute in Riga inspected the dam for two weeks."


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (BRANDT, "The Kestrel Institute in Riga confirmed that Ada Brandt refused to print her essay.", False),
        (BRANDT, "Tonight Dr. Ada Brandt of the Kestrel Institute in Riga meets Councillor Tomas Lind.", False),
        (BRANDT, "Ada Brandt of the Kestrel Institute in Riga inspected the school for two weeks.", False),
        (BRANDT, "Jon Reyes of the Kestrel Institute in Riga inspected the dam for two weeks.", False),
        (BRANDT, "For two weeks the dam was inspected by Ada Brandt of the Kestrel Institute in Riga.", True),
        (BRANDT, "Ada Brandt of the Kestrel Institute began her inspection of the dam with two divers.", True),
        (
            "The State Inspector examined 300 of them in 2021 and found 60 off.",
            "The State Inspector examined 300 boilers out of 52,000.",
            True,
        ),
    ],
)
def test_two_say_the_same_where_the_same_is_said_and_not_where_names_agree(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    first, second = talk([one, *OWLS]), talk([other, EARLY[0]], "other")

    found = compare([(first[0], first[1]), (second[0], second[1])], 4)

    assert bool(found.agreements) is bool(found.recurring) is same
    assert (found.numbers, found.differences) == ((), ())


def test_sources_in_a_language_whose_verbs_no_rule_finds_agree_by_their_words() -> None:
    said = ("El puente de Riga cierra por obras en noviembre.", "En noviembre el puente de Riga cierra por obras.")
    first, second = (talk([text], f"talk {number}") for number, text in enumerate(said))
    spanish = {"language": "es"}

    found = compare([(source, spoken.model_copy(update=spanish)) for source, spoken, _ in (first, second)], 4)

    assert [pair.what for pair in found.agreements] == [""]


def test_what_a_transcriber_notes_is_not_what_a_source_says() -> None:
    noted = [
        f"Well [unintelligible 02:1{at}] they came over later that {day}." for at, day in enumerate(("day", "week"))
    ]
    first, second = talk([*noted, *OWLS]), talk([EARLY[0]], "other")

    found = compare([(first[0], first[1]), (second[0], second[1])], 4)

    assert [said.citation.quote for said in found.alone if said.source == 1] == OWLS
