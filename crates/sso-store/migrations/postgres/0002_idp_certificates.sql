-- Certificates of identity providers that were imported by hand.

CREATE TABLE idp_certificates (
    id BYTEA NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    alias TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate BYTEA NOT NULL
);
CREATE INDEX idp_certificates_by_org ON idp_certificates (org, created_at, id);
CREATE UNIQUE INDEX idp_certificates_one_active ON idp_certificates (org)
    WHERE state = 'active';
