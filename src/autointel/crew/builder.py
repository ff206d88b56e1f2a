"""The whole pipeline on one screen: tasks in order, who does each, what each needs, which may overlap.

Flags change ``async_execution`` and nothing else: never the tasks, their order, prompts or contexts. So flags on and
flags off give the same result at another time of day.

What overlaps follows from CrewAI's barrier: when the next task that is not async is reached, every task still running
is waited for, whatever it needs. So only neighbours overlap:

    analysis  fact-checking  memory ops   what may overlap
    off       off            off          nothing
    off       off            on           memory, graph
    off       on             off          nothing (its proof is that claims overlap inside it)
    off       on             on           fact_check, memory, graph
    on        off            off          insights, fallacies, perspectives
    on        off            on           insights, fallacies, perspectives | memory, graph
    on        on             off          insights, fallacies, perspectives, fact_check
    on        on             on           all six
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crewai import Crew, Process, Task
from crewai.agents.agent_builder.base_agent import BaseAgent
from pydantic import BaseModel, PrivateAttr

from autointel.domain.run import ANALYSES, Flags, StepName
from autointel.pipeline.roles import Role, roles


def build_intelligence_crew(
    agents: Mapping[StepName, BaseAgent],
    flags: Flags,
    replies: Mapping[StepName, type[BaseModel]],
    language: str | None = None,
) -> Crew:
    """A crew of one agent a task.

    ``replies`` has the schema of each step that a model judges; ``language`` is the code of the one to write in.
    """

    def task(name: StepName, *needs: Task) -> Task:
        role: Role = roles()[name]
        return Task(
            name=name.value,
            description=f"{role.description} Write in {language}." if language else role.description,
            expected_output=role.expected_output,
            agent=agents[name],
            # Always explicit: an async task without a context gets none, not "everything before it".
            context=list(needs),
            async_execution=flags.overlaps(name),
            response_model=replies.get(name),
        )

    transcribe = task(StepName.TRANSCRIBE)
    read = task(StepName.READ, transcribe)
    analyses = [task(name, read) for name in ANALYSES]
    fact_check = task(StepName.FACT_CHECK, read)
    memory = task(StepName.MEMORY, read)
    graph = task(StepName.GRAPH, read)
    brief = task(StepName.BRIEF, read, *analyses, fact_check, memory, graph)

    tasks = [transcribe, read, *analyses, fact_check, memory, graph, brief]
    return _UnrecordedCrew(
        agents=[agents[name] for name in StepName],
        tasks=tasks,
        process=Process.sequential,
        verbose=False,
        memory=False,
        cache=False,
        tracing=False,
    )


class _NoReplay:
    """Takes every call that the replay database would get, and writes nothing."""

    def __getattr__(self, name: str) -> Any:
        del name
        return lambda *_, **__: None


class _UnrecordedCrew(Crew):
    """A crew that keeps no replay database.

    It would open one as soon as it is made, which a full disk does not let it, and sync it to disk after every task
    (20 ms each, measured). Resume is our own.
    """

    _task_output_handler: Any = PrivateAttr(default_factory=_NoReplay)
