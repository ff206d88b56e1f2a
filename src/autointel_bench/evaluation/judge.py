"""The judge of claims apart from a run: for measuring how often it is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from autointel.app.model_settings import client_of
from autointel.domain.analysis import Evidence, Verdict
from autointel.domain.citation import Citation
from autointel.domain.notes import Claim
from autointel.domain.run import Depth, Usage
from autointel.errors import ModelRefused, ModelUnavailable
from autointel.pipeline.fact_check import FactCheck
from autointel.ports import Listener
from autointel.settings import Settings


@dataclass(frozen=True)
class Judged:
    """A verdict for each claim, in order; None where the model gave none. ``spans`` stood, ``dropped`` did not."""

    verdicts: tuple[Verdict | None, ...]
    spans: int
    dropped: int
    usage: Usage
    simulated: bool


def judge_claims(settings: Settings, claims: Sequence[tuple[str, Sequence[str]]], listener: Listener) -> Judged:
    """The verdict on each claim by its texts alone; NOT_ENOUGH_EVIDENCE without one. Blocks. Raises ModelRefused."""
    return anyio.run(_judge_all, settings, claims, listener)


async def _judge_all(settings: Settings, claims: Sequence[tuple[str, Sequence[str]]], listener: Listener) -> Judged:
    verdicts: dict[int, Verdict | None] = {}
    spans, dropped = [0], [0]
    refused: list[ModelRefused] = []

    async with client_of(settings) as client:
        checker = FactCheck(client, (), listener, Depth.STANDARD)

        async def judge_one(index: int, text: str, texts: Sequence[str]) -> None:
            try:
                ruling = await checker.judge(_claim(index, text), _evidence(texts))
            except ModelRefused as error:
                refused.append(error)
            except ModelUnavailable:
                verdicts[index] = None
            else:
                verdicts[index] = ruling.verdict
                spans[0] += len(ruling.evidence)
                dropped[0] += ruling.dropped.total

        async with anyio.create_task_group() as group:
            for index, (text, texts) in enumerate(claims):
                if texts:
                    group.start_soon(judge_one, index, text, texts)
        if refused:
            raise refused[0]
        return Judged(
            verdicts=tuple(verdicts.get(index, Verdict.NOT_ENOUGH_EVIDENCE) for index in range(len(claims))),
            spans=spans[0],
            dropped=dropped[0],
            usage=client.usage,
            simulated=client.simulated,
        )


def _claim(index: int, text: str) -> Claim:
    return Claim(id=f"C{index + 1}", text=text, citation=Citation(quote=text, paragraph=1))


def _evidence(texts: Sequence[str]) -> list[Evidence]:
    return [
        Evidence(id=str(number), url=f"evidence:{number}", title=f"Evidence {number}", quote=text)
        for number, text in enumerate(texts, start=1)
    ]
