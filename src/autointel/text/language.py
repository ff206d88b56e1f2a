"""Which language a text is in: by its words, whatever is declared of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final

from autointel.domain.transcript import word_count
from autointel.text.word_lists import base_language, word_list

# Restricting the choice keeps short English from being taken for Volapük. ISO 639-1, all known to the model.
LANGUAGES: Final = {
    "am": "Amharic", "ar": "Arabic", "be": "Belarusian", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan",
    "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian",
    "eu": "Basque", "fa": "Persian", "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician",
    "gu": "Gujarati", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian",
    "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh",
    "km": "Khmer", "kn": "Kannada", "ko": "Korean", "lo": "Lao", "lt": "Lithuanian", "lv": "Latvian",
    "mk": "Macedonian", "ml": "Malayalam", "mr": "Marathi", "ne": "Nepali", "nl": "Dutch", "no": "Norwegian",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "si": "Sinhala",
    "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sr": "Serbian", "sv": "Swedish", "sw": "Swahili",
    "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip
# The other way round, by the name in small letters, as OpenAI's transcription endpoint writes languages.
LANGUAGE_CODES: Final = {name.lower(): code for code, name in LANGUAGES.items()}
# Languages that write every noun with a capital, so that a capital is no sign of a name.
CAPITAL_NOUNS: Final = frozenset({"de", "lb"})
# Below this many letters a guess says more about names than about the language.
_MIN_LETTERS: Final = 20
_MIN_PROBABILITY: Final = 0.7
# The opening may be a jingle or a foreign greeting: look at three places, 2,000 characters each.
_SLICE: Final = 2_000
# Spoken English is 45 to 60% function words, other languages in Latin script stay under 10%.
_ENGLISH_SHARE: Final = 0.25
# Of so many letters, such a share leaves no doubt: a text of which a third is in another language stays below it.
_PLAINLY_LETTERS: Final = 1_000
_PLAINLY_ENGLISH: Final = 0.4
_FEW_WORDS: Final = 8
_FOREIGN_SHARE: Final = 0.12
_FOREIGN_SCRIPT: Final = 3  # words; a name in another script is no sentence in another language
# A word in small letters with a letter that English has not: no name.
_MARKED_WORD: Final = re.compile(r"(?<![^\W\d_])[a-zß-ɏ]*[ß-öø-ɏ][a-zß-ɏ]*(?![^\W\d_])")
_ENGLISH_CHANCE: Final = 0.5
_NO_CHANCE: Final = 0.02
# Lists of names in English have no function words either.
_SELDOM: Final = 0.05
# A text is mixed if this share of the sentences that can be told is in either.
_MIXED: Final = 0.2
# Letters from which the words are believed over what is declared; more between languages that differ little.
_SURE: Final = 60
_SURE_OF_ALIKE: Final = 300
_SAME: Final = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh"}
_ALIKE: Final = (
    {"no", "da", "sv"}, {"hr", "sr", "bs", "sl", "mk", "bg"}, {"cs", "sk"}, {"id", "ms"},
    {"es", "gl", "pt", "ca", "it"},
    {"ru", "uk", "be", "bg", "kk"}, {"hi", "mr", "ne"}, {"ar", "fa", "ur"}, {"nl", "af", "de"}, {"et", "fi"},
)  # fmt: skip


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of the text's language, or None where it is too short or too mixed to tell.

    langid (Lui and Baldwin, 2012) in its py3langid form, restricted to LANGUAGES. At most 6,000 characters are looked
    at, so the time (about 10 ms after a first load of 0.3 s) does not grow with the text. A long text that is full of
    English function words is English without its being loaded.
    """
    sample = _sample(text)
    letters = sum(map(str.isalpha, sample))
    if letters < _letters_needed(sample):
        return None
    if letters >= _PLAINLY_LETTERS and english_share(sample) >= _PLAINLY_ENGLISH:
        return "en"
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= _MIN_PROBABILITY else None


def is_english(language: str | None, text: str) -> bool:
    """Whether the English rules apply. Where the language is unknown, the share of English function words decides."""
    if language is not None:
        return base_language(language) in {"en", "eng", "english"}
    words = _sample(text).lower().replace("’", "'").split()
    if len(words) < _FEW_WORDS:
        return text.isascii()
    common = word_list("function-en")
    return sum(word.strip(".,!?;:") in common for word in words) >= _ENGLISH_SHARE * len(words)


def settled_language(
    declared: str | None, text: str, detect: Callable[[str], str | None]
) -> tuple[str | None, str | None]:
    """The language to read ``text`` in, and a warning where its words are in another than ``declared``.

    Feeds, sites and files declare the language of their software, so the words decide where they are sure: there are
    enough of them, and both halves of the text say the same.
    """
    if declared is None:
        return detect(text), None
    base = base_language(declared)
    base = _SAME.get(base, base)
    if base == "en" and is_english(None, text):
        return declared, None
    found = detect(text)
    if found is None or found == base or (base not in LANGUAGES and found != "en"):
        return declared, None
    letters = sum(map(str.isalpha, text))
    alike = any(base in group and found in group for group in _ALIKE)
    middle = text.find(" ", len(text) // 2)
    halves = (text[:middle], text[middle:]) if middle > 0 else (text,)
    if letters < (_SURE_OF_ALIKE if alike else _SURE) or any(detect(half) != found for half in halves):
        return declared, None
    said, read = language_name(declared), language_name(found)
    return found, f"The source says that it is in {said}; its words are in {read}, and are read as such."


def english_share(text: str) -> float:
    """English function words, as a share of the words of ``text``; 0.0 where most letters are in another script."""
    letters = [letter for letter in text if letter.isalpha()]
    if sum(letter < "\u0250" for letter in letters) * 2 < len(letters):
        return 0.0
    words = [word.strip('.,!?;:"“”()') for word in text.lower().replace("’", "'").split()]
    common = word_list("function-en")
    return sum(word in common for word in words) / max(1, len(words))


def english_parts(sentences: Sequence[str]) -> list[bool] | None:
    """Which sentences of a text in several languages are English; None where it is in English or in another alone.

    A sentence too short to tell goes with the one before it.
    """
    sure: list[bool | None] = []
    for sentence in sentences:
        share, words = english_share(sentence), word_count(sentence)
        foreign = share == 0.0 and not sentence.isascii() and words >= _FOREIGN_SCRIPT
        if foreign or (words >= _FEW_WORDS and share < _FOREIGN_SHARE):
            sure.append(False)
        else:
            sure.append(True if words >= _FOREIGN_SCRIPT and share >= _ENGLISH_SHARE else None)
    # The model takes a millisecond a sentence: it is asked where others are foreign, or where the letters are.
    mixed = sure.count(False) >= max(2, _SELDOM * len(sure))
    for place, sentence in enumerate(sentences):
        doubtful = sure[place] is None or (sure[place] and english_share(sentence) < _PLAINLY_ENGLISH)
        if doubtful and (mixed or _MARKED_WORD.search(sentence)):
            told = _by_letters(sentence)
            sure[place] = sure[place] if told is None else told
    known = [part for part in sure if part is not None]
    least = _MIXED * len(known)
    if not known or min(sum(known), len(known) - sum(known)) < max(2.0, least):
        return None
    parts, current = [], known[0]
    for part in sure:
        current = current if part is None else part
        parts.append(current)
    # Rows of names and short notes have few function words, and are English all the same.
    others = " ".join(sentence for sentence, here in zip(sentences, parts, strict=True) if not here)
    return None if detect_language(others) == "en" else parts


def _by_letters(sentence: str) -> bool | None:
    """Whether one sentence is English, by the model; None where that is not sure."""
    if sum(map(str.isalpha, sentence)) < _letters_needed(sentence):
        return None
    english = next((chance for code, chance in _identifier().rank(sentence) if code == "en"), 0.0)
    return True if english >= _ENGLISH_CHANCE else False if english < _NO_CHANCE else None


def language_name(language: str | None) -> str:
    """The name with its code, as in German (de-AT); the code itself where it has no name here."""
    if language is None:
        return "an unknown language"
    name = LANGUAGES.get(base_language(language))
    return f"{name} ({language})" if name else language


def _sample(text: str) -> str:
    """Beginning, middle and end; a shouted text is lowered, since the model has seen little of it."""
    if len(text) > 3 * _SLICE:
        middle = (len(text) - _SLICE) // 2
        text = f"{text[:_SLICE]} {text[middle : middle + _SLICE]} {text[-_SLICE:]}"
    letters = sum(map(str.isalpha, text))
    return text.lower() if sum(map(str.isupper, text)) * 2 > letters else text


def _letters_needed(sample: str) -> int:
    """Scripts whose every sign is a syllable or a word say more with fewer."""
    return _MIN_LETTERS if sample.isascii() else _MIN_LETTERS // 2


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(LANGUAGES))
    return identifier
