"""A run: its steps, their outcomes, and the choices it was made with."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from autointel.domain.value import Value


class StepName(StrEnum):
    """Every step, in the pipeline's order; ``pipeline/stages.py`` says what each needs."""

    TRANSCRIBE = "transcribe"
    READ = "read"
    INSIGHTS = "insights"
    FALLACIES = "fallacies"
    PERSPECTIVES = "perspectives"
    FACT_CHECK = "fact_check"
    MEMORY = "memory"
    GRAPH = "graph"
    BRIEF = "brief"


class Outcome(StrEnum):
    """How a step ended."""

    DONE = "done"
    SKIPPED = "skipped"  # switched off
    DECLINED = "declined"  # this engine cannot judge it
    DEGRADED = "degraded"  # part of it, or kept until a store is back
    FAILED = "failed"

    @property
    def is_whole(self) -> bool:
        """Whether everything requested is there; otherwise the run is partial (exit 7)."""
        return self in {Outcome.DONE, Outcome.SKIPPED, Outcome.DECLINED}


class Engine(StrEnum):
    """Which engine reads and judges."""

    LLM = "llm"
    LOCAL = "local"


class Depth(StrEnum):
    """How much work a run does; see docs/cli.md for the table."""

    STANDARD = "standard"
    DEEP = "deep"
    COMPREHENSIVE = "comprehensive"
    EXPERIMENTAL = "experimental"


class Privacy(StrEnum):
    """What happens to personal data in a transcript or a question."""

    OFF = "off"
    REDACT = "redact"
    BLOCK = "block"


class FlagOrigin(StrEnum):
    """Where a flag was set; strongest first."""

    OPTION = "option"
    ENVIRONMENT = "environment"
    PROJECT_FILE = "project file"
    USER_FILE = "user file"
    ROLLOUT = "rollout"
    DEFAULT = "default"


class Flag(Value):
    """One flag and where it comes from."""

    value: bool = False
    origin: FlagOrigin = FlagOrigin.DEFAULT


class Flags(Value):
    """Which steps may run side by side. Flags change the clock, never the result."""

    parallel_analysis: Flag = Flag()
    parallel_fact_checking: Flag = Flag()
    parallel_memory_ops: Flag = Flag()


class StepReport(Value):
    """The outcome of one step. ``started`` is seconds after the crew's start; ``detail`` is for people.

    ``dropped_items`` were left out of the model's replies, since no form of the schema could be read from them.
    """

    name: StepName
    outcome: Outcome
    reason: str = ""
    hint: str = ""
    started: float = Field(default=0.0, ge=0)
    seconds: float = Field(default=0.0, ge=0)
    queue_seconds: float = Field(default=0.0, ge=0)
    parallel: bool = False
    model_calls: int = Field(default=0, ge=0)
    tokens: int = Field(default=0, ge=0)
    usd: float | None = None
    dropped_items: int = Field(default=0, ge=0)
    detail: str = Field(default="", exclude=True)


class Usage(Value):
    """Calls, tokens and cost of the model. ``usd`` is None where a price is unknown."""

    model_calls: int = 0
    cached_calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            model_calls=self.model_calls + other.model_calls,
            cached_calls=self.cached_calls + other.cached_calls,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            usd=None if self.usd is None or other.usd is None else self.usd + other.usd,
        )


class Timing(Value):
    """Where the time went, in seconds. ``wall`` runs from the process's start, ``startup`` until the crew starts.

    ``efficiency`` is the critical path over the time the crew had: 1 means that nothing but data kept anything waiting.
    ``framework_seconds`` is what neither start-up nor any step accounts for.
    """

    wall_seconds: float
    startup_seconds: float
    steps_seconds: float
    critical_path_seconds: float
    critical_path: tuple[StepName, ...]
    efficiency: float
    framework_seconds: float


class Verify(StrEnum):
    """Who checks that a sentence is carried by its quotes before it is shown."""

    OFF = "off"
    """Nobody: the quotes are found in the transcript, and what the sentence says beyond them is the model's word."""
    CODE = "code"
    """Rules over words: numbers, names, dates, negations and content words."""
    MODEL = "model"
    """Code, and then the model in one more call for fifteen sentences."""


class Acquisition(Value):
    """The options for getting a transcript. ``cookies`` and ``proxy`` are for video sites only."""

    transcribe: bool = False
    episode: str | None = None
    cookies_from_browser: str | None = None
    cookies: Path | None = None
    proxy: str | None = None
    keep_media: bool = False
    refresh: bool = False


class Options(Value):
    """The options of a run, saved with it so that ``resume`` uses the same."""

    source: str
    engine: Engine = Engine.LOCAL
    depth: Depth = Depth.STANDARD
    namespace: str = "default"
    language: str | None = None
    briefing_language: str | None = None
    flags: Flags = Flags()
    memory: bool = True
    graph: bool = True
    fact_check: bool = True
    offline: bool = False
    reuse: bool = True
    privacy: Privacy = Privacy.OFF
    privacy_names: bool = False
    verify: Verify = Verify.CODE
    acquisition: Acquisition = Acquisition()
    model: str | None = None
    """The model that the run asked first, and ``model_server`` where: a run keeps both when it is resumed.

    A model served from a file has the file's path here, and no server.
    """
    model_server: str | None = None
    read_model: str | None = None
    """The smaller model that it asked for reading, at the same server; None where there was none."""
    max_usd: float | None = Field(default=None, gt=0)
    max_seconds: float | None = Field(default=None, gt=0)


class RunId(Value):
    """Sortable by time and unique: ``20261120T084852-3f9a1c``."""

    id: str
    created_at: datetime
