-- Sessions are found by their NameID through the account that signed in with it. Nearly everybody comes with the
-- NameID of the last time, so that a login reads here; an index of sessions took a page of its own in each.

CREATE TABLE session_subjects (
    org TEXT COLLATE "C" NOT NULL,
    -- SHA-256 over all parts of the NameID, its format spelled out.
    name_id_key BYTEA NOT NULL,
    account BYTEA NOT NULL,
    -- Until when it is kept: past the end of every session with this NameID.
    kept_until BIGINT NOT NULL,
    PRIMARY KEY (org, name_id_key, account),
    FOREIGN KEY (org, account) REFERENCES accounts (org, id) ON DELETE CASCADE
);
CREATE INDEX session_subjects_by_account ON session_subjects (org, account);
CREATE INDEX session_subjects_by_end ON session_subjects (kept_until);

INSERT INTO session_subjects (org, name_id_key, account, kept_until)
    SELECT org, name_id_key, account, MAX(expires_at) FROM sessions GROUP BY org, name_id_key, account;

DROP INDEX sessions_by_name_id;
ALTER TABLE sessions DROP COLUMN name_id_key;
