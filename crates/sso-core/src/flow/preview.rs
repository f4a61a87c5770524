//! What the settings of a connection would make of a person (SPEC 6, 9): of attributes that are given, of a
//! message that is given, or of the message of a login that was kept. Nothing is written, and nobody signed
//! in.
//!
//! A message is held to the connection as it is stored. Settings that are only tried decide on the account
//! alone: they never come near what verifies.

use super::attempt::Attempt;
use super::refusal::Ended;
use super::replay::Came;
use super::{Bridge, ReplayError};
use crate::connection::{AccountRules, Connection};
use crate::error::Rejection;
use crate::ids::{AccountId, TraceId};
use crate::org::Org;
use crate::provisioning::{Mapped, Preview, Statement};
use crate::store::{Store, StoreError};
use time::OffsetDateTime;

/// What would become of what an identity provider says.
#[derive(Debug)]
pub struct Previewed {
    /// What it says.
    pub statement: Statement,
    /// Which field would be filled from what.
    pub mapped: Vec<Mapped>,
    /// What would become of the account, or why the login would be refused.
    pub decision: Result<Preview, Rejection>,
}

impl<S: Store> Bridge<S> {
    /// Decides what rules would make of a statement.
    ///
    /// # Errors
    /// Those of the store. That a login would be refused is none.
    pub async fn preview(
        &self,
        org: &Org,
        rules: AccountRules<'_>,
        statement: Statement,
    ) -> Result<Previewed, StoreError> {
        let now = self.clock.now();
        let mapped = statement.mapped(org, rules);
        let decision = match statement.keys(org, rules) {
            Err(refused) => Err(refused),
            Ok(keys) => {
                let candidates = self.store.candidates(&org.name, &keys).await?;
                let new_account = AccountId::new(now, self.random());
                statement.preview(&candidates, org, rules, now, new_account)
            }
        };
        Ok(Previewed { statement, mapped, decision })
    }

    /// Decides what rules would make of a login of which the message was kept, as of when it came.
    ///
    /// # Errors
    /// [`ReplayError`], and the refusal of a message that the connection does not take.
    pub async fn preview_login(
        &self,
        org: &Org,
        connection: Connection,
        rules: AccountRules<'_>,
        trace: TraceId,
    ) -> Result<Result<Previewed, Rejection>, ReplayError> {
        let (stored, kept) = self.kept_login(org, trace).await?;
        let came = Came::as_told(&stored, kept.at);
        Ok(self.preview_message(org, connection, rules, &kept.xml, came).await?)
    }

    /// Decides what rules would make of a message, by the protocol of the connection, that came at an
    /// instant.
    ///
    /// # Errors
    /// Those of the store, and the refusal of a message that the connection does not take.
    pub async fn preview_given(
        &self,
        org: &Org,
        connection: Connection,
        rules: AccountRules<'_>,
        message: &[u8],
        at: OffsetDateTime,
    ) -> Result<Result<Previewed, Rejection>, StoreError> {
        let by = connection.settings.protocol();
        self.preview_message(org, connection, rules, message, Came { by, unasked: false, at }).await
    }

    async fn preview_message(
        &self,
        org: &Org,
        connection: Connection,
        rules: AccountRules<'_>,
        message: &[u8],
        came: Came,
    ) -> Result<Result<Previewed, Rejection>, StoreError> {
        let mut attempt = Attempt::begin(&org.name, came.at, self.random());
        match self.verified_again(came, message, org, connection, &mut attempt).await {
            Err(Ended::Rejected(refused)) => Ok(Err(refused)),
            Err(Ended::Failed(error)) => Err(error),
            Ok((login, _)) => {
                let statement = Statement {
                    name_id: login.name_id().clone(),
                    attributes: login.attributes().to_vec(),
                    solicited: login.solicited(),
                };
                self.preview(org, rules, statement).await.map(Ok)
            }
        }
    }
}
