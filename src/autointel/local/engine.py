"""The engine without a model: it does what classical methods do well and declines the rest.

Measured before this was decided: linear fallacy detectors that score .88 at home are at chance (AUC .53) on other data,
and verdicts from word overlap, negation and numbers (.28) are worse than always naming the commonest verdict (.61).

Deterministic: the same transcript gives the same notes on every machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from anyio import to_thread

from autointel import ports
from autointel.domain.analysis import Analysis, Excerpt, FrequentTerm, Statement
from autointel.domain.citation import Citation, Script
from autointel.domain.notes import Claim, KeyPoint, Notes, Term, Unsought
from autointel.domain.transcript import Chapter, Source, Transcript, word_count
from autointel.domain.value import Confidence
from autointel.local.chapters import chapter_titles
from autointel.local.entities import uses_capitals
from autointel.local.mentions import find_mentions
from autointel.local.speakers import askers, speakers_of
from autointel.local.terms import Found, distinct_terms, noun_phrases_of, rank_terms, subjects, without_names
from autointel.pipeline.brief import PageAlone
from autointel.pipeline.read import Read, Related
from autointel.pipeline.stages import Stage
from autointel.pipeline.step import AnyStep, Declines
from autointel.text.advertisements import advertisement_sentences
from autointel.text.language import detect_language, english_parts, is_english, language_name
from autointel.text.sentences import Sentence, cut, is_punctuated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from autointel.local.picking import Pick

EXCERPT_METHOD: Final = "sentences that stand alone, by the words of this talk and LexRank"
STATEMENT_METHOD: Final = "hand-weighted rule for factual wording"
TERM_METHOD: Final = "noun phrases ranked by C-value"
_REASON: Final = "these need a language model"
_HINT: Final = "set OPENAI_API_KEY, or AUTOINTEL_MODEL__BASE_URL for a local one"
METHOD: Final = "local: wording rules, embedding LexRank, gazetteers, noun phrases"
_MAX_TERMS: Final = 15
_MOST_SPONSORED: Final = 3
_NO_SPEECH: Final = "the transcript holds sounds and marks only: there is nothing to read"
_NO_CAPITALS: Final = (
    "the transcript does not use capitals as writing does: names are found by lists, and some are missed"
)
_ENGLISH_ONLY: Final = ("statements", "entities")


class LocalEngine:
    """Implements StepEngine. ``shared`` are the steps that both engines do alike; ``related`` is as in ``Read``."""

    def __init__(self, embedder: ports.Embedder, related: Related | None, shared: Iterable[AnyStep]) -> None:
        own: list[AnyStep] = [Read(LocalReader(embedder), analysis_of, related), PageAlone()]
        self._steps = {step.name: step for step in (*shared, *own)}

    def step(self, stage: Stage) -> AnyStep:
        """The step of a stage; a judgement is declined."""
        return self._steps.get(stage.name) or Declines(stage.name, _REASON, _HINT)


def analysis_of(notes: Notes) -> Analysis:
    """Key points as excerpts, claims as statements, terms as frequent terms; nothing is judged.

    Confidences: as a summary, sentences picked by centrality are little better than the opening or than chance (ROUGE-1
    .214, .207 and .198 on QMSum's meetings), and terms are noisy: low. That a statement sounds factual is mostly right
    (average precision .73 to .85 on ClaimBuster and CheckThat): medium, for the sound, not for the truth.
    """
    return Analysis(
        excerpts=tuple(
            Excerpt(
                text=point.citation.quote,
                confidence=Confidence.LOW,
                method=EXCERPT_METHOD,
                citations=(point.citation,),
                context=point.context,
            )
            for point in notes.key_points
        ),
        statements=tuple(
            Statement(
                text=claim.citation.quote,
                confidence=Confidence.MEDIUM,
                method=STATEMENT_METHOD,
                citations=(claim.citation,),
                sponsored=claim.sponsored,
            )
            for claim in notes.claims
        ),
        terms=tuple(
            FrequentTerm(
                text=term.text,
                count=term.count,
                confidence=Confidence.LOW,
                method=TERM_METHOD,
                citations=(term.citation,),
            )
            for term in notes.terms
        ),
    )


class LocalReader(ports.Reader):
    """Reads by rule and by vector. English in full; of other languages excerpts, terms and chapters.

    Of a source in English and another language, the English parts are read in full.
    """

    def __init__(self, embedder: ports.Embedder) -> None:
        self._embedder = embedder

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        """Notes whose every quote is cut from the transcript. About 1.5 s of CPU for 25,000 words."""
        # Nothing is shared with the thread, so a cancelled run need not wait for it.
        return await to_thread.run_sync(partial(self._read, source, transcript), abandon_on_cancel=True)

    def _read(self, source: Source, transcript: Transcript) -> Notes:
        script = Script.of(source, transcript)
        language = transcript.language or source.language or detect_language(script.text)
        sentences = cut(script)
        if not sentences:
            return Notes(method=METHOD, chapters=transcript.chapters, warnings=(_NO_SPEECH,))
        texts = [sentence.text for sentence in sentences]
        english = english_parts(texts)
        if english is not None:
            return self._mixed(script, transcript, sentences, english)
        terms = subjects(noun_phrases_of(rank_terms(texts, language), language, texts), texts, _speakers(script))
        notes = Notes(
            method=METHOD,
            speakers=speakers_of(script, sentences),
            terms=_terms(script, sentences, terms),
            chapters=transcript.chapters,
        )
        if not is_english(language, script.text):
            return self._elsewhere(script, transcript, sentences, notes, language)
        return self._english(script, transcript, sentences, notes, terms)

    def _mixed(
        self, script: Script, transcript: Transcript, sentences: Sequence[Sentence], english: Sequence[bool]
    ) -> Notes:
        """The English sentences by the English rules; terms of all, each by its own language's function words."""
        texts = [sentence.text for sentence in sentences]
        native = [text if here else "" for text, here in zip(texts, english, strict=True)]
        foreign = ["" if here else text for text, here in zip(texts, english, strict=True)]
        other = detect_language(" ".join(filter(None, foreign)))
        ranked = [
            *noun_phrases_of(rank_terms(native, "en"), "en"),
            *noun_phrases_of(rank_terms(foreign, other), other, foreign),
        ]
        ranked.sort(key=lambda term: -term.rank)
        terms = subjects(ranked, texts, _speakers(script))
        notes = Notes(
            method=METHOD,
            speakers=speakers_of(script, sentences),
            terms=_terms(script, sentences, terms),
            chapters=transcript.chapters,
        )
        ours = [sentence for sentence, here in zip(sentences, english, strict=True) if here]
        read = self._english(script, transcript, ours, notes, terms, everything=sentences)
        words = sum(word_count(sentence.text) for sentence in ours)
        warning = (
            f"the source is in English and {language_name(other)}: excerpts, statements and entities are of the English"
            f" parts only ({words:,} of {word_count(script.text):,} words)"
        )
        return read.model_copy(update={"warnings": (warning, *read.warnings)})

    def _elsewhere(
        self,
        script: Script,
        transcript: Transcript,
        sentences: Sequence[Sentence],
        notes: Notes,
        language: str | None,
    ) -> Notes:
        """What needs no rules for the language: the central sentences, and where the subject changes."""
        from autointel.local.picking import pick_excerpts_elsewhere

        vectors = self._embedder.embed([sentence.text for sentence in sentences])
        unsought = Unsought(kinds=_ENGLISH_ONLY, reason=_not_english(language))
        excerpts = pick_excerpts_elsewhere(script, sentences, vectors, language)
        return notes.model_copy(
            update={
                "key_points": _key_points(script, excerpts),
                "chapters": transcript.chapters or _chapters(script, transcript, sentences, vectors, language),
                "unsought": (unsought,),
                "warnings": (unsought.reason,),
            }
        )

    def _english(
        self,
        script: Script,
        transcript: Transcript,
        sentences: Sequence[Sentence],
        notes: Notes,
        terms: Sequence[Found],
        *,
        everything: Sequence[Sentence] = (),
    ) -> Notes:
        """What rests on English rules, added to ``notes``.

        ``terms`` were found in ``everything``, else in ``sentences``; those that are shown as names are left out.
        """
        # They bring numpy, a tenth of a second: paid by those who read, not by those whose notes are kept.
        from autointel.local.picking import pick_excerpts, pick_statements

        vectors = self._embedder.embed([sentence.text for sentence in sentences])
        adverts = advertisement_sentences(script, sentences)
        unpaid = [sentence for index, sentence in enumerate(sentences) if index not in adverts]
        entities, relations = find_mentions(script, unpaid)
        promoted = _joined(sentences[index] for index in adverts)
        said = _joined(unpaid)
        terms = [each for each in terms if each.text.casefold() not in promoted or each.text.casefold() in said]
        editorial = frozenset(range(len(sentences))) - adverts
        statements = pick_statements(script, sentences, vectors, left_out=adverts)
        sponsored = pick_statements(script, sentences, vectors, left_out=editorial)[:_MOST_SPONSORED] if adverts else []
        shown = [pick.sentence for pick in (*statements, *sponsored)]
        excerpts = pick_excerpts(script, sentences, vectors, shown=shown, left_out=adverts)
        return notes.model_copy(
            update={
                "key_points": _key_points(script, excerpts),
                "terms": _terms(script, everything or sentences, without_names(terms, entities)),
                "claims": _claims(script, statements, sponsored),
                "advertising": len(adverts),
                "entities": entities,
                "relations": relations,
                "chapters": transcript.chapters or _chapters(script, transcript, sentences, vectors),
                "warnings": _warnings(script),
            }
        )


def _joined(sentences: Iterable[Sentence]) -> str:
    return " ".join(sentence.text for sentence in sentences).casefold()


def _key_points(script: Script, picked: Sequence[Pick]) -> tuple[KeyPoint, ...]:
    """In the order of the recording."""
    return tuple(
        KeyPoint(
            id=f"k{number}",
            text=pick.sentence.text,
            citation=_cite(script, pick.sentence),
            speaker=script.speaker_at(pick.sentence.start),
            score=pick.score,
            context=_cite(script, pick.context) if pick.context else None,
        )
        for number, pick in enumerate(sorted(picked, key=lambda pick: pick.sentence.start), 1)
    )


def _claims(script: Script, picked: Sequence[Pick], sponsored: Sequence[Pick]) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            id=f"c{number}",
            text=pick.sentence.text,
            citation=_cite(script, pick.sentence),
            speaker=script.speaker_at(pick.sentence.start),
            score=pick.score,
            sponsored=number > len(picked),
        )
        for number, pick in enumerate((*picked, *sponsored), 1)
    )


def _cite(script: Script, sentence: Sentence) -> Citation:
    return script.cite(sentence.start, sentence.end)


def _terms(script: Script, sentences: Sequence[Sentence], ranked: Sequence[Found]) -> tuple[Term, ...]:
    """The best by rank, listed by count; of equal counts the better first."""
    chosen = sorted(distinct_terms(ranked, _MAX_TERMS), key=lambda term: -term.count)
    return tuple(
        Term(
            text=term.text,
            count=term.count,
            citation=_cite(script, sentences[term.sentences[0]]),
        )
        for term in chosen
    )


def _chapters(
    script: Script,
    transcript: Transcript,
    sentences: Sequence[Sentence],
    vectors: NDArray[np.float32],
    language: str | None = "en",
) -> tuple[Chapter, ...]:
    """Chapters found by us, marked approximate; each ends where the next begins."""
    from autointel.local.chapters import chapter_starts

    texts = [sentence.text for sentence in sentences]
    speakers = [script.speaker_at(sentence.start) for sentence in sentences]
    starts = chapter_starts(vectors, [word_count(text) for text in texts], texts, speakers)
    if not starts:
        return ()
    # What is said twice in one chapter tells it, however long the whole is.
    phrases = subjects(noun_phrases_of(rank_terms(texts, language, least=2), language, texts), texts, _speakers(script))
    asking = askers(script, sentences)
    asked = [speaker in asking for speaker in speakers]
    titles = chapter_titles(phrases, starts, texts, asked=asked, english=is_english(language, script.text))
    begins = [_cite(script, sentences[first]) for first in starts]
    ends = [*[each.start for each in begins[1:]], transcript.duration]
    return tuple(
        Chapter(title=title, start=at.start, end=end, paragraph=at.paragraph, place=at.place, approximate=True)
        for title, at, end in zip(titles, begins, ends, strict=True)
    )


def _speakers(script: Script) -> frozenset[str | None]:
    return frozenset(segment.speaker for segment in script.segments)


def _not_english(language: str | None) -> str:
    return (
        f"without a model, statements and entities are only sought in English; "
        f"this source is in {language_name(language)}"
    )


def _warnings(script: Script) -> tuple[str, ...]:
    warnings = []
    if not is_punctuated(script.text):
        warnings.append("the transcript has no punctuation: where sentences end is guessed by words and pauses")
    if not uses_capitals(script.text):
        warnings.append(_NO_CAPITALS)
    return tuple(warnings)
