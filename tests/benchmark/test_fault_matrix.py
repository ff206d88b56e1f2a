"""Every fault at every step that asks a model: an outcome, the right exit code, nothing lost, nothing asked forever."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.fakes.model_run import SAMPLE, Ended, answered, most_asked, question, run_over

from autointel.model.limits import Limits
from autointel_bench.simulated import Fault, FaultKind, Profile, SimulatedModel
from autointel_bench.simulated.profile import HARMLESS

# Its own group: the other tests that load crewai are enough work for one worker.
pytestmark = pytest.mark.xdist_group("fault matrix")

# The analysts do not read each other, and one run can strike them all.
ANALYSTS = ("insights", "fallacies", "perspectives")
STRUCK = (("read",), ANALYSTS, ("fact_check",), ("brief",))
STEPS = tuple(step for steps in STRUCK for step in steps)
# The whole server refuses us, and whatever is asked later.
REFUSED = {FaultKind.REVOKED_KEY, FaultKind.OUT_OF_QUOTA}
# Not worth another try; everything else is mended by one.
FINAL = {*REFUSED, FaultKind.CONTEXT_TOO_LONG, FaultKind.REFUSAL}
# Half a reply: its whole items are used, so the step is done with less.
SALVAGED = {FaultKind.GARBAGE, FaultKind.LENGTH, FaultKind.ENDLESS_SPACE, FaultKind.ENDLESS_ITEM}
UNFELT = SALVAGED | HARMLESS
MOST = Limits().max_attempts
# A fault, and what a server says of when to come back: nothing, soon, or later than anybody waits.
FAULTS = [(kind, None) for kind in FaultKind] + [(FaultKind.RATE_LIMITED, "7"), (FaultKind.RATE_LIMITED, "3600")]
LATER_THAN_ANYBODY_WAITS = "3600"
NOTHING_CHOSEN = {"choices": None}  # of an answer, and of a usage block


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as far as two passages go."""
    path = tmp_path_factory.mktemp("talk") / "talk.vtt"
    path.write_text("\n\n".join(SAMPLE.read_text(encoding="utf-8").split("\n\n")[:260]), encoding="utf-8")
    return path


# Not counted for coverage: the faults that strike once pass through the same lines, and counting doubles the seconds.
@pytest.mark.uncounted
@pytest.mark.parametrize("steps", STRUCK, ids="-".join)
@pytest.mark.parametrize(("kind", "retry_after"), FAULTS)
def test_a_fault_that_lasts_fails_its_step_and_costs_no_other(
    kind: FaultKind, retry_after: str | None, steps: tuple[str, ...], talk: Path, tmp_path: Path
) -> None:
    faults = tuple(Fault(kind, step=step, count=None, retry_after=retry_after, body=NOTHING_CHOSEN) for step in steps)
    with SimulatedModel(Profile(faults=faults)) as server:
        first = run_over(server, tmp_path, source=talk, model=_patience(kind))
        asked = list(server.calls.all)
        server.become(Profile())
        second = run_over(server, tmp_path, source=talk)
        later = server.calls.all[len(asked) :]

    if kind in UNFELT:
        assert first.code == 0
        assert {first.outcomes[step] for step in steps} == {"done"}
    elif steps == ("read",):
        assert first.code == (5 if kind in REFUSED else 1)
        assert {call.step for call in asked} == {"read"}
    else:
        assert first.code == 7
        assert {first.outcomes[step] for step in steps} <= {"failed", "degraded"}
    _says_what_is_missing(first)
    assert most_asked(asked) <= MOST
    assert second.code == 0
    assert not answered(asked) & {question(call) for call in later}
    # The briefing is written again, since it has more to say now.
    finished = {name for name, outcome in first.outcomes.items() if outcome == "done"} - {"brief"}
    assert not finished & {call.step for call in later}


@pytest.mark.uncounted
@pytest.mark.parametrize("step", ANALYSTS)
def test_one_analyst_that_fails_costs_no_other(step: str, talk: Path, tmp_path: Path) -> None:
    with SimulatedModel(Profile(faults=(Fault(FaultKind.REFUSAL, step=step, count=None),))) as server:
        ended = run_over(server, tmp_path, source=talk)

    assert ended.code == 7
    assert {name: ended.outcomes[name] for name in ANALYSTS} == {**dict.fromkeys(ANALYSTS, "done"), step: "failed"}


@pytest.mark.uncounted
@pytest.mark.parametrize(("kind", "retry_after"), FAULTS)
def test_a_fault_that_strikes_every_step_once_is_outlived(
    kind: FaultKind, retry_after: str | None, talk: Path, tmp_path: Path
) -> None:
    # Of the passages the second, so that one is read whatever comes of the other.
    faults = tuple(
        Fault(kind, first=1 + (step == "read"), step=step, retry_after=retry_after, body=NOTHING_CHOSEN)
        for step in STEPS
    )
    with SimulatedModel(Profile(faults=faults)) as server:
        first = run_over(server, tmp_path, source=talk, model=_patience(kind))
        asked = list(server.calls.all)
        server.become(Profile())
        second = run_over(server, tmp_path, source=talk)
        later = server.calls.all[len(asked) :]

    mended = kind not in FINAL and retry_after != LATER_THAN_ANYBODY_WAITS
    assert first.code == (0 if mended else 7)
    if retry_after == "7":
        assert 7.0 in first.waits
    _says_what_is_missing(first)
    assert most_asked(asked) <= MOST
    assert second.code == 0
    assert not answered(asked) & {question(call) for call in later}
    assert not (mended and later)


def _patience(kind: FaultKind) -> dict[str, float]:
    """What hangs is waited for in earnest, so not for long."""
    return {"timeout": 0.7 if kind is FaultKind.HANG else 20}


def _says_what_is_missing(ended: Ended) -> None:
    """Each unfinished step has a reason and a hint, and stands on the page; an error is a sentence and a hint."""
    if ended.report is None:
        assert ended.error
        assert ended.error.message
        assert ended.error.hint
        return
    page = ended.report.briefing.markdown.replace("\\", "")  # Markdown escapes
    for step in ended.report.steps:
        if step.outcome not in {"done", "skipped"}:
            assert step.reason
            assert step.hint
            assert step.reason.rstrip(".") in page
