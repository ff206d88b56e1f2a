from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import anyio
import httpx
import pytest
from tests import examples
from tests.fakes.kept import ENDED, keep_runs, keep_talk
from tests.fakes.web import Scripted, client_over, jobs_over

from autointel.app.children import Ended
from autointel.cli.progress import Silent
from autointel.domain.run import Engine
from autointel.settings import Settings
from autointel.web.answers import AskAnswer
from autointel.web.jobs import answer_events
from autointel.web.queries import Queries
from autointel_bench.simulated import Profile, SimulatedModel

STEP = json.dumps({"event": "step", "name": "read", "outcome": None})
JUDGED = json.dumps({"event": "judgment", "text": "It costs more.", "citations": []})
REPORT = examples.report(examples.finished(examples.local_results())).model_dump_json()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    keep_runs(keep_talk(tmp_path))
    return tmp_path


def asked(home: Path, path: str, **parameters: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        async with client_over(home) as client:
            return await client.get(path, params=parameters)

    return anyio.run(ask)


def events_of(body: str) -> list[tuple[str, Any]]:
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in body.strip().split("\n\n")]
    return [(block["event"], json.loads(block["data"])) for block in blocks]


def test_answers_carry_their_citations(home: Path) -> None:
    answer = asked(home, "/api/ask", question="do fares cover the cost?").json()

    assert answer["citations"][0]["quote"] == "Nobody thinks fares cover the cost."
    assert (answer["citations"][0]["speaker"], answer["citations"][0]["second"]) == ("Bo", 4.0)


def test_an_answer_is_streamed_passages_first(home: Path) -> None:
    body = asked(home, "/api/ask/stream", question="do fares cover the cost?").text

    assert [name for name, _ in events_of(body)] == ["passages", "done"]


def test_each_sentence_of_an_answer_comes_with_its_quotes_and_again_from_the_cache(home: Path) -> None:
    first, again = (
        events_of(asked(home, "/api/ask/stream", question="Who said that nobody thinks fares cover the cost?").text)
        for _ in range(2)
    )

    assert [name for name, _ in first] == [name for name, _ in again] == ["passages", "sentence", "done"]
    assert first[1] == again[1]
    assert [quote["second"] for quote in first[1][1]["citations"]] == [4.0]
    assert first[2][1]["sentences"] == [first[1][1]]


def test_a_sentence_comes_before_the_answer_is_complete(home: Path) -> None:
    with SimulatedModel(Profile()) as model:
        seen, seen_before = Event(), list[bool]()

        class Waiting(Queries):
            def ask(self, *asked: Any) -> AskAnswer:
                answered = super().ask(*asked)
                seen_before.append(seen.wait(10))
                return answered

        settings = Settings.model_validate({"home": home, "model": {"base_url": model.base_url, "name": "simulated"}})
        queries = Waiting(settings, "default", lambda _: Engine.LLM, Silent())

        async def first_sentence() -> list[bytes]:
            lines = []
            async for line in answer_events(queries, "Do fares cover the cost?", 3, "llm"):
                lines.append(line)
                if line.startswith(b"event: sentence"):
                    seen.set()
            return lines

        lines = anyio.run(first_sentence)

    assert seen_before == [True]
    assert lines[-1].startswith(b"event: done")
    assert b"citations" in next(line for line in lines if line.startswith(b"event: sentence"))


def test_a_briefing_is_found_by_run_and_by_title(home: Path) -> None:
    by_run = asked(home, f"/api/briefings/{ENDED}").json()

    assert by_run["notes"][0]["citations"]
    assert asked(home, "/api/briefings/The Cost of Free Transit").json() == by_run
    assert asked(home, "/api/briefings/nothing of that name").status_code == 404


@pytest.mark.parametrize(
    ("path", "parameters"),
    [("/api/search", {}), ("/api/search", {"query": "x", "limit": "0"}), ("/api/ask", {"question": "x" * 3_000})],
)
def test_words_that_are_off_are_400_with_a_hint(path: str, parameters: dict[str, str], home: Path) -> None:
    answer = asked(home, path, **parameters)

    assert answer.status_code == 400
    assert answer.json()["message"]
    assert answer.json()["hint"]


def test_the_document_names_every_endpoint(home: Path) -> None:
    document = asked(home, "/api/openapi.json").json()

    assert document["openapi"] == "3.1.0"
    assert document["paths"]["/api/ask"]["get"]["parameters"][0]["name"] == "question"
    assert "post" in document["paths"]["/api/runs"]
    text = json.dumps(document)
    named = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert named <= set(document["components"]["schemas"])


def test_a_run_is_followed_from_its_first_event_to_its_briefing(home: Path) -> None:
    children = Scripted([STEP, "a line that is no event", JUDGED], Ended(0, REPORT, (), 1.5))
    jobs = jobs_over(children)

    async def follow() -> tuple[dict[str, Any], list[tuple[str, Any]]]:
        async with client_over(home, jobs) as client:
            job = (await client.post("/api/runs", json={"source": "talk.vtt"})).json()
            stream = await client.get(f"/api/runs/{job['id']}/events")
            return (await client.get(f"/api/runs/{job['id']}")).json(), events_of(stream.text)

    state, events = anyio.run(follow)

    assert [name for name, _ in events] == ["step", "judgment", "ended"]
    assert children.asked == [["run", "talk.vtt"]]
    assert state["state"] == "done"
    assert state["run_id"] == events[-1][1]["run_id"]
    jobs.stop()


def test_a_run_that_fails_says_why(home: Path) -> None:
    said = ("There is no talk.vtt.", "Check its path.")
    jobs = jobs_over(Scripted([STEP], Ended(3, "", said, 0.1)))

    async def follow() -> dict[str, Any]:
        async with client_over(home, jobs) as client:
            job = (await client.post("/api/runs", json={"source": "talk.vtt"})).json()
            await client.get(f"/api/runs/{job['id']}/events")
            state: dict[str, Any] = (await client.get(f"/api/runs/{job['id']}")).json()
            return state

    state = anyio.run(follow)

    assert (state["state"], state["message"], state["hint"]) == ("failed", *said)
    jobs.stop()


def test_whoever_leaves_stops_nothing_and_may_follow_again(home: Path) -> None:
    go = Event()
    children = Scripted([STEP, JUDGED], Ended(0, REPORT, (), 1.5), go.wait)
    jobs = jobs_over(children)

    async def follow() -> list[int]:
        async with client_over(home, jobs) as client:
            one = (await client.post("/api/runs", json={"source": "talk.vtt"})).json()
            job = jobs.find(one["id"])
            assert job is not None
            async for followed in job.follow():  # and leaves after the first event
                assert followed is not None
                break
            same = (await client.post("/api/runs", json={"source": "talk.vtt"})).json()
            assert same["id"] == one["id"]
            go.set()
            rest = await client.get(f"/api/runs/{one['id']}/events", headers={"Last-Event-ID": "1"})
            return [int(line[4:]) for line in rest.text.splitlines() if line.startswith("id: ")]

    assert anyio.run(follow) == [2, 3]
    assert len(children.asked) == 1
    jobs.stop()


def test_times_are_exported_for_prometheus(home: Path) -> None:
    answer = asked(home, "/metrics")

    assert answer.status_code == 200
    assert "# TYPE " in answer.text


def test_a_body_that_is_too_long_is_refused(home: Path) -> None:
    async def post() -> httpx.Response:
        async with client_over(home) as client:
            return await client.post("/api/runs", content=b"x" * 100_000)

    assert anyio.run(post).status_code == 400
