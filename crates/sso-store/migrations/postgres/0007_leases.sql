-- Work that one node does for all: which node, and until when.

CREATE TABLE leases (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    node BYTEA NOT NULL,
    ends_at BIGINT NOT NULL
);
