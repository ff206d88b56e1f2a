"""Every setting: its name, range and default, and in its docstring its meaning and cost."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict
from typing_extensions import override

from autointel.extensions import EVIDENCE, MEMORY_EVIDENCE, extensions
from autointel.settings.values import Address, ApiKey, absolute, header, split_at_commas

PREFIX: Final = "AUTOINTEL_"
DELIMITER: Final = "__"
Hosts: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_at_commas)]
# Sources of evidence whose package cannot be loaded, with the error. Their settings are unknown.
BROKEN_EVIDENCE: Final[dict[str, str]] = {}
_TYPES: Final[Mapping[str, Any]] = {
    "text": Annotated[str, AfterValidator(header)],
    "address": Annotated[Address, Field(pattern="^https?://")],
    "key": ApiKey,
    "file": Annotated[Path, AfterValidator(absolute)],
    "folder": Annotated[Path, AfterValidator(absolute)],
}


def _evidence_sources() -> list[str]:
    return [*extensions(EVIDENCE), MEMORY_EVIDENCE]


def _source_of_evidence(name: str) -> str:
    if name not in _evidence_sources():
        raise ValueError(f"no source of evidence is called {name}")
    return name


EvidenceSource: TypeAlias = Annotated[
    str, AfterValidator(_source_of_evidence), WithJsonSchema({"type": "string", "enum": _evidence_sources()})
]


EvidenceSources: TypeAlias = Annotated[tuple[EvidenceSource, ...], NoDecode, BeforeValidator(split_at_commas)]


class _Group(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelSettings(_Group):
    """The language model. Any server that speaks the OpenAI protocol works."""

    name: str = Field("gpt-4.1-mini", min_length=1)
    """The model that judges and writes. It determines most of the cost of a run."""
    file: Annotated[Path, AfterValidator(absolute)] | None = None
    """A GGUF file, served on this machine while a run lasts (the extra llm), in place of name and base_url."""
    base_url: Address | None = Field(None, pattern="^https?://", examples=["http://localhost:11434/v1"])
    """Address of the model server; a local server needs nothing else. Unset, with a key: OpenAI."""
    api_key: ApiKey | None = None
    """The key, or OPENAI_API_KEY. Like every key, never sent to an address that a project's file names."""
    read_name: str | None = Field(None, min_length=1)
    """A cheaper model for reading passages, where most tokens go. Unset: the same model."""
    proxy: Address | None = Field(None, pattern="^https?://", examples=["http://proxy.example.org:3128"])
    """An HTTP proxy on the way to a server that is not on this machine. The environment's own are not used."""
    verify: Literal["auto", "off", "code", "model"] = "auto"
    """Who checks that quotes carry each sentence: off, code (rules over words) or model (code, then the model again).

    auto: model, but code for ask, for a model file and where a run has a budget. A second look takes one more call for
    fifteen sentences; a small model removes true ones with it.
    """
    timeout: float = Field(30.0, gt=0, le=600)
    """Seconds of silence before a question is asked again. A local server's first answer may take ten times that."""
    max_concurrent_calls: int = Field(8, ge=1, le=64)
    """Calls in flight at once. Higher is faster until the server queues or refuses."""
    requests_per_minute: int | None = Field(None, ge=1)
    """The server's limit, if it has one. A low limit makes a run slower."""

    @property
    def is_configured(self) -> bool:
        """Whether there is a model to ask."""
        return bool(self.file or self.base_url or self.api_key)

    @property
    def called(self) -> str:
        """The model's name for people: that of its file, where it comes from one."""
        return self.file.stem if self.file else self.name


def _splits(secret: SecretStr) -> SecretStr:
    """An address that can be taken apart. Raises ValueError."""
    urlsplit(secret.get_secret_value())
    return secret


def _database(secret: SecretStr) -> SecretStr:
    """An address of PostgreSQL; messages never quote it, since it may hold a password."""
    address = secret.get_secret_value()
    if not address.startswith(("postgresql://", "postgres://")) or not address.isprintable() or " " in address:
        raise ValueError("an address of PostgreSQL begins with postgresql:// and has no spaces")
    return _splits(secret)


SecretAddress: TypeAlias = Annotated[SecretStr, AfterValidator(_splits)]


class CatalogueSettings(_Group):
    """A PostgreSQL database instead of the catalogue's file, for many machines (the extra postgres)."""

    url: Annotated[SecretStr, AfterValidator(_database)] | None = Field(
        None, examples=["postgresql://autointel@db.example.org/autointel"]
    )
    """Unset: the catalogue is one file under the home. With it, reports are saved in the database too."""
    password: SecretStr | None = None
    """The user's password, where the address holds none. Unset: PGPASSWORD or ~/.pgpass."""


class ArtifactsSettings(_Group):
    """A bucket of an S3-like store for reports, results and recordings that are kept (the extra s3)."""

    url: Address | None = Field(
        None,
        pattern=r"^(s3:/|https?://[^/?#@]+)/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^?#]*)?$",
        examples=["s3://bucket/prefix", "https://s3.example.org/bucket/prefix"],
    )
    """s3://BUCKET/PREFIX is at Amazon, https://HOST/BUCKET/PREFIX elsewhere. Unset: the home or the database."""
    region: str = Field("us-east-1", pattern="^[a-z0-9-]+$")
    """The bucket's region. Most servers other than Amazon's take any."""
    access_key: ApiKey | None = None
    """The id of the key. Needed with url; AWS_ACCESS_KEY_ID is not read."""
    secret_key: ApiKey | None = None
    """The key itself. Needed with url; requests are signed with it, and it is never sent."""


class QdrantSettings(_Group):
    """A Qdrant server instead of the embedded store."""

    url: Address | None = Field(None, pattern="^https?://", examples=["http://localhost:6333"])
    """Unset: vectors are saved in a file under the home, which is fast up to about 100,000 passages."""
    api_key: ApiKey | None = None
    """The server's key, if it needs one."""


class Neo4jSettings(_Group):
    """A Neo4j server instead of the embedded graph."""

    uri: Address | None = Field(None, pattern=r"^(bolt|neo4j)(\+s|\+ssc)?://", examples=["bolt://localhost:7687"])
    """Unset: the graph is saved under the home."""
    user: str = "neo4j"
    """User name."""
    password: SecretStr | None = None
    """Unset: no password."""
    database: str | None = None
    """Unset: the server's default."""


class MemorySettings(_Group):
    """How passages are saved to memory."""

    max_concurrent_memory_insertions: int = Field(10, ge=1, le=50)
    """Upserts in flight at once. Higher is faster until the store pushes back. An embedded store takes one."""
    adaptive_insertions: bool = True
    """Begin with 4 upserts in flight, go up to the limit, and back off when the store refuses or slows down."""
    batch_size: int = Field(50, ge=1, le=1000)
    """Records per upsert. Larger is faster, but more is repeated after a crash."""
    flush_seconds: float = Field(5.0, gt=0, le=300)
    """Seconds that a batch waits for more records before it is saved."""
    embedder: Literal["wordllama", "openai"] = "wordllama"
    """What turns text into vectors: wordllama here, openai on a server, which is sent every passage and question.

    After a change, autointel reindex embeds everything again.
    """
    embedder_url: Address | None = Field(None, pattern="^https?://", examples=["http://localhost:11434/v1"])
    """The server for openai: any that speaks the OpenAI protocol for embeddings."""
    embedder_model: str = Field("text-embedding-3-small", min_length=1)
    """The server's model. Another one means another reindex."""
    embedder_api_key: ApiKey | None = None
    """The server's key, if it needs one. Most servers charge per token."""

    @model_validator(mode="after")
    def _names_its_server(self) -> MemorySettings:
        if self.embedder == "openai" and self.embedder_url is None:
            raise ValueError("the embedder openai needs embedder_url, the address of its server")
        return self


class CacheSettings(_Group):
    """Answers to searches and questions are reused until something is written to their namespace."""

    enabled: bool = True
    """Off: every search and question is worked out anew."""
    retrieval_seconds: float = Field(600.0, ge=0, le=86_400)
    """How long the result of a search is reused."""
    answer_seconds: float = Field(1800.0, ge=0, le=86_400)
    """How long a model's answer to a question is reused; a repeated question then costs no call."""


class AskSettings(_Group):
    """How much a model reads to answer a question from memory."""

    context_tokens: int = Field(4_000, ge=200, le=200_000)
    """Tokens of passages in one prompt. More finds more, and costs more of each question."""
    history_tokens: int = Field(1_500, ge=0, le=100_000)
    """Tokens of earlier questions and answers that a chat repeats to the model; the oldest are left out first."""


class _BuiltInEvidence(_Group):
    """Where to search for evidence on claims."""

    sources: EvidenceSources = ("wikipedia",)
    """All are asked for every claim; each costs a search and a few pages. "none" for none."""
    contact: Annotated[str, AfterValidator(header)] | None = None
    """An e-mail or web address of yours, sent to Wikipedia with each search, as Wikipedia asks."""
    searxng_url: Address | None = Field(None, pattern="^https?://", examples=["http://localhost:8080"])
    """Address of your SearXNG server."""
    tavily_api_key: ApiKey | None = None
    """Tavily's key. Tavily charges per search."""
    brave_api_key: ApiKey | None = None
    """Brave's key. Brave charges per search."""
    google_fact_check_api_key: ApiKey | None = None
    """The key for Google's Fact Check Tools, which lists published fact-checks."""
    folder: Annotated[Path, AfterValidator(absolute)] | None = None
    """A folder of your own texts to search."""


def _named_by_extensions() -> dict[str, Any]:
    """Fields for the settings that sources of evidence from other packages name."""
    fields: dict[str, Any] = {}
    for entry in extensions(EVIDENCE).values():
        if entry.module.startswith("autointel."):
            continue  # its settings stand above; loading all of them would cost every command 70 ms
        try:
            named = entry.load().settings.items()
        except Exception as error:  # noqa: BLE001  whatever the module of another package raises
            BROKEN_EVIDENCE[entry.name] = f"{type(error).__name__}: {error}"
            continue
        for name, setting in named:
            if name not in _BuiltInEvidence.model_fields:
                fields[name] = (_TYPES[setting.takes] | None, Field(None, description=setting.meaning or name))
    return fields


if TYPE_CHECKING:
    EvidenceSettings: TypeAlias = _BuiltInEvidence
else:
    EvidenceSettings = create_model(
        "EvidenceSettings", __base__=_BuiltInEvidence, __doc__=_BuiltInEvidence.__doc__, **_named_by_extensions()
    )


class FetchSettings(_Group):
    """What may be fetched from the web, and how much of it."""

    offline: bool = False
    """Connect only to this machine and to fetch.allow_hosts, in every command, as --offline does for one."""
    allow_hosts: Hosts = ()
    """Your own hosts: they may have private addresses and are allowed with --offline."""
    max_bytes: int = Field(20_000_000, ge=1_000)
    """Largest response in bytes, after decompression."""
    deadline_seconds: float = Field(30.0, gt=0, le=3600)
    """Seconds that a page may take, redirects included."""
    host_requests_per_minute: int | None = Field(None, ge=1)
    """Requests to one host a minute; who comes too soon waits. With queue.limits_url, of all workers together."""


class SpeechSettings(_Group):
    """Speech recognition, for recordings without a transcript."""

    model: str | None = Field(None, min_length=1)
    """A Whisper model by name or folder; larger ones are better and slower. Unset: small, or whisper-1 at a server."""
    base_url: Address | None = Field(None, pattern="^https?://", examples=["http://localhost:8000/v1"])
    """A server that speaks OpenAI's audio protocol. Unset: recognition on this machine (the extra asr)."""
    api_key: ApiKey | None = None
    """The server's key. Most servers charge per minute."""


class PerfSettings(_Group):
    """The history of times, and the thresholds of ``autointel perf check``. Seconds are p95."""

    keep_days: float = Field(90.0, gt=0, le=3650)
    """Days that times of model calls, queries and writes are kept. Runs and their steps are kept until forgotten."""
    run_seconds: float = Field(900.0, gt=0)
    """A whole run."""
    step_seconds: float = Field(600.0, gt=0)
    """One step."""
    call_seconds: float = Field(60.0, gt=0)
    """One call of the model."""
    query_seconds: float = Field(5.0, gt=0)
    """One search or one question."""
    store_seconds: float = Field(60.0, gt=0)
    """Saving one source to memory or graph."""
    failed_share: float = Field(0.2, ge=0, le=1)
    """The part of runs that may fail."""
    usd_per_day: float | None = Field(None, gt=0)
    """What models may cost in a day. Unset: no limit."""
    waiting_hours: float = Field(24.0, gt=0)
    """How long results may wait for a store that was down."""


class QueueSettings(_Group):
    """How autointel batch and watch treat a source that fails."""

    attempts: int = Field(3, ge=1, le=20)
    """Attempts at a source before it is given up."""
    retry_seconds: float = Field(30.0, ge=0, le=3600)
    """Seconds before the second attempt; twice as long before each further one, at most an hour."""
    broker_url: SecretAddress | None = None
    """RabbitMQ (amqp://) that calls autointel worker to a batch. Without it, a batch works where it was started."""
    limits_url: SecretAddress | None = None
    """Redis (redis://) that holds the limits of the model's server for all workers. Else the jobs of each share."""


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_ignore_empty=True,
        env_nested_delimiter=DELIMITER,
        protected_namespaces=(),
    )

    home: Annotated[Path, AfterValidator(absolute)] = Field(
        default_factory=lambda: user_data_path("autointel", appauthor=False)
    )
    """The folder for everything that is saved: catalogue, stores, runs, caches. It grows with every source."""
    enable_parallel_analysis: bool | None = None
    """Run the three analysts in parallel. Same result, less time, more concurrent calls."""
    enable_parallel_fact_checking: bool | None = None
    """Check claims in parallel, beside the analysts. Same result, less time, more concurrent calls."""
    enable_parallel_memory_ops: bool | None = None
    """Save to memory and graph in parallel, beside the analysts. Same result, less time."""
    parallel_rollout_percent: int = Field(0, ge=0, le=100)
    """Percentage of sources for which unset flags are on. The choice for a source never changes."""
    privacy: Literal["off", "redact", "block"] = "off"
    """Personal data in transcripts and questions: redact replaces it before it is saved or sent, block refuses it."""
    privacy_names: bool = False
    """With privacy: names of people too. They are found by their capitals, so some are missed."""
    model: ModelSettings = ModelSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    artifacts: ArtifactsSettings = ArtifactsSettings()
    qdrant: QdrantSettings = QdrantSettings()
    neo4j: Neo4jSettings = Neo4jSettings()
    memory: MemorySettings = MemorySettings()
    cache: CacheSettings = CacheSettings()
    ask: AskSettings = AskSettings()
    evidence: EvidenceSettings = EvidenceSettings()
    fetch: FetchSettings = FetchSettings()
    speech: SpeechSettings = SpeechSettings()
    perf: PerfSettings = PerfSettings()
    queue: QueueSettings = QueueSettings()

    @classmethod
    @override
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the values that ``load`` passes: ``load`` reads all layers itself, to know each value's origin."""
        return (init_settings,)
