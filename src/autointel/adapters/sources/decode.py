"""From bytes to text without losing any: declared charsets, code pages by language, mojibake."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from typing import Final

from autointel.errors import NoTranscript
from autointel.text.language import detect_language

_SAMPLE: Final = 16_384
_HEAD: Final = 4_096
_HIGH: Final = re.compile(rb"[\x80-\xff]")
# <?xml encoding="…">, <meta charset=…>, <meta content="text/html; charset=…">, @charset.
_DECLARED: Final = re.compile(
    rb"""<[?m][^>]{0,300}?(?:encoding|charset)\s*+=\s*+["']?+\s*+([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE
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
# Python's own notations, no charset of any text: two always raise, and punycode takes time by the square of the length.
_NOTATIONS: Final = {"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"}
_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_FILE_HEAD: Final = 65_536
_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEYOND_ASCII: Final = bytes(range(0x80, 0x100))
# What UTF-8 looks like where it was read as Windows-1252: the first byte of a letter, then a sign that follows none.
_GARBLED: Final = re.compile(
    "(?:[\u00c2-\u00c5\u00d0\u00d1][\u0080-\u00bf\u0152-\u0192\u02c6\u02dc\u2013-\u2122]|\u00e2\u20ac|\u00f0\u0178)"
)
_FEWEST_GARBLED: Final = 2
_LONGEST_LINE: Final = 20_000
# Japanese and Chinese in seven bits: sound ASCII, and no text until it is read as what it declares.
_SEVEN_BITS: Final = ("iso2022", "hz")
_READ_AS_CP1252: Final = "autointel-cp1252"


def decode(data: bytes, shown: str, declared: str | None = None) -> tuple[str, list[str]]:
    """The text, and warnings of what had to be guessed or repaired. ``shown`` names the file in errors.

    ``declared`` is the charset that a server gave, if any; what the file itself declares comes second, a guess third.
    UTF-8 that is sound is believed before either. Raises NoTranscript for what is no text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _by_name(data, encoding)
    wide = _wide(data)
    if wide:
        return _by_name(data, wide)
    _refuse_binary(data, shown)
    named = _python_name(declared) if declared else None
    named = named or _declared_encoding(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return _as_declared(data, named) or _legacy(data)
    if named and named.startswith(_SEVEN_BITS) and text.isascii():
        return _as_declared(data, named) or (text, [])
    return _repaired(text)


def _by_name(data: bytes, encoding: str) -> tuple[str, list[str]]:
    try:
        return data.decode(encoding), []
    except UnicodeDecodeError:
        text = data.decode(encoding, errors="replace")
        return text, [f"Some characters were lost: the file is not sound {encoding.removesuffix('-sig').upper()}."]


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of mostly Latin text is zero."""
    head = data[:4096]
    if b"\x00" not in head or head.startswith(b"WEBVTT"):
        return None
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _refuse_binary(data: bytes, shown: str) -> None:
    # The WebVTT standard says what a NUL in a caption file stands for.
    head = data[:_FILE_HEAD]
    if head.lstrip().startswith((b"@UTF8", b"@Begin")):
        # CHAT puts its times between these.
        head = head.replace(b"\x15", b"")
    if not head.startswith(b"WEBVTT") and len(_UNPRINTABLE.findall(head)) > 0.02 * len(head):
        raise NoTranscript(
            f"{shown} is not text.", "Pass a transcript: VTT, SRT, SBV, TTML, ASS, JSON, plain text or Markdown."
        )


def _python_name(label: str) -> str | None:
    """Python's name for an encoding's label; None for UTF-8, for UTF-16 and for what is no encoding of text."""
    try:
        found = codecs.lookup(label.strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    # UTF-16 in a declaration that was read byte by byte is wrong by definition.
    if found.name.startswith("utf") or not found._is_text_encoding:  # noqa: SLF001 - there is no public way to ask
        return None
    return None if found.name in _NOTATIONS else _MEANT.get(found.name, found.name)


def _declared_encoding(data: bytes) -> str | None:
    """The code page that a page or an XML file declares in its first 4 KB, by Python's name for it."""
    found = _DECLARED.search(data[:_HEAD])
    return _python_name(found[1].decode("ascii")) if found else None


def _as_declared(data: bytes, encoding: str | None) -> tuple[str, list[str]] | None:
    """The text in the code page that was declared; None where it has too many bytes that mean nothing there."""
    if encoding is None:
        return None
    text = data.decode(encoding, errors=_READ_AS_CP1252 if encoding == "cp1252" else "replace")
    lost = text.count("\ufffd")
    if lost > len(data) // 200:
        return None
    return text, [
        f"Characters lost because they do not exist in {encoding}, which is declared: {lost}."
    ] if lost else []


def _legacy(data: bytes) -> tuple[str, list[str]]:
    attempt = data.decode("utf-8", errors="replace")
    broken = attempt.count("\ufffd")
    ascii_bytes = len(data.translate(None, _BEYOND_ASCII))
    sound = len(attempt) - ascii_bytes - broken
    if sound >= broken:
        text = data.decode("utf-8", errors=_READ_AS_CP1252)
        return text, [f"The file mixes encodings; bytes that are not UTF-8 and were read as Windows-1252: {broken}."]
    encoding = _guess_encoding(data)
    text = data.decode(encoding, errors=_READ_AS_CP1252 if encoding == "cp1252" else "replace")
    warnings = [f"The file is not UTF-8; it was read as {encoding}, which is a guess."]
    lost = text.count("\ufffd")
    if lost:
        warnings.append(f"Characters lost because they do not exist in {encoding}: {lost}.")
    return text, warnings


def _guess_encoding(data: bytes) -> str:
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


def _repaired(text: str) -> tuple[str, list[str]]:
    """Lines of UTF-8 that were once read as another encoding ("donâ€™t"), read as they were meant."""
    if text.isascii() or len(_GARBLED.findall(text)) < _FEWEST_GARBLED:
        return text, []
    from ftfy import fix_encoding

    lines, repaired = text.split("\n"), 0
    for number, line in enumerate(lines):
        if len(line) <= _LONGEST_LINE and _GARBLED.search(line):
            lines[number] = fix_encoding(line)
            repaired += lines[number] != line
    if not repaired:
        return text, []
    warning = f"Lines in which UTF-8 had been read as another encoding, and which were repaired: {repaired}."
    return "\n".join(lines), [warning]


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 -- registered for decoding only
    broken = error.object[error.start : error.end]
    # Five bytes mean nothing in Windows-1252; as Latin-1 they are control characters, which cleaning drops.
    return "".join(_cp1252(byte) for byte in broken), error.end


def _cp1252(byte: int) -> str:
    try:
        return bytes([byte]).decode("cp1252")
    except UnicodeDecodeError:
        return chr(byte)


codecs.register_error(_READ_AS_CP1252, _as_cp1252)
