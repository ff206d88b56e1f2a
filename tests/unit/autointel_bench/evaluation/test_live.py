"""What ``eval live`` counts, what it reads, and that it asks before it spends."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from tests.fakes.engine import CITATION

from autointel.cli.app import carry_out_command
from autointel.domain.analysis import Verdict
from autointel.domain.notes import KeyPoint, Notes
from autointel.domain.run import Usage
from autointel.errors import ModelRefused, UsageError
from autointel.settings import Settings
from autointel_bench.evaluation.live import Labels, LiveData, LiveScore, estimate, labels_of, score, shares_found
from autointel_bench.simulated import Fault, FaultKind, Profile, SimulatedModel

pytestmark = pytest.mark.xdist_group("crew")

SUPPORTED, REFUTED, UNKNOWN = Verdict.SUPPORTED, Verdict.REFUTED, Verdict.NOT_ENOUGH_EVIDENCE
TALK = """\
Ana: The fare covers a fifth of what the buses cost the city.
Ben: Ridership in Tallinn grew by fourteen percent after the fare was dropped.
Ana: Somebody has to carry the gap of eleven million a year.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "transcripts").mkdir(parents=True)
    claims = [
        {"claim": "Ridership rose.", "label": "Supported", "evidence": ["Ridership rose by fourteen percent."]},
        {"claim": "The fare covers all.", "label": "REFUTED", "evidence": ["The fare covers a fifth of the cost."]},
        {"claim": "It will snow.", "label": "Not Enough Evidence"},
    ]
    (data / "claims.jsonl").write_text("\n".join(json.dumps(claim) for claim in claims) + "\n\n", encoding="utf-8")
    (data / "transcripts" / "talk.txt").write_text(TALK, encoding="utf-8")
    points = {"points": ["The fare covers a fifth of the cost.", "Zeppelins crossed oceans."]}
    (data / "transcripts" / "talk.expected.json").write_text(json.dumps(points), encoding="utf-8")
    return data


def settings(server: SimulatedModel, home: Path) -> Settings:
    return Settings.model_validate({"home": home, "model": {"base_url": server.base_url, "name": "simulated"}})


def test_accuracy_and_macro_f1_by_hand() -> None:
    labels = labels_of([SUPPORTED, SUPPORTED, REFUTED, UNKNOWN], [SUPPORTED, REFUTED, REFUTED, None])

    # F1: supported 2/3, refuted 2/3, not enough 0.
    assert labels == Labels(claims=4, accuracy=0.5, macro_f1=labels.macro_f1, unanswered=1)
    assert labels.macro_f1 == pytest.approx(4 / 9)


def test_a_point_is_found_by_the_note_that_shares_most_of_its_words() -> None:
    notes = Notes(method="m", key_points=(KeyPoint(id="K1", text="Somebody must carry it.", citation=CITATION),))

    shares = shares_found(["The gap is eleven million", "Zeppelins crossed oceans", "Is it?"], notes)

    assert shares == [1.0, 0.0, 0.0]
    assert shares_found(["Anything at all"], Notes(method="m")) == [0.0]


def test_the_whole_folder_is_measured_and_called_simulated(folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    with SimulatedModel() as server:
        data = LiveData.of(folder)
        expected = estimate(data, settings(server, tmp_path))
        measured = score(data, settings(server, tmp_path), told.append)
        calls = len(server.calls)

    assert measured.labels
    assert (measured.labels.claims, measured.labels.unanswered) == (3, 0)
    assert (measured.talks, measured.points) == (1, 2)
    assert 0 <= measured.recall <= 0.5
    assert measured.grounded == 1.0
    assert measured.usage.model_calls == calls <= sum(step.calls for step in expected.steps)
    assert measured.usage.prompt_tokens <= sum(step.prompt_tokens for step in expected.steps)
    assert "simulated" in measured.render()
    assert told == ["3 claims judged", "talk.txt read"]
    assert not (tmp_path / "catalogue.sqlite3").exists()


def test_a_judge_without_an_answer_is_counted_as_one(folder: Path, tmp_path: Path) -> None:
    refusal = Fault(FaultKind.REFUSAL, step="fact_check")
    with SimulatedModel(Profile(faults=(refusal,))) as server:
        measured = score(LiveData(LiveData.of(folder).claims, ()), settings(server, tmp_path), lambda _: None)

    assert measured.labels
    assert measured.labels.unanswered == 1


def test_a_key_that_is_refused_ends_it(folder: Path, tmp_path: Path) -> None:
    revoked = Fault(FaultKind.REVOKED_KEY, count=None)
    with SimulatedModel(Profile(faults=(revoked,))) as server, pytest.raises(ModelRefused):
        score(LiveData(LiveData.of(folder).claims, ()), settings(server, tmp_path), lambda _: None)


def test_what_was_not_measured_is_not_in_the_table() -> None:
    bare = LiveScore(None, 0, 0, 0.0, None, Usage(usd=None), "gpt", simulated=False)

    table = bare.render()

    assert table.splitlines()[0] == "gpt"
    assert "claims" not in table
    assert "transcripts" not in table
    assert "unknown" in table


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("claims.jsonl", '{"claim": "It rose.", "label": "MAYBE"}', "line 1 does not fit: label"),
        ("claims.jsonl", '{"claim": "", "label": "SUPPORTED"}', "line 1 does not fit: claim"),
        ("claims.jsonl", "not JSON", "line 1 does not fit: it"),
        ("transcripts/talk.expected.json", '{"points": []}', "does not fit: points"),
        ("transcripts/other.expected.json", '{"points": ["One."]}', "no transcript called other"),
    ],
)
def test_data_that_does_not_fit_is_named_by_its_place(folder: Path, file: str, text: str, says: str) -> None:
    (folder / file).write_text(text, encoding="utf-8")

    with pytest.raises(UsageError, match=says):
        LiveData.of(folder)


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"neither claims\.jsonl"):
        LiveData.of(tmp_path)


def test_averitecs_own_labels_are_read(folder: Path) -> None:
    line = {"claim": "It rose.", "label": "Conflicting Evidence/Cherrypicking", "evidence": [" ", "It fell."]}
    (folder / "claims.jsonl").write_text(json.dumps(line), encoding="utf-8")

    (claim,) = LiveData.of(folder).claims

    assert (claim.label, claim.evidence) == (Verdict.CONFLICTING_EVIDENCE, ("It fell.",))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "asked"), [("y\n", True), ("\n", False), ("no\n", False)])
def test_it_says_the_cost_and_asks(
    *,
    typed: str,
    asked: bool,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with SimulatedModel() as server:
        monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", server.base_url)
        monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
        monkeypatch.setattr("sys.stdin", Terminal(typed))

        code = carry_out_command(["eval", "live", str(folder)])

        out, err = capsys.readouterr()
        assert code == 0
        assert bool(len(server.calls)) is asked
    assert "cost unknown" in err
    assert "Go on?" in err
    assert ("labels right" in out) is asked


def test_without_anybody_to_ask_it_wants_to_be_told(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with SimulatedModel() as server:
        monkeypatch.setenv("AUTOINTEL_MODEL__BASE_URL", server.base_url)
        monkeypatch.setenv("AUTOINTEL_HOME", str(tmp_path / "home"))
        monkeypatch.setattr("sys.stdin", io.StringIO())

        refused = carry_out_command(["eval", "live", str(folder)])
        asked_before = len(server.calls)
        told = carry_out_command(["eval", "live", str(folder), "--yes"])

    out, err = capsys.readouterr()
    assert (refused, asked_before, told) == (2, 0, 0)
    assert "Add --yes." in err
    assert "simulated" in out


def test_without_a_model_it_says_what_is_missing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert carry_out_command(["eval", "live", str(folder), "--yes"]) == 2
    assert "none is configured" in capsys.readouterr().err
