"""One small question with a schema, to see what a configured model and its server are good for."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from pydantic import BaseModel, Field

from autointel.domain.run import StepName
from autointel.model.client import ModelClient
from autointel.model.prompts import untrusted
from autointel.model.replies import Level

_SENTENCE: Final = "Buses in Tallinn have been free for residents since 2013."


class _Fact(BaseModel):
    place: str = Field(min_length=1, max_length=60)
    year: int


class _Facts(BaseModel):
    facts: list[_Fact] = Field(max_length=2)


async def trial(client: ModelClient) -> str:
    """How the model did, in a few words: what was understood, in which form, how fast; and the server's limits.

    Raises ModelRefused, ModelUnavailable, and SettingsError for a model file that cannot be served.
    """
    await client.open()
    began = perf_counter()
    reply = await client.ask(
        "Reader",
        "You are a Reader. You note places and years.",
        f"Note each place with its year.\n{untrusted('passage', _SENTENCE)}",
        _Facts,
        step=StepName.READ,
    )
    seconds = perf_counter() - began
    facts, form = client.facts, client.form
    understood = any("tallinn" in fact.place.casefold() and fact.year == 2013 for fact in reply.facts)  # noqa: PLR2004
    parts = [
        "understands a schema" if understood else "fills a schema, with the wrong words",
        {Level.SCHEMA: "", Level.JSON: "shown in JSON mode", Level.TEXT: "shown in the prompt"}[form.level],
        f"{seconds:.1f} s",
        f"context {facts.context:,}" if facts.context else "",
        f"{facts.slots} slots" if facts.slots else "",
        "simulated" if client.simulated else "",
    ]
    return ", ".join(part for part in parts if part)
