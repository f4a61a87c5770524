-- Groups, and who belongs to them. What an account belonged to was never written into its row.

CREATE TABLE account_groups (
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    sso_id TEXT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    is_top_level INTEGER NOT NULL,
    -- What accounts show of it: its sso_id, or its identifier.
    shown TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;
CREATE UNIQUE INDEX account_groups_sso_id ON account_groups (org, sso_id)
    WHERE sso_id IS NOT NULL;
CREATE UNIQUE INDEX account_groups_top_level ON account_groups (org) WHERE is_top_level;
CREATE INDEX account_groups_name ON account_groups (org, name_key, id);

-- A group goes only when nothing refers to it any more: neither a member nor a group below it.

CREATE TABLE group_members (
    org TEXT NOT NULL,
    account BLOB NOT NULL,
    group_id BLOB NOT NULL,
    PRIMARY KEY (org, account, group_id),
    FOREIGN KEY (org, account) REFERENCES accounts (org, id) ON DELETE CASCADE,
    FOREIGN KEY (org, group_id) REFERENCES account_groups (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_group ON group_members (org, group_id, account);

CREATE TABLE group_parents (
    org TEXT NOT NULL,
    child BLOB NOT NULL,
    parent BLOB NOT NULL,
    PRIMARY KEY (org, child, parent),
    FOREIGN KEY (org, child) REFERENCES account_groups (org, id) ON DELETE CASCADE,
    FOREIGN KEY (org, parent) REFERENCES account_groups (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_parents_by_parent ON group_parents (org, parent);

ALTER TABLE accounts DROP COLUMN member_of;

WITH made AS MATERIALIZED (
    SELECT name, randomblob(16) AS id,
        COALESCE(NULLIF(json_extract(document, '$.display_name'), ''), name) AS shown_name,
        unixepoch() * 1000000 AS made_at
    FROM orgs
)
INSERT INTO account_groups
    (org, id, revision, sso_id, name, name_key, kind, is_top_level, shown, created_at, updated_at)
SELECT name, id, 1, NULL, shown_name, lower(shown_name), 'normal', TRUE,
    'grp_' || lower(hex(id)), made_at, made_at
FROM made;
