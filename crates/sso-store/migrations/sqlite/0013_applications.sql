-- Applications, and the origins by which they are found.

CREATE TABLE applications (
    id BLOB NOT NULL PRIMARY KEY,
    revision INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    settings TEXT NOT NULL
) STRICT;

CREATE TABLE application_origins (
    origin TEXT NOT NULL,
    application BLOB NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    PRIMARY KEY (origin, application)
) STRICT, WITHOUT ROWID;
CREATE INDEX application_origins_by_application ON application_origins (application);
