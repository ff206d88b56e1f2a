"""Everything that can go wrong, in one tree.

AutointelError                 1   anything else
├── UsageError                 2   the command's words are off
│   ├── SettingsError          2   a setting is unknown or out of range
│   └── OtherVersion           2   a batch was started by a version with other options
├── SourceUnreachable          3   nothing there, refused, timed out
│   └── SourceBlocked          3   there, but not for us: private, members-only, an internal address
├── NoTranscript               4   fetched, but there are no words in it
│   └── PrivateData            4   --privacy block: there are words, and they may not be used
├── ModelRefused               5   key or quota, before any note was made
├── HomeUnusable               6   catalogue or home: unwritable, full, corrupt, too new, busy
├── StoreUnavailable           1   a memory or graph server is down: degrades a step
│   └── NotAllStored           1   it stored only a part
├── ModelUnavailable           1   the model did not answer properly: fails a step
│   ├── PromptTooLong          1   the prompt is longer than the model can read: less of it may do
│   └── BudgetSpent            1   --max-usd or --max-seconds ended the work early
├── QueueUnavailable        1   the broker or the shared limits do not answer
├── EvidenceUnavailable        1   a source of evidence could not be asked
├── FetchFailed                1   a page could not be fetched within its limits
└── Declined                   0   this engine cannot judge that; an outcome, not a failure

Each error is two sentences: its message says what happened, its hint what to do.
"""

from __future__ import annotations

import errno
from base64 import b64encode
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar, Final
from urllib.parse import quote, unquote, urlsplit

MASK: Final = "********"
_SHORTEST: Final = 8
"""Characters of a secret that is covered: a shorter one ("neo4j", "ollama") is also an ordinary word."""
_OURSELVES: Final = "autointel"
_secrets: list[str] = []
_FILES = "Too many files are open at once.", "Raise the limit (ulimit -n 1024), then run it again."
_LIMITS = {
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EFBIG: (
        "A file is as large as this shell allows.",
        "Raise the limit (ulimit -f unlimited), then run it again.",
    ),
    errno.ENOMEM: ("There is not enough memory.", "Close other programs, or raise the limit (ulimit -v)."),
}


def hide_secrets(secrets: Iterable[str]) -> None:
    """Have ``without_secrets`` cover these, instead of those named before: whole, percent-encoded, in Base64.

    Of a secret that is an address, its password is covered as well. The program's own name, a likely name of a bucket's
    key, is none: every hint has it.
    """
    _secrets[:] = _forms(secrets)


def _forms(secrets: Iterable[str]) -> list[str]:
    """What a secret may stand as in a message, the longest first."""
    words = [word for secret in secrets for word in (secret, _password(secret), unquote(_password(secret)))]
    forms = {form for word in words for form in (word, quote(word, safe=""), b64encode(word.encode()).decode())}
    forms.discard(_OURSELVES)
    return sorted((form for form in forms if len(form) >= _SHORTEST), key=lambda form: (-len(form), form))


def _password(address: str) -> str:
    try:
        return urlsplit(address).password or ""
    except ValueError:
        return ""


def without_secrets(text: str, *others: str) -> str:
    """The text with the secrets of the settings, and ``others``, covered; servers repeat the key they refuse."""
    for secret in (*_forms(others), *_secrets):
        text = text.replace(secret, MASK)
    return text


def _encodable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


class AutointelError(Exception):
    """What happened, in one sentence; ``hint`` says what to do next. Neither holds a secret of the settings.

    Both can be saved and printed: bytes of a path that are no UTF-8 are escaped.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = _encodable(without_secrets(message))
        self.hint = _encodable(without_secrets(hint))
        super().__init__(self.message)


class UsageError(AutointelError):
    """The command cannot be carried out as it was typed."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is unknown or out of range; the message names where it stands."""


class OtherVersion(UsageError):
    """A batch was started by a version of autointel that has other options than this one."""


class SourceUnreachable(AutointelError):
    """The source could not be read."""

    exit_code = 3


class SourceBlocked(SourceUnreachable):
    """The source is there, but may not be fetched."""


class NoTranscript(AutointelError):
    """The source was read, and there are no words to be had from it."""

    exit_code = 4


class PrivateData(NoTranscript):
    """The words hold personal data, and the privacy gate lets none pass."""


class ModelRefused(AutointelError):
    """The model's server refuses us altogether (key, quota)."""

    exit_code = 5


class HomeUnusable(AutointelError):
    """What autointel keeps cannot be opened, read or written."""

    exit_code = 6


class CatalogueAway(HomeUnusable):
    """The catalogue's database does not answer now: what a run finds meanwhile is not saved."""


class StoreUnavailable(AutointelError):
    """A memory or graph store does not answer; its step is degraded and what it should hold waits.

    ``passing`` where the same request may succeed later, ``wait`` the seconds that the server asks for, ``down`` where
    no other request would fare better.
    """

    def __init__(
        self, message: str, hint: str = "", *, passing: bool = False, wait: float | None = None, down: bool = False
    ) -> None:
        super().__init__(message, hint)
        self.passing = passing
        self.wait = wait
        self.down = down


class NotAllStored(StoreUnavailable):
    """Part of what a store was given is not stored; ``lost`` has the ids of that part."""

    def __init__(self, message: str, hint: str = "", *, lost: frozenset[str] = frozenset()) -> None:
        super().__init__(message, hint)
        self.lost = lost


class ModelUnavailable(AutointelError):
    """The model gave no usable answer within its limits."""


class PromptTooLong(ModelUnavailable):
    """The prompt is longer than the model, or the plan at its server, allows; a shorter one may pass."""


class BudgetSpent(ModelUnavailable):
    """A budget set for the run is used up; what is left undone is reported."""


class QueueUnavailable(AutointelError):
    """The broker between batches and workers does not answer; what waits stands in the catalogue."""


class EvidenceUnavailable(AutointelError):
    """A source of evidence could not be asked."""


class FetchFailed(AutointelError):
    """A page could not be fetched within the limits set for it."""


class Declined(AutointelError):
    """This engine cannot judge what was asked, and does not pretend to."""

    exit_code = 0


@contextmanager
def first_failure() -> Iterator[None]:
    """Raise the first error of a group of tasks itself: it is why the others were given up."""
    try:
        yield
    except ExceptionGroup as failures:
        error: Exception = failures
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        raise error from failures


def exhaustion(error: BaseException) -> tuple[str, str] | None:
    """What happened and what to do, where a limit of the machine or of the shell ended the work; else None."""
    if isinstance(error, MemoryError):
        return (
            "There is not enough memory.",
            "Close other programs, raise the limit (ulimit -v), or use a shorter source.",
        )
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "No further thread can be started.", "Raise the limits (ulimit -u, ulimit -v), or close other programs."
    number = error.errno if isinstance(error, OSError) and error.errno else 0
    if number in {errno.ENOSPC, errno.EDQUOT}:
        # Libraries unpack files in the temporary folder; a full home has an error of its own.
        where = getattr(error, "filename", None) or "no temporary file can be written"
        return f"The disk is full: {where}.", "Free some space."
    return _LIMITS.get(number)


def not_asked(what: str) -> tuple[str, str]:
    """Message and hint of the error for a server that an offline command may not ask."""
    return (
        f"{what} was not asked, because this run is offline.",
        "If it is yours, add the host to AUTOINTEL_FETCH__ALLOW_HOSTS; or leave --offline and fetch.offline away.",
    )
