"""Looking ahead: is everything that this run would pay for kept already?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from autointel.domain.run import StepName
from autointel.pipeline.step import Later, Opening
from autointel.ports import StepStore


async def all_kept(steps: Mapping[StepName, Any], store: StepStore | None, skipped: Collection[StepName]) -> bool:
    """Find the words, then follow the kept values from step to step as far as they go.

    True means that the run can be rendered from what is kept, so that the crew need not even be loaded. Raises what
    the first step raises: a source that cannot be read is known before anything else is begun.
    """
    opening = steps[StepName.TRANSCRIBE]
    assert isinstance(opening, Opening)  # noqa: S101  the only step that comes before results
    results = opening.begin((await opening.find()).value)
    if store is None:
        return False
    for step in steps.values():
        if isinstance(step, Later) and step.kept and step.name not in skipped:
            kept = await store.load(step.name, step.version, step.inputs(results))
            if kept is None:
                return False
            if kept.value is not None:
                results = step.put(results, step.value.model_validate_json(kept.value))
    return True
