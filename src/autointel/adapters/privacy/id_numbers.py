"""Numbers with check digits: cards, IBANs, national identity and tax numbers; with weak digits, by a word nearby."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from string import ascii_uppercase, digits
from typing import Final

from autointel.adapters.privacy.detectors import Finding, spoken_digits

_CARD: Final = re.compile(
    r"(?<![\w,+-])(?<!\d\.)(?<!\W\w\.)\d(?:[ \u00a0\u2009\u202f\u2010-\u2013.-]?\d){12,18}(?![\w-]|[.,]\d)"
)
# Groups of four with the same sign or signs between all of them.
_GROUPED_CARD: Final = re.compile(r"(?<!\d)\d{4}([\s,./_\u2010-\u2013-]{1,3})\d{4}\1\d{4}\1\d{1,4}(?:\1\d{1,3})?(?!\d)")
# Issuers' ranges: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir.
_ISSUER: Final = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}|62\d{14,17}"
    r"|(?:50|5[6-8]|6[37])\d{11,17}|220[0-4]\d{12,15}"
)
_IBAN: Final = re.compile(r"(?i)(?:(?<![^\W_])|(?<=iban))[a-z][ \u00a0]?[a-z][ \u00a0]?\d[ \u00a0]?\d(?!\d{35})")
_IBAN_GAP: Final = 3  # signs between two of an account number
# ISO 13616: the length of each country's IBAN.
_LENGTHS: Final = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH CR HR LI LV",
        22: "BG BH DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}
_CONTEXT: Final = 48
_SEPARATORS: Final = str.maketrans("", "", " -./\u00a0\u202f\u2010\u2011\u2012\u2013")
_DNI: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
_HETU: Final = "0123456789ABCDEFHJKLMNPRSTUVWXY"
# The Italian code counts the signs at odd places by this table.
_ODD_VALUES: Final = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
_ODD: Final = {
    sign: value for signs in (digits, ascii_uppercase) for sign, value in zip(signs, _ODD_VALUES, strict=False)
}
# Verhoeff's scheme (1969): products in the dihedral group D5, and the permutation of each place.
_PRODUCT: Final = tuple(
    "0123456789 1234067895 2340178956 3401289567 4012395678 5987604321 6598710432 7659821043 8765932104 "
    "9876543210".split()
)
_PERMUTATION: Final = tuple(
    "0123456789 1576283094 5803796142 8916043527 9453126870 4286573901 2793806415 7046913258".split()
)
# What numbers of persons are called. The word alone decides where the check digits are weak, or are not known here.
_LABELS: Final = (
    "social security|social insurance|national insurance|national id(?:entity|entification)?|"
    "identity (?:card|number)|id (?:card|number)|"
    "passport|driver'?s? licen[cs]e|driving licen[cs]e|tax(?:payer)? (?:file|id\\w*)|tax number|"
    "ssn|nino|nhs|pps|ppsn|tfn|"
    "medicare|green card|alien registration|nif|nie|dni|cuit|cuil|cpf|curp|rfc|rut|cpr|cnp|egn|bsn|pesel|"
    "personnummer|cpr-nummer|fødselsnummer|henkilötunnus|steuer-?id\\w*|steuernummer|personalausweis\\w*|reisepass\\w*|"
    "codice fiscale|contribuinte|numéro de sécurité sociale|sécurité sociale|kimlik|teudat zehut|nric|fin|"
    "マイナンバー|individual number|"
    "aadhaar|amka|снилс|инн|паспорт|rodné číslo"
)
_LABEL: Final = re.compile(rf"(?i)\b(?:{_LABELS})\b")
_FEWEST: Final = 6  # digits of a number that a word calls a person's
_CALLED: Final = re.compile(
    rf"(?i)\b(?:{_LABELS})\b(?: (?:number|no|nr|nummer|card|id|code)\b\.?)?"
    r"(?: ?[:=#] ?| (?:is|was|ist|es|est|è|é)[ :]{1,2}| )"
    r"((?:[a-z]{1,4}[ -]?)?\d(?:[ \u00a0./-]?\d){5,13}(?:[/-]?[a-z\d]{1,2})?)(?![\w%]|[.,]\d)"
)
_ANY: Final = "[ \u00a0\u2011-]?"


def card_numbers(text: str) -> Iterator[Finding]:
    """Numbers of known issuers whose last digit fits (Luhn), written or spoken digit by digit."""
    for pattern in (_CARD, _GROUPED_CARD):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match[0])
            if _is_card(digits):
                yield Finding(match.start(), match.end(), "card", digits)
    for run in spoken_digits(text):
        if _is_card(run.digits):
            yield Finding(run.start, run.end, "card", run.digits)


def _is_card(digits: str) -> bool:
    return bool(_ISSUER.fullmatch(digits)) and len(set(digits)) > 1 and _luhn(digits)


def _luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(digit * 2, 10))
    return total % 10 == 0


def ibans(text: str) -> Iterator[Finding]:
    """Account numbers of the right length for their country whose check digits fit (mod 97)."""
    for match in _IBAN.finditer(text):
        length = _LENGTHS.get("".join(match[0].split())[:2].upper(), 0)
        value, end = _signs(text, match.start(), length)
        # "By 20" and "no 12" are words and numbers.
        parted = any(map(str.isspace, match[0]))
        if parted and not (match[0].isupper() and 2 * sum(map(str.isdigit, value)) >= length):
            continue
        whole = length > 0 and len(value) == length and not text[end : end + 1].isalnum()
        if whole and value.isascii() and _mod_97(value[4:] + value[:4]) == 1:
            yield Finding(match.start(), end, "iban", value)


def _signs(text: str, start: int, count: int) -> tuple[str, int]:
    """So many letters and digits from ``start`` on, and where they end; fewer where a gap is too wide."""
    value, gap, at = "", 0, start
    while at < len(text) and len(value) < count and gap <= _IBAN_GAP:
        gap = 0 if text[at].isalnum() else gap + 1
        value += text[at].upper() if gap == 0 else ""
        at += 1
    return value, at


def _mod_97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97


def national_ids(text: str) -> Iterator[Finding]:
    """Numbers of persons of 25 countries by their form and check digits, and of any by the word before them."""
    for scheme in _SCHEMES:
        for match in scheme.pattern.finditer(text):
            value = match[0].translate(_SEPARATORS).upper()
            near = scheme.named is None or scheme.named.search(text, max(0, match.start() - _CONTEXT), match.start())
            if near and scheme.fits(value):
                yield Finding(match.start(), match.end(), "id", value)
    for match in _CALLED.finditer(text):
        if sum(map(str.isdigit, match[1])) >= _FEWEST:
            yield Finding(*match.span(1), "id", match[1].translate(_SEPARATORS).upper())
    for run in spoken_digits(text):
        if _LABEL.search(text, max(0, run.start - _CONTEXT), run.start):
            yield Finding(run.start, run.end, "id", run.digits)


@dataclass(frozen=True)
class _Scheme:
    """One country's numbers. ``named``: words of which one must stand close before the number."""

    pattern: re.Pattern[str]
    fits: Callable[[str], bool]
    named: re.Pattern[str] | None = None


def _ar(value: str) -> bool:
    rest = 11 - _weighed(value, "5432765432")
    return int(value[-1]) == {10: 9, 11: 0}.get(rest, rest)


def _be(value: str) -> bool:
    return any(97 - int(century + value[:9]) % 97 == int(value[9:]) for century in ("", "2"))


def _br(value: str) -> bool:
    def check(length: int) -> int:
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(value[:length]))
        return total * 10 % 11 % 10

    return len(set(value)) > 1 and check(9) == int(value[9]) and check(10) == int(value[10])


def _ch(value: str) -> bool:
    return sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(value)) % 10 == 0


def _cl(value: str) -> bool:
    rest = 11 - _weighed(value[-2::-1], (2, 3, 4, 5, 6, 7, 2, 3))
    return value[-1] == {10: "K", 11: "0"}.get(rest, str(rest))


def _cn(value: str) -> bool:
    total = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(value[:17]))
    born = _is_day(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    return born and "10X98765432"[total % 11] == value[17]


def _cz(value: str) -> bool:
    month = int(value[2:4]) % 50
    return int(value) % 11 == 0 and _is_day(2000 + int(value[:2]), month % 20 or month, int(value[4:6]))


def _de(value: str) -> bool:
    counts = sorted(value[:10].count(digit) for digit in set(value[:10]))
    product = 10
    for digit in map(int, value[:10]):
        product = ((product + digit) % 10 or 10) * 2 % 11
    return value[0] != "0" and counts[-1] in {2, 3} and counts.count(1) >= 7 and (11 - product) % 10 == int(value[10])  # noqa: PLR2004


def _es(value: str) -> bool:
    number = value[:-1].translate(str.maketrans("XYZ", "012"))
    return _DNI[int(number) % 23] == value[-1]


def _fi(value: str) -> bool:
    return _HETU[int(value[:6] + value[-4:-1]) % 31] == value[-1]


def _fr(value: str) -> bool:
    number = value[:13].replace("2A", "19").replace("2B", "18")
    return number.isdigit() and 97 - int(number) % 97 == int(value[13:])


def _gb(value: str) -> bool:
    return value[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}


def _in(value: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(value)):
        check = int(_PRODUCT[check][int(_PERMUTATION[place % 8][int(digit)])])
    return check == 0


def _it(value: str) -> bool:
    even = sum(int(sign) if sign.isdigit() else ord(sign) - ord("A") for sign in value[1:15:2])
    return (even + sum(_ODD[sign] for sign in value[0:15:2])) % 26 == ord(value[15]) - ord("A")


def _kr(value: str) -> bool:
    return _is_day(2000 + int(value[:2]), int(value[2:4]), int(value[4:6])) and value[6] in "12345678"


def _named(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)\b(?:{words})\b")


def _nl(value: str) -> bool:
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    return sum(int(digit) * weight for digit, weight in zip(value, weights, strict=True)) % 11 == 0


def _no(value: str) -> bool:
    born = _is_day(2000 + int(value[4:6]), int(value[2:4]), int(value[:2]))
    return born and _weighed(value, "3761894521") == 0 == _weighed(value, "54327654321")


def _pl(value: str) -> bool:
    weights = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1)
    month = int(value[2:4])
    born = _is_day(2000 + int(value[:2]), month % 20, int(value[4:6]))
    return born and sum(int(digit) * weight for digit, weight in zip(value, weights, strict=True)) % 10 == 0


def _ro(value: str) -> bool:
    born = _is_day(2000 + int(value[1:3]), int(value[3:5]), int(value[5:7]))
    return born and _weighed(value, "279146358279") % 10 == int(value[12])


def _ru(value: str) -> bool:
    return _weighed(value, range(9, 0, -1), 101) % 100 == int(value[9:])


def _se(value: str) -> bool:
    number = value.replace("+", "")[-10:]
    return _luhn(number) and _is_day(2000 + int(number[:2]), int(number[2:4]), int(number[4:6]))


def _sg(value: str) -> bool:
    total = _weighed(value[1:8], "2765432") + (4 if value[0] in "TG" else 0)
    return value[8] == ("JZIHGFEDCBA" if value[0] in "ST" else "XWUTRQPNMLK")[total % 11]


def _us(value: str) -> bool:
    return value[:3] not in {"000", "666"} and value[0] != "9" and value[3:5] != "00" and value[5:] != "0000"


def _written(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?i)(?<![\w.,$€£+-]){pattern}(?![\w]|[.,-]\d)")


_SCHEMES: Final = (
    _Scheme(_written(r"\d{3}( ?[.\u2010-\u2013-] ?)\d{2}\1\d{4}"), _us),
    _Scheme(_written(r"\d{3} ?\d{2} ?\d{4}"), _us, _named("social security|social|ssn")),
    _Scheme(_written(r"[0-3]\d[01]\d{3} ?\d{5}"), _no),
    _Scheme(_written(r"\d{6}-[1-8]\d{6}"), _kr),
    _Scheme(_written(r"\d{1,2}\.\d{3}\.\d{3}-[\dK]"), _cl),
    _Scheme(_written(r"(?:2[0347]|3[034])-\d{8}-\d"), _ar),
    _Scheme(_written(r"\d{3}-\d{3}-\d{3}[ -]\d\d"), _ru),
    _Scheme(_written(r"\d\d[0-35-8]\d[0-3]\d/\d{4}"), _cz),
    _Scheme(_written(r"[1-8]\d{12}"), _ro),
    _Scheme(_written(r"[STFG]\d{7}[A-Z]"), _sg),
    _Scheme(_written(r"[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z\d]\d"), lambda _: True),
    _Scheme(_written(rf"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]{_ANY}\d\d{_ANY}\d\d{_ANY}\d\d{_ANY}[A-D]"), _gb),
    _Scheme(_written(r"\d{2} ?\d{3} ?\d{3} ?\d{3}"), _de),
    _Scheme(_written(rf"(?:\d{{8}}|[XYZ]{_ANY}\d{{7}}){_ANY}[A-HJ-NP-TV-Z]"), _es),
    _Scheme(_written(r"\d\d\.\d{3}\.\d{3}-?[A-HJ-NP-TV-Z]"), _es),
    _Scheme(_written(r"[12] ?\d\d ?(?:0[1-9]|1[0-2]|[2-9]\d) ?(?:\d\d|2[AB]) ?\d{3} ?\d{3} ?\d\d"), _fr),
    _Scheme(_written(r"[A-Z]{6} ?[0-9L-NP-V]{2}[A-EHLMPRST][0-9L-NP-V]{2} ?[A-Z][0-9L-NP-V]{3}[A-Z]"), _it),
    _Scheme(_written(r"\d{4} ?\d{2} ?\d{3}|\d{3}\.\d{3}\.\d{3}"), _nl, _named("bsn|burgerservicenummer|sofinummer")),
    _Scheme(_written(r"\d\d\.?[01]\d\.?[0-3]\d[- ]?\d{3}[. ]?\d\d"), _be),
    _Scheme(_written(r"756[. ]?\d{4}[. ]?\d{4}[. ]?\d\d"), _ch),
    _Scheme(_written(r"(?:19|20)?\d{6}[-+]\d{4}"), _se),
    _Scheme(_written(r"[0-3]\d[01]\d{3}[-+A-FU-Y]\d{3}[0-9A-FHJ-NPR-Y]"), _fi),
    _Scheme(_written(r"\d{11}"), _pl),
    _Scheme(_written(r"\d{3}\.\d{3}\.\d{3}-\d\d"), _br),
    _Scheme(_written(r"\d{11}"), _br, _named("cpf")),
    _Scheme(_written(r"[2-9]\d{3}[ -]\d{4}[ -]\d{4}"), _in),
    _Scheme(_written(r"[2-9]\d{11}"), _in, _named("aadhaar|aadhar|uidai")),
    _Scheme(_written(r"[1-8]\d{16}[\dX]"), _cn),
    _Scheme(_written(r"\d{3}[ -]?\d{3}[ -]?\d{3}"), _luhn, _named("social insurance|sin number|s\\.?i\\.?n")),
)


def _weighed(value: str, weights: Iterable[str | int], modulus: int = 11) -> int:
    """The sum of digits, each times its weight, by the modulus; the weights may be the digits of a text."""
    return sum(int(digit) * int(weight) for digit, weight in zip(value, weights, strict=False)) % modulus


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
