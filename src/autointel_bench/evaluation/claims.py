"""How well statements are ranked by whether somebody found them worth a check: MAP over whole debates (CheckThat!)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from autointel.errors import UsageError

Ranker: TypeAlias = Callable[[Sequence[str], Sequence[str]], Sequence[float]]
"""All lines of a debate and their speakers to a score each; higher is likelier to be checked."""

_COLUMNS: Final = 4
_TOP: Final = 100


@dataclass(frozen=True)
class DebateScore:
    """One debate: lines, those that were checked, average precision, and precision among the first hundred."""

    name: str
    lines: int
    checked: int
    average_precision: float
    top_precision: float


@dataclass(frozen=True)
class ClaimScore:
    """All debates of a folder."""

    debates: tuple[DebateScore, ...]
    digits_map: float

    @property
    def mean_average_precision(self) -> float:
        """MAP: every debate counts the same."""
        return sum(debate.average_precision for debate in self.debates) / len(self.debates)

    def render(self) -> str:
        """A line for each debate, then the mean beside that of the simplest rule."""
        lines = [f"{'debate':<28}{'lines':>7}{'checked':>9}{'AP':>7}{'P@100':>7}"]
        lines += [
            f"{debate.name[:27]:<28}{debate.lines:>7}{debate.checked:>9}"
            f"{debate.average_precision:>7.3f}{debate.top_precision:>7.2f}"
            for debate in self.debates
        ]
        lines.append(f"{'MAP':<44}{self.mean_average_precision:>7.3f}")
        lines.append(f"{'MAP, lines with a digit first':<44}{self.digits_map:>7.3f}")
        return "\n".join(lines)


def score_claims(folder: Path, rank: Ranker) -> ClaimScore:
    """Every ``*.tsv`` of a folder (line number, speaker, text, 1 if checked). Raises UsageError where there is none."""
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise UsageError(f"{folder} holds no .tsv file.", "Give the folder of a CheckThat! data set.")
    debates, digits = [], []
    for file in files:
        speakers, texts, labels = _read(file)
        scores = rank(texts, speakers)
        debates.append(
            DebateScore(
                name=file.stem,
                lines=len(texts),
                checked=sum(labels),
                average_precision=average_precision(scores, labels),
                top_precision=sum(labels[row] for row in _best_first(scores)[:_TOP]) / _TOP,
            )
        )
        digits.append(average_precision([float(any(map(str.isdigit, text))) for text in texts], labels))
    return ClaimScore(tuple(debates), sum(digits) / len(digits))


def average_precision(scores: Sequence[float], labels: Sequence[bool]) -> float:
    """Mean over the true rows of the precision at their rank; equal scores keep the order of the debate."""
    hits, total = 0, 0.0
    for place, row in enumerate(_best_first(scores), 1):
        if labels[row]:
            hits += 1
            total += hits / place
    return total / hits if hits else 0.0


def _best_first(scores: Sequence[float]) -> list[int]:
    return sorted(range(len(scores)), key=lambda row: (-scores[row], row))


def _read(file: Path) -> tuple[list[str], list[str], list[bool]]:
    """Speakers, texts, labels. Quotation marks are text here, so no CSV reader."""
    rows = [line.split("\t") for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    for number, row in enumerate(rows, 1):
        if len(row) < _COLUMNS:
            raise UsageError(f"{file.name} has no {_COLUMNS} columns in line {number}.", "Check the data set's format.")
    return [row[1] for row in rows], [row[2] for row in rows], [row[3].strip() == "1" for row in rows]
