"""From bytes to text, without losing any."""

from __future__ import annotations

import codecs
import re
from typing import Final

from autointel.errors import NoTranscript

_BOMS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_HEAD: Final = 65_536
_SAMPLE: Final = 16_384
_UNPRINTABLE: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BEYOND_ASCII: Final = bytes(range(0x80, 0x100))
_HIGH: Final = re.compile(rb"[\x80-\xff]")
# Letters beyond ASCII make up less of a text in a Latin alphabet than this, and more in any other.
_LATIN_SHARE: Final = 0.3
# What Windows-1252 shows as "¹", "³", "¿" in the middle of a word are Polish letters; "ì" and "ù" there are Czech ones.
_CENTRAL_EUROPE: Final = re.compile(rb"[A-Za-z\x80-\xff][\xb9\xb3\xbf\x9f\xec\xf9][a-z\x80-\xff]")
# Given more to choose from, the detector takes Greek and KOI8 for something else.
_OTHER_ALPHABETS: Final = [
    "cp1251",
    "koi8_r",
    "cp1253",
    "cp1255",
    "cp1256",
    "cp874",
    "gb18030",
    "big5",
    "cp932",
    "euc_jp",
    "cp949",
]


def decode(data: bytes, shown: str) -> tuple[str, list[str]]:
    """The text and what had to be guessed. Raises NoTranscript for what is no text; ``shown`` names it there."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _by_name(data, encoding)
    wide = _wide(data)
    if wide:
        return _by_name(data, wide)
    _refuse_binary(data, shown)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError:
        return _legacy(data)


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
    head = data[:_HEAD]
    if not head.startswith(b"WEBVTT") and len(_UNPRINTABLE.findall(head)) > 0.02 * len(head):
        raise NoTranscript(
            f"{shown} is not text.", "Pass a transcript: VTT, SRT, SBV, TTML, ASS, JSON, plain text or Markdown."
        )


def _legacy(data: bytes) -> tuple[str, list[str]]:
    attempt = data.decode("utf-8", errors="replace")
    broken = attempt.count("\ufffd")
    ascii_bytes = len(data.translate(None, _BEYOND_ASCII))
    sound = len(attempt) - ascii_bytes - broken
    if sound >= broken:
        text = data.decode("utf-8", errors=_READ_AS_CP1252)
        return text, [f"The file mixes encodings; bytes that are not UTF-8 and were read as Windows-1252: {broken}."]
    encoding = _guess(data)
    text = data.decode(encoding, errors=_READ_AS_CP1252 if encoding == "cp1252" else "replace")
    warnings = [f"The file is not UTF-8; it was read as {encoding}, which is a guess."]
    lost = text.count("\ufffd")
    if lost:
        warnings.append(f"Characters lost because they do not exist in {encoding}: {lost}.")
    return text, warnings


def _guess(data: bytes) -> str:
    sample = b"\n".join(line for line in data.split(b"\n") if _HIGH.search(line))[:_SAMPLE]
    high = _HIGH.findall(sample)
    letters = sum(1 for byte in sample if byte > 0x40)  # noqa: PLR2004 -- past the digits
    if len(high) < _LATIN_SHARE * letters:
        # Detectors cannot tell one Latin code page from another by a few letters.
        return "cp1250" if len(_CENTRAL_EUROPE.findall(sample)) > len(high) // 8 else "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=_OTHER_ALPHABETS).best()
    return best.encoding if best is not None else "cp1252"


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


_READ_AS_CP1252: Final = "autointel-cp1252"
codecs.register_error(_READ_AS_CP1252, _as_cp1252)
