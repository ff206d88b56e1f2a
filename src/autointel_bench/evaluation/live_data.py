"""The user's own data for ``eval live``: claims with labels and evidence, transcripts with the points they make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from autointel.domain.analysis import Verdict
from autointel.errors import UsageError

P = TypeVar("P", bound=BaseModel)

_EXPECTED: Final = ".expected.json"
_LOOK: Final = "docs/evaluation.md shows the format."


def _label(text: object) -> object:
    """AVeriTeC's own spelling will do: "Not Enough Evidence", "Conflicting Evidence/Cherrypicking"."""
    folded = "_".join(str(text).upper().replace("/", " ").split())
    return Verdict.CONFLICTING_EVIDENCE if folded.startswith(Verdict.CONFLICTING_EVIDENCE) else folded


def _filled(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in (" ".join(each.split()) for each in texts) if text)


Texts = Annotated[tuple[str, ...], AfterValidator(_filled)]


class LabelledClaim(BaseModel):
    """A claim, its true label, and the texts that it is to be judged by."""

    model_config = ConfigDict(extra="ignore")

    claim: str = Field(min_length=1)
    label: Annotated[Verdict, BeforeValidator(_label)]
    evidence: Texts = ()


class Expected(BaseModel):
    """The points that a reader should find in a transcript."""

    points: Texts = Field(min_length=1)


@dataclass(frozen=True)
class Talk:
    """A transcript, and the points expected of it."""

    path: Path
    points: tuple[str, ...]


@dataclass(frozen=True)
class LiveData:
    """All of a folder; either may be empty, not both."""

    claims: Sequence[LabelledClaim]
    talks: Sequence[Talk]

    @classmethod
    def of(cls, folder: Path) -> LiveData:
        """Raises UsageError: nothing there, a line that does not fit, points without their transcript."""
        claims, talks = _claims(folder / "claims.jsonl"), _talks(folder / "transcripts")
        if not claims and not talks:
            raise UsageError(f"{folder} holds neither claims.jsonl nor transcripts with expected points.", _LOOK)
        return cls(claims, talks)


def _claims(file: Path) -> list[LabelledClaim]:
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return [_parsed(LabelledClaim, line, f"{file}, line {n}") for n, line in enumerate(lines, start=1) if line.strip()]


def _talks(folder: Path) -> list[Talk]:
    return [_talk(file) for file in sorted(folder.glob(f"*{_EXPECTED}"))]


def _talk(file: Path) -> Talk:
    name = file.name.removesuffix(_EXPECTED)
    beside = [path for path in sorted(file.parent.glob("*")) if path.stem == name and path.name != file.name]
    if not beside:
        raise UsageError(f"{file} has no transcript called {name} beside it.", _LOOK)
    return Talk(beside[0], _parsed(Expected, file.read_text(encoding="utf-8"), str(file)).points)


def _parsed(kind: type[P], text: str, where: str) -> P:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "it"
        raise UsageError(f"{where} does not fit: {place}: {first['msg']}.", _LOOK) from error
