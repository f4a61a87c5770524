//! Accounts: the profile as a document, and beside it the columns that are searched.

use super::{choice, digest, document};
use crate::engine::{Failure, Fields, Value};
use sso_core::ids::AccountId;
use sso_core::login::NameIdKey;
use sso_core::provisioning::{Account, DirectoryDocument, ProfileField, UniqueValues};
use sso_core::store::fold_name;

/// The columns that make an account, of the table `accounts` named `a`: its groups as one text, between
/// them a character that is in no name of a group.
macro_rules! account_columns {
    () => {
        "a.org, a.id, a.revision, a.status, a.role, a.source, a.directory, a.profile, a.name_id, COALESCE((\
         SELECT string_agg(g.shown, '\u{1f}' ORDER BY g.shown) FROM group_members m \
         JOIN account_groups g ON g.org = m.org AND g.id = m.group_id \
         WHERE m.org = a.org AND m.account = a.id), ''), \
         a.update_time_stamp, a.written_by_assertion, a.created_at, a.updated_at, a.last_login_at"
    };
}
pub(crate) use account_columns;

/// Reads [`account_columns`].
pub(crate) fn account(row: &mut Fields) -> Result<Account, Failure> {
    Ok(Account {
        org: row.parsed()?,
        id: AccountId::from_bytes(row.array()?),
        revision: row.count()?,
        status: row.choice()?,
        role: row.choice()?,
        source: row.choice()?,
        directory: row.optional_text()?.map(DirectoryDocument::from_stored),
        profile: row.document()?,
        name_id: row.optional_document()?,
        groups: groups(&row.text()?),
        update_time_stamp: row.optional_instant()?,
        written_by_assertion: row.flag()?,
        created_at: row.instant()?,
        updated_at: row.instant()?,
        last_login_at: row.optional_instant()?,
    })
}

fn groups(text: &str) -> Vec<String> {
    text.split('\u{1f}').filter(|group| !group.is_empty()).map(str::to_owned).collect()
}

/// An account in the form in which it is written.
pub(crate) struct AccountRow<'a> {
    pub(crate) account: &'a Account,
    status: String,
    role: String,
    source: String,
    unique: UniqueValues,
    name_id_key: Option<[u8; 32]>,
    first_name_key: Option<String>,
    last_name_key: Option<String>,
    display_name_key: Option<String>,
    profile: String,
    name_id: Option<String>,
}

impl<'a> AccountRow<'a> {
    pub(crate) fn new(account: &'a Account) -> Result<Self, Failure> {
        let name_key = |field| account.profile.text(field).map(fold_name);
        Ok(Self {
            account,
            status: choice(&account.status)?,
            role: choice(&account.role)?,
            source: choice(&account.source)?,
            unique: UniqueValues::of(&account.profile),
            name_id_key: account.name_id.as_ref().map(name_id_key),
            first_name_key: name_key(ProfileField::FirstName),
            last_name_key: name_key(ProfileField::LastName),
            display_name_key: name_key(ProfileField::DisplayName),
            profile: document(&account.profile)?,
            name_id: account.name_id.as_ref().map(document).transpose()?,
        })
    }

    /// `$1` to `$23`, in the order of the table.
    pub(crate) fn values(&self) -> [Value<'_>; 23] {
        let account = self.account;
        [
            account.org.as_str().into(),
            account.id.to_bytes().into(),
            (account.revision as i64).into(),
            (&self.status).into(),
            (&self.role).into(),
            (&self.source).into(),
            (&self.unique.uid).into(),
            (&self.unique.ssoid).into(),
            (&self.unique.email).into(),
            (&self.name_id_key).into(),
            account.profile.text(ProfileField::EmployeeId).into(),
            (&self.first_name_key).into(),
            (&self.last_name_key).into(),
            (&self.profile).into(),
            (&self.name_id).into(),
            account.update_time_stamp.into(),
            account.written_by_assertion.into(),
            account.created_at.into(),
            account.updated_at.into(),
            account.last_login_at.into(),
            account.logs_instant_messages().into(),
            (&self.display_name_key).into(),
            account.directory.as_ref().and_then(|document| document.stored()).into(),
        ]
    }

    /// `$1` and `$2`, what the account is; `$3` to `$5`, what no other may have: e-mail address, `uid`,
    /// `ssoid`.
    pub(crate) fn unique_values(&self) -> [Value<'_>; 5] {
        [
            self.account.org.as_str().into(),
            self.account.id.to_bytes().into(),
            (&self.unique.email).into(),
            (&self.unique.uid).into(),
            (&self.unique.ssoid).into(),
        ]
    }
}

/// A NameID in the form in which it is compared: of a fixed length, whatever the provider sends.
pub(crate) fn name_id_key(name_id: &NameIdKey) -> [u8; 32] {
    digest(&[
        Some(&name_id.issuer),
        name_id.format.as_deref(),
        name_id.name_qualifier.as_deref(),
        name_id.sp_name_qualifier.as_deref(),
        Some(&name_id.value),
    ])
}
