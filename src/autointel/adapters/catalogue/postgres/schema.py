"""PostgreSQL's tables, version by version: those of SQLite, with what only this database has.

A step that has shipped is never edited; a change is a further step.
"""

from __future__ import annotations

from typing import Final

# Texts are compared byte by byte, as SQLite compares them, whatever the database's own language is.
_TABLES: Final = """
CREATE TABLE sources (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,                  -- the Source, JSON
    title TEXT NOT NULL,
    url TEXT,
    frame TEXT NOT NULL,                  -- the Transcript without its segments, JSON
    digest TEXT NOT NULL,                 -- of source, transcript and passages: equal means nothing to write
    stored_at DOUBLE PRECISION NOT NULL,  -- Unix seconds
    PRIMARY KEY (namespace, id)
);

CREATE TABLE segments (
    namespace TEXT NOT NULL,
    source_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    start DOUBLE PRECISION,
    "end" DOUBLE PRECISION,
    speaker TEXT,
    paragraph INTEGER,
    place TEXT,
    PRIMARY KEY (namespace, source_id, position),
    FOREIGN KEY (namespace, source_id) REFERENCES sources (namespace, id) ON DELETE CASCADE
);
-- A name longer than a row of an index would be refused.
CREATE INDEX segments_by_speaker ON segments (namespace, left(speaker, 200)) WHERE speaker IS NOT NULL;

CREATE TABLE passages (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    text TEXT NOT NULL,
    start DOUBLE PRECISION,
    "end" DOUBLE PRECISION,
    paragraph INTEGER,
    speakers TEXT NOT NULL,               -- JSON list
    words TSVECTOR,                       -- its own words with weight A, its neighbours' with weight D
    size INTEGER NOT NULL DEFAULT 0,      -- how many words that are
    PRIMARY KEY (namespace, id),
    UNIQUE (namespace, source_id, position),
    FOREIGN KEY (namespace, source_id) REFERENCES sources (namespace, id) ON DELETE CASCADE
);
CREATE INDEX passages_by_word ON passages USING gin (words);
-- Words stay as they are and in their row where they fit: a search reads them of thousands of rows, and to decompress
-- each takes 10 times as long.
ALTER TABLE passages ALTER COLUMN words SET STORAGE EXTERNAL;
ALTER TABLE passages SET (toast_tuple_target = 8160);

-- The words of the index, and how many passages have each; none of a source that was forgotten.
CREATE TABLE passage_terms (
    namespace TEXT NOT NULL,
    term TEXT NOT NULL,
    doc BIGINT NOT NULL,
    PRIMARY KEY (namespace, term)
);
CREATE INDEX sources_by_language ON sources (namespace, (frame::json ->> 'language'));

CREATE TABLE records (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    passage_id TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (namespace, id)
);
CREATE INDEX records_by_source ON records (namespace, source_id);

CREATE TABLE claims (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    value TEXT NOT NULL,                  -- the CheckedClaim, JSON
    verdict TEXT,
    checked_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (namespace, id)
);
CREATE INDEX claims_by_source ON claims (namespace, source_id);

CREATE TABLE knowledge (
    namespace TEXT NOT NULL,
    source_id TEXT NOT NULL,
    id TEXT NOT NULL,
    passage_id TEXT,
    weight INTEGER NOT NULL,
    value TEXT NOT NULL,                  -- the Entity or Relation, JSON
    PRIMARY KEY (namespace, source_id, id)
);

CREATE TABLE fetched (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,
    source_id TEXT NOT NULL,
    words TEXT NOT NULL,
    tag TEXT,
    fetched_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (namespace, key)
);

CREATE TABLE runs (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,  -- the order they began in
    id TEXT PRIMARY KEY,
    namespace TEXT NOT NULL,
    created_at TEXT NOT NULL,             -- ISO 8601 with its zone
    options TEXT NOT NULL,                -- Options, JSON
    source TEXT NOT NULL,                 -- what was asked for
    engine TEXT NOT NULL,
    state TEXT NOT NULL,
    source_id TEXT,
    title TEXT,
    timing TEXT,                          -- Timing, JSON
    usage TEXT                            -- Usage, JSON
);
CREATE UNIQUE INDEX runs_by_order ON runs (rowid);
CREATE INDEX runs_by_time ON runs (created_at);
CREATE INDEX runs_by_read ON runs (namespace, source_id);
-- Addresses may be longer than a row of an ordered index.
CREATE INDEX runs_by_source ON runs USING hash (source);

CREATE TABLE steps (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    value TEXT NOT NULL,                  -- the StepReport, JSON
    PRIMARY KEY (run_id, name)
);

CREATE TABLE step_cache (
    key TEXT PRIMARY KEY,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    hint TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION,
    namespace TEXT,
    source_id TEXT
);
CREATE INDEX step_cache_by_expiry ON step_cache (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX step_cache_by_source ON step_cache (namespace, source_id);

CREATE TABLE model_cache (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    size BIGINT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION NOT NULL,
    namespace TEXT,
    source_id TEXT
);
CREATE INDEX model_cache_by_use ON model_cache (used_at, size);
CREATE INDEX model_cache_by_expiry ON model_cache (expires_at);
CREATE INDEX model_cache_by_source ON model_cache (namespace, source_id);

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, namespace, record_id)
);
CREATE INDEX outbox_by_order ON outbox (kind, id);

CREATE TABLE measures (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    failed INTEGER NOT NULL,
    cached INTEGER NOT NULL
);
CREATE INDEX measures_by_time ON measures (at);

-- Every write to a namespace changes its row here; how many passages and words it has, for bm25, stands beside, so that
-- two writers wait for each other in one place only.
CREATE TABLE generations (
    namespace TEXT PRIMARY KEY,
    value BIGINT NOT NULL,
    passages BIGINT NOT NULL DEFAULT 0,
    words BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE query_cache (
    key TEXT PRIMARY KEY,
    namespace TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    size BIGINT NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX query_cache_by_namespace ON query_cache (namespace);

CREATE TABLE cache_counts (
    kind TEXT PRIMARY KEY,
    hits BIGINT NOT NULL,
    misses BIGINT NOT NULL,
    evictions BIGINT NOT NULL
);

CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue TEXT NOT NULL,
    source TEXT NOT NULL,
    episode TEXT,
    title TEXT NOT NULL,
    refresh INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due DOUBLE PRECISION NOT NULL,
    owner TEXT,
    code INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    run_id TEXT,
    seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
    ended DOUBLE PRECISION,
    announcer TEXT,
    announced INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (queue, state, due, id);
CREATE INDEX jobs_by_run ON jobs (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE job_keys (
    queue TEXT NOT NULL,
    key TEXT NOT NULL,
    job BIGINT NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (queue, key)
);

CREATE TABLE batches (
    queue TEXT PRIMARY KEY,
    created_at DOUBLE PRECISION NOT NULL,
    request TEXT NOT NULL
);

CREATE TABLE followed (
    queue TEXT NOT NULL,
    address TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (queue, address)
);

CREATE TABLE artifacts (
    run_id TEXT NOT NULL,
    name TEXT NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (run_id, name)
);
""".replace(" TEXT", ' TEXT COLLATE "C"')

# A write ends the cached answers of its namespace. The generation comes first: all writers then wait in one order.
_QUERIES: Final = """
CREATE FUNCTION autointel_end_queries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO generations (namespace, value) SELECT DISTINCT namespace, 1 FROM changed ORDER BY namespace
        ON CONFLICT (namespace) DO UPDATE SET value = generations.value + 1;
    DELETE FROM query_cache WHERE namespace IN (SELECT DISTINCT namespace FROM changed);
    RETURN NULL;
END $$;
"""
_TRIGGERS: Final = "".join(
    f"CREATE TRIGGER {table}_{event.lower()}_ends_queries AFTER {event} ON {table}"
    f" REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();\n"
    for table in ("sources", "claims", "records")
    for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
)

# The few runs that are not over, among all that ever were.
_UNFINISHED: Final = "CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';"

MIGRATIONS: Final[tuple[str, ...]] = (_TABLES + _QUERIES + _TRIGGERS, _UNFINISHED)
"""``MIGRATIONS[n]`` leads from version n to version n + 1."""

VERSION: Final = len(MIGRATIONS)
"""The version that this program reads and writes."""

OLDEST_SERVER: Final = 130000
"""PostgreSQL 13; older ones get no more repairs."""
