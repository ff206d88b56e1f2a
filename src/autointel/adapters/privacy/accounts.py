"""Card numbers and IBANs, by their check digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from autointel.adapters.privacy.finding import Finding
from autointel.adapters.privacy.spoken import spoken_digits

_CARD: Final = re.compile(r"(?<![\w.,+-])\d(?:[ \u00a0\u202f\u2010-\u2013.-]?\d){12,18}(?![\w-]|[.,]\d)")
# Issuers' ranges: Visa, Mastercard, American Express, Discover, Diners, JCB, UnionPay, Maestro, Mir.
_ISSUER: Final = re.compile(
    r"4\d{12}(?:\d{3}){0,2}|5[1-5]\d{14}|(?:222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}|3[47]\d{13}"
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12,15}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}|62\d{14,17}"
    r"|(?:50|5[6-8]|6[37])\d{11,17}|220[0-4]\d{12,15}"
)
_IBAN: Final = re.compile(r"(?i)(?<![\w])[a-z]{2}\d{2}(?:[ \u00a0-]?[a-z0-9]){11,32}")
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


def card_numbers(text: str) -> Iterator[Finding]:
    """Numbers of known issuers whose last digit fits (Luhn), written or spoken digit by digit."""
    for match in _CARD.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if _is_card(digits):
            yield Finding(match.start(), match.end(), "card", digits)
    for run in spoken_digits(text):
        if _is_card(run.digits):
            yield Finding(run.start, run.end, "card", run.digits)


def _is_card(digits: str) -> bool:
    return bool(_ISSUER.fullmatch(digits)) and len(set(digits)) > 1 and luhn(digits)


def luhn(digits: str) -> bool:
    """Whether the last digit fits the others (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(digit * 2, 10))
    return total % 10 == 0


def ibans(text: str) -> Iterator[Finding]:
    """Account numbers of the right length for their country whose check digits fit (mod 97)."""
    for match in _IBAN.finditer(text):
        length = _LENGTHS.get(match[0][:2].upper(), 0)
        value, end = "", match.start()
        for place, sign in enumerate(match[0]):
            if sign.isalnum() and len(value) < length:
                value, end = value + sign.upper(), match.start() + place + 1
        whole = len(value) == length and not text[end : end + 1].isalnum()
        if whole and _mod_97(value[4:] + value[:4]) == 1:
            yield Finding(match.start(), end, "iban", value)


def _mod_97(text: str) -> int:
    return int("".join(str(int(sign, 36)) for sign in text)) % 97
