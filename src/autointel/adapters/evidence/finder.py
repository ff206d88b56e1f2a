"""A source of evidence: it finds pages for a query, mostly over HTTP. docs/contributing.md shows how to add one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from autointel.domain.value import Value
from autointel.errors import AutointelError, EvidenceUnavailable
from autointel.extensions import Setting
from autointel.ports import Fetched, Fetcher

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
Reply = TypeVar("Reply", bound=BaseModel)
_OK: Final = 200
_SERVER_FAULT: Final = 500
_RATE: Final = 429
_REFUSED: Final = frozenset({401, 403})


class Hit(Value):
    """A page that may bear on a query. ``text`` is set where the engine hands over the page itself, word for word."""

    url: str
    title: str
    published_at: date | None = None
    text: str | None = None


@dataclass(frozen=True)
class Probe:
    """What ``doctor`` shows of a source. It asks ``address``, if there is one, for at most 2 s.

    ``fault`` says in a word or two what does not work, and ``hint`` what to do.
    """

    detail: str
    address: str | None = None
    fault: str = ""
    hint: str = ""


class Finder(Protocol):
    """Asks one engine where to look. The class says what it needs; ``from_settings`` makes it.

    A class is registered under its name in the entry point group ``autointel.evidence``.
    """

    name: str
    offline: ClassVar[bool] = False
    """Whether it may be asked with --offline. What it fetches is held to the run's network rule all the same."""
    named_by: str | None = None
    """The engine's address on the web. Unless it is on a host of the user's own, its hits lead to none of these."""
    settings: ClassVar[Mapping[str, Setting]] = {}
    """The settings it gets, by name; a needed one is set whenever the class is made or probed."""

    @classmethod
    def from_settings(cls, fetcher: Fetcher, values: Mapping[str, Any]) -> Finder:  # noqa: ARG003  for those that need them
        """Make it. ``values`` holds those of its settings that are set; ``fetcher`` is the only way to the web.

        By default it is made without either.
        """
        return cls()

    @classmethod
    def probe(cls, values: Mapping[str, Any]) -> Probe:
        """What doctor shows; must cost nothing. By default only that the settings are there."""
        return Probe("settings are there" if values else "nothing to set")

    async def find(self, query: str, limit: int) -> list[Hit]:
        """Best first, at most ``limit``. Nothing found is an empty list; raises EvidenceUnavailable."""
        ...


def day(text: str | None) -> date | None:
    """The day of an ISO or an e-mail date; None where there is none to be read."""
    if not text:
        return None
    iso = _ISO.match(text)
    try:
        return date.fromisoformat(iso.group()) if iso else parsedate_to_datetime(text).date()
    except ValueError:
        return None


class Api:
    """An engine by its name (for messages) and base URL. ``key_setting`` is what a user would have to mend."""

    def __init__(
        self,
        fetcher: Fetcher,
        name: str,
        base_url: str,
        *,
        key_setting: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._fetcher = fetcher
        self._name = name
        self._base = base_url.rstrip("/")
        self._key_setting = key_setting
        self._headers = {"accept": "application/json", **(headers or {})}

    async def ask(
        self,
        path: str,
        reply: type[Reply],
        params: Mapping[str, str | int],
        *,
        body: Mapping[str, object] | None = None,
        refusal: EvidenceUnavailable | None = None,
    ) -> Reply:
        """The reply, in shape. ``refusal`` is what 401 and 403 mean here. Raises EvidenceUnavailable."""
        url = f"{self._base}{path}" + (f"?{urlencode(params)}" if params else "")
        headers = self._headers if body is None else {**self._headers, "content-type": "application/json"}
        sent = None if body is None else json.dumps(body).encode()
        try:
            answer = await self._fetcher.fetch(url, headers=headers, body=sent)
        except AutointelError as error:
            raise EvidenceUnavailable(f"{self._name} could not be asked: {error.message}", error.hint) from error
        self._check(answer, refusal)
        try:
            return reply.model_validate_json(answer.body)
        except ValidationError as error:
            raise EvidenceUnavailable(
                f"{self._name} answered in a form that is not known here.", "Check its base URL and version."
            ) from error

    def _check(self, answer: Fetched, refusal: EvidenceUnavailable | None) -> None:
        if answer.status == _OK:
            return
        if answer.status in _REFUSED:
            raise refusal or EvidenceUnavailable(f"{self._name} refuses the key.", f"Check {self._key_setting}.")
        if answer.status == _RATE:
            wait = answer.headers.get("retry-after", "")
            seconds = f" for {wait} seconds" if wait.isdecimal() else ""
            raise EvidenceUnavailable(
                f"{self._name} asks to be left alone{seconds}.", "Try again later, or check less."
            )
        fault = "is out of order" if answer.status >= _SERVER_FAULT else "did not understand the question"
        raise EvidenceUnavailable(f"{self._name} {fault} (status {answer.status}).", "Try again later.")
