-- Applications, and the origins by which they are found.

CREATE TABLE applications (
    id BYTEA NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    settings TEXT NOT NULL
);

CREATE TABLE application_origins (
    origin TEXT COLLATE "C" NOT NULL,
    application BYTEA NOT NULL REFERENCES applications (id) ON DELETE CASCADE,
    PRIMARY KEY (origin, application)
);
CREATE INDEX application_origins_by_application ON application_origins (application);
