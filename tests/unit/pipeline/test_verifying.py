"""A model's second look removes what quotes do not carry, and only points: its words are looked up by code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.fakes.engine import CITATION, SOURCE, TRANSCRIPT, Heard

from autointel.domain.analysis import Insight, Likelihood
from autointel.domain.citation import Citation
from autointel.domain.notes import KeyPoint, Notes
from autointel.domain.report import Results
from autointel.domain.run import StepName, Usage
from autointel.domain.value import Confidence
from autointel.errors import AutointelError, ModelUnavailable
from autointel.model.replies import Ungrounded
from autointel.pipeline.brief import Brief, BriefingReply, CitedJudgment
from autointel.pipeline.grounding import Cited, Grounding
from autointel.pipeline.insights import Insights, InsightsReply
from autointel.pipeline.verifying import BATCH, SentenceCheck, SentenceChecks, Shown, Verifier
from autointel.ports import Model

pytestmark = pytest.mark.anyio

QUOTE = "The number of trips rose by fourteen percent in the first year."
RESULTS = Results(
    source=SOURCE,
    transcript=TRANSCRIPT,
    notes=Notes(method="m", key_points=(KeyPoint(id="K1", text="The gap is wide.", citation=CITATION),)),
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass
class Says(Model):
    """Answers each question by ``answer``, from its prompt."""

    answer: Callable[[str], SentenceChecks]
    prompts: list[str] = field(default_factory=list)

    @property
    def usage(self) -> Usage:
        return Usage()

    async def room(self) -> int | None:
        return None

    async def ask(
        self, role: str, system: str, user: str, schema: type[Any], *, step: StepName, smaller: bool = False
    ) -> Any:
        assert (role, schema, smaller) == ("Verifier", SentenceChecks, True)
        assert "Verifier" in system
        assert step in StepName
        self.prompts.append(user)
        return self.answer(user)


def all_of(carried: str, words: str) -> Callable[[str], SentenceChecks]:
    verdict = {"carried": carried, "words": words}
    return lambda prompt: SentenceChecks(
        sentences=[
            SentenceCheck.model_validate({"id": f"s{n}", **verdict}) for n in range(1, BATCH + 1) if f"[s{n}]" in prompt
        ]
    )


def sentences(count: int = 1) -> list[Shown]:
    return [Shown(f"Trips rose by fourteen percent ({number}).", (QUOTE,)) for number in range(count)]


async def test_a_sentence_that_is_carried_by_words_of_its_quote_stays() -> None:
    checked = await Verifier(Says(all_of("carried", "rose by FOURTEEN percent,"))).check(StepName.READ, sentences())

    assert checked.stays == {0}
    assert checked.dropped.total == 0


@pytest.mark.parametrize("said", ["not", "partly"])
async def test_a_sentence_that_is_not_wholly_carried_is_removed_and_counted(said: str) -> None:
    checked = await Verifier(Says(all_of(said, "rose by fourteen percent"))).check(StepName.READ, sentences())

    assert checked.stays == frozenset()
    assert checked.dropped.not_carried == 1
    assert f"the model: {said} carried" in checked.dropped.sentences[0]


async def test_what_follows_from_several_notes_may_be_carried_in_part() -> None:
    model = Says(all_of("partly", "rose by fourteen percent"))

    checked = await Verifier(model).check(StepName.INSIGHTS, sentences(), partly=True)

    assert checked.stays == {0}


@pytest.mark.parametrize("words", ["", "fell by fourteen percent", "fourteen first"])
async def test_words_that_stand_in_no_quote_carry_nothing(words: str) -> None:
    checked = await Verifier(Says(all_of("carried", words))).check(StepName.READ, sentences())

    assert checked.stays == frozenset()


async def test_fifteen_sentences_are_one_call() -> None:
    model = Says(all_of("carried", "fourteen percent"))

    checked = await Verifier(model).check(StepName.READ, sentences(BATCH + 1))

    assert len(model.prompts) == 2
    assert len(checked.stays) == BATCH + 1


async def test_a_sentence_that_the_model_says_nothing_of_stays() -> None:
    checked = await Verifier(Says(lambda _: SentenceChecks(sentences=[]))).check(StepName.READ, sentences(2))

    assert checked.stays == {0, 1}


async def test_a_model_that_does_not_answer_removes_nothing_and_the_step_says_so() -> None:
    def gone(_: str) -> SentenceChecks:
        error: AutointelError = ModelUnavailable("It hung up.", "Try again.")
        raise error

    checked = await Verifier(Says(gone)).check(StepName.READ, sentences(2))

    assert checked.stays == {0, 1}
    assert checked.unheard == "the model did not verify every sentence: It hung up."


DOUBTED = [Shown("No more than fourteen percent of trips were new.", (QUOTE,), "negation: the quote does not deny it")]


async def test_a_sentence_that_code_doubts_stays_where_the_model_says_which_words_carry_it() -> None:
    checked = await Verifier(Says(all_of("carried", "fourteen percent"))).check(StepName.READ, DOUBTED)

    assert checked.stays == {0}
    assert checked.dropped.total == 0


@pytest.mark.parametrize(
    ("said", "words", "why"),
    [
        ("not", "fourteen percent", "not carried"),
        ("partly", "fourteen percent", "partly carried"),
        ("carried", "", "words that stand in no quote"),
        ("carried", "forty percent", "words that stand in no quote"),
    ],
)
async def test_a_sentence_that_code_doubts_falls_where_the_model_does_not_carry_all_of_it(
    said: str, words: str, why: str
) -> None:
    checked = await Verifier(Says(all_of(said, words))).check(StepName.INSIGHTS, DOUBTED, partly=True)

    assert checked.stays == frozenset()
    assert checked.dropped.not_carried == 1
    assert "negation" in checked.dropped.sentences[0]
    assert why in checked.dropped.sentences[0]


async def test_a_sentence_that_code_doubts_falls_where_the_model_is_silent_on_it() -> None:
    checked = await Verifier(Says(lambda _: SentenceChecks(sentences=[]))).check(
        StepName.READ, [*DOUBTED, *sentences()]
    )

    assert checked.stays == {1}
    assert "negation" in checked.dropped.sentences[0]


async def test_a_model_that_does_not_answer_saves_no_sentence_that_code_doubts() -> None:
    def gone(_: str) -> SentenceChecks:
        error: AutointelError = ModelUnavailable("It hung up.", "Try again.")
        raise error

    checked = await Verifier(Says(gone)).check(StepName.READ, [*sentences(), *DOUBTED])

    assert checked.stays == {0}
    assert checked.unheard


async def test_an_insight_that_the_model_does_not_find_carried_is_left_out_of_the_findings_and_their_text() -> None:
    def first_only(_: str) -> SentenceChecks:
        return SentenceChecks(
            sentences=[
                SentenceCheck(id="s1", carried="carried", words=CITATION.quote),
                SentenceCheck(id="s2", carried="not", words=""),
            ]
        )

    step = Insights(Verifier(Says(first_only)))
    items = [
        Cited(text=text, note_ids=["K1"], confidence=Confidence.HIGH)
        for text in ("The gap is wide.", "There is a wide gap, clearly.")
    ]
    done = step.accept(RESULTS, InsightsReply(insights=items, themes=[]), last=True)
    assert len(done.value.insights) == 2 - done.value.dropped.duplicates

    verified = await step.verified(done)

    assert [insight.text for insight in verified.value.insights] == ["The gap is wide."]
    assert "clearly" not in verified.text


async def test_no_judgment_is_shown_before_the_second_look() -> None:
    heard = Heard()
    judge = Brief(heard, Verifier(Says(all_of("not", ""))))
    judgment = CitedJudgment(
        text="The gap is wide.", note_ids=["K1"], confidence=Confidence.HIGH, likelihood=Likelihood.LIKELY
    )
    judge.show(RESULTS, judgment.model_dump_json())

    done = await judge.verified(judge.accept(RESULTS, BriefingReply(judgments=[judgment]), last=True))

    assert done.value.judgments == ()
    assert heard.judgments == []
    assert done.value.dropped.not_carried == 1


@pytest.mark.parametrize(("carried", "left"), [("carried", ["No gap is narrow."]), ("not", [])])
async def test_a_finding_that_code_doubts_is_not_asked_for_again_but_goes_to_the_second_look(
    carried: str, left: list[str]
) -> None:
    model = Says(all_of(carried, CITATION.quote))
    item = Cited(text="No gap is narrow.", note_ids=["K1"], confidence=Confidence.HIGH)
    step = Insights(Verifier(model))

    done = step.accept(RESULTS, InsightsReply(insights=[item], themes=[]), last=False)
    verified = await step.verified(done)

    assert len(model.prompts) == 1
    assert [insight.text for insight in verified.value.insights] == left
    assert verified.value.dropped.not_carried == 1 - len(left)


def test_without_a_second_look_a_finding_that_code_doubts_is_asked_for_again() -> None:
    item = Cited(text="No gap is narrow.", note_ids=["K1"], confidence=Confidence.HIGH)

    with pytest.raises(Ungrounded, match="No gap is narrow"):
        Insights().accept(RESULTS, InsightsReply(insights=[item], themes=[]), last=False)


@pytest.mark.parametrize("false", ["The gap is 90 meters wide.", "Is the gap wide?"])
def test_a_finding_with_a_number_of_its_own_or_a_question_is_no_matter_for_a_second_look(false: str) -> None:
    item = Cited(text=false, note_ids=["K1"], confidence=Confidence.HIGH)

    with pytest.raises(Ungrounded):
        Insights(Verifier(Says(all_of("carried", CITATION.quote)))).accept(
            RESULTS, InsightsReply(insights=[item], themes=[]), last=False
        )


def test_of_two_findings_that_say_the_same_the_one_that_code_doubts_gives_way() -> None:
    citation = Citation(quote=QUOTE, start=1.0, end=3.0)
    notes = Notes(method="m", key_points=(KeyPoint(id="K1", text=QUOTE, citation=citation),))
    doubted = "The number of tram trips rose by fourteen percent in the first year."
    grounding = Grounding.on(notes, doubts={})

    found = grounding.findings(
        Insight, [Cited(text=text, note_ids=["K1"], confidence=Confidence.HIGH) for text in (doubted, QUOTE, doubted)]
    )

    assert [each.text for each in found] == [QUOTE]
    assert grounding.repeated == [doubted, doubted]


DOUBTED_ON_K1 = "Trams are slow here."
TWO_NOTES = Notes(
    method="m",
    key_points=(
        KeyPoint(id="K1", text="The gap is wide.", citation=CITATION),
        KeyPoint(id="K2", text=DOUBTED_ON_K1, citation=Citation(quote=DOUBTED_ON_K1, start=9.0, end=11.0)),
    ),
)


def test_the_same_sentence_on_notes_that_carry_it_takes_the_place_of_one_that_code_doubts() -> None:
    doubts: dict[tuple[str, tuple[Citation, ...]], str] = {}
    items = [Cited(text=DOUBTED_ON_K1, note_ids=[note], confidence=Confidence.HIGH) for note in ("K1", "K2", "K1")]

    found = Grounding.on(TWO_NOTES, doubts=doubts).findings(Insight, items)

    assert [each.citations[0].quote for each in found] == [DOUBTED_ON_K1]
    assert [(text, citations) for text, citations in doubts] == [(DOUBTED_ON_K1, (CITATION,))]


@pytest.mark.parametrize("order", [("K1", "K2"), ("K2", "K1")])
async def test_a_judgment_that_is_doubted_on_one_note_and_carried_by_another_stands_without_the_model(
    order: tuple[str, str],
) -> None:
    judge = Brief(Heard(), Verifier(Says(lambda _: SentenceChecks(sentences=[]))))
    judgments = [
        CitedJudgment(text=DOUBTED_ON_K1, note_ids=[note], confidence=Confidence.HIGH, likelihood=Likelihood.LIKELY)
        for note in order
    ]

    results = RESULTS.model_copy(update={"notes": TWO_NOTES})
    done = await judge.verified(judge.accept(results, BriefingReply(judgments=judgments), last=True))

    assert [each.citations[0].quote for each in done.value.judgments] == [DOUBTED_ON_K1]
