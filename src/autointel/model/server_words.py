"""What a server says in its own words: the message of an error, its code, and how long to wait."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, Final

from autointel.model.completion import ServerError

_LONGEST: Final = 600  # characters of a message that is shown
# Where servers put their message.
_SAYING: Final = ("message", "detail", "msg", "status_msg")
# Seconds of a unit, by its first letter.
_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(
    r"(\d+(?:\.\d+)?)\s*(milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|days?|[smhd])(?![a-z])"
)
# "Please try again in 1m3.5s", "retry after 34 seconds", "Please retry in 20s".
_IN_TEXT: Final = re.compile(
    r"(?:try again|retry|wait|again|available|reset\w*)\s*(?:in|after|for|:)?\s*(?:about|approximately)?\s*"
    r"((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|days?|[smhd])(?![a-z])[\s,]*(?:and\s*)?)+)",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_DAY: Final = re.compile(r"per.?day|tokens? per day|\((?:TPD|RPD)\)|\bTPD\b|\bRPD\b|daily|PerDay", re.IGNORECASE)
_A_YEAR: Final = 31_536_000  # seconds; a larger number is a time since 1970
_EPOCH_MS: Final = 1e11  # a larger one is in milliseconds


@dataclass(frozen=True)
class Said:
    """An error as the server tells it. ``after`` is the wait it asks for, in seconds; ``daily`` where a day's quota is
    used up; ``failed`` is a reply that the server itself found wanting.
    """

    status: int
    message: str
    codes: frozenset[str] = frozenset()
    param: str = ""
    after: float | None = None
    daily: bool = False
    location: str = ""

    @property
    def everything(self) -> str:
        """Message, codes and parameter, to look for words in: a line each, so that no sign spans two of them."""
        return "\n".join((self.message, *sorted(self.codes), self.param))


def read_server_words(error: ServerError, today: float) -> Said:
    """What stands in the body and the headers of an error. ``today`` is the time in seconds since 1970."""
    body = _body(error.body)
    inner = _inner(body)
    message = _message(inner, error.body)
    codes = {str(part) for source in (inner, body) for key in ("code", "type", "status") if (part := source.get(key))}
    codes |= {str(part["reason"]) for part in _details(inner) if part.get("reason")}
    everything = f"{message} {' '.join(codes)} {json.dumps(list(_details(inner)))}"
    # Google states a delay for a day's quota too, after which it is used up still.
    fixed_day = "PerDay" in json.dumps(list(_details(inner)))
    return Said(
        status=_status(error.status, inner, message),
        message=message,
        codes=frozenset(codes),
        param=str(inner.get("param") or ""),
        after=None if fixed_day else _after(error.headers, inner, message, today),
        daily=fixed_day or bool(_DAY.search(everything)),
        location=error.headers.get("location", ""),
    )


def _body(text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    while isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, dict) else {"message": value} if isinstance(value, str) else {}


def _inner(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The error itself: under ``error``, or the body as it is (FastAPI's ``detail``, Ollama's string)."""
    error = body.get("error", body.get("errors", body.get("base_resp")))
    while isinstance(error, list) and error:
        error = error[0]
    if isinstance(error, str):
        return {**body, "message": error}
    return error if isinstance(error, dict) else body


def _message(inner: Mapping[str, Any], whole: str) -> str:
    text = next((found for name in _SAYING if (found := _text(inner.get(name)))), "")
    metadata = inner.get("metadata")
    raw = metadata.get("raw") if isinstance(metadata, dict) else None
    if raw:  # a go-between's own words, and those of the provider behind it
        behind = _inner(_body(str(raw))).get("message") or str(raw)
        text = f"{text}: {behind}" if text else behind
    if not text and not inner:
        text = unescape(_TAG.sub(" ", whole))
    text = " ".join(str(text or "").split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(value: Any) -> str:
    """The words of a message, a list of FastAPI's complaints with the place of each, or an error as JSON."""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_text, value)))
    if isinstance(value, dict):
        place = ".".join(map(str, value["loc"])) if isinstance(value.get("loc"), list) else ""
        words = next((found for name in _SAYING if (found := _text(value.get(name)))), "") or json.dumps(value)
        return f"{place}: {words}" if place else words
    text = str(value or "")
    if not text.lstrip().startswith("{"):
        return text
    inside = _inner(_body(text))
    return next((found for name in _SAYING if (found := _text(inside.get(name)))), text)


def _details(inner: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    details = inner.get("details")
    yield from (part for part in details if isinstance(part, dict)) if isinstance(details, list) else ()


def _status(status: int, inner: Mapping[str, Any], message: str) -> int:
    """The status that counts: a 200 may hold an error with a code of its own."""
    if status != 200:  # noqa: PLR2004
        return status
    for key in ("code", "status", "status_code"):
        try:
            number = int(inner.get(key) or 0)
        except (TypeError, ValueError):
            continue
        if 400 <= number < 600:  # noqa: PLR2004
            return number
    return 429 if re.search(r"rate.?limit|too many requests|overloaded", message, re.IGNORECASE) else 502


def _after(headers: Mapping[str, str], inner: Mapping[str, Any], message: str, today: float) -> float | None:
    """The wait that is asked for: in a header, in Google's RetryInfo, or in the text. None where none is."""
    given = retry_after(headers, today)
    if given is not None:
        return given
    for part in _details(inner):
        delay = seconds_of(str(part.get("retryDelay") or ""))
        if delay is not None:
            return delay
    stated = _IN_TEXT.search(message)
    if stated:
        return seconds_of(stated[1])
    return _reset(headers, today)


def retry_after(headers: Mapping[str, str], today: float) -> float | None:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3: seconds or a date); None where it does not say."""
    exact, given = headers.get("retry-after-ms"), headers.get("retry-after")
    for written, unit in ((exact, 0.001), (given, 1.0)):
        try:
            seconds = float(written) * unit if written is not None else None
        except ValueError:
            continue
        if seconds is not None and 0 <= seconds < _A_YEAR:
            return seconds
    if given is None:
        return None
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - today)
    except (ValueError, OverflowError):
        return seconds_of(given)


def _reset(headers: Mapping[str, str], today: float) -> float | None:
    """When a limit that is used up starts anew (``x-ratelimit-reset-tokens: 6m0s``, a time since 1970)."""
    waits = []
    for name, written in headers.items():
        kind = name.lower().partition("ratelimit-reset")
        if not kind[1]:
            continue
        remaining = headers.get(f"{kind[0]}ratelimit-remaining{kind[2]}")
        if remaining is not None and remaining.strip() not in {"0", ""}:
            continue
        wait = _until(written, today)
        if wait is not None:
            waits.append(wait)
    return max(waits, default=None)


def _until(written: str, today: float) -> float | None:
    try:
        number = float(written)
    except ValueError:
        return seconds_of(written)
    if number > _EPOCH_MS:
        number /= 1000
    seconds = number - today if number > _A_YEAR else number
    return seconds if 0 <= seconds < _A_YEAR else None


def seconds_of(text: str) -> float | None:
    """A duration as people write it ("1m3.5s", "34 seconds", "20ms"), in seconds; None where it is none."""
    total, found = 0.0, False
    for number, unit in _DURATION.findall(text.lower()):
        total += float(number) * _UNITS["ms" if unit.startswith(("ms", "milli")) else unit[0]]
        found = True
    return total if found else None
