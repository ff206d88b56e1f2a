"""``autointel eval``: one measure, one folder of public data, one table; and the part that is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from autointel.errors import UsageError

if TYPE_CHECKING:
    from autointel.domain.notes import Notes
    from autointel.domain.transcript import Transcript
    from autointel_bench.evaluation.briefing import Checks, Readers
    from autointel_bench.evaluation.meetings import Meeting, Read


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
    from autointel.local.entities import find_entities
    from autointel_bench.evaluation.extraction import score_entities

    def find(sentences: Sequence[Sequence[str]]) -> list[list[tuple[int, int]]]:
        return [[(span.first, span.last) for span in spans] for spans in find_entities(sentences)]

    return score_entities(folder, find).render()


def _claims(folder: Path) -> str:
    from autointel.local.statements import rank_statements
    from autointel_bench.evaluation.extraction import score_claims

    return score_claims(folder, rank_statements).render()


def _embedder(folder: Path) -> str:
    from autointel.adapters.embedders import WordLlamaEmbedder
    from autointel_bench.evaluation.embedder import score_embedder

    return score_embedder(folder, WordLlamaEmbedder().embed).render()


def _captions(folder: Path) -> str:
    from autointel.adapters.sources.parse import parse
    from autointel_bench.evaluation.sources import score_captions

    score = score_captions(folder, parse)
    lines = [
        f"expectations met     {score.met} of {score.expectations} ({score.share:.1%})",
        f"files read           {score.files}, {score.refused} of them refused with an error of ours",
        f"crashes              {len(score.crashed)} {' '.join(score.crashed)}".rstrip(),
    ]
    return "\n".join([*lines, *(f"not met              {name}" for name in score.missed)])


def _articles(folder: Path) -> str:
    import trafilatura

    from autointel.adapters.sources.web.articles import article_text
    from autointel_bench.evaluation.sources import score_articles

    def as_it_comes(html: bytes, url: str) -> str:
        return trafilatura.extract(html, url=url) or ""

    lines = [f"{'article text':<26}{'precision':>10}{'recall':>8}{'F1':>7}{'pages':>7}{'crashes':>9}"]
    for name, extract in (("autointel", article_text), ("trafilatura as it comes", as_it_comes)):
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

    return score_briefings(folder, local_reader(), briefing_checks())


def _meetings(folder: Path) -> str:
    from autointel_bench.evaluation.meetings import score_meetings

    return score_meetings(folder, meeting_reader())


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


def local_reader() -> Readers:
    """A file to its transcript and the notes of the engine without a model."""
    import anyio

    from autointel.adapters.embedders import WordLlamaEmbedder
    from autointel.adapters.sources.parse import parse
    from autointel.domain.transcript import Source, Transcript
    from autointel.local.engine import LocalReader

    reader = LocalReader(WordLlamaEmbedder())

    def read(file: Path) -> tuple[Transcript, Notes]:
        parsed = parse(file.read_bytes(), file.name)
        source = Source(id=file.stem, kind=parsed.kind, path=file.name, title=parsed.title or file.stem)
        transcript = Transcript(
            segments=parsed.segments, language=parsed.language, chapters=parsed.chapters, turns=parsed.turns
        )
        return transcript, anyio.run(reader.read, source, transcript)

    return read


def meeting_reader() -> Read:
    """A meeting's turns to the turns that open a chapter, and the excerpts by the engine without a model."""
    import anyio

    from autointel.adapters.embedders import WordLlamaEmbedder
    from autointel.domain.transcript import Segment, Source, SourceKind, Transcript
    from autointel.local.engine import LocalReader

    reader = LocalReader(WordLlamaEmbedder())

    def read(turns: Meeting) -> tuple[list[int], list[str]]:
        spoken = [(number, who, words) for number, (who, words) in enumerate(turns, 1) if words]
        segments = tuple(Segment(text=words, speaker=who, paragraph=number) for number, who, words in spoken)
        source = Source(id="meeting", kind=SourceKind.TEXT, path="meeting.txt", title="meeting")
        notes = anyio.run(reader.read, source, Transcript(segments=segments, language="en"))
        starts = [(chapter.paragraph or 1) - 1 for chapter in notes.chapters[1:]]
        best = sorted(notes.key_points, key=lambda point: -point.score)
        return starts, [point.text for point in best]

    return read


def briefing_checks() -> Checks:
    """The judges of the local engine itself: they count what slipped through, not what they do not see."""
    from autointel.local.noun_phrases import is_noun_phrase
    from autointel.local.references import resolved_share
    from autointel.text.word_lists import pattern_list
    from autointel_bench.evaluation.briefing import Checks

    return Checks(
        refers=lambda text: resolved_share(text) == 0.0,
        advertises=lambda text: pattern_list("advertising").search(text) is not None,
        names=lambda text: is_noun_phrase(text.split()),
    )
