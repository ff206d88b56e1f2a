"""Languages as speech servers name them: some by code, some in English."""

from __future__ import annotations

from typing import Final

_CODES: Final = {
    "arabic": "ar",
    "bulgarian": "bg",
    "catalan": "ca",
    "chinese": "zh",
    "croatian": "hr",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
    "estonian": "et",
    "finnish": "fi",
    "french": "fr",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "latvian": "lv",
    "lithuanian": "lt",
    "norwegian": "no",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "serbian": "sr",
    "slovak": "sk",
    "slovenian": "sl",
    "spanish": "es",
    "swedish": "sv",
    "thai": "th",
    "turkish": "tr",
    "ukrainian": "uk",
    "vietnamese": "vi",
}
_LONGEST_CODE: Final = 3


def code_of(name: str | None) -> str | None:
    """ISO 639 code of a language given by code or English name; None for any other."""
    folded = (name or "").strip().lower()
    if folded in _CODES:
        return _CODES[folded]
    return folded if folded.isalpha() and len(folded) <= _LONGEST_CODE else None
