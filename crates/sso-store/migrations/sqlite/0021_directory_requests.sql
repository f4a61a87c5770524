-- What directories asked over SCIM, a ring for each organization, and the brakes on what they remove.

CREATE TABLE scim_request_counts (
    org TEXT NOT NULL PRIMARY KEY REFERENCES orgs (name) ON DELETE CASCADE,
    requests INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE scim_requests (
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    id BLOB NOT NULL,
    -- Its place in the ring.
    place INTEGER NOT NULL,
    at INTEGER NOT NULL,
    token BLOB NOT NULL,
    is_refused INTEGER NOT NULL,
    is_write INTEGER NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;
CREATE UNIQUE INDEX scim_requests_place ON scim_requests (org, place);
CREATE INDEX scim_requests_by_time ON scim_requests (at);

CREATE TABLE removal_brakes (
    org TEXT NOT NULL PRIMARY KEY REFERENCES orgs (name) ON DELETE CASCADE,
    document TEXT NOT NULL,
    held_since INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX removal_brakes_held ON removal_brakes (held_since) WHERE held_since IS NOT NULL;
