-- Notices: each is told once, and waits in the outbox until it was delivered.

CREATE TABLE notices (
    id BYTEA NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    -- What makes it one notice of its organization.
    key TEXT COLLATE "C" NOT NULL,
    sentence TEXT NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (org, key)
);
CREATE INDEX notices_by_time ON notices (at);

CREATE TABLE notice_deliveries (
    notice BYTEA NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    channel TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    PRIMARY KEY (notice, channel)
);
CREATE INDEX notice_deliveries_by_time ON notice_deliveries (channel, due_at);
