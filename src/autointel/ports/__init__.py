"""What the pipeline needs from outside, and how each of these may fail.

Whatever else an adapter meets (a vendor's exception, a broken reply) it turns into the errors named here.
"""

from autointel.ports.models import CallPlaces, Embedder, Model, ModelCache, Reply
from autointel.ports.reading import (
    Downloader,
    EvidenceSearch,
    Fetched,
    Fetcher,
    HostTurns,
    Listener,
    PrivacyGate,
    Reader,
    SpeechRecogniser,
    TranscriptSource,
)
from autointel.ports.stores import (
    Artifacts,
    Broker,
    KeptStep,
    KnowledgeGraph,
    Outbox,
    PassageIndex,
    Remembered,
    SpokenWords,
    StepStore,
    VectorMemory,
)

__all__ = [
    "Artifacts",
    "Broker",
    "CallPlaces",
    "Downloader",
    "Embedder",
    "EvidenceSearch",
    "Fetched",
    "Fetcher",
    "HostTurns",
    "KeptStep",
    "KnowledgeGraph",
    "Listener",
    "Model",
    "ModelCache",
    "Outbox",
    "PassageIndex",
    "PrivacyGate",
    "Reader",
    "Remembered",
    "Reply",
    "SpeechRecogniser",
    "SpokenWords",
    "StepStore",
    "TranscriptSource",
    "VectorMemory",
]
