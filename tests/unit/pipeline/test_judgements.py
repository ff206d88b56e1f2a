"""What has been shown of a briefing stands; what rests on nothing is told once, then removed and counted."""

from __future__ import annotations

import pytest
from tests.fakes.engine import CITATION, SOURCE, TRANSCRIPT, Heard

from autointel.domain.analysis import Likelihood
from autointel.domain.notes import KeyPoint, Notes
from autointel.domain.report import Results
from autointel.domain.value import Confidence
from autointel.errors import ModelUnavailable
from autointel.model.replies import Ungrounded
from autointel.pipeline.brief import Brief, BriefingReply, CitedJudgment

RESULTS = Results(
    source=SOURCE,
    transcript=TRANSCRIPT,
    notes=Notes(method="m", key_points=(KeyPoint(id="K1", text="The gap is wide.", citation=CITATION),)),
)
WORDS = ("very", "quite", "truly", "rather", "fairly", "awfully", "clearly")
GONE = ModelUnavailable("It hung up.", "Try again.")


def judgment(text: str, *note_ids: str) -> CitedJudgment:
    return CitedJudgment(text=text, note_ids=list(note_ids), confidence=Confidence.HIGH, likelihood=Likelihood.LIKELY)


def test_what_has_been_shown_stands_though_the_rest_never_came() -> None:
    heard = Heard()
    judge = Brief(heard)
    judge.show(RESULTS, judgment("The gap is wide indeed.", "K1").model_dump_json())

    done = judge.without(GONE)

    assert (
        [each.text for each in done.value.judgments] == ["The gap is wide indeed."] == [j.text for j in heard.judgments]
    )
    assert done.shortfall == "only 1 key judgments: It hung up."
    assert done.hint == "Try again."


def test_where_nothing_was_shown_there_are_no_judgments() -> None:
    done = Brief(Heard()).without(GONE)

    assert done.value.judgments == ()
    assert done.shortfall == "no key judgments: It hung up."


def test_no_more_is_shown_than_is_kept() -> None:
    heard = Heard()
    judge = Brief(heard)
    first = [judgment(f"The gap is {word} wide.", "K1") for word in WORDS[:6]]
    again = [judgment(f"Still the gap is {word} wide.", "K1") for word in WORDS]
    with pytest.raises(Ungrounded, match="K9"):
        judge.accept(RESULTS, BriefingReply(judgments=[*first, judgment("Made up.", "K9")]), last=False)

    done = judge.accept(RESULTS, BriefingReply(judgments=again), last=True)

    assert len(done.value.judgments) == 7
    assert list(done.value.judgments) == heard.judgments


@pytest.mark.parametrize(
    "raw", ["not JSON", '{"text": "No likelihood."}', judgment("Made up.", "K9").model_dump_json()]
)
def test_what_is_not_whole_or_cites_nothing_real_is_not_shown(raw: str) -> None:
    heard = Heard()

    Brief(heard).show(RESULTS, raw)

    assert heard.judgments == []


def test_a_judgment_that_cites_a_real_note_beside_one_made_up_is_kept_and_shown_at_last() -> None:
    heard = Heard()

    done = Brief(heard).accept(
        RESULTS, BriefingReply(judgments=[judgment("The gap is rather wide.", "K1", "K9")]), last=True
    )

    assert list(done.value.judgments) == heard.judgments
    assert [each.text for each in heard.judgments] == ["The gap is rather wide."]
    assert done.value.dropped.note_ids == 1
