-- Accounts that directories write: what no field of the profile holds, the name that they are found by, and
-- how many an organization has, counted as they come and go.

ALTER TABLE accounts ADD COLUMN directory TEXT;
ALTER TABLE accounts ADD COLUMN display_name_key TEXT;
UPDATE accounts SET display_name_key = lower(json_extract(profile, '$.display_name'));
CREATE INDEX accounts_display_name ON accounts (org, display_name_key, id)
    WHERE display_name_key IS NOT NULL;

CREATE TABLE account_counts (
    org TEXT NOT NULL PRIMARY KEY REFERENCES orgs (name) ON DELETE CASCADE,
    accounts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO account_counts (org, accounts)
SELECT o.name, (SELECT COUNT(*) FROM accounts a WHERE a.org = o.name) FROM orgs o;
