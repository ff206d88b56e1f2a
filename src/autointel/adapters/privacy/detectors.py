"""Personal data in a text: credentials, e-mail addresses and telephone numbers.

Credentials are API keys, tokens, private keys and passwords. Addresses and numbers may be spoken, digit by digit: "four
one five, double two, oh".
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_DIGITS: Final = dict(zip("zero oh one two three four five six seven eight nine".split(), "00123456789", strict=True))
_WORD: Final = rf"(?:(?:double|triple)[ -])?(?:{'|'.join(_DIGITS)})"
_RUN: Final = re.compile(rf"(?i)\b{_WORD}(?:[,.]?[ -]{_WORD}){{6,24}}\b")
_EACH: Final = re.compile(rf"(?i)(?:(double|triple)[ -])?({'|'.join(_DIGITS)})")
_TIMES: Final = {"": 1, "double": 2, "triple": 3}
# How the keys of well-known services begin. The end of a key is the end of its alphabet.
_KNOWN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-(?:proj-|ant-|or-|svcacct-|admin-)?[A-Za-z0-9_-]{16,512}"
    r"|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,256}|whsec_[A-Za-z0-9+/=]{16,128}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_[A-Za-z0-9_]{20,255}|glpat-[A-Za-z0-9_-]{16,255}"
    r"|(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,60}|ya29\.[A-Za-z0-9_-]{20,512}|GOCSPX-[\w-]{20,60}"
    r"|xox[abeprs]-[A-Za-z0-9-]{10,512}|xapp-[A-Za-z0-9-]{10,512}|hf_[A-Za-z0-9]{20,128}|npm_[A-Za-z0-9]{30,64}"
    r"|pypi-[A-Za-z0-9_-]{16,512}|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}|key-[a-f0-9]{32}"
    r"|tvly-[A-Za-z0-9-]{16,128}|lsv2_[a-z]{2}_[A-Za-z0-9_]{20,128}|gsk_[A-Za-z0-9]{20,128}|r8_[A-Za-z0-9]{20,64}"
    r"|do[opr]_v1_[a-f0-9]{32,128}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|sq0[a-z]{3}-[A-Za-z0-9_-]{20,64}"
    r"|EAA[A-Za-z0-9]{40,400}|PMAK-[A-Za-z0-9-]{30,80}|dapi[a-f0-9]{32}|AGE-SECRET-KEY-1[A-Z0-9]{50,60}"
    r"|(?:SK|AC)[a-f0-9]{32}|\d{8,10}:[A-Za-z0-9_-]{35}|gl[a-z]{2,6}-[A-Za-z0-9_-]{20,64}|NRAK-[A-Z0-9]{20,40}"
    r"|A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,11}){3,5}|1//0[A-Za-z0-9_-]{20,256}|0x[a-fA-F0-9]{64}|[a-f0-9]{32}-us\d{1,2}"
    r"|amzn\.mws\.[a-f0-9-]{36}|HRKU-[A-Za-z0-9_-]{30,80}|(?:hv[sbr]|sl|dp\.[a-z]{2,10})\.[A-Za-z0-9_-]{24,512}"
    # A short name of a service and then 32 or more digits of a hash.
    r"|(?<![\w/=.-])[A-Za-z]{2,10}[_-][a-f0-9]{32,128}(?![a-f0-9]|\.\w)"
    r")"
)
_JWT: Final = re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,4096}(?:\.[A-Za-z0-9_-]{0,16384}){1,4}")
_BLOCK: Final = re.compile(
    r"-{2,8}\s?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?\s?-{2,8}"
    r"[\s\S]{0,16384}?(?:-{2,8}\s?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?\s?-{2,8}|\Z)"
)
_HOOK: Final = re.compile(
    r"https://(?:hooks\.slack\.com/(?:services|workflows)|(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks)/[\w/-]{20,200}"
)
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#@:]{0,256}:[^\s/?#@]{1,256}(?=@)")
_BEARER: Final = re.compile(r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{12,4096})")
_CALLED: Final = (
    "pass(?:word|wd|phrase|code)|pwd|passwort|kennwort|mot de passe|contraseña|wachtwoord|senha|palavra-passe|hasło|"
    "lösenord|adgangskode|salasana|şifre|пароль|密码|密碼|パスワード|secret word"
)
_ASSIGNED: Final = re.compile(
    rf"(?i)(?:{_CALLED}|pass|secret|token"
    r"|api[ _-]?key|access[ _-]?key|account[ _-]?key|client[ _-]?secret|credentials?)(?:s|'s|’s)?[\"'`]?"
    r"\s{0,2}(?::=|=>|=|:|\uff1a|\b(?:(?:was |has been )?changed to|is now|is|was|will be|are|lautet|ist|est|es|é|è)\b)"
    r"(?:,? quote,?)?\s{0,2}[\"'`“‘«]?([^\s\"'`“”‘’«»<>]{6,512})"
)
_NAMED: Final = re.compile(rf"(?i)(?:{_CALLED})(?:'s|’s)?\s[\"'`“‘«]?([^\s\"'`“”‘’«»<>]{{6,512}})")
_PIN: Final = re.compile(
    r"(?i)\b(?:pin(?: code| number)?|(?:one-time|verification|security|access|door|entry|unlock) (?:code|passcode)|otp"
    rf"|cvv2?|cvc2?|{_CALLED})(?:\s?[:=]\s?|\s(?:is|was|will be)\s|\s)(\d{{3,12}})\b(?![.,]?\d|\s?%)"
)
_PARAMETER: Final = re.compile(
    r"(?i)(?:[?&;]\s?|\b)(?:\w{0,12}(?:token|secret|sessionid|sessid|api_?key)|sid|sig|signature|session|auth)=([\w%.~+/-]{16,4096}=?)"
)
_SHORTEST: Final = 6
_LONG_PART: Final = 24
_HYPHENS: Final = 2  # of a passphrase
# Words and plain numbers: what people go on to say after "the password is".
_PLAIN: Final = re.compile(r"[\d.,:%$€£/-]+|[A-Za-z]+(?:[-'’/][A-Za-z]+)*[!?]?")
# Without a dot, or a token in parts: a dot stands between them.
_LONG: Final = re.compile(r"(?<![\w/+=.@-])[A-Za-z0-9+/_-]{32,4096}={0,2}(?![\w/+=@-]|\.\w)")
_PARTS: Final = re.compile(r"(?<![\w/+=.@-])(?:[A-Za-z0-9_-]{1,64}\.){1,3}[A-Za-z0-9_-]{24,4096}(?![\w/+=@-]|\.\w)")
_HASH: Final = re.compile(r"[a-f0-9]{32,}")
_SECRET_NEAR: Final = re.compile(r"(?i)\b(?:key|token|secret|password|credential|bearer|auth)\w{0,3}\b")
_CONTEXT: Final = 48  # characters before a number in which a word may say what the number is
_RANDOM: Final = 4.2
"""Bits a character from which a long mixed word is no language: English has 2 to 3.8, random letters and digits 4.6."""
_RANDOM_HEX: Final = 3.0
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


@dataclass(frozen=True, slots=True)
class Finding:
    """``text[start:end]`` is personal data of this kind.

    ``value`` is its normal form: the same number in another spelling has the same value.
    """

    start: int
    end: int
    kind: str
    value: str


def without_overlaps(findings: Iterable[Finding]) -> Iterator[Finding]:
    """In the order of the text. Of two that overlap the one that begins first stays, the longer one of a tie.

    A finding that reaches beyond one that stays is cut down to the rest: no part of it is let through.
    """
    reached = 0
    for each in sorted(findings, key=lambda found: (found.start, -found.end)):
        if each.start >= reached:
            yield each
        elif each.end > reached:
            yield Finding(reached, each.end, each.kind, each.value)
        reached = max(reached, each.end)


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """``text[start:end]`` says these digits."""

    start: int
    end: int
    digits: str


def spoken_digits(text: str) -> Iterator[SpokenNumber]:
    """Every run of seven or more spoken digits, but for counting up or down."""
    for match in _RUN.finditer(text):
        digits = "".join(
            _DIGITS[word.lower()] * _TIMES[(times or "").lower()] for times, word in _EACH.findall(match[0])
        )
        steps = {int(after) - int(before) for before, after in pairwise(digits)}
        if steps not in ({1}, {-1}):
            yield SpokenNumber(match.start(), match.end(), digits)


def tokens(text: str) -> Iterator[Finding]:
    """Credentials of known shape, values that a word calls secret, and long words that look random."""
    for pattern in (_BLOCK, _JWT, _KNOWN, _HOOK, _USERINFO):
        for match in pattern.finditer(text):
            yield Finding(match.start(), match.end(), "secret", "".join(match[0].split()))
    yield from _called_secret(text)
    yield from _behind_its_name(text)
    for match in _LONG.finditer(text):
        near = _SECRET_NEAR.search(text, max(0, match.start() - _CONTEXT), match.start())
        if _looks_random(match[0], named=near is not None):
            yield Finding(match.start(), match.end(), "secret", match[0])
    for match in _PARTS.finditer(text):
        parts = [part for part in match[0].split(".") if len(part) >= _LONG_PART]
        if any(_looks_random(part, named=False) or _is_hash(part) for part in parts):
            yield Finding(match.start(), match.end(), "secret", match[0])


def _called_secret(text: str) -> Iterator[Finding]:
    for match in _BEARER.finditer(text):
        if _mixed(match[1]):
            yield Finding(*match.span(1), "secret", match[1])
    for match in _ASSIGNED.finditer(text):
        value = match[1].rstrip(".,;:)]}")
        phrase = value.count("-") >= _HYPHENS and match[0].lower().startswith("pass")
        if len(value) >= _SHORTEST and (phrase or (_mixed(value) and not _PLAIN.fullmatch(value))):
            yield Finding(match.start(1), match.start(1) + len(value), "secret", value)
    for match in _NAMED.finditer(text):
        value = match[1].rstrip(".,;:)]}")
        if len(value) >= _SHORTEST and any(map(str.isdigit, value)) and _mixed(value) and not _PLAIN.fullmatch(value):
            yield Finding(match.start(1), match.start(1) + len(value), "secret", value)


def _mixed(value: str) -> bool:
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    signs = any(not sign.isalnum() and sign not in "-_'’.,/:" for sign in value)
    return (letters and digits) or (letters and signs) or (digits and signs)


def _behind_its_name(text: str) -> Iterator[Finding]:
    for pattern in (_PIN, _PARAMETER):
        for match in pattern.finditer(text):
            if match[1].isdigit() or _entropy(match[1]) > _RANDOM_HEX:
                yield Finding(*match.span(1), "secret", match[1])


def _entropy(word: str) -> float:
    """Bits a character."""
    return -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values())


def _looks_random(word: str, *, named: bool) -> bool:
    classes = sum((any(map(str.isupper, word)), any(map(str.islower, word)), any(map(str.isdigit, word))))
    entropy = _entropy(word)
    if "//" in word:
        return False
    if named:
        return any(map(str.isdigit, word)) and entropy > _RANDOM_HEX
    return classes == 3 and entropy > _RANDOM and word.count("-") + word.count("_") + word.count("/") <= len(word) // 8  # noqa: PLR2004


def _is_hash(word: str) -> bool:
    return bool(_HASH.fullmatch(word)) and _entropy(word) > _RANDOM_HEX


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


def _national(number: str, digits: str) -> str:
    if _AMERICAN.fullmatch(number):
        return _valid(digits, ("US",)) or f"+1{digits[-10:]}"
    if _AREA.fullmatch(number):
        return _valid(digits, _ANYWHERE)
    if _MOBILE.fullmatch(number):
        return _valid(digits, ("GB",)) or f"+44{digits[1:]}"
    grouped = number != digits
    return _valid(digits, _WITH_ZERO) if digits[0] == "0" and grouped and len(digits) in _ZERO_DIGITS else ""
