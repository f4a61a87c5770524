-- Certificates of identity providers that were imported by hand.

CREATE TABLE idp_certificates (
    id BLOB NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    alias TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate BLOB NOT NULL
) STRICT;
CREATE INDEX idp_certificates_by_org ON idp_certificates (org, created_at, id);
CREATE UNIQUE INDEX idp_certificates_one_active ON idp_certificates (org)
    WHERE state = 'active';
