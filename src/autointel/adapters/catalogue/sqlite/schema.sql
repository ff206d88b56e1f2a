-- The catalogue's tables, version by version. A step that has shipped is never edited; a change is a further step.

--- version 1

-- Everything that belongs to a namespace carries it in its key, so that no query can cross by forgetting a filter.
CREATE TABLE sources (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,            -- the Source, JSON
    title TEXT NOT NULL,
    url TEXT,
    frame TEXT NOT NULL,            -- the Transcript without its segments, JSON
    digest TEXT NOT NULL,           -- of source, transcript and passages: equal means nothing to write
    stored_at REAL NOT NULL,        -- Unix seconds
    PRIMARY KEY (namespace, id)
) WITHOUT ROWID;

CREATE TABLE segments (
    namespace TEXT NOT NULL,
    source_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    start REAL,
    "end" REAL,
    speaker TEXT,
    paragraph INTEGER,
    PRIMARY KEY (namespace, source_id, position),
    FOREIGN KEY (namespace, source_id) REFERENCES sources (namespace, id) ON DELETE CASCADE
) WITHOUT ROWID;

-- The rowid ties a passage to its entry in the index. "around" is what its neighbours say: a question's words often
-- stand in the sentence before the answer.
CREATE TABLE passages (
    rowid INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    text TEXT NOT NULL,
    start REAL,
    "end" REAL,
    paragraph INTEGER,
    speakers TEXT NOT NULL,         -- JSON list
    UNIQUE (namespace, id),
    UNIQUE (namespace, source_id, position),
    FOREIGN KEY (namespace, source_id) REFERENCES sources (namespace, id) ON DELETE CASCADE
);

CREATE VIEW passage_words AS
SELECT here.rowid AS rowid, here.namespace, here.source_id, here.text AS text,
       coalesce(before.text, '') || ' ' || coalesce(after.text, '') AS around
FROM passages AS here
LEFT JOIN passages AS before ON before.namespace = here.namespace
    AND before.source_id = here.source_id AND before.position = here.position - 1
LEFT JOIN passages AS after ON after.namespace = here.namespace
    AND after.source_id = here.source_id AND after.position = here.position + 1;

CREATE VIRTUAL TABLE passage_index USING fts5 (
    text, around, content = 'passage_words', content_rowid = 'rowid',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

-- Key points and claims as memory holds them: vectors are kept elsewhere, their words here.
CREATE TABLE records (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    source_id TEXT NOT NULL,
    passage_id TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (namespace, id)
) WITHOUT ROWID;
CREATE INDEX records_by_source ON records (namespace, source_id);

CREATE TABLE claims (
    namespace TEXT NOT NULL,
    id TEXT NOT NULL,
    source_id TEXT NOT NULL,
    value TEXT NOT NULL,            -- the CheckedClaim, JSON
    verdict TEXT,
    checked_at REAL NOT NULL,
    PRIMARY KEY (namespace, id)
) WITHOUT ROWID;
CREATE INDEX claims_by_source ON claims (namespace, source_id);

-- Runs are listed by rowid, so that a clock set back does not change their order.
CREATE TABLE runs (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    created_at TEXT NOT NULL,       -- ISO 8601 with its zone
    options TEXT NOT NULL,          -- Options, JSON
    engine TEXT NOT NULL,
    state TEXT NOT NULL,
    source_id TEXT,
    title TEXT,
    timing TEXT,                    -- Timing, JSON
    usage TEXT                      -- Usage, JSON
);

CREATE TABLE steps (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    seconds REAL NOT NULL,
    value TEXT NOT NULL,            -- the StepReport, JSON
    PRIMARY KEY (run_id, name)
) WITHOUT ROWID;

CREATE TABLE step_cache (
    key TEXT PRIMARY KEY,
    step TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT NOT NULL,
    hint TEXT NOT NULL,
    value TEXT NOT NULL,
    created_at REAL NOT NULL,
    expires_at REAL
);
CREATE INDEX step_cache_by_expiry ON step_cache (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE model_cache (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    size INTEGER NOT NULL,          -- bytes of key and value
    created_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    used_at REAL NOT NULL
);
CREATE INDEX model_cache_by_use ON model_cache (used_at, size);
CREATE INDEX model_cache_by_expiry ON model_cache (expires_at);

CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    kind TEXT NOT NULL,
    record_id TEXT NOT NULL,
    payload TEXT NOT NULL,
    created_at REAL NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, namespace, record_id)
);

--- version 2

-- Which words were found at an address. They stand in sources; a source that is forgotten takes its addresses along only
-- when they are asked for next, since storing a source anew removes it for a moment.
CREATE TABLE fetched (
    namespace TEXT NOT NULL,
    key TEXT NOT NULL,              -- of the address and of the way that was asked for
    source_id TEXT NOT NULL,
    words TEXT NOT NULL,            -- digest of the Transcript: another way to the same source may have replaced it
    tag TEXT,                       -- the server's validator for the address, JSON
    fetched_at REAL NOT NULL,       -- Unix seconds
    PRIMARY KEY (namespace, key)
) WITHOUT ROWID;

--- version 3

-- The page or chapter of a document.
ALTER TABLE segments ADD COLUMN place TEXT;

--- version 4

-- Words of every script. as_indexed (see words.py) parts scripts without spaces; marks that combine with a letter (M)
-- belong to its word.
DROP TABLE passage_index;
DROP VIEW passage_words;

CREATE VIEW passage_words AS
SELECT here.rowid AS rowid, here.namespace, here.source_id, as_indexed(here.text) AS text,
       as_indexed(coalesce(before.text, '') || ' ' || coalesce(after.text, '')) AS around
FROM passages AS here
LEFT JOIN passages AS before ON before.namespace = here.namespace
    AND before.source_id = here.source_id AND before.position = here.position - 1
LEFT JOIN passages AS after ON after.namespace = here.namespace
    AND after.source_id = here.source_id AND after.position = here.position + 1;

CREATE VIRTUAL TABLE passage_index USING fts5 (
    text, around, content = 'passage_words', content_rowid = 'rowid',
    tokenize = "porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'"
);

INSERT INTO passage_index (passage_index) VALUES ('rebuild');

--- version 5

-- Entities and relations of each source, so that a graph can be rebuilt; an entity rests on no single passage.
CREATE TABLE knowledge (
    namespace TEXT NOT NULL,
    source_id TEXT NOT NULL,
    id TEXT NOT NULL,
    passage_id TEXT,
    weight INTEGER NOT NULL,
    value TEXT NOT NULL,            -- the Entity or Relation, JSON
    PRIMARY KEY (namespace, source_id, id)
) WITHOUT ROWID;

--- version 6

-- Of which source a cached result was made; NULL where it may know the words of any.
ALTER TABLE step_cache ADD COLUMN namespace TEXT;
ALTER TABLE step_cache ADD COLUMN source_id TEXT;
ALTER TABLE model_cache ADD COLUMN namespace TEXT;
ALTER TABLE model_cache ADD COLUMN source_id TEXT;

--- version 7

-- How long calls, queries and writes took; runs and steps have tables of their own.
CREATE TABLE measures (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,               -- Unix seconds
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    seconds REAL NOT NULL,
    failed INTEGER NOT NULL,
    cached INTEGER NOT NULL
);
CREATE INDEX measures_by_time ON measures (at);
CREATE INDEX runs_by_time ON runs (created_at);

--- version 8

-- Answers to searches and questions. A write to a namespace removes them, so that nothing forgotten stays in one; the
-- generation is in their keys, so that a search under way during the write leaves none behind.
CREATE TABLE generations (
    namespace TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE query_cache (
    key TEXT PRIMARY KEY,
    namespace TEXT NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    size INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    used_at REAL NOT NULL
);
CREATE INDEX query_cache_by_namespace ON query_cache (namespace);

CREATE TABLE cache_counts (
    kind TEXT PRIMARY KEY,
    hits INTEGER NOT NULL,
    misses INTEGER NOT NULL,
    evictions INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TRIGGER sources_insert_ends_queries AFTER INSERT ON sources BEGIN
    DELETE FROM query_cache WHERE namespace = NEW.namespace;
    INSERT INTO generations VALUES (NEW.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER sources_delete_ends_queries AFTER DELETE ON sources BEGIN
    DELETE FROM query_cache WHERE namespace = OLD.namespace;
    INSERT INTO generations VALUES (OLD.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER claims_insert_ends_queries AFTER INSERT ON claims BEGIN
    DELETE FROM query_cache WHERE namespace = NEW.namespace;
    INSERT INTO generations VALUES (NEW.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER claims_delete_ends_queries AFTER DELETE ON claims BEGIN
    DELETE FROM query_cache WHERE namespace = OLD.namespace;
    INSERT INTO generations VALUES (OLD.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER records_insert_ends_queries AFTER INSERT ON records BEGIN
    DELETE FROM query_cache WHERE namespace = NEW.namespace;
    INSERT INTO generations VALUES (NEW.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER records_delete_ends_queries AFTER DELETE ON records BEGIN
    DELETE FROM query_cache WHERE namespace = OLD.namespace;
    INSERT INTO generations VALUES (OLD.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

--- version 9

-- Sources that wait to be briefed (batch), and the archive of those that were (watch). The keys outlive what a job says:
-- a source that was forgotten is not briefed again.
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    source TEXT NOT NULL,
    episode TEXT,
    title TEXT NOT NULL,
    refresh INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,              -- Unix seconds
    owner TEXT,                     -- the worker that has it; its mark says whether it lives
    code INTEGER,
    reason TEXT NOT NULL DEFAULT '',
    run_id TEXT,
    seconds REAL NOT NULL DEFAULT 0,
    ended REAL,                     -- Unix seconds
    announcer TEXT,                 -- who delivers its digest at this moment
    announced INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX jobs_by_state ON jobs (queue, state, due, id);

CREATE TABLE job_keys (
    queue TEXT NOT NULL,
    key TEXT NOT NULL,
    job INTEGER NOT NULL REFERENCES jobs (id),
    PRIMARY KEY (queue, key)
) WITHOUT ROWID;

CREATE TABLE batches (
    queue TEXT PRIMARY KEY,
    created_at REAL NOT NULL,       -- Unix seconds
    request TEXT NOT NULL           -- the options of every run of it, JSON
) WITHOUT ROWID;

CREATE TABLE followed (
    queue TEXT NOT NULL,
    address TEXT NOT NULL,
    tag TEXT NOT NULL,              -- the server's validator for the address, JSON
    PRIMARY KEY (queue, address)
) WITHOUT ROWID;

--- version 10

-- Every speaker's name is looked up for every question: 70 ms without an index at 100,000 passages, 0.1 ms with it.
CREATE INDEX passages_by_speakers ON passages (namespace, speakers);

--- version 11

-- What was asked for, in a column of its own; and upserts, which change a row where they used to replace it.
ALTER TABLE runs ADD COLUMN source TEXT NOT NULL DEFAULT '';
UPDATE runs SET source = json_extract(options, '$.source');
CREATE INDEX runs_by_source ON runs (namespace, source);
CREATE INDEX runs_by_read ON runs (namespace, source_id);

CREATE TRIGGER claims_update_ends_queries AFTER UPDATE ON claims BEGIN
    DELETE FROM query_cache WHERE namespace = NEW.namespace;
    INSERT INTO generations VALUES (NEW.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

CREATE TRIGGER records_update_ends_queries AFTER UPDATE ON records BEGIN
    DELETE FROM query_cache WHERE namespace = NEW.namespace;
    INSERT INTO generations VALUES (NEW.namespace, 1) ON CONFLICT (namespace) DO UPDATE SET value = value + 1;
END;

--- version 12

-- The words of the index, to find other forms of a question's words, and the languages of a library.
CREATE VIRTUAL TABLE passage_terms USING fts5vocab (passage_index, row);
CREATE INDEX sources_by_language ON sources (namespace, json_extract(frame, '$.language'));

--- version 13

-- The few runs that are not over, among all that ever were.
CREATE INDEX runs_unfinished ON runs (id) WHERE state = 'running';

--- version 14

-- Whether the source states no start; before, the frames listed which segments these are.
ALTER TABLE segments ADD COLUMN estimated INTEGER NOT NULL DEFAULT 0;
UPDATE segments SET estimated = 1 WHERE (namespace, source_id, position) IN (
    SELECT sources.namespace, sources.id, listed.value FROM sources, json_each(sources.frame, '$.estimated') AS listed
);

--- version 15

-- The whole path of a source's file: one file may be typed in several ways. Unknown for what was read before.
ALTER TABLE sources ADD COLUMN place TEXT;
