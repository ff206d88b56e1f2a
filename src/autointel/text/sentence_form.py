"""The form of a sentence: questions, instructions, what says nothing, and modality.

The first three are no statements. What is so, what may, must, will or would be, and under which condition do not stand
for one another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from autointel.text.clauses import clauses
from autointel.text.names import names
from autointel.text.statement import Statement, means, shared
from autointel.text.vocabulary import Word
from autointel.text.word_lists import base_language, word_list

# The language of prompts, which no speaker uses.
_MACHINE: Final = re.compile(
    r"\b(?:(?:previous|above|prior) (?:instructions?|prompts?)|system prompt|as an ai\b|language model"
    r"|(?:last|previous|your) answer was rejected|no sentence of the passage says|cite only what is above"
    r"|the notes it cites do not say|mended to what the passage says|^answer again\b|^the rest stands\b"
    r"|json (?:object|schema)|note ids?\b"
    r"|numbered sentences?|untrusted (?:text|source))",
    re.IGNORECASE,
)
# What may follow an imperative.
_OBJECT: Final = frozenset(
    """the a an all any your my our this that these those it me us him her them only as to no nothing everything for in
    at with by on sure yourself each every one two three four five into out up previous instructions words der die das
    den el la los las le les un une eine einen""".split()
)
_AUXILIARIES: Final = frozenset("is are was were do does did can could will would should have has".split())
_SUBJECTS: Final = frozenset("i you he she it we they this that there the these those".split())
_SHORT: Final = 14  # words of a condition alone; longer ones without a comma mostly go on
_SUPPOSING: Final = re.compile(r"(?:(?:and|but|so|well),? )?(?:if|unless|although|because|whereas)\b")
_FOLLOWS: Final = re.compile(r"[,;:]|\bthen\b")
_JOINING: Final = re.compile(r"\b(?:and|or|but)\b")
_NAME: Final = 4  # words of a bare name
_BRIEF: Final = 5  # words of a sentence that may be vague
_VAGUE: Final = frozenset(
    """thing things stuff lot lots point points way kind sort bit course fact matter real really exactly know think mean
    means say said tell see look guess suppose""".split()
)
# Where most words have capitals, as in a heading, none of them counts as a name.
_TITLED: Final = r"[^\W\d_a-zß-öø-ÿ][\w.'’-]*(?: [^\W\d_a-zß-öø-ÿ][\w.'’-]*){0,3}"
_LISTED: Final = re.compile(rf"{_TITLED}(?:(?:, (?:and |& )?| and | & ){_TITLED})+\W*")
_UNSAID: Final = re.compile(r"(?:n['’]t|\bnot)\W*$", re.IGNORECASE)
# Thai, Lao, Khmer, Japanese, Chinese: no spaces part their words.
_NO_SPACES: Final = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_COPULA: Final = re.compile(r"\b(?:is|are|was|were|ist|sind|war|es|son|est|sont)\b")
_ARTICLES: Final = frozenset("a an the just simply der die das ein eine el la los las un une le les".split())
_SOMEBODY: Final = re.compile(
    r"\b(?:is|was) (?:just )?(?:an?|the|one) (?:person|man|woman|human|human being|individual|speaker|participant|name"
    r"|thing|entity|place|topic|subject)(?: (?:in|of|on|at) (?:the|this|a) (?:debate|talk|discussion|passage|text"
    r"|transcript|conversation|video|podcast|source))?\W*$"
)
_WOULD: Final = re.compile(
    r"(?<!\bi )\bwould (?:(?:be|have|also|then|all) )*(?P<what>(?!like|love|rather|say|prefer|not|never)\w+)"
)
_SURE: Final = re.compile(r"\b(?:will|shall|going to|(?:is|are) to(?= \w+)|certainly|definitely|surely)\b")
_OPEN: Final = re.compile(r"\b(?:will|shall|going to|would)\b")
_MODALITIES: Final = (
    (("possible", "likely"), "soft", "the quote has no such doubt"),
    (("duty",), "duty_soft", "the quote demands nothing"),
)
_MUST: Final = re.compile(
    r"\b(?:must|(?:has|have|had|got|obliged|required|forced) to|requires?|compulsory|mandatory)\b"
)
_NEEDED: Final = re.compile(rf"{_MUST.pattern}|\bneed")
_OBLIGED: Final = re.compile(r"\b(?:have|has|had|having|got|ought|need|needs|want|wants) (?:got )?to\b|\bgotta\b")
# They stand before or after what they hedge, and govern no verb.
_ADVERBS: Final = frozenset("perhaps maybe possibly probably presumably apparently conceivably possible likely".split())
_FAR: Final = 15  # words after a modal that may belong to it
_GOVERNED: Final = 5  # content words among them
_ALL_THAT: Final = frozenset("everything all whatever best".split())  # "everything we could" leaves no doubt
_ASKING: Final = re.compile(r"if (?:you ask|anything)\b")  # no condition
_AFTER: Final = re.compile(r"\b(?:after|upon|following|pending|subject to|provided|as soon as)\b")
_COMING: Final = re.compile(r"\b(?:will|shall|going to|gonna|(?:is|are|am) to(?= \w+))\b")
_SOON: Final = re.compile(r"\b(?:next|tomorrow|tonight|soon|20[2-9]\d)\b")
_NO_PAST: Final = frozenset(
    "is are am be has have people men women children feet teeth mice better best worse worst".split()
)
_NOW: Final = frozenset("is are am be being get gets to".split())
_REPORTS: Final = frozenset("said says".split())
_FUTURE: Final = re.compile(
    r"\b(?:will|shall|gonna|won't|(?:am|is|are|we're|i'm|'re|be)? ?going to|about to|ready to|have to|has to|got to"
    r"|(?:try|tries|trying|attempt|attempts|attempting|work|working|seek|seeks|seeking|aim|aims) to(?: do is)?"
    r"|need to|needs to|must|should|would|ought to|(?:is|are|am) to(?= \w+))\b"
    r"(?: (?:not|be|have|also|then|just|never))*"
)
_WISH: Final = re.compile(
    r"\b(?:wants?|wish(?:es)?|hopes?|(?:would|'d)? ?(?:like|love)|plans?|intends?|proposes?|promised?|pledged?"
    r"|vow(?:s|ed)?|pledge on|ask(?:ed)?|call(?:ed|s)?) (?:\w+ ){0,4}?(?:to|on|for)\b"
    r"(?: (?:see|be|have|the|more|a|an))*"
)
# "I want you to understand that ..." says what follows.
_FRAMES: Final = frozenset(
    "understand know remember say tell point think emphasize emphasise hear realize realise".split()
)


def asks(said: Statement, quotes: Statement) -> bool:
    """Whether the sentence tells that something is asked, in a word of its own."""
    return any(said.lists.has("asking", word.folded) and word.folded not in quotes.folded_words for word in said.words)


def is_question(said: Statement) -> bool:
    """A question mark at the end, or the word order of a question."""
    stripped = said.plain.rstrip(" \"'”)]")
    if stripped.endswith("?"):
        return True
    if len(said.words) < 2:  # noqa: PLR2004
        return False
    first, second = said.words[0].folded, said.words[1].folded
    if not said.lists.has("questions", first) or not said.language.startswith("en"):
        return False
    if first in {"who", "what", "when", "where", "why", "how", "which", "whose", "whom"}:
        return (second in _AUXILIARIES and first in {"why", "how", "where"} and stripped[-1:] not in ".!") or (
            first == "why" and stripped[-1:] not in ".!"
        )
    return second in _SUBJECTS and stripped[-1:] not in ".!"


def is_instruction(said: Statement) -> bool:
    """An imperative with its object, or a sentence about prompts and their rules."""
    if _MACHINE.search(said.plain):
        return True
    words = [
        word for word in said.words[:4] if word.folded not in {"please", "now", "then", "also", "and", "bitte", "just"}
    ]
    if len(words) < 2 or not said.lists.has("orders", words[0].folded):  # noqa: PLR2004
        return False
    return words[1].folded in _OBJECT or words[0].folded in {"let", "let's", "ignore", "please", "ignoriere", "ignorez"}


def says_nothing(said: Statement, known: Collection[str] = ()) -> str:
    """Why a sentence states nothing: one word, names alone, "X is a person", or the same of the same; else empty."""
    if _NO_SPACES.search(said.text):
        return ""
    if len(said.words) < 2 or not (said.content or said.quantities or said.dates):  # noqa: PLR2004
        return "it has no word of its own" if said.words[1:] else "it is one word"
    named = names(said, known)
    listed = _LISTED.fullmatch(said.text.strip())
    if listed or (said.content and all(word in named for word in said.content) and not said.has("auxiliaries")):
        return "it is a list of names"
    if said.content and all(word in named or word.folded in _REPORTS for word in said.content):
        return "it says of a name only another"
    copula = _COPULA.search(said.folded)
    return _unfinished(said) or ("" if named else _vague(said)) or (_equates(said, copula) if copula else "")


def _unfinished(said: Statement) -> str:
    """What a sentence leaves unsaid; empty where nothing."""
    if _UNSAID.search(said.text):
        return "it breaks off before its verb"
    return "it says of a condition not what follows" if _is_condition_alone(said) else ""


def _vague(said: Statement) -> str:
    """Whether a few English words have at most one with a meaning of its own: "I concede that", "A lot fewer"."""
    if len(said.words) > _BRIEF or "against" in said.folded_words or base_language(said.language) != "en":
        return ""
    told = {word.stem for word in said.content if word.folded not in _VAGUE}
    return "" if said.quantities or said.dates or len(told) > 1 else "it has no two words of its own"


def _is_condition_alone(said: Statement) -> bool:
    """Whether a short English text is "if" with its clause, or clauses joined by "and", and nothing that follows."""
    if len(said.words) > _SHORT or not _SUPPOSING.match(said.folded) or _FOLLOWS.search(said.folded):
        return False
    return len(clauses(said)) <= 1 + len(_JOINING.findall(said.folded))


def _equates(said: Statement, copula: re.Match[str]) -> str:
    """Whether the two sides of "is" are the same, or a bare name and "a person"."""
    before = [word.folded for word in said.words if word.start < copula.start()]
    after = {word.folded for word in said.words if word.start >= copula.end()} - _ARTICLES
    if after and after <= set(before):
        return "it says the same of the same"
    bare = 0 < len(before) <= _NAME
    return "it says only that somebody is somebody" if bare and _SOMEBODY.search(said.folded) else ""


def modality(sentence: Statement, quotes: Statement) -> str | None:
    """What may be told as what is, what must be as what is done, and the other way round."""
    for kinds, soft, wrong in _MODALITIES:
        if not sentence.has(*kinds) or sentence.words[0].folded == "should":
            continue
        if not _has_modal(quotes, (*kinds, soft)):
            return wrong
        theirs = _after_modals(quotes, (*kinds, soft))
        for said in _after_modals(sentence, kinds, verbs_only=True):
            # The quote says it too, and there no such word stands before it.
            if means(said[0], quotes) and not any(shared(said[:1], frozenset(o), quotes.language) for o in theirs):
                return wrong
    if not sentence.has("possible", "likely", "soft", "opinions") and _is_said(
        quotes, ("possible", "likely"), sentence
    ):
        return "the quote says that it may be so"
    return _made_sure(sentence, quotes) or _duty(sentence, quotes) or _would(sentence, quotes)


def _made_sure(sentence: Statement, quotes: Statement) -> str | None:
    """What may be, told as what will be, where the verb is another word for the quote's."""
    if not _SURE.search(sentence.folded) or _SURE.search(quotes.folded) or sentence.has("possible", "likely", "soft"):
        return None
    may = _after_modals(quotes, ("possible",), verbs_only=True)
    told = sentence.content_stems
    alone = len(clauses(quotes)) == 1 and 2 * shared(told, quotes.content_stems) >= len(told)  # "lend" for "provide"
    same = alone or any(shared(said[:1], told, quotes.language) for said in may)
    return "the quote says that it may be so" if may and same else None


def _would(sentence: Statement, quotes: Statement) -> str | None:
    """What would be so, told as what is or was."""
    if base_language(sentence.language) != "en" or quotes.has("reporting"):
        return None
    if _OPEN.search(sentence.folded) or sentence.has("possible", "likely", "soft", "hypothetical", "intent", "duty"):
        return None
    for found in _WOULD.finditer(quotes.folded):
        said = next((w for w in quotes.content if w.start >= found.start("what")), None)
        if said and said.start < found.end() and said.stem in sentence.stems:
            return "the quote says only that it would be so"
    return None


def _duty(sentence: Statement, quotes: Statement) -> str | None:
    """What should be, told as what must be or what is so."""
    if _MUST.search(sentence.folded) and not _NEEDED.search(quotes.folded) and _is_said(quotes, ("advice",), sentence):
        return "the quote says only that it should be so"
    if not sentence.has("soft", "reporting") and not _has_modal(sentence, ("duty", "duty_soft")):
        return "the quote says that it should be so" if _is_said(quotes, ("duty",), sentence) else None
    return None


def _has_modal(statement: Statement, kinds: Sequence[str]) -> bool:
    return statement.has(*kinds) or ("duty" in kinds and _OBLIGED.search(statement.folded) is not None)


def _after_modals(statement: Statement, kinds: Sequence[str], *, verbs_only: bool = False) -> list[tuple[str, ...]]:
    """For each modal word of the kinds the content that follows, nearest first."""
    obliged = [found.start() for found in _OBLIGED.finditer(statement.folded)] if "duty_soft" in kinds else []
    found = []
    for index, word in enumerate(statement.words):
        if not (any(statement.lists.has(kind, word.folded) for kind in kinds) or word.start in obliged):
            continue
        if word.text == "May" and (statement.dates or not word.opens):
            continue
        if (verbs_only and word.folded in _ADVERBS) or (word.opens and word.folded == "should"):
            continue
        if {w.folded for w in statement.words[max(0, index - 3) : index]} & _ALL_THAT:
            continue
        after = [w.stem for w in statement.words[index + 1 : index + _FAR] if w in statement.content]
        if after:
            found.append(tuple(after[:_GOVERNED]))
    return found


def _is_said(quotes: Statement, kinds: Sequence[str], sentence: Statement) -> bool:
    """Whether the sentence says what stands right after a modal word of the quotes."""
    return any(said[0] in sentence.content_stems for said in _after_modals(quotes, kinds))


def condition(sentence: Statement, quotes: Statement) -> str | None:
    """What holds under a condition, told as what holds."""
    if sentence.lists.conditions.spans(sentence.folded):
        return None
    open_ = sentence.has("hypothetical", "possible") or _AFTER.search(sentence.folded)
    for start, end in quotes.lists.conditions.spans(quotes.folded):
        if quotes.folded[:start].endswith(("as ", "even ", "what ", "see ", "know ", "ask ", "whether ")):
            continue
        clause = next((w.clause for w in quotes.words if w.start >= end), -1)
        words = {w.folded for w in quotes.words if w.start >= end and w.clause == clause}
        if len(sentence.words) > 1 and sentence.folded_words <= words:
            return "the quote says so only under a condition"
        if open_ or _ASKING.match(quotes.folded, start):
            continue
        supposed = [w.stem for w in quotes.content if w.start >= end and w.clause == clause]
        supposed = [stem for stem in supposed if not quotes.lists.has("reporting", stem)]
        if supposed and 2 * shared(supposed, sentence.stems) > len(supposed) and not _said_apart(supposed, quotes):
            return "the quote says so only under a condition"
    return None


def _said_apart(supposed: Sequence[str], quotes: Statement) -> bool:
    """Whether the words of the condition stand a second time in the quote, outside it."""
    counts = [sum(w.stem == stem for w in quotes.words) for stem in supposed]
    return min(counts) > 1


def intention(sentence: Statement, quotes: Statement) -> str | None:
    """What somebody wants, plans or foresees, told as what has happened or is so."""
    if base_language(sentence.language) != "en":
        return None
    ours = {verb.stem for _, verb, _ in _ahead(sentence)}
    open_ = ours or sentence.has(
        "hypothetical", "possible", "likely", "soft", "duty", "intent", "duty_soft", "reporting"
    )
    told = [w for w in sentence.content if w.folded not in _REPORTS]
    for kind, verb, rest in _ahead(quotes):
        others = [w for w in quotes.content if w.stem == verb.stem and (w != verb or kind == "future")]
        if any(_is_past(quotes, w) for w in others):
            continue
        for word in told:
            if not shared([word.stem], frozenset({verb.stem})):
                continue
            if _is_past(sentence, word, alone=not ours) and word.stem not in ours:
                return "the quote says that it is to come"
            if kind == "wish" and not open_ and 2 * shared([w.stem for w in told], rest) >= len(told):
                return "the quote says that it is wanted"
    return _is_scheduled(sentence, quotes) or _is_to_come(sentence, quotes, told)


def _is_to_come(sentence: Statement, quotes: Statement, told: Sequence[Word]) -> str | None:
    """Whether the sentence tells in the past, in its own verb, what quotes without any past say is to come."""
    if sentence.has("reporting", "intent") or any(_has_past_form(quotes, word) for word in quotes.words):
        return None
    if not _COMING.search(quotes.folded) or 2 * shared([w.stem for w in told], quotes.content_stems) < len(told):
        return None
    first = next(iter(clauses(sentence)), None)
    past = first is not None and _has_past_form(sentence, first.verb) and not list(_ahead(sentence))
    return "the quote says that it is to come" if past else None


def _is_scheduled(sentence: Statement, quotes: Statement) -> str | None:
    """Whether the quote says in the present what is to happen on a day, and the sentence that it happened."""
    if sentence.has("reporting") or not (quotes.dates or _SOON.search(quotes.folded)) or len(sentence.content) < 2:  # noqa: PLR2004
        return None
    if any(_has_past_form(quotes, word) for word in quotes.words):
        return None
    present = {w.stem for w in quotes.content if w.folded in word_list("verbs-en")}
    if any(w.stem in present and _has_past_form(sentence, w) for w in sentence.content):
        return "the quote says that it is to come"
    return None


def _has_past_form(text: Statement, word: Word) -> bool:
    """Whether a word is a verb's past, "ran" or "ended"."""
    root = text.lists.same("irregular", word.folded)
    before = next((other.folded for other in reversed(text.words) if other.start < word.start), "")
    if before in _NOW:
        return False  # "is closed"
    if word.folded in _NO_PAST:
        return False
    if word.folded in {"was", "were", "had", "did"}:
        return True
    return root not in {None, word.folded} or (word.folded.endswith("ed") and word.folded in word_list("verbs-en"))


def _ahead(statement: Statement) -> Iterator[tuple[str, Word, frozenset[str]]]:
    """Each verb that is still to come, and all that follows it in its clause."""
    for kind, pattern in (("future", _FUTURE), ("wish", _WISH)):
        for found in pattern.finditer(statement.folded):
            after = [w for w in statement.words if w.start >= found.end()]
            after = [w for w in after if w.clause == after[0].clause and w in statement.content]
            for word in after[: 3 if kind == "wish" else 2]:
                if word.folded in _FRAMES:
                    break
                yield kind, word, frozenset(w.stem for w in after)


def _is_past(statement: Statement, word: Word, *, alone: bool = True) -> bool:
    """Whether a verb stands in the past: "raised", "was raised", "have created"; the first only if ``alone``."""
    before = [w.folded for w in statement.words if w.start < word.start][-3:]
    if set(before) & {"to", "will", "would", "should", "must", "can", "could", "may"}:
        return False
    if set(before) & {"has", "have", "had", "was", "were"}:
        return True
    if not alone:
        return False  # "must be defeated and disrupted"
    irregular = statement.lists.same("irregular", word.folded) not in {None, word.folded}
    return (
        irregular
        or word.folded in word_list("past-irregular")
        or (word.folded.endswith("ed") and not set(before) & {"be", "is", "are", "being", "get", "gets"})
    )
