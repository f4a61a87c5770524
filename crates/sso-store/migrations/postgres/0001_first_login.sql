-- Instants are microseconds since 1970 in UTC. A column that ends in _key holds a value in the form
-- in which it is compared. Documents are JSON.

CREATE TABLE master_keys (
    version BIGINT NOT NULL PRIMARY KEY,
    -- A known text, sealed: opens under the right master key alone.
    key_check BYTEA NOT NULL
);

CREATE TABLE orgs (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    document TEXT NOT NULL
);

CREATE TABLE domains (
    domain TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE
);
CREATE INDEX domains_by_org ON domains (org);

CREATE TABLE connections (
    id BYTEA NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    slot TEXT NOT NULL,
    revision BIGINT NOT NULL,
    settings TEXT NOT NULL,
    -- A list of base64.
    metadata_certificates TEXT NOT NULL,
    metadata_document TEXT,
    UNIQUE (org, slot)
);

CREATE TABLE service_certificates (
    id BYTEA NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    alias TEXT NOT NULL,
    state TEXT NOT NULL,
    certificate BYTEA NOT NULL,
    -- PKCS#8, sealed under the master key of this version.
    private_key BYTEA NOT NULL,
    key_version BIGINT NOT NULL REFERENCES master_keys (version)
);
CREATE INDEX service_certificates_by_org ON service_certificates (org, created_at, id);
CREATE UNIQUE INDEX service_certificates_one_active ON service_certificates (org)
    WHERE state = 'active';

CREATE TABLE accounts (
    org TEXT COLLATE "C" NOT NULL REFERENCES orgs (name) ON DELETE CASCADE,
    id BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    status TEXT NOT NULL,
    role TEXT NOT NULL,
    source TEXT NOT NULL,
    uid_key TEXT COLLATE "C",
    ssoid_key TEXT COLLATE "C",
    email_key TEXT COLLATE "C",
    name_id_key BYTEA,
    employee_id TEXT COLLATE "C",
    first_name_key TEXT COLLATE "C",
    last_name_key TEXT COLLATE "C",
    profile TEXT NOT NULL,
    name_id TEXT,
    member_of TEXT NOT NULL,
    update_time_stamp BIGINT,
    written_by_assertion BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    last_login_at BIGINT,
    PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX accounts_uid ON accounts (org, uid_key) WHERE uid_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_ssoid ON accounts (org, ssoid_key) WHERE ssoid_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_email ON accounts (org, email_key) WHERE email_key IS NOT NULL;
CREATE UNIQUE INDEX accounts_name_id ON accounts (org, name_id_key) WHERE name_id_key IS NOT NULL;
CREATE INDEX accounts_employee_id ON accounts (org, employee_id) WHERE employee_id IS NOT NULL;
CREATE INDEX accounts_first_name ON accounts (org, first_name_key) WHERE first_name_key IS NOT NULL;
CREATE INDEX accounts_last_name ON accounts (org, last_name_key) WHERE last_name_key IS NOT NULL;
CREATE INDEX accounts_active ON accounts (org) WHERE status = 'active';

CREATE TABLE pending_logins (
    request_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    org TEXT COLLATE "C" NOT NULL,
    target_org TEXT COLLATE "C" NOT NULL,
    connection BYTEA NOT NULL,
    slot TEXT NOT NULL,
    browser BYTEA NOT NULL,
    relay_state TEXT,
    return_to TEXT,
    mobile BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed BOOLEAN NOT NULL
);
CREATE INDEX pending_logins_by_end ON pending_logins (expires_at);

CREATE TABLE replay_records (
    -- SHA-256 over the issuer and the assertion's ID.
    assertion_key BYTEA NOT NULL PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX replay_records_by_end ON replay_records (expires_at);

CREATE TABLE sessions (
    -- SHA-256 of the token.
    token_hash BYTEA NOT NULL PRIMARY KEY,
    id BYTEA NOT NULL,
    org TEXT COLLATE "C" NOT NULL,
    account BYTEA NOT NULL,
    connection BYTEA NOT NULL,
    slot TEXT NOT NULL,
    name_id TEXT NOT NULL,
    session_index TEXT,
    authn_context TEXT,
    authenticated_at BIGINT NOT NULL,
    idle_seconds BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    -- When it ends if it is not used again.
    ends_at BIGINT NOT NULL,
    FOREIGN KEY (org, account) REFERENCES accounts (org, id) ON DELETE CASCADE
);
CREATE INDEX sessions_by_account ON sessions (org, account);
CREATE INDEX sessions_by_end ON sessions (ends_at);

-- Traces and audit entries outlive what they tell of, so they refer to nothing.

CREATE TABLE traces (
    org TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    protocol TEXT NOT NULL,
    flow TEXT NOT NULL,
    outcome TEXT NOT NULL,
    code TEXT,
    name_id TEXT,
    account BYTEA,
    steps TEXT NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE INDEX traces_by_time ON traces (at);

CREATE TABLE audit (
    org TEXT COLLATE "C" NOT NULL,
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    administrator TEXT NOT NULL,
    category TEXT NOT NULL,
    sub_category TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (org, id)
);
CREATE INDEX audit_by_time ON audit (at);
