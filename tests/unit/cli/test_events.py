from __future__ import annotations

import io
import json
from typing import Any

import pytest
from tests import examples

from autointel.cli.progress import Events
from autointel.cli.request import Request, typed
from autointel.cli.run_many import Listing, run_list
from autointel.domain.analysis import KeyJudgment, Likelihood
from autointel.domain.run import Outcome, StepName
from autointel.domain.value import Confidence
from autointel.errors import UsageError


def told(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_every_event_is_one_line_of_json_whatever_the_source_says() -> None:
    stream = io.StringIO()
    events = Events(stream)

    events.source_found(examples.source("Two\nlines \x1b[2J"), examples.transcript())
    events.step_started(StepName.READ)
    events.step_progress(StepName.READ, 3, 17, "passages")
    events.step_ended(examples.step(StepName.READ, 0, 9.4, Outcome.DONE, detail="17 passages"))
    events.waiting("http://me:s3cr3t@10.0.0.5 is busy.")
    events.replaced(examples.source("Older"), examples.source())

    lines = told(stream)
    assert [line["event"] for line in lines] == ["source", "step", "progress", "step", "waiting", "replaced"]
    assert lines[0]["title"] == "Two\nlines \x1b[2J"
    assert (lines[1]["name"], lines[1]["outcome"]) == ("read", None)
    assert (lines[2]["done"], lines[2]["total"], lines[2]["unit"]) == (3, 17, "passages")
    assert (lines[3]["outcome"], lines[3]["detail"]) == ("done", "17 passages")
    assert lines[4]["text"] == "http://********@10.0.0.5 is busy."


def test_a_judgment_comes_with_its_citations() -> None:
    stream = io.StringIO()

    Events(stream).judgment(
        KeyJudgment(
            text="Fares do not cover it.",
            likelihood=Likelihood.LIKELY,
            confidence=Confidence.HIGH,
            citations=(examples.cited(0),),
        )
    )

    judgment = told(stream)[0]
    assert judgment["citations"][0]["start"] == 252.0
    assert judgment["citations"][0]["quote"] == "Nobody at this table thinks fares cover it."


def test_a_closed_stream_stops_nothing() -> None:
    stream = io.StringIO()
    stream.close()

    Events(stream).step_started(StepName.READ)


def test_a_child_is_asked_for_events() -> None:
    assert typed(Request(source="talk.vtt", events=True))[:3] == ["run", "--json", "--events"]


def test_a_list_has_no_events() -> None:
    with pytest.raises(UsageError, match="--events"):
        run_list(Request(source="", events=True), Listing("list.txt"))
