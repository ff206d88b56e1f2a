"""What a run reads through: sources, pages, recordings and evidence; who listens to a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel

if TYPE_CHECKING:  # a search imports ports, and none of these values: 40 ms
    from autointel.domain.analysis import Evidence, KeyJudgment
    from autointel.domain.notes import Notes
    from autointel.domain.run import StepName, StepReport
    from autointel.domain.transcript import Source, Transcript


class Listener(Protocol):
    """Hears how a run goes. Never raises: a broken terminal must not stop the work."""

    def source_found(self, source: Source, transcript: Transcript) -> None:
        """The words have been found, before any is read."""

    def step_started(self, name: StepName) -> None:
        """A step begins."""

    def step_progress(self, name: StepName, done: int, total: int, unit: str) -> None:
        """``done`` of ``total`` units ("passages", "claims")."""

    def step_ended(self, report: StepReport) -> None:
        """A step ended, whatever its outcome."""

    def judgment(self, judgment: KeyJudgment) -> None:
        """A judgment that has been verified, as soon as it has been."""

    def replaced(self, older: Source, newer: Source) -> None:
        """What was read of ``older`` leaves memory: ``newer``, which is being read, is a copy or version of it."""

    def waiting(self, what: str) -> None:
        """The run waits for something held by someone else; one sentence."""


class TranscriptSource(Protocol):
    """Finds the words of a source."""

    async def fetch(self, address: str, language: str | None) -> tuple[Source, Transcript]:
        """The source and its transcript.

        Raises SourceUnreachable (nothing there), SourceBlocked (not for us), NoTranscript (no words in it).
        """


class PrivacyGate(Protocol):
    """Removes what must not leave the machine, before anything is stored or sent."""

    def screen(self, source: Source, transcript: Transcript) -> tuple[Source, Transcript]:
        """Both without what the gate removes, and how much that was in ``redacted``. Screening twice changes nothing.

        Blocks. Raises PrivateData where nothing may pass.
        """

    def screen_question(self, question: str) -> str:
        """The question without what the gate removes. Blocks. Raises UsageError where it may not be asked."""


class Reader(Protocol):
    """Turns a transcript into notes."""

    async def read(self, source: Source, transcript: Transcript) -> Notes:
        """Every quote in the notes stands in the transcript. Raises ModelUnavailable, ModelRefused."""


class EvidenceSearch(Protocol):
    """Finds passages that may bear on a claim."""

    name: str

    async def prepare(self) -> None:
        """Load what the first search would else wait for; called while the model is choosing claims. Never raises."""

    async def search(self, query: str, limit: int) -> list[Evidence]:
        """Best first. Nothing found is an empty list; an unreachable source raises EvidenceUnavailable."""


class Fetched(BaseModel):
    """A page as it came: ``url`` after redirects, ``body`` inflated, ``headers`` with lower-case names."""

    url: str
    status: int
    content_type: str
    headers: dict[str, str] = {}
    body: bytes


class Fetcher(Protocol):
    """Fetches a page without being led where it should not go."""

    async def fetch(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        named_by: str | None = None,
    ) -> Fetched:
        """Any final status is returned. Raises SourceBlocked for an address that is not public and not allow-listed,
        FetchFailed for time, size, scheme, too many redirects, or a broken connection. A ``body`` makes it a POST,
        which is never redirected.

        ``named_by`` is the address of the page that names ``url``; None for an address that the user gave. A page on
        somebody else's host opens no host of the user's own, whatever the settings allow: SourceBlocked.
        """


class HostTurns(Protocol):
    """Turns at the hosts of sources, so that none is asked more often than it likes. Used on one event loop."""

    async def turn(self, host: str) -> None:
        """Return when the next request to the host may be sent. Raises nothing."""

    async def aclose(self) -> None:
        """Close what is open; twice is fine."""


class Downloader(Protocol):
    """Fetches a large file to disk, under the same rule as Fetcher."""

    async def download(
        self, url: str, path: Path, *, headers: Mapping[str, str] | None = None, named_by: str | None = None
    ) -> Fetched:
        """The answer with an empty body; the file is whole at ``path``, or not there at all.

        ``named_by`` as in Fetcher. Raises SourceBlocked, FetchFailed (any status but 200, too), and HomeUnusable where
        the file cannot be written.
        """


class SpeechRecogniser(Protocol):
    """Turns a recording on disk into timed words."""

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """Origin SPEECH_RECOGNITION. Without ``language`` it is found out.

        Raises NoTranscript (no speech in it, or no recording), ModelUnavailable (no model on disk and none to be had).
        """
