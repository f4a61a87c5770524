-- What organizations add to the profiles of their people.

ALTER TABLE orgs ADD COLUMN attribute_schema TEXT NOT NULL DEFAULT '{"attributes":[]}';

-- The values of profiles that are unique by an organization's schema.
CREATE TABLE account_values (
    org TEXT COLLATE "C" NOT NULL,
    attribute TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    account BYTEA NOT NULL,
    PRIMARY KEY (org, attribute, value),
    FOREIGN KEY (org, account) REFERENCES accounts (org, id) ON DELETE CASCADE
);
CREATE INDEX account_values_by_account ON account_values (org, account);
