-- When service certificates are activated and retired by themselves, what stands above them, and requests
-- for certificates that wait for their authority.

ALTER TABLE service_certificates ADD COLUMN activate_at INTEGER;
ALTER TABLE service_certificates ADD COLUMN retire_at INTEGER;
-- The first of the two.
ALTER TABLE service_certificates ADD COLUMN plan_due_at INTEGER;
-- A list of base64.
ALTER TABLE service_certificates ADD COLUMN chain TEXT NOT NULL DEFAULT '[]';
CREATE INDEX service_certificates_by_plan ON service_certificates (plan_due_at)
    WHERE plan_due_at IS NOT NULL;

CREATE TABLE certificate_requests (
    id BLOB NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    alias TEXT NOT NULL,
    -- PKCS#10.
    request BLOB NOT NULL,
    -- PKCS#8, sealed under the master key of this version.
    private_key BLOB NOT NULL,
    key_version INTEGER NOT NULL REFERENCES master_keys (version)
) STRICT;
CREATE INDEX certificate_requests_by_org ON certificate_requests (org, created_at, id);
