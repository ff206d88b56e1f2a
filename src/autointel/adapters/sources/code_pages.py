"""Which code page bytes are in that are not Unicode: by what the file declares, else by the letters it would have."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import Final

from autointel.text.language import detect_language

_SAMPLE: Final = 16_384
_HEAD: Final = 4_096
_HIGH: Final = re.compile(rb"[\x80-\xff]")
# <?xml encoding="…">, <meta charset=…>, <meta content="text/html; charset=…">, @charset.
_DECLARED: Final = re.compile(
    rb"""<[?m][^>]{0,300}?(?:encoding|charset)\s*=\s*["']?\s*([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE
)
# The web reads these names as the larger code page that makes of them mean (https://encoding.spec.whatwg.org).
_MEANT: Final = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
}
# Letters beyond ASCII make up less of a text in a Latin alphabet than this, and more in any other.
_LATIN_SHARE: Final = 0.3
# Given more to choose from, the detector takes Greek and KOI8 for something else.
_OTHER_ALPHABETS: Final = [
    *("cp1251", "koi8_r", "cp1253", "cp1255", "cp1256", "cp874"),
    *("gb18030", "big5", "cp932", "euc_jp", "cp949"),
]
# The likelier first: of two code pages that fit as well, the first is taken.
_LATIN: Final = ("cp1252", "cp1250", "cp1254", "cp1257", "cp1258", "iso8859-2", "iso8859-15", "iso8859-13", "mac_roman")
_LETTERS: Final = {
    "af": "êëéèôûïî", "az": "çəğıiöşü", "ca": "àçèéíïòóúü·", "cs": "áčďéěíňóřšťúůýž", "da": "æøåé", "de": "äöüßé",
    "es": "áéíñóúü", "et": "äöõüšž", "eu": "ñç", "fi": "äöåšž", "fr": "àâæçéèêëîïôœùûüÿ", "ga": "áéíóú",
    "gl": "áéíñóúüç", "hr": "čćđšž", "hu": "áéíóöőúüű", "is": "áðéíóúýþæö", "it": "àèéìîòóùú", "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž", "nl": "éèëïöüá", "no": "æøåéòô", "pl": "ąćęłńóśźż", "pt": "áàâãçéêíóôõúü",
    "ro": "ăâîșțşţ", "sk": "áäčďéíĺľňóôŕšťúýž", "sl": "čšž", "sq": "çë", "sv": "åäöé", "tr": "çğıöşüâîû",
    "vi": "ăâđêôơưàáèéìíòóùúýãõ\u0300\u0301\u0303\u0309\u0323₫",
}  # fmt: skip
_MARKS: Final = frozenset("„“”‚‘’«»‹›–—…•·°§€£©®™¿¡\u00a0´×÷½¼¾²³ªº")
_STAMP: Final = re.compile(r"[\d:.,<>/\\-]+")


def declared_encoding(data: bytes) -> str | None:
    """The code page that a page or an XML file declares in its first 4 KB, by Python's name for it."""
    found = _DECLARED.search(data[:_HEAD])
    return python_name(found[1].decode("ascii")) if found else None


def python_name(label: str) -> str | None:
    """Python's name for an encoding's label; None for UTF-8, for UTF-16 and for what is no encoding of text."""
    try:
        found = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    # UTF-16 in a declaration that was read byte by byte is wrong by definition.
    if found.name.startswith("utf") or not found._is_text_encoding:  # noqa: SLF001 - there is no public way to ask
        return None
    return _MEANT.get(found.name, found.name)


def guess_encoding(data: bytes) -> str:
    """The code page in which ``data`` reads like a language; Windows-1252 where nothing tells."""
    sample = b"\n".join(line for line in data.split(b"\n") if _HIGH.search(line))[:_SAMPLE]
    letters = sum(1 for byte in sample if byte > 0x40)  # noqa: PLR2004 -- past the digits
    if len(_HIGH.findall(sample)) < _LATIN_SHARE * letters:
        return _latin(sample)
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_OTHER_ALPHABETS).best()
    return best.encoding if best is not None else "cp1252"


def _latin(sample: bytes) -> str:
    """By the language that the ASCII letters show, the code page that has its other letters.

    Detectors cannot tell one Latin code page from another by a few letters, and a language's alphabet can.
    """
    language = detect_language(_STAMP.sub(" ", sample.decode("ascii", "ignore")))
    known = [_LETTERS[language]] if language in _LETTERS else list(_LETTERS.values())
    counts = Counter(_HIGH.findall(sample))
    fits = {encoding: max(_fit(counts, encoding, letters) for letters in known) for encoding in _LATIN}
    return max(_LATIN, key=lambda encoding: fits[encoding])


def _fit(counts: Counter[bytes], encoding: str, letters: str) -> int:
    """Bytes that mean a letter of the alphabet or a mark, less those that mean anything else."""
    fit = 0
    for byte, count in counts.items():
        sign = byte.decode(encoding, "replace").lower()
        fit += count if sign in letters or sign in _MARKS else -count
    return fit
