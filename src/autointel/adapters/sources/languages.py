"""What a file says of its language, as a code."""

from __future__ import annotations

import re
from typing import Final

from autointel.adapters.sources.markup import one_line

_CODE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}\Z")
# OpenAI's transcription endpoint writes names where everything else writes codes.
_NAMES: Final = {
    "arabic": "ar",
    "chinese": "zh",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "english": "en",
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
    "norwegian": "no",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "turkish": "tr",
    "ukrainian": "uk",
    "vietnamese": "vi",
}

# Speech services and archives write three letters, of two standards (ISO 639-2 and 639-3).
_THREE: Final = dict(
    pair.split("=")
    for pair in (
        "ara=ar zho=zh chi=zh cmn=zh ces=cs cze=cs dan=da nld=nl dut=nl eng=en fin=fi fra=fr fre=fr deu=de ger=de "
        "ell=el gre=el heb=he hin=hi hun=hu ind=id ita=it jpn=ja kor=ko nor=no pol=pl por=pt ron=ro rum=ro "
        "rus=ru spa=es swe=sv tur=tr ukr=uk vie=vi"
    ).split()
)


def language_code(value: object) -> str | None:
    """A language such as "en", "pt-BR" or "english" as a BCP 47 code; None for anything that is no language."""
    if not isinstance(value, str):
        return None
    text = one_line(value)
    if text.lower() in _NAMES:
        return _NAMES[text.lower()]
    if not _CODE.match(text) or text.lower() in {"und", "auto"}:
        return None
    primary, _, rest = text.replace("_", "-").partition("-")
    primary = _THREE.get(primary.lower(), primary.lower())
    return f"{primary}-{rest}" if rest else primary
