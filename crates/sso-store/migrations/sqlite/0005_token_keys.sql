-- The keys that tokens for applications are signed with, for the whole service.

CREATE TABLE token_keys (
    -- 1 is the first.
    generation INTEGER NOT NULL PRIMARY KEY,
    created_at INTEGER NOT NULL,
    -- PKCS#8, sealed under the master key of this version.
    private_key BLOB NOT NULL,
    key_version INTEGER NOT NULL REFERENCES master_keys (version)
) STRICT;
