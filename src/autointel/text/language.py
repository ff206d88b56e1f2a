"""Which language a text is in, by its bytes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from autointel.text.word_lists import base_language, word_list

# Restricting the choice keeps short English from being taken for Volapük. ISO 639-1, all known to the model.
LANGUAGES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian", "fi": "Finnish",
    "fr": "French", "ga": "Irish", "gl": "Galician", "he": "Hebrew", "hi": "Hindi", "hr": "Croatian",
    "hu": "Hungarian", "id": "Indonesian", "is": "Icelandic", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "nl": "Dutch", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
    "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian", "sv": "Swedish",
    "sw": "Swahili", "ta": "Tamil", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu",
    "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip

# Below this many letters a guess says more about names than about the language.
_MIN_LETTERS: Final = 20
_MIN_PROBABILITY: Final = 0.7
# The opening may be a jingle or a foreign greeting: look at three places, 2,000 characters each.
_SLICE: Final = 2_000
# Spoken English is 45 to 60% function words, other languages in Latin script stay under 10%.
_ENGLISH_SHARE: Final = 0.25
_FEW_WORDS: Final = 8


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of the text's language, or None where it is too short or too mixed to tell.

    langid (Lui and Baldwin, 2012) in its py3langid form, restricted to LANGUAGES. At most 6,000 characters are looked
    at, so the time (about 10 ms after a first load of 0.2 s) does not grow with the text.
    """
    sample = _sample(text)
    if sum(map(str.isalpha, sample)) < _letters_needed(sample):
        return None
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
