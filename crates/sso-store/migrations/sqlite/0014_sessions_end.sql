-- A session counts while its connection and its organization are enabled, and ends with the next login
-- of its browser.

ALTER TABLE pending_logins ADD COLUMN replaces BLOB;

ALTER TABLE orgs ADD COLUMN sso_enabled INTEGER NOT NULL DEFAULT TRUE;
UPDATE orgs SET sso_enabled = FALSE WHERE json_extract(document, '$.sso_enabled') = FALSE;

ALTER TABLE connections ADD COLUMN is_disabled INTEGER NOT NULL DEFAULT FALSE;
UPDATE connections SET is_disabled = TRUE WHERE json_extract(settings, '$.state') = 'disabled';
