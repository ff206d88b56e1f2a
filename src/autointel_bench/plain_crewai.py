"""The same job the ordinary way: plain CrewAI agents and tasks, as CrewAI's own pages teach it. A yardstick.

``python -m autointel_bench.plain_crewai`` reads one transcript: a tool brings it (its result is the task's answer, so
that no model types it again), every later task gets it through its context, and the model drives the search and the
stores. Claims are searched in one turn of five calls, which CrewAI carries out side by side. Tasks run one by one.
"""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import httpx
from crewai import LLM, Agent, Crew, Process, Task
from crewai.tools import tool

from autointel.crew.crew import NoReplay

_CLAIMS: Final = 5


@dataclass(frozen=True)
class World:
    """Addresses of the servers, and the seconds stated for a write to a store."""

    base_url: str
    search_url: str
    write_seconds: float


def _agent(llm: LLM, role: str, goal: str, *tools: Any) -> Agent:
    return Agent(role=role, goal=goal, backstory=f"An experienced {role.lower()}.", llm=llm, tools=list(tools))


def _search_tool(world: World) -> Any:
    @tool("search")
    def search(query: str) -> str:
        """Search the web for evidence on one claim, and read what is found."""
        found = httpx.get(f"{world.search_url}/search", params={"q": query, "format": "json"}).json()["results"]
        return "\n\n".join(httpx.get(result["url"]).text for result in found)

    return search


def _write_tools(world: World) -> tuple[Any, Any]:
    def write() -> str:
        threading.Event().wait(world.write_seconds)
        return "Stored."

    @tool("remember")
    def remember(text: str) -> str:
        """Store one key point in memory."""
        del text
        return write()

    @tool("relate")
    def relate(subject: str, predicate: str, object: str) -> str:  # noqa: A002  the word for it
        """Store one relation between two entities."""
        del subject, predicate, object
        return write()

    return remember, relate


def plain_crew(transcript: str, world: World, llm: LLM) -> Crew:
    """Eight tasks in a row; the transcript goes from the first to all others through their context."""

    @tool("read_transcript", result_as_answer=True)
    def read_transcript() -> str:
        """Bring the transcript of the recording."""
        return transcript

    remember, relate = _write_tools(world)
    search = _search_tool(world)

    def task(name: str, description: str, expected: str, agent: Agent, context: Sequence[Task] = ()) -> Task:
        return Task(name=name, description=description, expected_output=expected, agent=agent, context=list(context))

    reader = _agent(llm, "Transcriber", "Bring the words of the recording", read_transcript)
    words = task("transcribe", "Bring the transcript.", "The transcript.", reader)
    context = [words]
    insights = task(
        *("insights", "Find what follows from what was said.", "Up to seven insights, each with a quote."),
        *(_agent(llm, "Insight analyst", "Find insights"), context),
    )
    fallacies = task(
        *("fallacies", "Find steps of reasoning that do not hold.", "Up to eight fallacies, each with a quote."),
        *(_agent(llm, "Fallacy analyst", "Find fallacies"), context),
    )
    perspectives = task(
        *("perspectives", "Say who holds what, and on what grounds.", "Up to six perspectives, each with a quote."),
        *(_agent(llm, "Perspective analyst", "Find perspectives"), context),
    )
    fact_check = task(
        "fact_check",
        f"Check the {_CLAIMS} claims most worth checking. Search once for each of the {_CLAIMS}, then judge them.",
        "A verdict for each claim with its evidence.",
        _agent(llm, "Fact-checker", "Judge claims by evidence", search),
        context,
    )
    memory = task(
        "memory",
        f"Store the key points. Call the tool once for each of the {_CLAIMS} most important.",
        "How many were stored.",
        _agent(llm, "Librarian", "Keep what was said", remember),
        context,
    )
    graph = task(
        "graph",
        f"Store who relates to what. Call the tool once for each of the {_CLAIMS} most important relations.",
        "How many were stored.",
        _agent(llm, "Cartographer", "Keep entities and relations", relate),
        context,
    )
    findings = [words, insights, fallacies, perspectives, fact_check, memory, graph]
    writer = _agent(llm, "Briefing writer", "Write a briefing")
    brief = task("brief", "Write the key judgments.", "Up to seven judgments, each with a quote.", writer, findings)
    tasks = [*findings, brief]
    agents = [each.agent for each in tasks if each.agent is not None]
    return Crew(agents=agents, tasks=tasks, process=Process.sequential, verbose=False)


def main(words: Sequence[str] | None = None, write: Callable[[str], object] = sys.stdout.write) -> None:
    """Run it once; one line of JSON on standard output: seconds of the crew, characters of its answer."""
    parser = argparse.ArgumentParser(prog="autointel_bench.plain_crewai", description="The same job the ordinary way.")
    parser.add_argument("source", type=Path)
    parser.add_argument("--base-url", required=True)
    parser.add_argument("--search-url", required=True)
    parser.add_argument("--write-seconds", type=float, required=True)
    given = parser.parse_args(words)
    world = World(given.base_url, given.search_url, given.write_seconds)
    # A name that CrewAI knows: it takes an unknown model's window for small, and would ask for summaries all the time.
    llm = LLM(model="openai/gpt-4o-mini", base_url=world.base_url, api_key="none", timeout=120)
    crew = plain_crew(given.source.read_text(encoding="utf-8"), world, llm)
    # Syncing a replay database to disk after every task is switched off for the product; for the yardstick too.
    crew._task_output_handler = NoReplay()  # type: ignore[assignment]  # noqa: SLF001
    started = perf_counter()
    answer = crew.kickoff()
    write(json.dumps({"crew_seconds": perf_counter() - started, "answer_characters": len(str(answer))}) + "\n")


if __name__ == "__main__":
    main()
