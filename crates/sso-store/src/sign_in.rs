//! Logins, from the accounts that they may be of to what a sign-in writes, in one transaction (SPEC 5, 9).

use crate::AnyStore;
use crate::accounts::{admit, insert_account, update_account};
use crate::audit::{append_audit, append_trace};
use crate::engine::{Failure, Sql, Transaction, micros, sql};
use crate::groups::known_groups;
use crate::idp_certificates::use_first;
use crate::own_values;
use crate::pending_logins::{consume, consume_in_browser, has_begun, put_pending, read_pending};
use crate::rows::{AccountRow, TraceRow, account, account_columns, digest, document, name_id_key};
use crate::sessions::{end_by_token, insert_session, live_session, remove_session, touch};
use sso_core::connection::AccountKey;
use sso_core::login::{BrowserBinding, PendingLogin, ReplayRecord};
use sso_core::org::OrgName;
use sso_core::provisioning::{
    Account, AccountChange, AccountKeys, Candidates, PlanParts, SignInPlan,
};
use sso_core::store::{
    AuditEntry, CommitError, Cutoffs, FirstUse, Purged, Session, SignInRecords, SignInStore,
    SignedIn, StoreError,
};
use time::OffsetDateTime;

impl SignInStore for AnyStore {
    async fn put_pending_login(&self, login: PendingLogin) -> Result<(), StoreError> {
        Ok(self.engine.write(login, |tx, login| Box::pin(put_pending(tx, login))).await?)
    }

    async fn pending_login(&self, request_id: &str) -> Result<Option<PendingLogin>, StoreError> {
        let request_id = request_id.to_owned();
        Ok(self.engine.read(request_id, |tx, id| Box::pin(read_pending(tx, id))).await?)
    }

    async fn has_begun_login(&self, browser: &BrowserBinding) -> Result<bool, StoreError> {
        Ok(self.engine.read(*browser, |tx, browser| Box::pin(has_begun(tx, browser))).await?)
    }

    async fn candidates(
        &self,
        org: &OrgName,
        keys: &AccountKeys,
    ) -> Result<Candidates, StoreError> {
        let input = (org.clone(), keys.clone());
        Ok(self.engine.read(input, |tx, (org, keys)| Box::pin(candidates(tx, org, keys))).await?)
    }

    async fn commit_sign_in(
        &self,
        plan: SignInPlan,
        records: SignInRecords,
    ) -> Result<SignedIn, CommitError> {
        let sign_in = SignInRows::new(plan.into_parts(), records)?;
        Ok(self.engine.write(sign_in, |tx, sign_in| Box::pin(commit(tx, sign_in))).await?)
    }

    async fn session(
        &self,
        token_hash: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<(Session, Account)>, StoreError> {
        let input = (*token_hash, now);
        let found = self
            .engine
            .read(input, |tx, (token_hash, now)| Box::pin(live_session(tx, token_hash, *now)))
            .await?;
        let Some((mut session, account)) = found else { return Ok(None) };
        if session.use_is_due(now) {
            session.last_used_at = now;
            let used = session.clone();
            self.engine.write(used, |tx, session| Box::pin(touch(tx, session))).await?;
        }
        Ok(Some((session, account)))
    }

    async fn end_session(&self, token_hash: &[u8; 32]) -> Result<Option<Session>, StoreError> {
        Ok(self.engine.write(*token_hash, |tx, hash| Box::pin(end_by_token(tx, hash))).await?)
    }

    async fn purge(&self, cutoffs: &Cutoffs) -> Result<Purged, StoreError> {
        Ok(self.purge_rows(cutoffs).await?)
    }
}

/// The accounts that have one of the values. One condition joined by OR would have SQLite look through
/// all accounts of the organization.
pub(crate) const FIND_CANDIDATES: &Sql = sql!(
    "SELECT ",
    account_columns!(),
    " FROM accounts a WHERE a.org = $1 AND a.id IN (\
     SELECT id FROM accounts WHERE org = $1 AND uid_key = $2 UNION ALL \
     SELECT id FROM accounts WHERE org = $1 AND ssoid_key = $3 UNION ALL \
     SELECT id FROM accounts WHERE org = $1 AND email_key = $4 UNION ALL \
     SELECT id FROM accounts WHERE org = $1 AND name_id_key = $5)"
);

async fn candidates(
    tx: &mut dyn Transaction,
    org: &OrgName,
    keys: &AccountKeys,
) -> Result<Candidates, Failure> {
    const COUNT: &Sql = sql!("SELECT COUNT(*) FROM accounts WHERE org = $1 AND status = 'active'");
    let wanted = keys.values();
    let name_id = (keys.key == AccountKey::NameId).then(|| name_id_key(&keys.name_id));
    let values = [
        org.as_str().into(),
        (&wanted.uid).into(),
        (&wanted.ssoid).into(),
        (&wanted.email).into(),
        (&name_id).into(),
    ];
    let found: Vec<Account> = tx
        .query(FIND_CANDIDATES, &values)
        .await?
        .iter_mut()
        .map(account)
        .collect::<Result<_, _>>()?;
    let holders = own_values::holders(tx, org, &keys.own).await?;
    if found.is_empty() {
        let mut rows = tx.query(COUNT, &values[..1]).await?;
        let active_accounts = rows.first_mut().map_or(Ok(0), |row| row.count())?;
        let known_groups = known_groups(tx, org, &keys.group_ids).await?;
        return Ok(Candidates { active_accounts, known_groups, ..keys.candidates(found, holders) });
    }
    Ok(keys.candidates(found, holders))
}

/// A sign-in in the form in which it is written.
struct SignInRows {
    plan: PlanParts,
    request_id: Option<String>,
    browser: Option<BrowserBinding>,
    session: Session,
    replaces: Option<[u8; 32]>,
    trace: TraceRow,
    audit: Vec<AuditEntry>,
    first_use: Option<FirstUse>,
}

impl SignInRows {
    fn new(plan: PlanParts, records: SignInRecords) -> Result<Self, Failure> {
        let SignInRecords { request_id, browser, session, replaces, trace, audit, first_use } =
            records;
        let session = Session {
            org: plan.org.clone(),
            account: plan.account.account().id,
            last_used_at: session.authenticated_at,
            made: session,
        };
        let trace = TraceRow::new(trace)?;
        Ok(Self { plan, request_id, browser, session, replaces, trace, audit, first_use })
    }
}

async fn commit(tx: &mut dyn Transaction, sign_in: &SignInRows) -> Result<SignedIn, Failure> {
    record_use(tx, &sign_in.plan.replay).await?;
    let known = match (&sign_in.browser, &sign_in.request_id) {
        (Some(browser), request_id) => {
            let session = &sign_in.session.made.token_hash;
            consume_in_browser(tx, browser, request_id.as_deref(), session).await?
        }
        (None, Some(request_id)) => consume(tx, request_id).await?,
        (None, None) => None,
    };
    let account = write_account(tx, sign_in.plan.key, &sign_in.plan.account).await?;
    for replaced in [sign_in.replaces, known].into_iter().flatten() {
        remove_session(tx, &replaced).await?;
    }
    insert_session(tx, &sign_in.session).await?;
    append_trace(tx, &sign_in.trace).await?;
    for entry in &sign_in.audit {
        append_audit(tx, entry).await?;
    }
    if let Some(first_use) = &sign_in.first_use {
        use_first(tx, first_use).await?;
    }
    Ok(SignedIn { account, session: sign_in.session.clone() })
}

/// The unique key is the check: of two uses, on whichever nodes, one makes the record
/// (ATTACKS REPLAY-01).
pub(crate) async fn record_use(
    tx: &mut dyn Transaction,
    replay: &ReplayRecord,
) -> Result<(), Failure> {
    const INSERT: &Sql = sql!(
        "INSERT INTO replay_records (assertion_key, expires_at) VALUES ($1, $2) \
         ON CONFLICT DO NOTHING"
    );
    let key = replay_key(replay);
    match tx.execute(INSERT, &[(&key).into(), replay.expires_at.into()]).await? {
        0 => Err(Failure::Commit(CommitError::Replayed)),
        _ => Ok(()),
    }
}

/// The instant, in its order, and SHA-256 over issuer and ID: what is used now is written side by side,
/// where a digest alone would take a page of its own for each login.
fn replay_key(replay: &ReplayRecord) -> [u8; 40] {
    let mut key = [0; 40];
    let (instant, name) = key.split_at_mut(8);
    // With the sign turned, bytes sort as instants do.
    instant.copy_from_slice(&(micros(replay.issued_at) ^ i64::MIN).to_be_bytes());
    name.copy_from_slice(&digest(&[Some(&replay.issuer), Some(&replay.assertion_id)]));
    key
}

/// Carries out what a plan says of the account, and answers it as it is stored now.
async fn write_account(
    tx: &mut dyn Transaction,
    key: AccountKey,
    change: &AccountChange,
) -> Result<Account, Failure> {
    let changed = || Failure::Commit(CommitError::Conflict);
    let (AccountChange::Create(account)
    | AccountChange::Update(account)
    | AccountChange::SignIn(account)) = change;
    let revision = match change {
        AccountChange::SignIn(_) => sign_in(tx, key, account).await,
        AccountChange::Create(_) => {
            release_name_id(tx, key, account).await?;
            create(tx, account).await.map(|()| account.revision)
        }
        AccountChange::Update(_) => {
            release_name_id(tx, key, account).await?;
            match update_account(tx, &AccountRow::new(account)?).await {
                Ok(true) => Ok(account.revision + 1),
                Ok(false) => Err(changed()),
                Err(failure) => Err(failure),
            }
        }
    };
    let revision = revision.map_err(|failure| match failure {
        Failure::Store(StoreError::AttributeTaken(_)) => changed(),
        failure => failure.if_unique(changed()),
    })?;
    Ok(Account { revision, ..Account::clone(account) })
}

/// Takes the NameID of this account from another that has it, unless accounts are known by it.
async fn release_name_id(
    tx: &mut dyn Transaction,
    key: AccountKey,
    account: &Account,
) -> Result<(), Failure> {
    const RELEASE: &Sql = sql!(
        "UPDATE accounts SET name_id = NULL, name_id_key = NULL, revision = revision + 1 \
         WHERE org = $1 AND name_id_key = $2 AND id <> $3"
    );
    let Some(name_id) = account.name_id.as_ref().filter(|_| key != AccountKey::NameId) else {
        return Ok(());
    };
    let key = name_id_key(name_id);
    let values = [account.org.as_str().into(), (&key).into(), account.id.to_bytes().into()];
    tx.execute(RELEASE, &values).await.map(drop)
}

/// Makes the account of a first login. Where the organization is full by now, the login is planned
/// again, which refuses it.
async fn create(tx: &mut dyn Transaction, account: &Account) -> Result<(), Failure> {
    admit(tx, account).await.map_err(|failure| match failure {
        Failure::Store(StoreError::Conflict(_)) => Failure::Commit(CommitError::Conflict),
        failure => failure,
    })?;
    insert_account(tx, &AccountRow::new(account)?).await
}

/// Writes only what a sign-in changes, and answers the revision. Most come with the NameID that is
/// there already: then no index is touched, and nobody else can have it. The revision grows with the
/// first NameID alone: a provider that gives a new one each time would have a person's logins hinder
/// each other.
async fn sign_in(
    tx: &mut dyn Transaction,
    key: AccountKey,
    account: &Account,
) -> Result<u64, Failure> {
    const SAME: &Sql = sql!(
        "UPDATE accounts SET last_login_at = $4 WHERE org = $1 AND id = $2 AND revision = $3 \
         AND name_id_key IS NOT DISTINCT FROM $5"
    );
    const OTHER: &Sql = sql!(
        "UPDATE accounts SET last_login_at = $4, name_id_key = $5, name_id = $6, \
         revision = revision + CASE WHEN name_id_key IS NULL THEN 1 ELSE 0 END \
         WHERE org = $1 AND id = $2 AND revision = $3 RETURNING revision"
    );
    let (org, id, revision) =
        (account.org.as_str(), account.id.to_bytes(), account.revision as i64);
    let name_id_key = account.name_id.as_ref().map(name_id_key);
    let (last_login_at, name_id_key) = (account.last_login_at, &name_id_key);
    let same = [org.into(), id.into(), revision.into(), last_login_at.into(), name_id_key.into()];
    if tx.execute(SAME, &same).await? == 1 {
        return Ok(account.revision);
    }
    release_name_id(tx, key, account).await?;
    let name_id = account.name_id.as_ref().map(document).transpose()?;
    let other = [
        org.into(),
        id.into(),
        revision.into(),
        last_login_at.into(),
        name_id_key.into(),
        (&name_id).into(),
    ];
    let mut rows = tx.query(OTHER, &other).await?;
    rows.first_mut().ok_or(Failure::Commit(CommitError::Conflict))?.count()
}
