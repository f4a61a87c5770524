-- The messages of logins as they came, sealed, for a short time. They outlive no trace, but refer to none:
-- either may be gone before the other.

CREATE TABLE messages (
    -- The number of the trace.
    trace BLOB NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- Of what is sealed.
    size INTEGER NOT NULL,
    key_version INTEGER NOT NULL REFERENCES master_keys (version),
    -- The document, sealed under the master key of this version. Last, so that the rest is read without it.
    message BLOB NOT NULL
) STRICT;
CREATE INDEX messages_by_time ON messages (at, trace, size);
