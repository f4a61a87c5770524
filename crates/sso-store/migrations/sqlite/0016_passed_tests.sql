-- The last test login that passed through a connection.

CREATE TABLE passed_tests (
    connection BLOB NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    -- SHA-256 of the settings that it went by, but for their state.
    settings BLOB NOT NULL,
    trace BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT;
