"""Secrets are found by what they look like, so that none is shown wherever text comes from."""

from __future__ import annotations

import re
from typing import Final

MASK: Final = "********"
# Each pattern is linear: no repeated part can match what follows it. ``(?i:…)`` because headers and keys vary in case.
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#@]{1,512}@(?:[^\s/?#@]{1,512}@)*")
_NAMED: Final = re.compile(
    r"(?i)((?:^|[?&;#\s\"'{,])[\w.-]{0,40}"
    r"(?:key|token|secret|password|passwd|pwd|credential|signature|sig|auth)[\w.-]{0,20}[\"']?\s?[=:]\s?[\"']?)"
    r"(?!\s)([^\s&;#\"',}]{1,4096})"
)
_HEADER: Final = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,4096}")
_TOKEN: Final = re.compile(
    r"\b(?:sk|pk|rk|tvly|ghp|gho|github_pat|glpat|hf|xox[abp]|AIza|AKIA|lsv2)[-_]?[A-Za-z0-9_-]{16,512}"
)


def masked(text: str) -> str:
    """The text with passwords in addresses, keys in queries, authorization headers and known tokens covered."""
    text = _USERINFO.sub(f"{MASK}@", text)
    # Before the names: "authorization: Bearer …" would lose its first word only.
    text = _HEADER.sub(rf"\g<1>{MASK}", text)
    text = _NAMED.sub(rf"\g<1>{MASK}", text)
    return _TOKEN.sub(MASK, text)
