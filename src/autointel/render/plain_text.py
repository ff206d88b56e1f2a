"""Text for people: untrusted titles and quotes as one harmless line, secrets masked, numbers formatted."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from autointel.errors import MASK, without_secrets

# Control sequences of a terminal (ECMA-48), complete ones only: an unfinished one must not swallow the words after it.
_SEQUENCES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, cursor, clearing
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)"  # titles, links, clipboard
    r"|\x1b[ -/]*[0-~]"  # the short ones
)
# Characters that reorder or hide what stands beside them: directions, tags, zero widths that join nothing.
_HIDDEN: Final = re.compile(
    "[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CURLY: Final = str.maketrans("“”„", "‘’‚")
_STRAIGHT: Final = re.compile(r'(?<!\d)"([^"]*)("?)')  # a mark after a digit that opens nothing is an inch: 5'10"
# Each pattern is linear: no repeated part can match what follows it. ``(?i:…)`` because headers and keys vary in case.
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#@]{1,512}@(?:[^\s/?#@]{1,512}@)*")
# The same without its scheme, as in an address that is not valid.
_BARE_USERINFO: Final = re.compile(r"(?<![\w.+:@/-])(?!mailto:)([\w.+-]{1,64}:)[^\s/?#@]{1,512}@(?=[\w\[])")
_NAMED: Final = re.compile(
    r"(?i)((?:^|[?&;#\s\"'{,])(?![\w.]{0,80}(?:Error|Exception)\s?:)[\w.-]{0,40}"
    r"(?:key|token|secret|password|passwd|pwd|credential|signature|sig|auth)[\w.-]{0,20}[\"']?\s?[=:]\s?[\"']?)"
    r"(?!\s)([^\s&;#\"',}]{1,4096})"
)
_HEADER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,4096}")
_TOKEN: Final = re.compile(
    r"\b(?:sk|pk|rk|tvly|ghp|gho|github_pat|glpat|hf|xox[abp]|AIza|AKIA|lsv2)[-_]?[A-Za-z0-9_-]{16,512}"
)
_SHORT: Final = 0.095  # seconds; below it, tenths would read 0.0
_LONG: Final = 100.0
_THOUSAND: Final = 1_000
_MILLION: Final = 1_000_000


def plain(text: str) -> str:
    """One line: no terminal sequences, control or direction characters; white space folded. May be empty."""
    text = _HIDDEN.sub("", _SEQUENCES.sub("", text))
    text = "".join(" " if character.isspace() else character for character in text)
    return " ".join("".join(kept for kept in text if unicodedata.category(kept) not in {"Cc", "Cs"}).split())


def shortened(text: str, limit: int) -> str:
    """The text, or as many whole words of it as fit into ``limit`` characters with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    return (cut.rpartition(" ")[0] if " " in cut[limit // 2 :] else cut).rstrip() + "…"


def within_marks(quote: str) -> str:
    """The quote as it stands between double quotation marks: its own are single. Other characters stay."""
    return _STRAIGHT.sub(lambda found: f"'{found[1]}" + "'" * len(found[2]), quote.translate(_CURLY))


def masked(text: str) -> str:
    """The text with secrets covered: those of the settings, and whatever looks like one.

    Passwords in addresses, keys in queries, authorization headers, tokens of known kinds.
    """
    text = _USERINFO.sub(f"{MASK}@", text)
    text = _BARE_USERINFO.sub(rf"\g<1>{MASK}@", text)
    # Before the names: "authorization: Bearer …" would lose its first word only.
    text = _HEADER.sub(rf"\g<1>{MASK}", text)
    text = _NAMED.sub(rf"\g<1>{MASK}", text)
    return without_secrets(_TOKEN.sub(MASK, text))


def seconds(value: float) -> str:
    """``12 ms``, ``0.8 s``, ``20.1 s``, ``312 s``."""
    if value < _SHORT:
        return f"{value * _THOUSAND:.0f} ms"
    return f"{value:.1f} s" if value < _LONG else f"{value:.0f} s"


def rounded(number: int) -> str:
    """``912``, ``58k``, ``1.2M``."""
    if number < _THOUSAND:
        return str(number)
    return f"{number / _THOUSAND:.0f}k" if number < _MILLION else f"{number / _MILLION:.1f}M"


def dollars(usd: float | None) -> str:
    """``$0.021``, ``$12.40``; an unknown price is called unknown."""
    if usd is None:
        return "cost unknown"
    return f"${usd:.3f}" if 0 < usd < 1 else f"${usd:.2f}"


def count(number: int, noun: str) -> str:
    """``1 call``, ``31 calls``, ``2 entities``."""
    if number == 1:
        return f"{number:,} {noun}"
    return f"{number:,} {noun[:-1]}ies" if noun.endswith("ty") else f"{number:,} {noun}s"
