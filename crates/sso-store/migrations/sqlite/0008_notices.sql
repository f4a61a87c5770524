-- Notices: each is told once, and waits in the outbox until it was delivered.

CREATE TABLE notices (
    id BLOB NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- What makes it one notice of its organization.
    key TEXT NOT NULL,
    sentence TEXT NOT NULL,
    facts TEXT NOT NULL,
    UNIQUE (org, key)
) STRICT;
CREATE INDEX notices_by_time ON notices (at);

CREATE TABLE notice_deliveries (
    notice BLOB NOT NULL REFERENCES notices (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    PRIMARY KEY (notice, channel)
) STRICT;
CREATE INDEX notice_deliveries_by_time ON notice_deliveries (channel, due_at);
