"""The engine without a model: what classical methods do well; the rest is declined by name, never imitated.

Measured before this was decided: linear fallacy detectors that score .88 at home are at chance (AUC .53) on other data,
and verdicts from word overlap, negation and numbers (.28) are worse than always naming the commonest verdict (.61).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from autointel.local.analysis import analysis_of
from autointel.local.reader import LocalReader
from autointel.pipeline.brief import PageAlone
from autointel.pipeline.read import Read, Related
from autointel.pipeline.stages import Stage
from autointel.pipeline.step import AnyStep, Declines
from autointel.ports import Embedder

_REASON: Final = "these need a language model"
_HINT: Final = "set OPENAI_API_KEY, or AUTOINTEL_MODEL__BASE_URL for a local one"


class LocalEngine:
    """Implements StepEngine. ``shared`` are the steps that both engines do alike; ``related`` is as in ``Read``."""

    def __init__(self, embedder: Embedder, related: Related | None, shared: Iterable[AnyStep]) -> None:
        own: list[AnyStep] = [Read(LocalReader(embedder), analysis_of, related), PageAlone()]
        self._steps = {step.name: step for step in (*shared, *own)}

    def step(self, stage: Stage) -> AnyStep:
        """The step of a stage; a judgement is declined."""
        return self._steps.get(stage.name) or Declines(stage.name, _REASON, _HINT)
