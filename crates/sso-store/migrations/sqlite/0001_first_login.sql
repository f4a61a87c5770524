-- Instants are microseconds since 1970 in UTC. A column that ends in _key holds a value in the form
-- in which it is compared. Documents are JSON.

CREATE TABLE master_keys (
    version INTEGER NOT NULL PRIMARY KEY,
    -- A known text, sealed: opens under the right master key alone.
    key_check BLOB NOT NULL
) STRICT;

CREATE TABLE orgs (
    name TEXT NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
) STRICT;

CREATE TABLE domains (
    domain TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX domains_by_org ON domains (org);

CREATE TABLE connections (
    id BLOB NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    slot TEXT NOT NULL,
    revision INTEGER NOT NULL,
    settings TEXT NOT NULL,
    -- A list of base64.
    metadata_certificates TEXT NOT NULL,
    metadata_document TEXT,
    UNIQUE (org, slot)
) STRICT;

CREATE TABLE service_certificates (
    id BLOB NOT NULL PRIMARY KEY,
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    alias TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate BLOB NOT NULL,
    -- PKCS#8, sealed under the master key of this version.
    private_key BLOB NOT NULL,
    key_version INTEGER NOT NULL REFERENCES master_keys (version)
) STRICT;
CREATE INDEX service_certificates_by_org ON service_certificates (org, created_at, id);
CREATE UNIQUE INDEX service_certificates_one_active ON service_certificates (org)
    WHERE state = 'active';

CREATE TABLE accounts (
    org TEXT NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    id BLOB NOT NULL,
    revision INTEGER NOT NULL,
    status TEXT NOT NULL,
    role TEXT NOT NULL,
    source TEXT NOT NULL,
    uid_key TEXT,
    ssoid_key TEXT,
    email_key TEXT,
    name_id_key BLOB,
    employee_id TEXT,
    first_name_key TEXT,
    last_name_key TEXT,
    profile TEXT NOT NULL,
    name_id TEXT,
    member_of TEXT NOT NULL,
    update_time_stamp INTEGER,
    written_by_assertion INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    last_login_at INTEGER,
    PRIMARY KEY (org, id)
) STRICT;
CREATE UNIQUE INDEX accounts_uid ON accounts (org, uid_key) WHERE uid_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_ssoid ON accounts (org, ssoid_key) WHERE ssoid_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_email ON accounts (org, email_key) WHERE email_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_name_id ON accounts (org, name_id_key) WHERE name_id_key IS NOT NULL;
CREATE INDEX accounts_employee_id ON accounts (org, employee_id) WHERE employee_id IS NOT NULL;
CREATE INDEX accounts_first_name ON accounts (org, first_name_key) WHERE first_name_key IS NOT NULL;
CREATE INDEX accounts_last_name ON accounts (org, last_name_key) WHERE last_name_key IS NOT NULL;
CREATE INDEX accounts_active ON accounts (org) WHERE status = 'active';

CREATE TABLE pending_logins (
    request_id TEXT NOT NULL PRIMARY KEY,
    org TEXT NOT NULL,
    target_org TEXT NOT NULL,
    connection BLOB NOT NULL,
    slot TEXT NOT NULL,
    browser BLOB NOT NULL,
    relay_state TEXT,
    return_to TEXT,
    mobile INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    consumed INTEGER NOT NULL
) STRICT;
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);

CREATE TABLE replay_records (
    -- SHA-256 over the issuer and the assertion's ID.
    assertion_key BLOB NOT NULL PRIMARY KEY,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX replay_records_by_end ON replay_records (expires_at);

CREATE TABLE sessions (
    -- SHA-256 of the token.
    token_hash BLOB NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    org TEXT NOT NULL,
    account BLOB NOT NULL,
    connection BLOB NOT NULL,
    slot TEXT NOT NULL,
    name_id TEXT NOT NULL,
    session_index TEXT,
    authn_context TEXT,
    authenticated_at INTEGER NOT NULL,
    idle_seconds INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    -- When it ends if it is not used again.
    ends_at INTEGER NOT NULL,
    FOREIGN KEY (org, account) REFERENCES accounts (org, id) ON DELETE CASCADE
) STRICT;
CREATE INDEX sessions_by_account ON sessions (org, account);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Traces and audit entries outlive what they tell of, so they refer to nothing.

CREATE TABLE traces (
    org TEXT NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    protocol TEXT NOT NULL,
    flow TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    name_id TEXT,
    account BLOB,
    steps TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT;
CREATE INDEX traces_by_time ON traces (at);

CREATE TABLE audit (
    org TEXT NOT NULL,
    id BLOB NOT NULL,
    at INTEGER NOT NULL,
    administrator TEXT NOT NULL,
    category TEXT NOT NULL,
    sub_category TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (org, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (at);
