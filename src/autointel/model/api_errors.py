"""What a failed request means: whether it is worth another try, and in which words it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Final

import httpx

from autointel.model.endpoint import Endpoint
from autointel.model.reply_text import Malformed


class Remedy(Enum):
    """What may help."""

    WAIT = "wait"  # the same request, later
    ASK_ANEW = "ask anew"  # the reply was not what was asked for
    CONCEDE = "concede"  # the request, without what this server does not know
    REFUSED = "refused"  # nothing: key or quota
    NOTHING = "nothing"


@dataclass(frozen=True)
class ApiError:
    """One failure. ``after`` is what the server asks us to wait, in seconds; ``about`` names what it does not know."""

    cure: Remedy
    message: str
    hint: str
    after: float | None = None
    limits_all: bool = False
    about: str = ""


_TOO_LONG: Final = re.compile(
    r"context.?length|context.?window|context.?size|maximum.{0,20}tokens|is too long|too many tokens|maximum length"
    r"|token.?limit|input tokens exceed",
    re.IGNORECASE,
)
_UNKNOWN: Final = re.compile(
    r"response_format|json_schema|json_object|temperature|stream_options|stream", re.IGNORECASE
)
_NO_QUOTA: Final = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active", "access_terminated"}
_WORTH_WAITING: Final = {408, 409, 425, 429}
_SERVERS_FAULT: Final = 500
_LONGEST_DETAIL: Final = 160


def trouble_of(error: Exception, endpoint: Endpoint, model: str, today: float) -> ApiError:
    """The trouble that an exception of the client library, or of our own reading, stands for."""
    import openai

    host = endpoint.host
    if isinstance(error, Malformed):
        return ApiError(
            Remedy.ASK_ANEW,
            f"{model} at {host} gave no reply of the form asked for: {error}.",
            "Try again, or use a model that follows JSON schemas.",
        )
    if isinstance(error, openai.APITimeoutError | TimeoutError | httpx.TimeoutException):
        return ApiError(
            Remedy.WAIT,
            f"{model} at {host} did not answer within {endpoint.timeout:g} seconds.",
            "Try again, or raise AUTOINTEL_MODEL__TIMEOUT.",
        )
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, endpoint, model, today)
    if isinstance(error, openai.APIConnectionError | httpx.TransportError | OSError):
        return ApiError(
            Remedy.WAIT,
            f"The connection to {host} failed.",
            "See that the model's server runs and that its address is right.",
        )
    return ApiError(
        Remedy.ASK_ANEW,
        f"{host} answered with something that is no OpenAI reply ({type(error).__name__}).",
        "Check AUTOINTEL_MODEL__BASE_URL: it usually ends in /v1.",
    )


def _of_status(error: Any, endpoint: Endpoint, model: str, today: float) -> ApiError:
    status: int = error.status_code
    about: Mapping[str, Any] = error.body if isinstance(error.body, dict) else {}
    codes = {about.get("code"), about.get("type")}
    host = endpoint.host
    if status in {401, 403}:
        return ApiError(
            Remedy.REFUSED,
            f"{host} refuses the key ({status}).",
            "Set OPENAI_API_KEY or AUTOINTEL_MODEL__API_KEY to a key that is valid there.",
        )
    if codes & _NO_QUOTA:
        return ApiError(
            Remedy.REFUSED, f"The quota at {host} is used up.", "Add credit there, or set another key or server."
        )
    if status in _WORTH_WAITING or status >= _SERVERS_FAULT:
        said = "is limiting our requests" if status == 429 else f"had an error ({status})"  # noqa: PLR2004
        return ApiError(
            Remedy.WAIT,
            f"{host} {said}.",
            "Try again later, or lower AUTOINTEL_MODEL__REQUESTS_PER_MINUTE.",
            after=retry_after(error.response.headers, today),
            limits_all=status == 429,  # noqa: PLR2004
        )
    return _of_request(status, _detail(error, about), about, endpoint, model)


def _of_request(status: int, detail: str, about: Mapping[str, Any], endpoint: Endpoint, model: str) -> ApiError:
    """A request that this server will never take as it is."""
    if status == 404:  # noqa: PLR2004
        return ApiError(
            Remedy.NOTHING,
            f"{endpoint.host} knows no model {model}, or has no chat completions at that address.",
            "Check AUTOINTEL_MODEL__NAME and AUTOINTEL_MODEL__BASE_URL.",
        )
    if status == 413 or _TOO_LONG.search(f"{about.get('code')} {detail}"):  # noqa: PLR2004
        # Not in the server's words: crewai looks for some of them in errors, and would ask again with less.
        return ApiError(
            Remedy.NOTHING,
            f"The prompt is longer than {model} can read.",
            "Use a model with a longer context, or a shorter source.",
        )
    unknown = _UNKNOWN.search(f"{about.get('param')} {detail}")
    return ApiError(
        Remedy.CONCEDE if unknown else Remedy.NOTHING,
        f"{endpoint.host} rejects the request ({status}): {detail}",
        "Check that the server speaks the OpenAI protocol and offers this model.",
        about=unknown[0].lower() if unknown else "",
    )


def _detail(error: Any, about: Mapping[str, Any]) -> str:
    """What the server says, as one short line: it is someone else's text."""
    text = " ".join(str(about.get("message") or error.message).split())
    return text if len(text) <= _LONGEST_DETAIL else f"{text[:_LONGEST_DETAIL]}…"


def retry_after(headers: Mapping[str, str], today: float) -> float | None:
    """Seconds that a server asks to wait (RFC 9110, 10.2.3: seconds or a date); None where it does not say."""
    exact = headers.get("retry-after-ms")
    given = headers.get("retry-after")
    try:
        if exact is not None:
            return max(0.0, float(exact) / 1000)
        if given is not None:
            return max(0.0, float(given))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(given).timestamp() - today) if given else None
    except ValueError:
        return None
