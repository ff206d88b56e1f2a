"""Credentials: API keys, tokens, private keys and passwords."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from autointel.adapters.privacy.finding import Finding

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
    r"|(?:SK|AC)[a-f0-9]{32}|\d{8,10}:[A-Za-z0-9_-]{35}"
    r")"
)
_JWT: Final = re.compile(r"(?<![\w-])eyJ[A-Za-z0-9_-]{8,4096}\.[A-Za-z0-9_-]{8,16384}(?:\.[A-Za-z0-9_-]{0,4096})?")
_BLOCK: Final = re.compile(
    r"-{2,8}\s?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?\s?-{2,8}"
    r"[\s\S]{0,16384}?(?:-{2,8}\s?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?\s?-{2,8}|\Z)"
)
_HOOK: Final = re.compile(
    r"https://(?:hooks\.slack\.com/(?:services|workflows)|(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks)/[\w/-]{20,200}"
)
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#@:]{1,256}:[^\s/?#@]{1,256}(?=@)")
_BEARER: Final = re.compile(r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9._~+/=-]{12,4096})")
_ASSIGNED: Final = re.compile(
    r"(?i)(?:pass(?:word|wd|phrase|code)?|pwd|passwort|kennwort|contraseña|secret|token"
    r"|api[ _-]?key|access[ _-]?key|account[ _-]?key|client[ _-]?secret|credentials?)s?[\"'`]?"
    r"\s{0,2}(?::=|=>|=|:|\bis now\b|\bis\b|\bwas\b|\blautet\b|\bist\b)\s{0,2}[\"'`“‘]?([^\s\"'`“”‘’<>]{6,512})"
)
_SHORTEST: Final = 6
# Words and plain numbers: what people go on to say after "the password is".
_PLAIN: Final = re.compile(r"[\d.,:%$€£/-]+|[A-Za-z]+(?:[-'’/][A-Za-z]+)*[!?]?")
_LONG: Final = re.compile(r"(?<![\w/+=.@-])[A-Za-z0-9+/_-]{32,4096}={0,2}(?![\w/+=.@-])")
_SECRET_NEAR: Final = re.compile(r"(?i)\b(?:key|token|secret|password|credential|bearer|auth)\w{0,3}\b")
_CONTEXT: Final = 48
_RANDOM: Final = 4.2
"""Bits a character from which a long mixed word is no language: English has 2 to 3.8, random letters and digits 4.6."""
_RANDOM_HEX: Final = 3.0


def tokens(text: str) -> Iterator[Finding]:
    """Credentials of known shape, values that a word calls secret, and long words that look random."""
    for pattern in (_BLOCK, _JWT, _KNOWN, _HOOK, _USERINFO):
        for match in pattern.finditer(text):
            yield Finding(match.start(), match.end(), "secret", "".join(match[0].split()))
    yield from _called_secret(text)
    for match in _LONG.finditer(text):
        near = _SECRET_NEAR.search(text, max(0, match.start() - _CONTEXT), match.start())
        if _looks_random(match[0], named=near is not None):
            yield Finding(match.start(), match.end(), "secret", match[0])


def _called_secret(text: str) -> Iterator[Finding]:
    for match in _BEARER.finditer(text):
        if _mixed(match[1]):
            yield Finding(*match.span(1), "secret", match[1])
    for match in _ASSIGNED.finditer(text):
        value = match[1].rstrip(".,;:)]}")
        if len(value) >= _SHORTEST and _mixed(value) and not _PLAIN.fullmatch(value):
            yield Finding(match.start(1), match.start(1) + len(value), "secret", value)


def _mixed(value: str) -> bool:
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    signs = any(not sign.isalnum() and sign not in "-_'’.,/:" for sign in value)
    return (letters and digits) or (letters and signs) or (digits and signs)


def _looks_random(word: str, *, named: bool) -> bool:
    classes = sum((any(map(str.isupper, word)), any(map(str.islower, word)), any(map(str.isdigit, word))))
    entropy = -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values())
    if "//" in word:
        return False
    if named:
        return any(map(str.isdigit, word)) and entropy > _RANDOM_HEX
    return classes == 3 and entropy > _RANDOM and word.count("-") + word.count("_") + word.count("/") <= len(word) // 8  # noqa: PLR2004
