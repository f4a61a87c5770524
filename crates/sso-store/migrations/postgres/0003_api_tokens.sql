-- Tokens by which organizations use the Admin API.

CREATE TABLE api_tokens (
    id BYTEA NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    -- SHA-256 of the secret.
    secret_hash BYTEA NOT NULL UNIQUE,
    description TEXT NOT NULL,
    role TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX api_tokens_by_org ON api_tokens (org, id);
