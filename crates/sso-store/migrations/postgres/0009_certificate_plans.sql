-- When service certificates are activated and retired by themselves, what stands above them, and requests
-- for certificates that wait for their authority.

ALTER TABLE service_certificates ADD COLUMN activate_at BIGINT;
ALTER TABLE service_certificates ADD COLUMN retire_at BIGINT;
-- The first of the two.
ALTER TABLE service_certificates ADD COLUMN plan_due_at BIGINT;
-- A list of base64.
ALTER TABLE service_certificates ADD COLUMN chain TEXT NOT NULL DEFAULT '[]';
CREATE INDEX service_certificates_by_plan ON service_certificates (plan_due_at)
    WHERE plan_due_at IS NOT NULL;

CREATE TABLE certificate_requests (
    id BYTEA NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    alias TEXT NOT NULL,
    -- PKCS#10.
    request BYTEA NOT NULL,
    -- PKCS#8, sealed under the master key of this version.
    private_key BYTEA NOT NULL,
    key_version BIGINT NOT NULL REFERENCES master_keys (version)
);
CREATE INDEX certificate_requests_by_org ON certificate_requests (org, created_at, id);
