"""LangChain sends prompts to a hosted tracer where its variables say so; a transcript is not ours to send."""

from __future__ import annotations

import os
from typing import Final

OFF: Final = dict.fromkeys(
    (
        "LANGCHAIN_TRACING",
        "LANGCHAIN_TRACING_V2",
        "LANGSMITH_TRACING",
        "LANGSMITH_TRACING_V2",
        "LANGSMITH_OTEL_ENABLED",
        "LANGSMITH_OTEL_ONLY",
    ),
    "false",
)
"""The tracer's switches; it looks at each of them, in either spelling, and one that is on is enough."""
_PLACES: Final = ("API_KEY", "ENDPOINT", "HANDLER", "RUNS_ENDPOINTS")
_GONE: Final = tuple(f"{family}_{name}" for family in ("LANGCHAIN", "LANGSMITH") for name in _PLACES)


def switch_off_tracing() -> None:
    """Turn the tracer off in this process, whatever its environment says. To be called before langchain is imported."""
    os.environ.update(OFF)
    for name in _GONE:
        os.environ.pop(name, None)
