-- The keys that tokens for applications are signed with, for the whole service.

CREATE TABLE token_keys (
    -- 1 is the first.
    generation BIGINT NOT NULL PRIMARY KEY,
    created_at BIGINT NOT NULL,
    -- PKCS#8, sealed under the master key of this version.
    private_key BYTEA NOT NULL,
    key_version BIGINT NOT NULL REFERENCES master_keys (version)
);
