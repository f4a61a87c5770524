-- The last test login that passed through a connection.

CREATE TABLE passed_tests (
    connection BYTEA NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    -- SHA-256 of the settings that it went by, but for their state.
    settings BYTEA NOT NULL,
    trace BYTEA NOT NULL,
    at BIGINT NOT NULL
);
