-- A session counts while its connection and its organization are enabled, and ends with the next login
-- of its browser.

ALTER TABLE pending_logins ADD COLUMN replaces BYTEA;

ALTER TABLE orgs ADD COLUMN sso_enabled BOOLEAN NOT NULL DEFAULT TRUE;
UPDATE orgs SET sso_enabled = FALSE WHERE document::json ->> 'sso_enabled' = 'false';

ALTER TABLE connections ADD COLUMN is_disabled BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE connections SET is_disabled = TRUE WHERE settings::json ->> 'state' = 'disabled';
