"""One way of asking an engine's HTTP interface, and of saying why it did not answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ValidationError

from autointel.errors import AutointelError, EvidenceUnavailable
from autointel.ports import Fetched, Fetcher

Reply = TypeVar("Reply", bound=BaseModel)

_OK: Final = 200
_SERVER_FAULT: Final = 500
_RATE: Final = 429
_REFUSED: Final = frozenset({401, 403})


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
