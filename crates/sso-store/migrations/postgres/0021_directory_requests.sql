-- What directories asked over SCIM, a ring for each organization, and the brakes on what they remove.

CREATE TABLE scim_request_counts (
    org TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES orgs (name) ON DELETE CASCADE,
    requests BIGINT NOT NULL
);

CREATE TABLE scim_requests (
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    id BYTEA NOT NULL,
    -- Its place in the ring.
    place BIGINT NOT NULL,
    at BIGINT NOT NULL,
    token BYTEA NOT NULL,
    is_refused BOOLEAN NOT NULL,
    is_write BOOLEAN NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX scim_requests_place ON scim_requests (org, place);
CREATE INDEX scim_requests_by_time ON scim_requests (at);

CREATE TABLE removal_brakes (
    org TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES orgs (name) ON DELETE CASCADE,
    document TEXT NOT NULL,
    held_since BIGINT
);
CREATE INDEX removal_brakes_held ON removal_brakes (held_since) WHERE held_since IS NOT NULL;
