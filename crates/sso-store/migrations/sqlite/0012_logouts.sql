-- Logouts that wait for an answer, and sessions found by whose they are at the identity provider.

-- Those of before cannot be found so, and a logout must end every session: their people sign in again.
DELETE FROM sessions;
-- SHA-256 over all parts of the NameID, as that of accounts.
ALTER TABLE sessions ADD COLUMN name_id_key BLOB NOT NULL DEFAULT x'';
CREATE INDEX sessions_by_name_id ON sessions (org, name_id_key);

CREATE TABLE pending_logouts (
    request_id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    connection BLOB NOT NULL,
    relay_state TEXT NOT NULL,
    return_to TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_logouts_by_end ON pending_logouts (expires_at);
