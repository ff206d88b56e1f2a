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


def _behind_its_name(text: str) -> Iterator[Finding]:
    for pattern in (_PIN, _PARAMETER):
        for match in pattern.finditer(text):
            if match[1].isdigit() or _entropy(match[1]) > _RANDOM_HEX:
                yield Finding(*match.span(1), "secret", match[1])


def _mixed(value: str) -> bool:
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    signs = any(not sign.isalnum() and sign not in "-_'’.,/:" for sign in value)
    return (letters and digits) or (letters and signs) or (digits and signs)


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


def _entropy(word: str) -> float:
    """Bits a character."""
    return -sum(count / len(word) * math.log2(count / len(word)) for count in Counter(word).values())
