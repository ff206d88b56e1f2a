"""The catalogue: one SQLite file that knows every source, passage, claim and run, and what is cached or waits."""

from autointel.adapters.catalogue.caches import SqliteModelCache, SqliteStepCache, StoredStep
from autointel.adapters.catalogue.catalogue import Catalogue
from autointel.adapters.catalogue.outbox import Outbox, Undelivered
from autointel.adapters.catalogue.passages import Passages
from autointel.adapters.catalogue.runs import RunRecord, Runs, RunStatus
from autointel.adapters.catalogue.verdicts import Verdicts

__all__ = [
    "Catalogue",
    "Outbox",
    "Passages",
    "RunRecord",
    "RunStatus",
    "Runs",
    "SqliteModelCache",
    "SqliteStepCache",
    "StoredStep",
    "Undelivered",
    "Verdicts",
]
