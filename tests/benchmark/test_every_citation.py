"""Over a talk of 25,000 words: every quote, second and span, looked up by code that shares nothing with the product."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.fakes.model_run import Ended, run_over

from autointel.domain.analysis import Verdict
from autointel.domain.run import Depth
from autointel_bench.simulated import Character, Profile, SimulatedModel
from autointel_bench.simulated.calls import Call, Invention
from autointel_bench.talk import pages, talk

pytestmark = pytest.mark.xdist_group("long talk")

JUDGES = {"insights", "fallacies", "perspectives", "brief"}
PAGES = dict(pages(24))
# One depth counts for coverage: the others pass through the same lines, and counting doubles the seconds of a long run.
DEPTHS = {depth: pytest.param(depth, marks=() if depth is Depth.STANDARD else pytest.mark.uncounted) for depth in Depth}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.vtt"
    path.write_text(talk(25_000), encoding="utf-8")
    return path


def run(server: SimulatedModel, folder: Path, source: Path, depth: Depth) -> tuple[Ended, dict[str, Any]]:
    """A run and its report as JSON; a judgment that was heard while it was written is in the report."""
    ended = run_over(server, folder, source=source, pages=PAGES.values(), depth=depth)
    assert ended.report
    report = json.loads(ended.report.model_dump_json())
    assert ended.heard.judgments
    assert [json.loads(each.model_dump_json()) for each in ended.heard.judgments] == report["briefing"]["judgments"]
    return ended, report


def cues(path: Path) -> list[tuple[float, float, str]]:
    """Captions by a reading of WebVTT that knows nothing but blank lines and arrows."""
    found = []
    for block in path.read_text(encoding="utf-8").split("\n\n")[1:]:
        times, words = block.split("\n", 1)
        begin, end = (
            int(h) * 3600 + int(m) * 60 + float(s) for h, m, s in (part.split(":") for part in times.split(" --> "))
        )
        found.append((begin, end, re.sub(r"<v [^>]*>", "", words).strip()))
    return found


def everything(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from everything(inner)


def not_said(report: dict[str, Any], source: Path) -> list[str]:
    """Quotes that the captions between the cited seconds do not have."""
    captions = cues(source)
    wrong = []
    for cited in everything(report):
        if "quote" in cited and cited.get("start") is not None:
            between = [text for begin, end, text in captions if begin >= cited["start"] and end <= cited["end"]]
            if cited["quote"] not in " ".join(between):
                wrong.append(cited["quote"])
    return wrong


def not_written(report: dict[str, Any], folder: Path) -> list[str]:
    """Spans of evidence that the file they name does not have."""
    wrong = []
    for claim in report["fact_check"]["claims"]:
        for piece in claim["evidence"]:
            file = folder / "evidence" / piece["url"].rsplit("/", 1)[-1]
            if " ".join(piece["quote"].split()) not in " ".join(file.read_text(encoding="utf-8").split()):
                wrong.append(piece["quote"])
    return wrong


# The depths differ in how many claims are judged and how often: the least and the most say what those between do.
@pytest.mark.parametrize("depth", [DEPTHS[Depth.STANDARD], DEPTHS[Depth.EXPERIMENTAL]])
def test_of_an_honest_model_every_quote_and_span_stands_where_it_is_cited(
    depth: Depth, source: Path, tmp_path: Path
) -> None:
    with SimulatedModel(Profile(items=8)) as server:
        ended, report = run(server, tmp_path, source, depth)

    assert ended.code == 0
    assert report["transcript"]["words"] >= 25_000
    assert sum("quote" in each for each in everything(report)) > 40
    assert sum(len(claim["evidence"]) for claim in report["fact_check"]["claims"]) > 5
    assert not_said(report, source) == []
    assert not_written(report, tmp_path) == []
    # The talk says some sentences twice; a note on the second one is no note of its own.
    dropped = report["briefing"]["dropped"]
    lost = [text for text in dropped["sentences"] if not text.endswith("(said before)")]
    # The simulated writer copies a line of the fact-check's digest ("REFUTED: page 8") as if it were a sentence.
    labels = tuple(f"{verdict.value}:" for verdict in Verdict)
    assert [text for text in lost if not text.startswith(labels)] == []
    assert report["briefing"]["dropped_ungrounded"] == dropped["duplicates"] + len(lost)


@pytest.mark.parametrize("depth", DEPTHS.values())
def test_what_a_liar_makes_up_is_shown_nowhere_and_counted_exactly(depth: Depth, source: Path, tmp_path: Path) -> None:
    with SimulatedModel(Profile(character=Character.LIAR, items=8)) as server:
        _, report = run(server, tmp_path, source, depth)
        invented = final_inventions(server.calls.all)

    removed = report["briefing"]["dropped"]["sentences"]
    shown = json.dumps({**report, "briefing": {**report["briefing"], "dropped": {}}}, ensure_ascii=False)
    counted = Counter(each.kind for each in invented)
    dropped = report["briefing"]["dropped"]
    assert min(counted[kind] for kind in ("sentence", "span", "note_id", "evidence_id")) > 0
    assert not_said(report, source) == []
    assert not_written(report, tmp_path) == []
    assert [each.value for each in invented if each.kind == "span" and stands_in(each.value, shown)] == []
    # Of the finer lies, real sentences under false ones, code alone finds at least nineteen in twenty.
    said = " ".join(text for _, _, text in cues(source))
    lies = {each.value for each in invented if each.kind == "sentence" and each.value.split(" that ")[-1] not in said}
    found = {lie for lie in lies if any(text.startswith(lie[:200]) for text in removed)}
    assert len(found) >= 0.95 * len(lies)
    assert [lie for lie in found if lie in shown] == []
    assert dropped["spans"] == counted["span"]
    assert dropped["note_ids"] == counted["note_id"] + counted["evidence_id"]
    assert dropped["not_carried"] + dropped["questions"] + dropped["duplicates"] == len(removed)
    assert report["briefing"]["dropped_ungrounded"] == len(removed) + dropped["spans"] + dropped["note_ids"]


def stands_in(number: str, text: str) -> bool:
    """Whether the text has this number, and not only its digits within another's: a step took 1.290056 s."""
    return re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", text) is not None


def final_inventions(calls: list[Call]) -> list[Invention]:
    """Of what was asked twice, only the second answer counted."""
    last: dict[str, Call] = {}
    for call in calls:
        last[call.step if call.step in JUDGES else call.prompt.split("\n\nYour last answer was rejected")[0]] = call
    return [each for call in last.values() for each in call.invented]
