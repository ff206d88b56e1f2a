"""What a failed request means: whether it is worth another try, and how to say it with the server's own reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from html import unescape
from typing import Final

import httpx

from autointel.model.chat import Silence
from autointel.model.completion import EmptyReply, NotOpenAI, ServerError
from autointel.model.endpoint import Endpoint, cause_of
from autointel.model.replies import Malformed
from autointel.model.server_facts import Form, Part, part_refused, part_that_failed
from autointel.model.server_words import Said, read_server_words

# Signs in servers' own words, by what they mean.
_TOO_LONG: Final = re.compile(
    r"context.?length|context.?window|context.?size|maximum.{0,20}tokens"
    r"|(?:prompt|input|request).{0,30}too (?:long|large)|too many (?:input )?tokens"
    r"|maximum (?:model )?length|token.?limit|input tokens exceed|exceeds? the (?:available|maximum)"
    r"|longer than the (?:maximum|model|context)|max_model_len|context limit"
    r"|must have less than \d+ tokens|tokens\b.{0,30} must be <=?",
    re.IGNORECASE,
)
_KEY: Final = re.compile(
    r"(?:api[ _-]?key|\btoken\b|credential|authentication).{0,40}"
    r"(?:not valid|invalid|incorrect|missing|expired|required|wrong)"
    r"|(?:invalid|incorrect|missing|expired|wrong|no).{0,20}(?:api[ _-]?key|credential|authentication)|API_KEY_INVALID"
    r"|invalid_api_key|unauthori[sz]ed|UNAUTHENTICATED",
    re.IGNORECASE,
)
_NO_CREDIT: Final = re.compile(
    r"insufficient.{0,3}(?:quota|balance|credit|funds)|billing|payment.{0,3}required|out of credit|more credits"
    r"|credit balance|no credits|exceeded your current quota|access_terminated|arrear|overdue|good standing"
    r"|account.{0,60}suspended|spending limit|past invoices"
    r"|(?:exceeded|over|crossed).{0,3}budget|budget.{0,12}exceeded|\u4f59\u989d\u4e0d\u8db3",
    re.IGNORECASE,
)
_UNPAID: Final = frozenset("insufficient_quota billing_hard_limit_reached billing_not_active access_terminated".split())
_FILTER: Final = re.compile(
    r"content.?filter|content.?management|content.?policy|ResponsibleAI|moderation|safety system|PROHIBITED_CONTENT"
    r"|flagged|data.?inspection|inappropriate content",
    re.IGNORECASE,
)
_LOADING: Final = re.compile(
    r"loading|(?:is |being |still )(?:starting|initiali[sz]ing|warming)|warming up|starting up|not (?:yet )?ready"
    r"|currently loading|LOADING_MODEL|estimated_time",
    re.IGNORECASE,
)
_BAD_JSON: Final = re.compile(
    r"json_validate_failed|failed to (?:generate|validate) json|failed_generation", re.IGNORECASE
)
# Servers say with a 400 what will be over in a moment.
_PASSING: Final = re.compile(
    r"overloaded|(?:try|retry)(?: again)? (?:later|shortly|in a (?:few|moment))|temporar(?:y|ily)|capacity exceeded"
    r"|at capacity|unloaded|crashed|server busy",
    re.IGNORECASE,
)
_REGION: Final = re.compile(
    r"(?:country|region|territory|location).{0,40}not (?:supported|available|allowed)|unsupported_country",
    re.IGNORECASE,
)
_NO_MODEL: Final = re.compile(
    r"(?:invalid|unknown|no such|not a valid) model"
    r"|model.{0,80}(?:not (?:be )?found|not exist|decommissioned|no longer|retired)"
    r"|model.{0,60}not (?:supported by any|available)|model_not_(?:found|supported|available)|model_decommissioned",
    re.IGNORECASE,
)
_NO_CHAT: Final = re.compile(r"not support (?:chat|compl)|not a chat model|chat.{0,20}not supported", re.IGNORECASE)
_NO_ADDRESS: Final = re.compile(
    r"unexpected endpoint|(?:unknown|invalid|no such) (?:path|endpoint|route|url)|method not allowed|cannot post"
    r"|no route",
    re.IGNORECASE,
)
_CONSENT: Final = re.compile(r"(?:terms|licen[cs]e|agreement).{0,40}accept|accept.{0,60}terms", re.IGNORECASE)
_NONE_LOADED: Final = re.compile(r"no models? (?:is |are |currently )*loaded", re.IGNORECASE)
_TOO_BIG: Final = re.compile(
    r"(?:requires?|needs?) more.{0,20}memory|(?:insufficient|not enough).{0,20}(?:memory|resources)|unable to allocate",
    re.IGNORECASE,
)
_PER_MINUTE: Final = re.compile(r"per.?minute|\bTPM\b|rate.?limit|tokens per", re.IGNORECASE)
_NUMBERS: Final = re.compile(r"\d[\d,]{2,}")
_WORTH_WAITING: Final = {408, 409, 425, 429}
_BUSY: Final = 429
_LONGEST_PASSING: Final = 60.0  # seconds; a longer wait is told with its end


class Remedy(Enum):
    """What may help against a failed request."""

    WAIT = "wait"  # the same request, later
    WAIT_FOR_LOADING = "wait for loading"  # the same, as often as it takes: the server says that it is loading
    ASK_ANEW = "ask anew"  # the reply was not what was asked for
    CONCEDE = "concede"  # the request without a part that this server does not take
    SHORTEN = "shorten"  # less of the prompt
    REFUSED = "refused"  # nothing: key or quota
    NOTHING = "nothing"


@dataclass(frozen=True)
class ApiError:
    """One failed request. ``after`` is the wait the server asks for, in seconds; ``part`` is what it does not take.

    ``lasting`` where the server has said so itself: a concession then holds for the run.
    """

    remedy: Remedy
    message: str
    hint: str
    after: float | None = None
    limits_all: bool = False
    part: Part | None = None
    lasting: bool = False


def api_error_of(error: Exception, endpoint: Endpoint, model: str, today: float, form: Form) -> ApiError:
    """What an exception of the connection, the server or our parser means. ``form`` is the request's."""
    host = endpoint.host
    if isinstance(error, Malformed):
        return ApiError(
            Remedy.ASK_ANEW,
            f"{model} at {host} gave no reply of the form asked for: {error}.",
            "Use a model that follows JSON schemas; a larger one usually does.",
        )
    if isinstance(error, EmptyReply):
        return ApiError(
            Remedy.WAIT,
            f"{host} sent a reply with nothing in it.",
            f"Try again, or see the log of the server at {host}.",
        )
    if isinstance(error, Silence | TimeoutError):
        seconds = getattr(error, "seconds", endpoint.timeout)
        return ApiError(
            Remedy.WAIT,
            f"{model} at {host} did not answer within {seconds:.3g} seconds.",
            "Raise AUTOINTEL_MODEL__TIMEOUT; if calls queue there, lower AUTOINTEL_MODEL__MAX_CONCURRENT_CALLS.",
        )
    if isinstance(error, ServerError):
        return _Reading(read_server_words(error, today), endpoint, model, today, form).meaning()
    if isinstance(error, NotOpenAI):
        begins = " ".join(unescape(re.sub(r"<[^>]*>", " ", error.body)).split())[:80]
        return ApiError(
            Remedy.ASK_ANEW,
            f"{host} answered with something that is no OpenAI reply ({begins or 'nothing'}).",
            "Check AUTOINTEL_MODEL__BASE_URL: it usually ends in /v1.",
        )
    cause, hint = cause_of(error, endpoint)
    waits = isinstance(error, httpx.TransportError | httpx.DecodingError | OSError)
    return ApiError(Remedy.WAIT if waits else Remedy.NOTHING, f"The connection to {host} failed: {cause}.", hint)


@dataclass(frozen=True)
class _Reading:
    """One error of a server and its possible meanings, tried in order: the first that fits holds."""

    server: Said
    endpoint: Endpoint
    model: str
    today: float
    form: Form

    def meaning(self) -> ApiError:
        readings: tuple[Callable[[], ApiError | None], ...] = (
            self._filtered,
            self._no_credit,
            self._region,
            self._key,
            self._unserved,
            self._loading,
            self._too_long,
            self._bad_json,
            self._concession,
            self._moved,
            self._limited,
            self._server,
        )
        return next((found for read in readings if (found := read())), None) or self._rejected()

    @property
    def _words(self) -> str:
        """The server's own reason, as the end of a sentence."""
        return f": {self.server.message.rstrip('.?!')}" if self.server.message else ""

    def _filtered(self) -> ApiError | None:
        if self.server.status not in {400, 403, 422} or not _FILTER.search(self.server.everything):
            return None
        return ApiError(
            Remedy.NOTHING,
            f"The content filter at {self.endpoint.host} refused this text{self._words}.",
            "Another model or provider may take it; asking this one again will not help.",
        )

    def _no_credit(self) -> ApiError | None:
        certain = self.server.status == 402 or bool(self.server.codes & _UNPAID)  # noqa: PLR2004
        passing = self.server.after is not None and self.server.after <= _LONGEST_PASSING
        hinted = (
            self.server.status in {400, 403, 412, 429, 500, 502}
            and _NO_CREDIT.search(self.server.everything)
            and not passing
            and not self.server.daily
        )
        if not certain and not hinted:
            return None
        return ApiError(
            Remedy.REFUSED,
            f"The quota or credit at {self.endpoint.host} is used up{self._words}.",
            "Add credit there, or set another key or server.",
        )

    def _region(self) -> ApiError | None:
        if self.server.status not in {400, 403, 451} or not _REGION.search(self.server.everything):
            return None
        return ApiError(
            Remedy.REFUSED,
            f"{self.endpoint.host} does not serve this place{self._words}.",
            "Use a provider that serves your country, or a model on your own machine.",
        )

    def _key(self) -> ApiError | None:
        status, speaks_of_key = self.server.status, bool(_KEY.search(self.server.everything))
        if status not in {401, 403} and not (status == 400 and speaks_of_key):  # noqa: PLR2004
            return None
        if status == 403 and not speaks_of_key:  # noqa: PLR2004
            return ApiError(
                Remedy.REFUSED,
                f"{self.endpoint.host} refuses access ({status}){self._words}.",
                f"Check that the key may use {self.model} there, and that the server takes requests from this network.",
            )
        return ApiError(
            Remedy.REFUSED,
            f"{self.endpoint.host} refuses the key ({status}){self._words}.",
            "Set OPENAI_API_KEY or AUTOINTEL_MODEL__API_KEY to a key that is valid there and may use this model.",
        )

    def _unserved(self) -> ApiError | None:
        """A wrong address, a wrong name of a model, or a model too large for the server: no other try will help."""
        status, words = self.server.status, self.server.everything
        names = status in {400, 404, 410, 422, 501}
        has_no_chat = status == 405 or bool(_NO_ADDRESS.search(words)) or (status == 404 and self._is_page)  # noqa: PLR2004
        kinds = (
            (
                bool(_TOO_BIG.search(words)),
                "{host} has too little memory for {model}",
                "Use a smaller model, or one with fewer bits; or free memory there.",
            ),
            (
                has_no_chat,
                "{host} has no chat completions at that address",
                "Check AUTOINTEL_MODEL__BASE_URL: it usually ends in /v1.",
            ),
            (
                names and bool(_NONE_LOADED.search(words)),
                "{host} has no model loaded",
                "Load a model there, then resume the run.",
            ),
            (
                names and bool(_NO_CHAT.search(words)),
                "{model} at {host} is no chat model",
                "Set AUTOINTEL_MODEL__NAME to a chat model of that server.",
            ),
            (
                names and bool(_CONSENT.search(words)),
                "{host} wants its terms accepted before {model} answers",
                "Accept them there, or use another model; then resume the run.",
            ),
            (names and bool(_NO_MODEL.search(words)), "{host} knows no model {model}", "Check AUTOINTEL_MODEL__NAME."),
        )
        for holds, message, hint in kinds:
            if holds:
                sentence = message.format(host=self.endpoint.host, model=self.model)
                return ApiError(Remedy.NOTHING, f"{sentence}{self._words}.", hint)
        return None

    @property
    def _is_page(self) -> bool:
        """Whether the error is a web server's page and no API's answer."""
        return bool(re.match(r"404\b|not found\b", self.server.message, re.IGNORECASE)) and not self.server.codes

    def _moved(self) -> ApiError | None:
        if not 300 <= self.server.status < 400:  # noqa: PLR2004
            return None
        to = f" to {self.server.location}" if self.server.location else ""
        return ApiError(
            Remedy.NOTHING,
            f"{self.endpoint.host} sends requests elsewhere ({self.server.status}){to}.",
            "Set AUTOINTEL_MODEL__BASE_URL to the address where the server is; a key follows no redirect.",
        )

    def _loading(self) -> ApiError | None:
        if self.server.status not in {425, 429, 500, 502, 503} or not _LOADING.search(self.server.everything):
            return None
        return ApiError(
            Remedy.WAIT_FOR_LOADING,
            f"{self.endpoint.host} is still loading {self.model}{self._words}.",
            "Run it again once the model is loaded; the server's log shows how far it is.",
            after=self.server.after,
        )

    def _too_long(self) -> ApiError | None:
        status, words = self.server.status, self.server.everything
        large = status == 413 or (status in {400, 422, 429, 500} and _TOO_LONG.search(words))  # noqa: PLR2004
        if self.form.max_tokens and re.search(
            r"max_(?:completion_|new_)?tokens|completion tokens|in the completion", words
        ):
            return None  # too long with the reply's limit added: that goes first
        if not large or (status == _BUSY and not re.search(r"too large", words, re.IGNORECASE)):
            return None
        counts = [number for number in _NUMBERS.findall(self.server.message) if number != str(status)]
        # Where there are more, some are of the reply.
        numbers = " of ".join(sorted(counts, key=lambda n: (len(n), n))) if len(counts) <= 2 else ""  # noqa: PLR2004
        if _PER_MINUTE.search(words):
            return ApiError(
                Remedy.SHORTEN,
                f"The prompt is larger than the plan at {self.endpoint.host} allows{self._words}.",
                "Use a plan or a model with a higher limit of tokens per minute.",
            )
        # Not in the server's words: crewai looks for some of them in errors, and would ask again with less.
        return ApiError(
            Remedy.SHORTEN,
            f"The prompt is longer than {self.model} can read{f' ({numbers} tokens)' if numbers else ''}.",
            "Use a model or a server setting with a longer context.",
        )

    def _bad_json(self) -> ApiError | None:
        if not _BAD_JSON.search(self.server.everything):
            return None
        return ApiError(
            Remedy.ASK_ANEW,
            f"{self.model} at {self.endpoint.host} wrote no valid JSON{self._words}.",
            "Use a model that follows JSON schemas; a larger one usually does.",
        )

    def _concession(self) -> ApiError | None:
        status, words = self.server.status, self.server.everything
        by_server = 500 <= status < 600  # noqa: PLR2004
        part = part_refused(words, self.form) if status in {400, 404, 415, 422, 501} else None
        part = part or (part_that_failed(words, self.form) if by_server else None)
        if part is None:
            return None
        return replace(self._rejected(), remedy=Remedy.CONCEDE, part=part, lasting=not by_server)

    def _limited(self) -> ApiError | None:
        if self.server.status != _BUSY:
            return None
        after, host = self.server.after, self.endpoint.host
        quota, hint = "The rate limit", "Resume the run later, or lower AUTOINTEL_MODEL__REQUESTS_PER_MINUTE."
        if self.server.daily:
            quota, hint = "The day's quota", "Resume the run then, or use another model or plan."
        return ApiError(
            Remedy.WAIT,
            f"{quota} at {host} is reached{self._words}.{self._until}",
            hint,
            after=after if after is not None or not self.server.daily else float("inf"),
            limits_all=True,
        )

    @property
    def _until(self) -> str:
        """When the server asks to be asked again, where that is long from now."""
        after = self.server.after
        return (
            f" It asks to wait until {_clock_time(self.today + after)}." if after and after > _LONGEST_PASSING else ""
        )

    def _server(self) -> ApiError | None:
        status = self.server.status
        lasts = status == 404 or not _PASSING.search(self.server.message)  # noqa: PLR2004
        if status == 501 or (status not in _WORTH_WAITING and status < 500 and lasts):  # noqa: PLR2004
            return None
        return ApiError(
            Remedy.WAIT,
            f"{self.endpoint.host} had an error ({self.server.status}){self._words}.{self._until}",
            f"Try again later; the log of the server at {self.endpoint.host} says more.",
            after=self.server.after,
        )

    def _rejected(self) -> ApiError:
        host = self.endpoint.host
        if self.server.status == 404:  # noqa: PLR2004
            return ApiError(
                Remedy.NOTHING,
                f"{host} knows no model {self.model}, or has no chat completions at that address{self._words}.",
                "Check AUTOINTEL_MODEL__NAME and AUTOINTEL_MODEL__BASE_URL.",
            )
        hint = "Check that the server speaks the OpenAI protocol and offers this model."
        if self.server.message:
            hint = "Mend what it names, there or in the settings; autointel doctor asks the model one small question."
        return ApiError(Remedy.NOTHING, f"{host} rejects the request ({self.server.status}){self._words}.", hint)


def _clock_time(seconds: float) -> str:
    """A time of day in UTC, with its date."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
