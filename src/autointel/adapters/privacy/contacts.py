"""E-mail addresses and telephone numbers, written or spoken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final

from autointel.adapters.privacy.finding import Finding, spoken_digits

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

# Every repeated part is bounded: no line makes a search quadratic.
_EMAIL: Final = re.compile(
    r"(?<![\w.+%-])(?:[\w.+%'-]{1,64}|\"[^\"\n]{1,64}\")(?:[@\uff20]|\s[@\uff20]\s)"
    r"(?:(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}\b|\d{1,3}(?:\.\d{1,3}){3}\b)"
)
_AT: Final = r"\s?(?:\[\s?at\s?\]|\(\s?at\s?\)|\{\s?at\s?\}|\bat\b|[@\uff20])\s?"
_DOT: Final = r"\s?(?:\[\s?dot\s?\]|\(\s?dot\s?\)|\{\s?dot\s?\}|\bdot\b)\s?"
_TOP: Final = (
    "com|org|net|edu|gov|io|co|ai|app|dev|info|biz|xyz|tv|me|uk|us|ca|au|nz|ie|za|de|fr|es|pt|it|nl|ch|at|be|pl|cz|hu|"
    "ro|gr|se|no|dk|fi|eu|in|jp|cn|kr|sg|ru|ua|br|mx|ar|cl"
)
# How "at" and "dot" are said elsewhere. "Point" and "punt" are English words too, so they need their own "at".
_ABROAD: Final = "|".join(
    rf"(?:{at})\s\w[\w-]{{0,40}}(?:\s(?:{dot})\s[\w-]{{1,40}}){{0,2}}\s(?:{dot})\s(?:{_TOP})"
    for at, dot in (
        ("arroba", "punto|ponto"),
        ("chiocciola", "punto"),
        ("arobase|arobas", "point"),
        ("at|klammeraffe", "punkt"),
        ("apenstaartje", "punt"),
        ("małpa", "kropka"),
    )
)
# "Maria dot Lopez at example dot org". A bare "at example.org" is a place, so one spelt-out dot or bracket is needed.
_SPOKEN_EMAIL: Final = re.compile(
    rf"(?i)\b[\w+-]{{1,40}}(?:(?:{_DOT}|[._-]|\s(?:underscore|dash|hyphen|plus)\s)[\w+-]{{1,40}}){{0,3}}"
    rf"{_AT}(?!(?:the|a|an|this|that|my|our|your|his|her|their|its)\b)[\w-]{{1,40}}(?:{_DOT}[\w-]{{1,40}}){{0,2}}{_DOT}(?:{_TOP})\b"
    rf"|\b[\w+-]{{1,40}}(?:(?:[._-]|\s(?:punto|ponto|point|punkt|punt|kropka)\s)[\w+-]{{1,40}}){{0,3}}\s(?:{_ABROAD})\b"
    rf"|\b[\w.+-]{{1,64}}\s?[\[({{]\s?at\s?[\])}}]\s?(?:[\w-]{{1,40}}\.){{1,3}}(?:{_TOP})\b"
)
_SPELT_OUT: Final = re.compile(r"(?i)\b(?:dot|punto|ponto|point|punkt|punt|kropka)\b|[\[({]\s?at\s?[\])}]")
_SAID_AT: Final = re.compile(rf"(?i)\b[\w.+-]{{1,64}}\sat\s(?:[\w-]{{1,40}}\.){{1,3}}(?:{_TOP})\b")
_MAIL_ABOUT: Final = re.compile(r"(?i)\b(?:e-?mails?|mail|write|contact|reach)\b")

_GAP: Final = "[ \u00a0\u2009\u202f()./_\u2010-\u2013-]{0,3}"
_NUMBER: Final = re.compile(rf"(?<![\w.,:/$€£¥#@-])(?:\+\s?|\(\+)?\(?\d(?:{_GAP}\d){{5,16}}(?![\w%]|[.,:]\d)")
_SPOKEN_ABOUT: Final = re.compile(
    r"(?i)\b(?:tele?phones?|phones?|tel|tél|telefon\w*|teléfono|téléphone|mobile|handy|cell|whatsapp|fax|hotline|sms"
    r"|(?:my|your|his|her|their|our)(?: \w{1,9})? number"
    r"|call(?: me| us| him| her| them)?|dial|ring|text me|reach (?:me|us|him|her)|(?:rufen|ruf|llam|appel|chiam)\w*)\b"
)
_CONTEXT: Final = 48  # characters before a number in which a word may say that it is a telephone's
_LEAST: Final = 7  # digits of a number that a word calls a telephone's
_INTERNATIONAL: Final = 8
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:[ .\u00a0\u2009\u202f]\d{3})+")
_YEARS: Final = re.compile(r"(?:(?:1[5-9]|20)\d\d\D{1,3})+(?:1[5-9]|20)\d\d|(?:1[5-9]|20)\d\d\D\d\d?(?:\D\d\d?)?")
_DATE: Final = re.compile(r"\d{1,2}([./ -])\d{1,2}\1(?:\d{4}|\d\d)|(?:19|20)\d\d([./ -]?)\d\d\2\d\d(?:\D?\d{2}){0,3}")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_AMERICAN: Final = re.compile(
    r"(?:\+?1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d([ .\u2010-\u2013-]))[2-9]\d\d[ .\u2010-\u2013-]\d{4}"
)
_AREA: Final = re.compile(r"(?:8 ?)?\(\d{2,4}\) ?\d[\d -]{5,10}\d")  # an area code in brackets, Russia's 8 before it
_MOBILE: Final = re.compile(r"07\d{9}")  # of Britain, without a gap
# Countries whose national numbers begin with 0. One written so, in groups, is hardly ever anything else.
_WITH_ZERO: Final = ("GB", "DE", "FR", "IT", "NL", "BE", "CH", "AT", "SE", "FI", "IE", "AU", "NZ", "JP", "IN", "TR")
_ZERO_DIGITS: Final = range(9, 14)
_ANYWHERE: Final = ("US", *_WITH_ZERO, "ES", "PT", "PL", "DK", "NO", "GR", "CZ", "BR", "MX", "CN", "RU")
_FROM_AMERICA: Final = "011"


def emails(text: str) -> Iterator[Finding]:
    """E-mail addresses; "at" and "dot" may be spoken or bracketed."""
    if "@" in text or "\uff20" in text:
        for match in _EMAIL.finditer(text):
            yield Finding(match.start(), match.end(), "email", "".join(match[0].lower().replace("\uff20", "@").split()))
    for match in _SPOKEN_EMAIL.finditer(text) if _SPELT_OUT.search(text) else ():
        plain = re.sub(rf"(?i){_DOT}", ".", re.sub(rf"(?i){_AT}", "@", match[0]))
        yield Finding(match.start(), match.end(), "email", plain.lower())
    # "At example.org" is a place as a rule, and an address after a word such as "mail".
    for match in _SAID_AT.finditer(text) if _MAIL_ABOUT.search(text) else ():
        if _MAIL_ABOUT.search(text, max(0, match.start() - _CONTEXT), match.start()):
            yield Finding(match.start(), match.end(), "email", "@".join(match[0].lower().split(" at ", 1)))


def telephone_numbers(text: str) -> Iterator[Finding]:
    """Telephone numbers that libphonenumber calls valid, or that a word before them calls a telephone's.

    Years, dates, thousands and addresses of machines have the shape of numbers without a plus: they are left alone.
    """
    for match in _NUMBER.finditer(text):
        number = match[0].rstrip("(. /-")
        called = bool(_SPOKEN_ABOUT.search(text, max(0, match.start() - _CONTEXT), match.start()))
        value = _telephone(number, called=called)
        if value:
            yield Finding(match.start(), match.start() + len(number), "phone", value)
    for run in spoken_digits(text):
        called = bool(_SPOKEN_ABOUT.search(text, max(0, run.start - _CONTEXT), run.start))
        if called and _LEAST <= len(run.digits) <= 15:  # noqa: PLR2004  the longest that E.164 allows
            yield Finding(run.start, run.end, "phone", run.digits)


def _telephone(number: str, *, called: bool) -> str:
    """The number in E.164 where that is known, else its digits; empty for what is no telephone number."""
    digits = re.sub(r"\D", "", number)
    if number.lstrip("(").startswith("+") or (digits.startswith("00") and len(digits) > _INTERNATIONAL + 2):
        return _international(number, digits)
    if digits.startswith(_FROM_AMERICA) and len(digits) > _INTERNATIONAL + len(_FROM_AMERICA):
        return _valid(f"+{digits[len(_FROM_AMERICA) :]}", (None,))
    if len(digits) < _LEAST or any(shape.fullmatch(number) for shape in (_DATE, _YEARS, _IP)):
        return ""
    if called:
        return _valid(digits, _ANYWHERE) or digits
    return "" if _THOUSANDS.fullmatch(number) else _national(number, digits)


def _national(number: str, digits: str) -> str:
    if _AMERICAN.fullmatch(number):
        return _valid(digits, ("US",)) or f"+1{digits[-10:]}"
    if _AREA.fullmatch(number):
        return _valid(digits, _ANYWHERE)
    if _MOBILE.fullmatch(number):
        return _valid(digits, ("GB",)) or f"+44{digits[1:]}"
    grouped = number != digits
    return _valid(digits, _WITH_ZERO) if digits[0] == "0" and grouped and len(digits) in _ZERO_DIGITS else ""


def _international(number: str, digits: str) -> str:
    if "+" not in number:
        return _valid(f"+{digits[2:]}", (None,))
    if _THOUSANDS.fullmatch(number.lstrip("+ ")) or len(digits) < _INTERNATIONAL:
        return _valid(f"+{digits}", (None,))
    return f"+{digits}"


def _valid(digits: str, regions: Sequence[str | None]) -> str:
    """The number in E.164, as the first of these regions that has such a number writes it; else empty."""
    from phonenumbers import PhoneNumberFormat, format_number, is_valid_number

    for found in map(partial(_parsed, digits), regions):
        if found is not None and is_valid_number(found):
            return str(format_number(found, PhoneNumberFormat.E164))
    return ""


def _parsed(digits: str, region: str | None) -> PhoneNumber | None:
    from phonenumbers import NumberParseException, parse

    try:
        return parse(digits, region)
    except NumberParseException:
        return None
