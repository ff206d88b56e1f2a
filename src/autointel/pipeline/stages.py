"""The pipeline, stated once: which steps there are, what each needs, what may overlap, and each step's role.

The crew's tasks, their contexts and their order, the critical path, what an option leaves out, how long a result is
reused, and the table of overlaps in docs/pipeline.md all follow from ``PIPELINE``. ``ROLES`` holds the instructions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from itertools import groupby, product
from math import inf
from typing import Final

from pydantic import Field

from autointel.domain.analysis import taxonomy
from autointel.domain.run import Flag, Flags, Options, StepName
from autointel.domain.value import Value

_WEEK: Final = 7 * 24 * 3600.0
_READ: Final = (StepName.READ,)


class OverlapFlag(StrEnum):
    """The flag that lets a step run beside its neighbours; the value is the flag's name in ``Flags``."""

    ANALYSIS = "parallel_analysis"
    FACT_CHECKING = "parallel_fact_checking"
    MEMORY_OPS = "parallel_memory_ops"


class Switch(StrEnum):
    """The option that leaves a step out; the value is the option's name in ``Options``."""

    FACT_CHECK = "fact_check"
    MEMORY = "memory"
    GRAPH = "graph"


@dataclass(frozen=True)
class Stage:
    """One row of the table. Its step is found by name.

    ``needs`` are the steps whose results it reads. A run cannot go on without an ``essential`` step. ``reused_for`` is
    how many seconds a result serves later runs over the same input: 0 for a step that always looks for itself.
    """

    name: StepName
    needs: tuple[StepName, ...] = ()
    overlaps_by: OverlapFlag | None = None
    essential: bool = False
    switch: Switch | None = None
    reused_for: float = inf


PIPELINE: Final = (
    Stage(StepName.TRANSCRIBE, essential=True, reused_for=0),
    Stage(StepName.READ, (StepName.TRANSCRIBE,), essential=True),
    Stage(StepName.INSIGHTS, _READ, OverlapFlag.ANALYSIS),
    Stage(StepName.FALLACIES, _READ, OverlapFlag.ANALYSIS),
    Stage(StepName.PERSPECTIVES, _READ, OverlapFlag.ANALYSIS),
    # Evidence on the web changes, so a verdict is looked into again after a week.
    Stage(StepName.FACT_CHECK, _READ, OverlapFlag.FACT_CHECKING, switch=Switch.FACT_CHECK, reused_for=_WEEK),
    # The stores themselves know what they hold.
    Stage(StepName.MEMORY, _READ, OverlapFlag.MEMORY_OPS, switch=Switch.MEMORY, reused_for=0),
    Stage(StepName.GRAPH, _READ, OverlapFlag.MEMORY_OPS, switch=Switch.GRAPH, reused_for=0),
    Stage(
        StepName.BRIEF,
        (
            StepName.READ,
            StepName.INSIGHTS,
            StepName.FALLACIES,
            StepName.PERSPECTIVES,
            StepName.FACT_CHECK,
            StepName.MEMORY,
            StepName.GRAPH,
        ),
        essential=True,
    ),
)
STAGES: Final[Mapping[StepName, Stage]] = {stage.name: stage for stage in PIPELINE}
NEEDS: Final[Mapping[StepName, tuple[StepName, ...]]] = {stage.name: stage.needs for stage in PIPELINE}
ANALYSES: Final = tuple(stage.name for stage in PIPELINE if stage.overlaps_by is OverlapFlag.ANALYSIS)


def overlaps(stage: Stage, flags: Flags) -> bool:
    """Whether the crew starts the step without waiting for its end (``async_execution``)."""
    if stage.overlaps_by is None:
        return False
    flag: Flag = getattr(flags, stage.overlaps_by)
    return flag.value


def left_out(options: Options) -> Mapping[StepName, str]:
    """The steps that the options leave out, each with the reason."""
    return {stage.name: "switched off" for stage in PIPELINE if stage.switch and not getattr(options, stage.switch)}


def side_by_side(flags: Flags) -> tuple[tuple[StepName, ...], ...]:
    """Groups of steps that may run at the same time, in the order of the crew.

    CrewAI waits for every running task as soon as it reaches one that is not asynchronous, whatever that task needs. So
    only neighbours overlap, and a step without an asynchronous neighbour overlaps nothing.
    """
    runs = groupby(PIPELINE, lambda stage: overlaps(stage, flags))
    groups = (tuple(stage.name for stage in run) for asynchronous, run in runs if asynchronous)
    return tuple(group for group in groups if len(group) > 1)


def flag_combinations() -> Iterator[Flags]:
    """All eight, from everything off to everything on, the last flag changing fastest."""
    for values in product((False, True), repeat=len(OverlapFlag)):
        flags = {flag.value: Flag(value=value) for flag, value in zip(OverlapFlag, values, strict=True)}
        yield Flags.model_validate(flags)


class Role(Value):
    """An agent's role, goal and backstory, and the task it is given."""

    role: str = Field(min_length=1)
    goal: str = Field(min_length=1)
    backstory: str = Field(min_length=1)
    description: str = Field(min_length=1)
    expected_output: str = Field(min_length=1)

    @property
    def system(self) -> str:
        """The system message of a call in this role."""
        return f"You are {self.role}. {self.backstory}\nYour goal: {self.goal}."


# Steps that Python does have a role too: CrewAI's events and traces show it. The roles stand here and not beside their
# steps, so that an engine that declines a step names its role without importing the step.
ROLES: Final[Mapping[StepName, Role]] = {
    StepName.TRANSCRIBE: Role(
        role="Transcript collector",
        goal="Find the words of the source, and when and by whom they were said",
        backstory=("You fetch what the publisher wrote before captions, and captions before speech recognition."),
        description="Find the transcript of the source and pass it through the privacy gate.",
        expected_output="Title, language and speakers.",
    ),
    StepName.READ: Role(
        role="Reader",
        goal=("Write down what each passage says, each note with the numbers of the sentences that say it"),
        backstory=(
            "You read for analysts who will never see the recording. You add nothing, soften nothing, and never "
            "write a note that you could not put your finger on."
        ),
        description=(
            "Take notes on the passage below. Its sentences are numbered. Each note is a short text, in the "
            'language and as far as can be in the words of the passage, and in "at" the numbers of the sentences '
            "that say it. Never copy a sentence out."
        ),
        expected_output="Key points, candidate claims, suspected fallacies, positions, entities and relations.",
    ),
    StepName.INSIGHTS: Role(
        role="Insight analyst",
        goal="Say what follows from what was said that no single sentence of it says",
        backstory=(
            "You write for people who decide. You prefer three findings that hold to ten that might, you say how "
            "far each may be leaned on, and you never state what no note supports."
        ),
        description=(
            "From the notes above, find the insights (what follows from several notes taken together: tensions, "
            "concessions, what an argument really rests on) and the themes that run through the source. Cite for "
            "each the ids of the notes that it rests on, exactly as they stand in square brackets. An item "
            "without a note id is removed."
        ),
        expected_output="Up to seven insights and up to five themes, each with note ids and a confidence.",
    ),
    StepName.FALLACIES: Role(
        role="Fallacy analyst",
        goal="Find steps of reasoning that do not hold, and be fair to them",
        backstory=(
            "You taught logic for years. You name a fallacy only where you can state the hidden premise, and for "
            "each you give the reading under which the speaker would be right."
        ),
        description=(
            "From the notes above, find logical fallacies. For each give its type, the premise it hides, a "
            "counter-reading that is fair to the speaker, and the ids of the notes that it rests on. Finding none "
            f"is a good answer. The types are: {taxonomy()}"
        ),
        expected_output="Up to eight fallacies, each with note ids and a confidence.",
    ),
    StepName.PERSPECTIVES: Role(
        role="Perspective analyst",
        goal="Say who holds what, on what grounds, and what is missing",
        backstory=(
            "You have moderated public debates. You can put a position you do not share so well that its holder "
            "thanks you."
        ),
        description=(
            "From the notes above, set out the perspectives: who holds what, on what grounds, and what that view "
            "leaves out. Cite for each the ids of the notes that it rests on."
        ),
        expected_output="Up to six perspectives, each with note ids and a confidence.",
    ),
    StepName.FACT_CHECK: Role(
        role="Fact-checker",
        goal="Judge claims by evidence, and say so where there is not enough",
        backstory=(
            "You follow AVeriTeC's four labels. You quote the words of a page that settle a claim, or you say "
            "that nothing does."
        ),
        description="Choose the claims most worth checking, seek evidence for each, and judge it.",
        expected_output="A verdict for each claim with the evidence it rests on.",
    ),
    StepName.MEMORY: Role(
        role="Librarian",
        goal="Keep passages, key points and claims where they can be found again",
        backstory="You keep everything once.",
        description="Store what was read in vector memory.",
        expected_output="How much was stored.",
    ),
    StepName.GRAPH: Role(
        role="Cartographer",
        goal="Keep who and what is connected with whom, and where that was said",
        backstory="You draw no line without a source.",
        description="Store entities and relations in the knowledge graph.",
        expected_output="How much was stored.",
    ),
    StepName.BRIEF: Role(
        role="Briefing writer",
        goal="Write the key judgments that a careful analyst would sign",
        backstory=(
            "You keep apart how likely something is and how sure you are of your grounds. You write plainly, and "
            "you leave out what you cannot cite."
        ),
        description=(
            "From the notes and analyses above, write the key judgments of the briefing, most important first. "
            "Each is one sentence, with a likelihood, a confidence, and the ids of the notes that it rests on, "
            "exactly as they stand in square brackets. A judgment without a note id is removed."
        ),
        expected_output="Three to seven key judgments.",
    ),
}


@cache
def roles_hash() -> str:
    """Changes whenever a word of a role does; part of every key under which a model's answer is cached."""
    return sha256("".join(role.model_dump_json() for role in ROLES.values()).encode()).hexdigest()[:16]
