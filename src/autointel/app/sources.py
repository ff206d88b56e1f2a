"""Extensions that a run reads through, by their entry points: readers of sources and sources of evidence.

Readers are functions (``autointel.sources``), asked in turn; sources of evidence are classes (``autointel.evidence``),
made from the settings. Who listens to a recording is chosen here, too: a server of the user's, this machine, or nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from pydantic import SecretStr

from autointel.adapters.sources.files import TranscriptFiles, read_stdin
from autointel.app.run_context import NetworkAccess
from autointel.domain.run import Options
from autointel.domain.transcript import Transcript
from autointel.errors import ModelUnavailable, SettingsError, UsageError
from autointel.extensions import EVIDENCE, MEMORY_EVIDENCE, SOURCES, extensions
from autointel.ports import EvidenceSearch, Fetcher, SpeechRecogniser, TranscriptSource
from autointel.settings import Settings

if TYPE_CHECKING:
    from autointel.adapters.evidence.finder import Finder
    from autointel.adapters.evidence.paged import Checked
    from autointel.adapters.sources.youtube.session import MakeDownloader
    from autointel.adapters.sources.youtube.video import VideoSites

_PRIVATE: Final = 0o700  # recordings may be of a private meeting
# A host with a top-level domain and a path after it, or one that begins with www.
_NO_SCHEME: Final = re.compile(
    r"(?:www\.(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?::\d{1,5})?(?:[/?#]\S*)?"
    r"|(?:[a-z0-9](?:[a-z0-9-]{0,62})\.){1,6}(?:com|org|net|edu|gov|info|int|news|app|dev|blog|audio|video|tech|[a-z]{2})"
    r"(?::\d{1,5})?/\S*)\Z",
    re.IGNORECASE,
)
OpenSource: TypeAlias = "Callable[[Opening], TranscriptSource | None]"
"""An entry of the group ``autointel.sources``: what reads the source, or None where another reader is wanted."""
LOCAL_MODEL: Final = "small"
SERVER_MODEL: Final = "whisper-1"


def is_address(source: str) -> bool:
    """Whether the user means a web address and not a path. Which schemes are fetched is decided later."""
    return "://" in source


def with_scheme(source: str) -> str:
    """``source`` with https:// where it is an address without its scheme ("youtu.be/x", "www.example.org").

    A path that exists, and a name that may be a file's ("talk.vtt"), stay as they are.
    """
    if not _NO_SCHEME.match(source) or Path(source).exists() or Path(source.partition("/")[0]).is_dir():
        return source
    return f"https://{source}"


@dataclass(frozen=True)
class Opening:
    """What a reader of sources may use: ``options.source`` as typed, and ``fetcher`` as the only way to the web.

    ``page_fetcher`` takes the place of the network's own fetcher, and remembers pages of this source.
    ``media`` is where recordings are saved.
    """

    options: Options
    network: NetworkAccess
    page_fetcher: Fetcher | None = None
    recogniser: SpeechRecogniser | None = None
    read_input: Callable[[int], bytes] = read_stdin
    media: Path | None = None
    make: MakeDownloader | None = None

    @property
    def fetcher(self) -> Fetcher:
        """Made when it is first used: a file is read without importing the HTTP client."""
        return self.page_fetcher or self.network.fetcher


def source_of(
    options: Options,
    outside: NetworkAccess,
    recogniser: SpeechRecogniser | None,
    *,
    fetcher: Fetcher | None = None,
    read_input: Callable[[int], bytes] = read_stdin,
    media: Path | None = None,
    make: MakeDownloader | None = None,
) -> TranscriptSource:
    """What reads ``options.source``: the first registered reader that wants it, those of other packages first.

    ``fetcher`` is asked for pages in place of the run's own; ``media`` is where recordings stay, if they do;
    ``make`` makes yt-dlp's downloaders. Raises SettingsError for a reader that cannot be loaded.
    """
    opening = Opening(options, outside, fetcher, recogniser, read_input, media, make)
    entries = extensions(SOURCES).values()
    for entry in sorted(entries, key=lambda each: each.module.startswith("autointel.")):
        source = _loaded(entry)(opening)
        if source is not None:
            return source
    raise UsageError(f"Nothing here reads {options.source}.", "Give a web address, a file, or - for standard input.")


def _loaded(entry: EntryPoint) -> OpenSource:
    try:
        return cast("OpenSource", entry.load())
    except Exception as error:  # whatever the module of another package raises
        raise SettingsError(
            f"The reader of sources {entry.name} cannot be loaded: {type(error).__name__}: {error}",
            "Repair its package, or uninstall it.",
        ) from error


def web(opening: Opening) -> TranscriptSource | None:
    """Pages, feeds, videos and files at a web address."""
    options = opening.options
    if not is_address(options.source):
        return None
    from autointel.adapters.sources.by_address import WebSource
    from autointel.adapters.sources.files import Recordings

    acquisition = options.acquisition
    keep = opening.media if acquisition.keep_media else None
    if keep is not None:
        keep.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    return WebSource(
        opening.fetcher,
        videos_of(options, opening.network, opening.recogniser, keep=keep, make=opening.make),
        Recordings(opening.network.fetcher, opening.recogniser, keep=keep),
        episode=acquisition.episode,
        transcribe=acquisition.transcribe,
    )


def file(opening: Opening) -> TranscriptSource | None:
    """A file on this machine, or standard input."""
    if is_address(opening.options.source):
        return None
    return TranscriptFiles(opening.read_input, recogniser=opening.recogniser)


def videos_of(
    options: Options,
    outside: NetworkAccess,
    recogniser: SpeechRecogniser | None = None,
    *,
    keep: Path | None = None,
    make: MakeDownloader | None = None,
) -> VideoSites:
    """yt-dlp; its connections obey the network rule of the run."""
    from autointel.adapters.fetch.addresses import guarded
    from autointel.adapters.sources.youtube.session import Access, youtube_dl
    from autointel.adapters.sources.youtube.video import VideoSites

    acquisition = options.acquisition
    return VideoSites(
        guard=lambda address: guarded(outside.rule_of_page(address)),
        access=Access(
            cookies_from_browser=acquisition.cookies_from_browser,
            cookies=acquisition.cookies,
            proxy=None if options.offline else acquisition.proxy,
        ),
        recogniser=recogniser,
        keep=keep,
        transcribe=acquisition.transcribe,
        make=make or youtube_dl,
    )


class OutOfReach(SpeechRecogniser):
    """A server that this run must not ask; ``why`` and ``cure`` are parts of sentences."""

    def __init__(self, address: str, why: str, cure: str) -> None:
        self._address, self._why, self._cure = address, why, cure

    async def recognise(self, recording: Path, language: str | None) -> Transcript:
        """Raises ModelUnavailable, before anything is sent."""
        del recording, language
        raise ModelUnavailable(
            f"The speech server {self._address} was not asked, because {self._why}.",
            f"{self._cure}, or name the host in AUTOINTEL_FETCH__ALLOW_HOSTS.",
        )


def recogniser_of(
    settings: Settings,
    outside: NetworkAccess,
    *,
    offline: bool,
    on_progress: Callable[[str], None],
    found: Callable[[str], object] = find_spec,
    private: bool = False,
) -> SpeechRecogniser | None:
    """None where nothing can listen. ``on_progress`` gets a sentence for each stretch that has been heard.

    With ``private`` a recording goes to no server but the user's own: nothing can be taken out of sound.
    """
    speech = settings.speech
    if speech.base_url:
        if not outside.may_ask(speech.base_url):
            return OutOfReach(speech.base_url, "this run is offline", "Leave --offline away")
        if private and not NetworkAccess(settings, offline=True).may_ask(speech.base_url):
            return OutOfReach(speech.base_url, "it would hear what --privacy keeps back", "Use --privacy off")
        from autointel.adapters.speech.openai_compatible import OpenAICompatibleSpeech

        key = speech.api_key.get_secret_value() if speech.api_key else None
        return OpenAICompatibleSpeech(speech.base_url, key, model=speech.model or SERVER_MODEL)
    if found("faster_whisper") is None:
        return None
    from autointel.adapters.speech.faster_whisper import FasterWhisper

    return FasterWhisper(speech.model or LOCAL_MODEL, offline=offline, progress=Pace(on_progress))


class Pace:
    """Says how much has been heard, and how many times as fast as it was spoken."""

    def __init__(self, on_progress: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._on_progress = on_progress
        self._clock = clock
        self._began = clock()

    def __call__(self, heard: float) -> None:
        """``heard`` seconds of the recording so far."""
        took = max(self._clock() - self._began, 0.001)
        self._on_progress(
            f"Listening: {heard / 60:.1f} min heard, {heard / took:.1f} times as fast as they were spoken."
        )


def evidence_of(
    settings: Settings, fetcher: Fetcher, checked: Callable[[], Checked], memory: EvidenceSearch, *, offline: bool
) -> list[EvidenceSearch]:
    """The sources of evidence, in the order of the settings. Offline: only those that say they work offline.

    ``memory`` holds what was read before. Raises SettingsError for a source whose key or address is missing, or whose
    package cannot be loaded.
    """
    from autointel.adapters.evidence.paged import PagedEvidence  # here, since the engine without a model needs none

    searches: list[EvidenceSearch] = []
    for name in settings.evidence.sources:
        if name == MEMORY_EVIDENCE:
            searches.append(memory)
            continue
        finder = finder_class(name)
        if finder.offline or not offline:
            made = finder.from_settings(fetcher, _complete(name, finder, settings))
            searches.append(PagedEvidence(made, fetcher, checked=checked))
    return searches


def finder_class(name: str) -> type[Finder]:
    """The class that is registered under this name. Raises SettingsError where it cannot be loaded."""
    try:
        return cast("type[Finder]", extensions(EVIDENCE)[name].load())
    except Exception as error:  # whatever the module of another package raises
        raise SettingsError(
            f"The source of evidence {name} cannot be loaded: {type(error).__name__}: {error}",
            "Repair its package, or remove it from AUTOINTEL_EVIDENCE__SOURCES.",
        ) from error


def values_of(finder: type[Finder], settings: Settings) -> dict[str, Any]:
    """The finder's own settings that are set; no others, so that no source sees another's key."""
    found = {name: getattr(settings.evidence, name, None) for name in finder.settings}
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in found.items()
        if value
    }


def missing(finder: type[Finder], values: Mapping[str, Any]) -> str | None:
    """The variable of the first needed setting that is not set."""
    absent = (name for name, each in finder.settings.items() if each.needed and name not in values)
    return next((finder.settings[name].variable(name) for name in absent), None)


def _complete(name: str, finder: type[Finder], settings: Settings) -> dict[str, Any]:
    values = values_of(finder, settings)
    variable = missing(finder, values)
    if variable:
        raise SettingsError(
            f"The source of evidence {name} needs {variable}, which is not set.",
            f"Set it, or remove {name} from AUTOINTEL_EVIDENCE__SOURCES.",
        )
    return values
