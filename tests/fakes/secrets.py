"""Personal data of ten kinds, made up, with check digits that fit."""

from __future__ import annotations

import base64
import json
import string
from random import Random


def planted(count: int, seed: int = 7) -> dict[str, list[str]]:
    """``count`` values of each kind; equal seeds give equal values."""
    random = Random(seed)  # noqa: S311  nothing here is secret
    makers = {
        "email": _email,
        "phone": _phone,
        "card": _card,
        "iban": _iban,
        "us-ssn": _ssn,
        "uk-nino": _nino,
        "es-dni": _dni,
        "api-key": _api_key,
        "jwt": _jwt,
        "password": _password,
    }
    return {kind: [make(random) for _ in range(count)] for kind, make in makers.items()}


def _signs(random: Random, alphabet: str, length: int) -> str:
    return "".join(random.choice(alphabet) for _ in range(length))


def _email(random: Random) -> str:
    name = _signs(random, string.ascii_lowercase, 7)
    return f"{name}.{_signs(random, string.ascii_lowercase, 5)}@{_signs(random, string.ascii_lowercase, 8)}.example.com"


def _phone(random: Random) -> str:
    shapes = ("+44 20 7946 {}", "+1 415 555 {}", "(212) 555-{}", "020 7946 {}", "0171-555{}0")
    return random.choice(shapes).format(f"{random.randrange(1000, 9999)}")


def _card(random: Random) -> str:
    body = "4" + _signs(random, string.digits, 14)
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(body))
    number = body + str(-total % 10)
    return random.choice(
        (number, " ".join(number[at : at + 4] for at in range(0, 16, 4)), f"{number[:8]}-{number[8:]}")
    )


def _iban(random: Random) -> str:
    account = _signs(random, string.digits, 18)
    check = 98 - int(f"{account}131400") % 97
    iban = f"DE{check:02}{account}"
    return random.choice((iban, " ".join(iban[at : at + 4] for at in range(0, 22, 4))))


def _ssn(random: Random) -> str:
    return f"{random.randrange(100, 665)}-{random.randrange(10, 99)}-{random.randrange(1000, 9999)}"


def _nino(random: Random) -> str:
    digits = [f"{random.randrange(100):02}" for _ in range(3)]
    return random.choice(("", " ")).join((random.choice(("AB", "JG", "SX")), *digits, random.choice("ABCD")))


def _dni(random: Random) -> str:
    number = random.randrange(10_000_000, 99_999_999)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _api_key(random: Random) -> str:
    letters = string.ascii_letters + string.digits
    shapes = (("sk-proj-", 40), ("ghp_", 36), ("xoxb-", 40), ("AIza", 35), ("glpat-", 20), ("hf_", 34))
    prefix, length = random.choice(shapes)
    return prefix + _signs(random, letters, length)


def _jwt(random: Random) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    signature = _signs(random, string.ascii_letters + string.digits, 43)
    return f"{part({'alg': 'HS256'})}.{part({'sub': _signs(random, string.digits, 10)})}.{signature}"


def _password(random: Random) -> str:
    return f"{_signs(random, string.ascii_letters, 6)}{random.randrange(10, 99)}{random.choice('!#%&+')}q"
