-- Work that one node does for all: which node, and until when.

CREATE TABLE leases (
    name TEXT NOT NULL PRIMARY KEY,
    node BLOB NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
