-- PostgreSQL's tables, version by version: those of SQLite, with what only this database has.
-- A step that has shipped is never edited; a change is a further step.

--- version 1

-- Texts are compared byte by byte, as SQLite compares them, whatever the database's own language is.
CREATE TABLE sources (
    namespace TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,                  -- the Source, JSON
    title TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C",
    frame TEXT COLLATE "C" NOT NULL,                  -- the Transcript without its segments, JSON
    digest TEXT COLLATE "C" NOT NULL,                 -- of source, transcript and passages: equal means nothing to write
    stored_at DOUBLE PRECISION NOT NULL,  -- Unix seconds
    PRIMARY KEY (namespace, id)
);

CREATE TABLE segments (
    namespace TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    start DOUBLE PRECISION,
    "end" DOUBLE PRECISION,
    speaker TEXT COLLATE "C",
    paragraph INTEGER,
    place TEXT COLLATE "C",
    PRIMARY KEY (namespace, source_id, position),
    FOREIGN KEY (namespace, source_id) REFERENCES sources (namespace, id) ON DELETE CASCADE
);
-- A name longer than a row of an index would be refused.
CREATE INDEX segments_by_speaker ON segments (namespace, left(speaker, 200)) WHERE speaker IS NOT NULL;

CREATE TABLE passages (
    namespace TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    position INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    start DOUBLE PRECISION,
    "end" DOUBLE PRECISION,
    paragraph INTEGER,
    speakers TEXT COLLATE "C" NOT NULL,               -- JSON list
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
    namespace TEXT COLLATE "C" NOT NULL,
    term TEXT COLLATE "C" NOT NULL,
    doc BIGINT NOT NULL,
    PRIMARY KEY (namespace, term)
);
CREATE INDEX sources_by_language ON sources (namespace, (frame::json ->> 'language'));

CREATE TABLE records (
    namespace TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    passage_id TEXT COLLATE "C" NOT NULL,
    text TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (namespace, id)
);
CREATE INDEX records_by_source ON records (namespace, source_id);

CREATE TABLE claims (
    namespace TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,                  -- the CheckedClaim, JSON
    verdict TEXT COLLATE "C",
    checked_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (namespace, id)
);
CREATE INDEX claims_by_source ON claims (namespace, source_id);

CREATE TABLE knowledge (
    namespace TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    id TEXT COLLATE "C" NOT NULL,
    passage_id TEXT COLLATE "C",
    weight INTEGER NOT NULL,
    value TEXT COLLATE "C" NOT NULL,                  -- the Entity or Relation, JSON
    PRIMARY KEY (namespace, source_id, id)
);

CREATE TABLE fetched (
    namespace TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C" NOT NULL,
    words TEXT COLLATE "C" NOT NULL,
    tag TEXT COLLATE "C",
    fetched_at DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (namespace, key)
);

CREATE TABLE runs (
    rowid BIGINT GENERATED ALWAYS AS IDENTITY,  -- the order they began in
    id TEXT COLLATE "C" PRIMARY KEY,
    namespace TEXT COLLATE "C" NOT NULL,
    created_at TEXT COLLATE "C" NOT NULL,             -- ISO 8601 with its zone
    options TEXT COLLATE "C" NOT NULL,                -- Options, JSON
    source TEXT COLLATE "C" NOT NULL,                 -- what was asked for
    engine TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    source_id TEXT COLLATE "C",
    title TEXT COLLATE "C",
    timing TEXT COLLATE "C",                          -- Timing, JSON
    usage TEXT COLLATE "C"                            -- Usage, JSON
);
CREATE UNIQUE INDEX runs_by_order ON runs (rowid);
CREATE INDEX runs_by_time ON runs (created_at);
CREATE INDEX runs_by_read ON runs (namespace, source_id);
-- Addresses may be longer than a row of an ordered index.
CREATE INDEX runs_by_source ON runs USING hash (source);

CREATE TABLE steps (
    run_id TEXT COLLATE "C" NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    value TEXT COLLATE "C" NOT NULL,                  -- the StepReport, JSON
    PRIMARY KEY (run_id, name)
);

CREATE TABLE step_cache (
    key TEXT COLLATE "C" PRIMARY KEY,
    step TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    hint TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION,
    namespace TEXT COLLATE "C",
    source_id TEXT COLLATE "C"
);
CREATE INDEX step_cache_by_expiry ON step_cache (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX step_cache_by_source ON step_cache (namespace, source_id);

CREATE TABLE model_cache (
    key TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION NOT NULL,
    namespace TEXT COLLATE "C",
    source_id TEXT COLLATE "C"
);
CREATE INDEX model_cache_by_use ON model_cache (used_at, size);
CREATE INDEX model_cache_by_expiry ON model_cache (expires_at);
CREATE INDEX model_cache_by_source ON model_cache (namespace, source_id);

CREATE TABLE outbox (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    namespace TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    record_id TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL,
    created_at DOUBLE PRECISION NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, namespace, record_id)
);
CREATE INDEX outbox_by_order ON outbox (kind, id);

CREATE TABLE measures (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at DOUBLE PRECISION NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    failed INTEGER NOT NULL,
    cached INTEGER NOT NULL
);
CREATE INDEX measures_by_time ON measures (at);

-- Every write to a namespace changes its row here; how many passages and words it has, for bm25, stands beside, so that
-- two writers wait for each other in one place only.
CREATE TABLE generations (
    namespace TEXT COLLATE "C" PRIMARY KEY,
    value BIGINT NOT NULL,
    passages BIGINT NOT NULL DEFAULT 0,
    words BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE query_cache (
    key TEXT COLLATE "C" PRIMARY KEY,
    namespace TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    size BIGINT NOT NULL,
    expires_at DOUBLE PRECISION NOT NULL,
    used_at DOUBLE PRECISION NOT NULL
);
CREATE INDEX query_cache_by_namespace ON query_cache (namespace);

CREATE TABLE cache_counts (
    kind TEXT COLLATE "C" PRIMARY KEY,
    hits BIGINT NOT NULL,
    misses BIGINT NOT NULL,
    evictions BIGINT NOT NULL
);

CREATE TABLE jobs (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    episode TEXT COLLATE "C",
    title TEXT COLLATE "C" NOT NULL,
    refresh INTEGER NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due DOUBLE PRECISION NOT NULL,
    owner TEXT COLLATE "C",
    code INTEGER,
    reason TEXT COLLATE "C" NOT NULL DEFAULT '',
    run_id TEXT COLLATE "C",
    seconds DOUBLE PRECISION NOT NULL DEFAULT 0,
    ended DOUBLE PRECISION,
    announcer TEXT COLLATE "C",
    announced INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (queue, state, due, id);
CREATE INDEX jobs_by_run ON jobs (run_id) WHERE run_id IS NOT NULL;

CREATE TABLE job_keys (
    queue TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    job BIGINT NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (queue, key)
);

CREATE TABLE batches (
    queue TEXT COLLATE "C" PRIMARY KEY,
    created_at DOUBLE PRECISION NOT NULL,
    request TEXT COLLATE "C" NOT NULL
);

CREATE TABLE followed (
    queue TEXT COLLATE "C" NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    tag TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (queue, address)
);

CREATE TABLE artifacts (
    run_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    content BYTEA NOT NULL,
    PRIMARY KEY (run_id, name)
);

-- A write ends the cached answers of its namespace. The generation comes first: all writers then wait in one order.
CREATE FUNCTION autointel_end_queries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO generations (namespace, value) SELECT DISTINCT namespace, 1 FROM changed ORDER BY namespace
        ON CONFLICT (namespace) DO UPDATE SET value = generations.value + 1;
    DELETE FROM query_cache WHERE namespace IN (SELECT DISTINCT namespace FROM changed);
    RETURN NULL;
END $$;

CREATE TRIGGER sources_insert_ends_queries AFTER INSERT ON sources REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER sources_update_ends_queries AFTER UPDATE ON sources REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER sources_delete_ends_queries AFTER DELETE ON sources REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER claims_insert_ends_queries AFTER INSERT ON claims REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER claims_update_ends_queries AFTER UPDATE ON claims REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER claims_delete_ends_queries AFTER DELETE ON claims REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER records_insert_ends_queries AFTER INSERT ON records REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER records_update_ends_queries AFTER UPDATE ON records REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();
CREATE TRIGGER records_delete_ends_queries AFTER DELETE ON records REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION autointel_end_queries();

--- version 2

-- The few runs that are not over, among all that ever were.
CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';

--- version 3

-- Whether the source states no start; before, the frames listed which segments these are.
ALTER TABLE segments ADD COLUMN estimated BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE segments SET estimated = TRUE FROM (
    SELECT namespace, id, json_array_elements_text(frame::json -> 'estimated')::int AS position FROM sources
) AS listed
WHERE segments.namespace = listed.namespace AND segments.source_id = listed.id
    AND segments.position = listed.position;

--- version 4

-- The whole path of a source's file: one file may be typed in several ways. Unknown for what was read before.
ALTER TABLE sources ADD COLUMN place TEXT COLLATE "C";
