"""A run through the model engine over HTTP: every citation is checked by code that shares nothing with the product."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.engine import Heard

from autointel.app.run import Finished, execute
from autointel.domain.run import Engine, Flag, Flags, Options, Outcome, StepName
from autointel.errors import ModelRefused
from autointel.settings import Settings
from autointel_bench.simulated import Character, Fault, FaultKind, Profile, SimulatedModel

pytestmark = pytest.mark.xdist_group("crew")

SAMPLE = Path(__file__).parents[3] / "src" / "autointel" / "samples" / "free-transit.vtt"
ON = Flag(value=True)
ALL_ON = Flags(parallel_analysis=ON, parallel_fact_checking=ON, parallel_memory_ops=ON)


def run(tmp_path: Path, server: SimulatedModel, *, flags: Flags = ALL_ON, **more: Any) -> Finished:
    settings = Settings.model_validate(
        {
            "home": tmp_path / "home",
            "model": {"base_url": server.base_url, "name": "simulated", "timeout": 5},
            "evidence": {"sources": ("folder",), "folder": _evidence(tmp_path)},
        }
    )
    options = Options(source=str(SAMPLE), engine=Engine.LLM, flags=flags, **more)
    return execute(settings, options, Heard())


def _evidence(tmp_path: Path) -> Path:
    """A folder with a page on the sample's subject."""
    folder = tmp_path / "evidence"
    folder.mkdir(exist_ok=True, parents=True)
    (folder / "tallinn.txt").write_text(
        "Free public transport in Tallinn\n\nThe number of trips rose by fourteen percent in the first year. "
        "A bus costs a city about five hundred thousand dollars. Kansas City kept its buses free for years. "
        "The council of the city voted on the fare in March. Drivers say that a third of trips run late.\n",
        encoding="utf-8",
    )
    return folder


def _cues(path: Path) -> list[tuple[float, float, str]]:
    """The captions, read without the product's parsers."""
    cues = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.splitlines()
        timed = next((i for i, line in enumerate(lines) if " --> " in line), None)
        if timed is None:
            continue
        start, end = (_seconds(part) for part in lines[timed].split(" --> "))
        words = re.sub(r"<[^>]*>", "", " ".join(lines[timed + 1 :]))
        cues.append((start, end, " ".join(words.split())))
    return cues


def _seconds(clock: str) -> float:
    hours, minutes, seconds = clock.strip().split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _citations(value: Any) -> Iterator[dict[str, Any]]:
    """Everything in a report, however deep, that has a quote and a time."""
    if isinstance(value, dict):
        if "quote" in value and "start" in value:
            yield value
        for inner in value.values():
            yield from _citations(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _citations(inner)


def unverified(report: dict[str, Any]) -> list[str]:
    """Quotes that do not stand in the captions at the time that is cited, or in the range of an estimated time."""
    cues = _cues(SAMPLE)
    wrong = []
    for citation in _citations(report):
        first, last = (citation.get("approximate") and citation["within"]) or (citation["start"], citation["end"])
        spoken = " ".join(text for start, end, text in cues if start >= first and end <= last + 0.001)
        if citation["quote"] not in spoken or not first <= citation["start"] <= last:
            wrong.append(citation["quote"])
    return wrong


def test_every_citation_stands_in_the_captions_at_its_second(tmp_path: Path) -> None:
    with SimulatedModel(Profile()) as server:
        report = json.loads(run(tmp_path, server).report.model_dump_json())

    assert len(list(_citations(report))) > 15
    assert unverified(report) == []
    assert report["simulated"] is True
    assert "simulated" in report["briefing"]["markdown"]
    assert [step["outcome"] for step in report["steps"]] == ["done"] * 9


def test_a_small_models_words_that_state_nothing_are_not_shown_and_its_notes_are(tmp_path: Path) -> None:
    with SimulatedModel(Profile(character=Character.SMALL)) as server:
        report = run(tmp_path, server, fact_check=False).report

    text = report.briefing.markdown
    assert not re.search(r"Guilty\.|is a person|was rejected|rest stands", text)
    assert "## What was said" in text
    assert report.briefing.dropped.questions > 0
    assert f"{report.briefing.dropped.sentences_removed} sentences removed: " in text
    assert "stating nothing" in text
    assert text.count("\n1. ") > 0


@pytest.mark.uncounted
def test_what_a_liar_makes_up_is_never_shown_and_counted_exactly(tmp_path: Path) -> None:
    with SimulatedModel(Profile(character=Character.LIAR)) as server:
        finished = run(tmp_path, server)
        last_answers = _last_answers(server)

    report = finished.report
    shown = report.model_dump_json()
    invented = [each for call in last_answers for each in call.invented]
    assert invented
    assert unverified(json.loads(shown)) == []
    assert not [each.value for each in invented if each.kind == "quote" and each.value in shown]
    counted = Counter(each.kind for each in invented)
    dropped = report.briefing.dropped
    assert dropped.sentences_removed > 0
    assert dropped.total == sum(counted.values()) - counted["sentence"] + dropped.sentences_removed


def _last_answers(server: SimulatedModel) -> list[Any]:
    """Of every question the answer that counted: the one to the second asking, where there was one."""
    last: dict[str, Any] = {}
    for call in server.calls.all:
        # An agent asks about the notes alone; the reader and the fact-checker about many passages and claims.
        question = call.step if call.step in {"insights", "fallacies", "perspectives", "brief"} else call.prompt
        last[question.split("\n\nYour last answer was rejected")[0]] = call
    return list(last.values())


@pytest.mark.uncounted
def test_flags_change_the_clock_and_not_the_artifacts(tmp_path: Path) -> None:
    with SimulatedModel(Profile(latency=0.01)) as server:
        on = run(tmp_path / "on", server, flags=ALL_ON)
        off = run(tmp_path / "off", server, flags=Flags())

    assert on.report.artifacts() == off.report.artifacts()


def test_the_same_source_again_asks_the_model_nothing(tmp_path: Path) -> None:
    with SimulatedModel(Profile()) as server:
        first = run(tmp_path, server)
        asked = len(server.calls.all)
        second = run(tmp_path, server)

        assert len(server.calls.all) == asked
    assert second.report.artifacts() == first.report.artifacts()
    assert second.report.usage.model_calls == 0


def test_a_key_revoked_half_way_leaves_a_briefing_that_says_what_is_missing(tmp_path: Path) -> None:
    with SimulatedModel(Profile(faults=(Fault(FaultKind.REVOKED_KEY, step="fallacies", count=None),))) as server:
        finished = run(tmp_path, server, flags=Flags())

    outcomes = {step.name: step.outcome for step in finished.report.steps}
    assert outcomes[StepName.FALLACIES] is Outcome.FAILED
    assert "fallacies" in finished.report.briefing.markdown


def test_a_key_that_never_worked_ends_the_run(tmp_path: Path) -> None:
    with (
        SimulatedModel(Profile(faults=(Fault(FaultKind.REVOKED_KEY, count=None),))) as server,
        pytest.raises(ModelRefused),
    ):
        run(tmp_path, server)
