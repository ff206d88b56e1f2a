"""How well code alone tells a sentence that its quotes carry from one that they do not.

Debates (``*.said``): each sentence with its neighbours and its speaker. Lies are the sentence, or a paraphrase of it,
with one thing changed (``lies.py``). Paraphrases are by hand (``data/paraphrases.tsv``) and by rules. climate-fever
and AVeriTeC: a claim with evidence by label. STS-B: pairs that people called equivalent (4.8 of 5 or more).
Every text belongs to one half by its digest: thresholds and rules were made on the first, figures are of the second.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from autointel.domain.analysis import taxonomy
from autointel.errors import UsageError
from autointel.pipeline.stages import ROLES
from autointel.text.carriers import names_of, others_beside
from autointel.text.carrying import Carried, Ground, carried
from autointel.text.near_duplicates import same_claim
from autointel_bench.lies import Lie, Stock, tell
from autointel_bench.paraphrases import paraphrase, pick

_EQUIVALENT: Final = 4.8
_LONGEST, _SHORTEST = 35, 8

Verifier = Callable[[str, Ground], Carried]
_REFERS: Final = 5  # sentences, as in text.carriers
_NAMED: Final = re.compile(r"([A-Z][\w.' -]+): ")
_SELDOM: Final = frozenset(
    {Lie.PROMPT, Lie.ELSEWHERE, Lie.ATTRIBUTION, Lie.CAUSE, Lie.MODALITY, Lie.NEGATION, Lie.DETAIL}
)
# The files of the later ones were written when the rules stood.
_WHEN: Final = {"": "", "-later": ", later"}


@dataclass(frozen=True)
class Pair:
    """A sentence and its ground. ``kind`` groups the table; ``true`` is the truth (None: nobody says)."""

    kind: str
    text: str
    ground: Ground
    true: bool | None


@dataclass
class SupportScore:
    """Counts by kind: how many, how many were found carried, and examples of what went wrong.

    ``doubted`` are those not found carried on which a model's second look would decide, where there is one.
    """

    name: str
    seen: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    doubted: Counter[str] = field(default_factory=Counter)
    truth: dict[str, bool | None] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    lies: Counter[str] = field(default_factory=Counter)

    def add(self, pair: Pair, outcome: Carried) -> None:
        """One more."""
        self.seen[pair.kind] += 1
        self.passed[pair.kind] += bool(outcome)
        self.doubted[pair.kind] += outcome.is_doubtful
        self.truth[pair.kind] = pair.true
        if pair.true is not None and bool(outcome) != pair.true:
            why = "; ".join(map(str, outcome.reasons))
            self.wrong[pair.kind].append(f"{pair.text}  <-  {' '.join(pair.ground.quotes)}  [{why}]")

    def render(self) -> str:
        """A line for each kind: how many pass, fall by code alone, and how many of these a second look would decide."""
        lines = [f"{self.name:<44}{'pairs':>7}{'carried':>9}{'removed':>9}{'doubted':>9}"]
        lines += [self._line(kind, [kind]) for kind in self.seen]
        for truth, name in ((False, "lies"), (True, "true sentences")):
            if kinds := [kind for kind, each in self.truth.items() if each is truth]:
                lines.append(self._line(name, kinds))
        return "\n".join(lines)

    def _line(self, name: str, kinds: Sequence[str]) -> str:
        total, passed, doubted = (
            sum(counts[kind] for kind in kinds) for counts in (self.seen, self.passed, self.doubted)
        )
        shares = (passed / total, 1 - passed / total, doubted / total)
        return f"  {name:<42}{total:>7}" + "".join(f"{share:>9.1%}" for share in shares)


def score_support(folder: Path, verify: Verifier = carried, *, second_half: bool = True) -> SupportScore:
    """The score on the data in a folder, whichever of the four it holds. Raises UsageError for another."""
    for marker, read in _READERS.items():
        found = sorted(folder.glob(marker))
        if found:
            score = SupportScore(folder.name)
            for pair in read(found):
                if in_second_half(pair.ground.quotes[0]) is second_half:
                    score.add(pair, verify(pair.text, pair.ground))
            return score
    raise UsageError(f"{folder} holds none of {', '.join(_READERS)}.", "Give the folder of one of these data sets.")


def render_support(folder: Path) -> str:
    """The tables of the second half, and for debates how well a claim told again is known for the same."""
    lines = [score_support(folder).render()]
    if any(folder.glob("*.said")):
        again, found, beside, mistaken = score_duplicates(folder)
        lines.append(f"  {'claims told again, found':<42}{again:>7}{found / again:>9.1%}")
        lines.append(f"  {'neighbouring sentences, taken for the same':<42}{beside:>7}{mistaken / beside:>9.1%}")
    return "\n".join(lines)


def in_second_half(text: str) -> bool:
    """Which half a text belongs to; by its digest, so that a pair and its lies stay together."""
    return sha256(text.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Spoken:
    """A sentence of a debate with its neighbours and speaker."""

    text: str
    speaker: str
    around: tuple[str, ...]
    others: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


def _spoken(file: Path) -> Iterator[Spoken]:
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    turns = [(named[1], line[named.end() :].strip()) for line in lines if (named := _NAMED.match(line))]
    speakers = [name for name, _ in turns]
    for turn, (speaker, words) in enumerate(turns):
        sentences = re.split(r"(?<=[.!?])\s+(?=[A-Z\"“])", words)
        others = others_beside(speakers, turn)
        for at, text in enumerate(sentences):
            around = tuple(sentences[max(0, at - 1) : at] + sentences[at + 1 : at + 2])
            yield Spoken(text, speaker, around, others, tuple(sentences[max(0, at - _REFERS) : max(0, at - 1)]))


def _debates(found: Sequence[Path]) -> Iterator[Pair]:
    spoken = [sentence for file in found for sentence in _spoken(file)]
    names = names_of([sentence.text for sentence in spoken], "en")
    proper = sorted(
        {
            m[0]
            for s in spoken
            for m in re.finditer(r"(?<=[a-z] )[A-Z][a-z]+(?: [A-Z][a-z]+)*", s.text)
            if m[0].casefold().split()[0] in names
        }
    )
    usable = [s for s in spoken if _SHORTEST <= len(s.text.split()) <= _LONGEST]
    statements = [s for s in usable if s.text.endswith(".") and not re.match(r"(?:Let|Thank|Please|Don't)\b", s.text)]
    stock = Stock(
        proper,
        sorted({s.speaker for s in spoken if s.speaker.split()[-1][:1].isupper()}),
        [s.text for s in statements],
        prompt_sentences(),
    )
    prompt = " ".join(stock.prompt)
    for said in statements:
        ground = Ground((said.text,), said.around, said.speaker, None, names, prompt, "en", said.others, said.before)
        restated = paraphrase(said.text, said.speaker)
        if restated and not re.match(r"(?:Let|Thank|Please|Don't)\b", restated, re.IGNORECASE):
            yield Pair("true: paraphrase by rules", restated, ground, true=True)
        for lie in Lie:
            base = (
                restated
                if restated and pick([True, False], "base", lie, said.text) and lie is not Lie.ATTRIBUTION
                else said.text
            )
            told = None if lie is Lie.QUESTION else tell(lie, base, stock, said.speaker)
            if told and (lie not in _SELDOM or pick(range(6), "seldom", lie, said.text) == 0):
                yield Pair(f"lie: {lie}", told, ground, true=False)
    for asked in (s for s in usable if s.text.endswith("?")):
        told = tell(Lie.QUESTION, asked.text, stock)
        if told:
            yield Pair(
                f"lie: {Lie.QUESTION}",
                told,
                Ground(
                    (asked.text,), asked.around, asked.speaker, None, names, prompt, "en", asked.others, asked.before
                ),
                true=False,
            )
    yield from _by_hand(spoken, names, prompt)
    yield from other_talks(prompt)


def score_duplicates(folder: Path, *, second_half: bool = True) -> tuple[int, int, int, int]:
    """Told again: how many, how many found. Neighbouring sentences: how many, how many taken for the same."""
    spoken = [
        s
        for file in sorted(folder.glob("*.said"))
        for s in _spoken(file)
        if _SHORTEST <= len(s.text.split()) <= _LONGEST
    ]
    spoken = [s for s in spoken if s.text.endswith(".") and in_second_half(s.text) is second_half]
    again = [(s.text, restated) for s in spoken if (restated := paraphrase(s.text, None))]
    beside = [(s.text, other) for s in spoken for other in s.around]
    return (
        len(again),
        sum(same_claim(first, second, "en") for first, second in again),
        len(beside),
        sum(same_claim(first, second, "en") for first, second in beside),
    )


def _by_hand(spoken: Sequence[Spoken], names: frozenset[str], prompt: str) -> Iterator[Pair]:
    """Paraphrases and lies that a person wrote, each beside the one or two sentences that it is made of."""
    keyed = [(_key(sentence.text), sentence) for sentence in spoken]
    for name, when in _WHEN.items():
        for original, restated in _table(f"paraphrases{name}"):
            yield Pair(f"true: paraphrase by hand{when}", restated, _ground(original, keyed, names, prompt), true=True)
        for kind, original, told in _table(f"lies{name}"):
            yield Pair(f"lie by hand{when}: {kind}", told, _ground(original, keyed, names, prompt), true=False)


def other_talks(prompt: str) -> Iterator[Pair]:
    """Paraphrases and lies written by hand on twelve other talks, before anybody had looked at the rules for them."""
    text = (files("autointel_bench.evaluation") / "data" / "talks.jsonl").read_text(encoding="utf-8")
    for row in (json.loads(line) for line in text.splitlines() if not line.startswith("#")):
        ground = Ground(
            (row["quote"],), tuple(row["around"]), row["speaker"] or None, None, frozenset(row["names"]), prompt, "en",
            tuple(row["others"]), tuple(row["before"]),
        )  # fmt: skip
        for restated in row["paraphrases"]:
            yield Pair("true: paraphrase, other talks", restated, ground, true=True)
        for kind, told in row["lies"]:
            yield Pair(f"lie, other talks: {kind}", told, ground, true=False)


def _table(name: str) -> Iterator[list[str]]:
    text = (files("autointel_bench.evaluation") / "data" / f"{name}.tsv").read_text(encoding="utf-8")
    return (line.split("\t") for line in text.splitlines() if not line.startswith("#"))


def _ground(original: str, keyed: Sequence[tuple[str, Spoken]], names: frozenset[str], prompt: str) -> Ground:
    wanted = _key(original)
    said = [sentence for key, sentence in keyed if key in wanted or wanted in key]
    if not said:
        raise UsageError(f"No debate in the folder says: {original}", "Give the folder transcripts_debates.")
    around = tuple(text for each in said[:2] for text in each.around if _key(text) not in wanted)
    return Ground((original,), around, said[0].speaker, None, names, prompt, "en", said[0].others, said[0].before)


def _key(text: str) -> str:
    """The letters of a text; short sentences are in every other, so they have a key of their own."""
    key = re.sub(r"\W+", "", text.casefold())
    return key if len(key) > 40 else f"<{key}>"  # noqa: PLR2004


def prompt_sentences() -> list[str]:
    """The sentences of our prompts: a model may repeat them as notes."""
    texts = [str(text).removesuffix(taxonomy()) for role in ROLES.values() for _, text in role]
    sentences = [s.strip() for text in texts for s in re.split(r"(?<=[.!?])\s+", " ".join(text.split()))]
    return [sentence for sentence in sentences if len(sentence.split()) >= 6]  # noqa: PLR2004


def _climate(found: Sequence[Path]) -> Iterator[Pair]:
    for line in found[0].read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for evidence in row["evidences"]:
            votes = [vote for vote in evidence["votes"] if vote]
            label = evidence["evidence_label"].replace("_", " ").lower()
            sure = len(set(votes)) == 1
            kind = f"{label}, {'all agree' if sure else 'they differ'}"
            yield Pair(kind, row["claim"], Ground((evidence["evidence"],), (), evidence["article"]), None)


def _averitec(found: Sequence[Path]) -> Iterator[Pair]:
    for row in json.loads(found[0].read_text(encoding="utf-8")):
        answers = [str(answer["answer"]) for question in row["questions"] for answer in question["answers"]]
        asked = [str(question["question"]) for question in row["questions"]]
        if answers:
            yield Pair(row["label"].lower(), row["claim"], Ground(tuple(answers), tuple(asked), row["speaker"]), None)


def _equivalents(found: Sequence[Path]) -> Iterator[Pair]:
    for file in found:
        with file.open(encoding="utf-8") as lines:
            for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                if len(row) >= 7 and float(row[4]) >= _EQUIVALENT:  # noqa: PLR2004  the columns of STS-B
                    yield Pair(f"true: called the same, {row[0]}", row[6], Ground((row[5],)), true=True)


_READERS: Final[dict[str, Callable[[Sequence[Path]], Iterator[Pair]]]] = {
    "*.said": _debates,
    "climate-fever*.jsonl": _climate,
    "dev*.json": _averitec,
    "sts-*.csv": _equivalents,
}
