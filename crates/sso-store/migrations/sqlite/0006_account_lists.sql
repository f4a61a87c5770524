-- Lists of accounts, sorted, a page by an index whatever stands before it: one index for each order, by
-- status, which every list names, and with all that a list asks for. They serve the searches by name and
-- the count of active accounts, too.

ALTER TABLE accounts ADD COLUMN im_logging INTEGER NOT NULL DEFAULT FALSE;
UPDATE accounts SET im_logging = TRUE WHERE json_extract(profile, '$.im_logging_enabled') = TRUE;

DROP INDEX accounts_active;
DROP INDEX accounts_first_name;
DROP INDEX accounts_last_name;
CREATE INDEX accounts_by_age ON accounts (org, status, created_at, id, role, im_logging);
CREATE INDEX accounts_by_first_name
    ON accounts (org, status, COALESCE(first_name_key, ''), id, role, im_logging);
CREATE INDEX accounts_by_last_name
    ON accounts (org, status, COALESCE(last_name_key, ''), id, role, im_logging);
CREATE INDEX accounts_by_email
    ON accounts (org, status, COALESCE(email_key, ''), id, role, im_logging);
CREATE INDEX accounts_by_role ON accounts (org, role, id) WHERE role <> 'user';
