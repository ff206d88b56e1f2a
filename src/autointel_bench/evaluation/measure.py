"""``autointel eval``: one measure, one folder of public data, one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from autointel.errors import UsageError
from autointel_bench.evaluation import parts


def measure(name: str, folder: Path) -> str:
    """The table for one of ``MEASURES`` on the data in ``folder``. Raises UsageError for another name or no data."""
    if name not in MEASURES:
        raise UsageError(f"There is no measure called {name}.", f"Take one of: {', '.join(MEASURES)}.")
    if not folder.exists():
        raise UsageError(f"{folder} does not exist.", "Give the folder that holds the data.")
    try:
        return MEASURES[name](folder)
    except FileNotFoundError as error:
        raise UsageError(
            f"{folder} does not hold {Path(error.filename or '').name}.", "Give the data's own folder."
        ) from error


def _entities(folder: Path) -> str:
    from autointel_bench.evaluation.entities import score_entities

    return score_entities(folder, parts.entity_finder()).render()


def _claims(folder: Path) -> str:
    from autointel_bench.evaluation.claims import score_claims

    return score_claims(folder, parts.statement_ranker()).render()


def _embedder(folder: Path) -> str:
    from autointel_bench.evaluation.embedder import score_embedder

    return score_embedder(folder, parts.embedding()).render()


def _captions(folder: Path) -> str:
    from autointel_bench.evaluation.captions import score_captions

    score = score_captions(folder, parts.caption_parser())
    lines = [
        f"expectations met     {score.met} of {score.expectations} ({score.share:.1%})",
        f"files read           {score.files}, {score.refused} of them refused with an error of ours",
        f"crashes              {len(score.crashed)} {' '.join(score.crashed)}".rstrip(),
    ]
    return "\n".join([*lines, *(f"not met              {name}" for name in score.missed)])


def _articles(folder: Path) -> str:
    from autointel_bench.evaluation.articles import score_articles

    lines = [f"{'article text':<26}{'precision':>10}{'recall':>8}{'F1':>7}{'pages':>7}{'crashes':>9}"]
    for name, extract in parts.article_extractors().items():
        score = score_articles(folder, extract)
        lines.append(
            f"{name:<26}{score.precision:>10.3f}{score.recall:>8.3f}{score.f1:>7.3f}{score.pages:>7}{len(score.crashed):>9}"
        )
    return "\n".join(lines)


def _recall(folder: Path) -> str:
    """LoCoMo's files (*.json) or QMSum's (*.jsonl), whatever they are called."""
    from functools import partial

    from autointel.memory.findings import KEYWORD_ONLY, VECTORS_ONLY
    from autointel_bench.evaluation.recall import Open, OpenReading, render_locomo, render_qmsum
    from autointel_bench.evaluation.shipped_search import reading_over, search_over

    ways: dict[str, Open] = {
        "as it is in use": search_over,
        "without vectors": partial(search_over, vectors=False),
        "keyword only": partial(search_over, weights=KEYWORD_ONLY, vectors=False),
        "vectors only": partial(search_over, weights=VECTORS_ONLY),
    }
    turns: dict[str, Open] = {
        "turns as passages": search_over,
        "turns, keyword only": partial(search_over, weights=KEYWORD_ONLY, vectors=False),
    }
    tables = [render_locomo(file, ways, turns) for file in sorted(folder.glob("*.json"))]
    read: dict[str, OpenReading] = {"as ask gives it to a model": reading_over, **ways}
    tables += [render_qmsum(file, read) for file in sorted(folder.glob("*.jsonl"))]
    if not tables:
        raise FileNotFoundError(None, None, "*.json or *.jsonl")
    return "\n\n".join(tables)


def _answers(folder: Path) -> str:
    from autointel_bench.evaluation.answers import QUESTIONS, score_answers
    from autointel_bench.evaluation.shipped_search import library_over

    return "\n\n".join(f"{name}\n{score_answers(folder, library_over, name).render()}" for name in QUESTIONS)


def _injection(folder: Path) -> str:
    from autointel_bench.evaluation.injection import score_injection

    return score_injection(folder).render()


def _support(folder: Path) -> str:
    """Lies, paraphrases and labelled evidence, whichever the folder holds: the half that no rule was made on."""
    from autointel_bench.evaluation.support import render_support

    return render_support(folder)


def _briefing(folder: Path) -> str:
    from autointel_bench.evaluation.briefing import score_briefings

    return score_briefings(folder, parts.local_reader(), parts.briefing_checks())


def _meetings(folder: Path) -> str:
    from autointel_bench.evaluation.meetings import score_meetings

    return score_meetings(folder, parts.meeting_reader())


MEASURES: Final[Mapping[str, Callable[[Path], str]]] = {
    "entities": _entities,
    "claims": _claims,
    "briefing": _briefing,
    "meetings": _meetings,
    "embedder": _embedder,
    "captions": _captions,
    "articles": _articles,
    "recall": _recall,
    "answers": _answers,
    "injection": _injection,
    "support": _support,
}
