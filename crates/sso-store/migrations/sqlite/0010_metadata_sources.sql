-- Where the metadata of connections comes from, and how its refreshes stand.

CREATE TABLE metadata_sources (
    connection BLOB NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    -- Null where nothing refreshes it.
    due_at INTEGER,
    document TEXT NOT NULL,
    -- When a signature by an unknown key last had it fetched, and whether that is going on.
    asked_at INTEGER,
    is_asking INTEGER NOT NULL
) STRICT;
CREATE INDEX metadata_sources_by_due ON metadata_sources (due_at, connection)
    WHERE due_at IS NOT NULL;
