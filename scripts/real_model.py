"""How good a small real model is: scripts/real_model small|medium|large FOLDER [--each N].

Fetches the model (see real_parts.py), serves it on this machine as a run would, and asks it about public data in
FOLDER: ``climate-fever.jsonl`` (pairs on which all voters agree), AVeriTeC's ``dev*.json``, and MAFALDA's
``gold.jsonl``. N of each label, the first ones by digest, so that no order of the files counts. Prints a line for each
figure, with the model, N and minutes: docs/evaluation.md holds them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import anyio
from pydantic import BaseModel, Field
from scripts.real_parts import SETS, Unavailable, fetch

from autointel.app.model_settings import client_of
from autointel.cli.progress import Silent
from autointel.domain.analysis import FallacyType, Verdict
from autointel.domain.run import StepName
from autointel.errors import AutointelError
from autointel.model.prompts import untrusted
from autointel.settings import Settings
from autointel_bench.evaluation.live import judge_claims, labels_of

_LABELS = {
    "SUPPORTS": Verdict.SUPPORTED,
    "REFUTES": Verdict.REFUTED,
    "NOT_ENOUGH_INFO": Verdict.NOT_ENOUGH_EVIDENCE,
    "Supported": Verdict.SUPPORTED,
    "Refuted": Verdict.REFUTED,
    "Not Enough Evidence": Verdict.NOT_ENOUGH_EVIDENCE,
    "Conflicting Evidence/Cherrypicking": Verdict.CONFLICTING_EVIDENCE,
}
Claim = tuple[str, Sequence[str], Verdict]


class FallacyTypes(BaseModel):
    """The fallacies of a post."""

    fallacies: list[FallacyType] = Field(max_length=4)


def climate(file: Path) -> Iterator[Claim]:
    """Claim and one sentence of Wikipedia, where all voters agree."""
    for line in file.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for evidence in row["evidences"]:
            if len({vote for vote in evidence["votes"] if vote}) == 1:
                yield row["claim"], (evidence["evidence"],), _LABELS[evidence["evidence_label"]]


def averitec(file: Path) -> Iterator[Claim]:
    """Claim and the answers that its annotators found."""
    for row in json.loads(file.read_text(encoding="utf-8")):
        answers = [f"{q['question']} {a['answer']}" for q in row["questions"] for a in q["answers"]]
        if answers:
            yield row["claim"], answers, _LABELS[row["label"]]


def some(claims: Iterator[Claim], each: int) -> list[Claim]:
    """``each`` of every label."""
    by_label: dict[Verdict, list[Claim]] = defaultdict(list)
    for claim in sorted(claims, key=lambda claim: sha256(claim[0].encode()).digest()):
        by_label[claim[2]].append(claim)
    return [claim for label in Verdict for claim in by_label[label][:each]]


def judged(name: str, claims: Sequence[Claim], settings: Settings) -> str:
    """The judge's verdicts by these texts alone."""
    began = perf_counter()
    found = judge_claims(settings, [(claim, texts) for claim, texts, _ in claims], Silent())
    labels = [label for _, _, label in claims]
    given = found.verdicts
    scored = labels_of(labels, given)
    table = ", ".join(
        f"{label.value} {sum(1 for a, b in zip(labels, given, strict=True) if a is b is label)}/{labels.count(label)}"
        for label in dict.fromkeys(labels)
    )
    figures = f"{scored.accuracy:.2f} right, macro-F1 {scored.macro_f1:.2f}, {scored.unanswered} unanswered"
    return f"{name}: {figures} ({table}); n={len(claims)}, {(perf_counter() - began) / 60:.1f} min"


async def _fallacies(posts: Sequence[dict[str, Any]], settings: Settings) -> tuple[int, int, int]:
    right = said = true = 0
    async with client_of(settings) as client:
        for post in posts:
            gold = {label[2].casefold() for label in post["labels"]}
            true += len(gold)
            try:
                reply = await client.ask(
                    "Fallacy Analyst",
                    "You find logical fallacies. Most posts have none or one.",
                    f"Which fallacies does this post make?\n{untrusted('post', post['text'])}",
                    FallacyTypes,
                    step=StepName.FALLACIES,
                )
            except AutointelError:
                continue
            answer = {fallacy.value.casefold() for fallacy in reply.fallacies}
            right, said = right + len(gold & answer), said + len(answer)
    return right, said, true


def fallacies(file: Path, each: int, settings: Settings) -> str:
    """Types of fallacies, post by post."""
    began = perf_counter()
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    posts = sorted(rows, key=lambda row: sha256(row["text"].encode()).digest())[: each * 4]
    right, said, true = anyio.run(_fallacies, posts, settings)
    score = 2 * right / (said + true) if said + true else 0.0
    return (
        f"MAFALDA: F1 {score:.3f} ({right} right of {said} said, {true} true); n={len(posts)}, "
        f"{(perf_counter() - began) / 60:.1f} min"
    )


def main() -> int:
    """Print the figures, one line each, as they come."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=20)
    asked = parser.parse_args()
    try:
        model = next(path for path in fetch(asked.set) if path.suffix == ".gguf")
    except Unavailable as error:
        print(error, file=sys.stderr)
        return 1
    settings = Settings.model_validate({"model": {"file": model, "timeout": 120}})
    print(model.name, flush=True)
    for file in sorted(asked.folder.rglob("climate-fever*.jsonl")):
        print(judged("climate-fever", some(climate(file), asked.each), settings), flush=True)
    for file in sorted(asked.folder.rglob("dev*.json")):
        print(judged("AVeriTeC", some(averitec(file), asked.each), settings), flush=True)
    for file in sorted(asked.folder.rglob("gold.jsonl")):
        print(fallacies(file, asked.each, settings), flush=True)
    return 0
