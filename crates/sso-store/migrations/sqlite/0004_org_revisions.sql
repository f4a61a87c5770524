-- An organization is changed on the revision that was read.

ALTER TABLE orgs ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
