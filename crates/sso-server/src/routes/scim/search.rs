//! Queries: what an index answers is asked of it, and in no more than [`LOOKED_THROUGH`] resources is
//! looked for anything else, so that no filter has the service look through an organization of any size.

use super::access::Directory;
use super::answer::Refused;
use super::resources::listed;
use serde_json::Value;
use sso_core::ids::GroupId;
use sso_core::provisioning::{Account, Group};
use sso_core::scim::{Lookup, Query, ResourceKind, ScimError, ScimType, Shape, Sort};
use sso_core::store::{
    AccountFilter, AccountLookup, AccountOrder, AccountStore as _, AccountWalk, Direction,
    GroupFilter, GroupStore as _, Page,
};

/// The most resources that are looked through for what no index answers.
pub(super) const LOOKED_THROUGH: usize = 10_000;
/// How many are read at once.
const PART: u16 = 1_000;

impl Directory {
    /// Answers a query over one type of resources, or over both, users first.
    pub(super) async fn search(
        &self,
        kinds: &[ResourceKind],
        query: &Query,
    ) -> Result<Value, Refused> {
        let (mut all, mut part) = (0, Vec::new());
        for kind in kinds {
            let rest = Query {
                skip: query.skip.saturating_sub(all),
                most: query.most - part.len(),
                ..query.clone()
            };
            let (found, some) = match kind {
                ResourceKind::User => self.users(&rest).await?,
                ResourceKind::Group => self.groups(&rest).await?,
            };
            all += found;
            part.extend(some.into_iter().map(|resource| query.selection.of(resource)));
        }
        Ok(listed(all, query.skip, part))
    }

    async fn users(&self, query: &Query) -> Result<(usize, Vec<Value>), Refused> {
        let store = self.app.store();
        let shape = self.shape(ResourceKind::User);
        let found = match query.lookup(&shape) {
            Some(lookup) => self.looked_up(lookup).await?,
            None => {
                let all = store.count_accounts(&self.org.name).await?;
                let all = usize::try_from(all).unwrap_or(usize::MAX);
                if query.filter.is_none()
                    && let Some(walk) = walk(query.sort.as_ref())
                {
                    let accounts =
                        store.accounts_from(&self.org.name, walk, query.skip, query.most).await?;
                    let part = accounts.iter().map(|account| self.user(account)).collect();
                    return Ok((all, part));
                }
                hold_to_bound(all)?;
                self.every_account().await?
            }
        };
        let mut matching = Vec::new();
        for account in &found {
            let resource = self.user(account);
            if query.matches(&shape, &resource)? {
                matching.push(resource);
            }
        }
        Ok(query.part(&shape, matching))
    }

    async fn looked_up(&self, lookup: Lookup) -> Result<Vec<Account>, Refused> {
        let store = self.app.store();
        let lookup = match lookup {
            Lookup::Id(id) => {
                let Ok(id) = id.parse() else { return Ok(Vec::new()) };
                return Ok(store.account(&self.org.name, id).await?.into_iter().collect());
            }
            Lookup::UserName(uid) => AccountLookup::Uid(uid),
            Lookup::ExternalId(ssoid) => AccountLookup::Ssoid(ssoid),
            Lookup::Email(email) => AccountLookup::Email(email),
            Lookup::DisplayName(name) => AccountLookup::DisplayName(name),
            Lookup::Own(own) => AccountLookup::Own(own),
        };
        let found = store.find_accounts(&self.org.name, &lookup, LOOKED_THROUGH + 1).await?;
        hold_to_bound(found.len())?;
        Ok(found)
    }

    async fn every_account(&self) -> Result<Vec<Account>, Refused> {
        let (filter, order) = (AccountFilter::default(), AccountOrder::default());
        let mut all = Vec::new();
        let mut page = Page::first(PART);
        loop {
            let part = self.app.store().accounts(&self.org.name, &filter, order, &page).await?;
            all.extend(part.items);
            hold_to_bound(all.len())?;
            page.cursor = part.next;
            if page.cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Groups are read without their members, but for those that are answered or asked for.
    async fn groups(&self, query: &Query) -> Result<(usize, Vec<Value>), Refused> {
        let lookup = query.lookup(&GROUPS);
        let filter = match lookup.clone() {
            Some(Lookup::DisplayName(name)) => {
                GroupFilter { name: Some(name), ..GroupFilter::default() }
            }
            Some(Lookup::ExternalId(id)) => {
                GroupFilter { sso_id: Some(id), ..GroupFilter::default() }
            }
            Some(Lookup::UserName(_) | Lookup::Email(_) | Lookup::Own(_)) => {
                return Ok((0, Vec::new()));
            }
            Some(Lookup::Id(_)) | None => GroupFilter::default(),
        };
        let found = match lookup {
            Some(Lookup::Id(id)) => {
                let id = id.parse::<GroupId>().ok();
                match id {
                    Some(id) => Vec::from_iter(self.app.store().group(&self.org.name, id).await?),
                    None => Vec::new(),
                }
            }
            _ => self.every_group(&filter).await?,
        };
        let by_members = query.filter.as_ref().is_some_and(|filter| filter.names("members"));
        if by_members {
            hold_to_bound(found.len().saturating_mul(usize::from(PART) / 10))?;
        }
        let mut matching = Vec::new();
        for group in found.iter().filter(|group| !group.is_top_level) {
            let shown = if by_members { &FULL } else { &BARE };
            let resource = self.group_resource(group, shown).await?;
            if query.matches(&GROUPS, &resource)? {
                matching.push(resource);
            }
        }
        let (all, part) = query.part(&GROUPS, matching);
        if by_members || !query.selection.has("members") {
            return Ok((all, part));
        }
        let mut whole = Vec::with_capacity(part.len());
        for resource in part {
            let group = found.iter().find(|group| resource["id"] == group.id.to_string());
            whole.push(match group {
                Some(group) => self.group_resource(group, &FULL).await?,
                None => resource,
            });
        }
        Ok((all, whole))
    }

    async fn every_group(&self, filter: &GroupFilter) -> Result<Vec<Group>, Refused> {
        let mut all = Vec::new();
        let mut page = Page::first(PART);
        loop {
            let part = self.app.store().groups(&self.org.name, filter, &page).await?;
            all.extend(part.items);
            hold_to_bound(all.len())?;
            page.cursor = part.next;
            if page.cursor.is_none() {
                return Ok(all);
            }
        }
    }
}

/// The attributes of groups are the same at all organizations.
static GROUPS: Shape<'static> = Shape::groups();
/// With members, and without.
const FULL: sso_core::scim::Selection = sso_core::scim::Selection::All;
const BARE: sso_core::scim::Selection = sso_core::scim::Selection::Only(Vec::new());

fn hold_to_bound(count: usize) -> Result<(), ScimError> {
    if count <= LOOKED_THROUGH {
        return Ok(());
    }
    let detail = format!(
        "No index answers this, and there are more than {LOOKED_THROUGH} resources to look through. \
         Ask for one value of userName, externalId, emails, displayName or id."
    );
    Err(ScimError::bad(ScimType::TooMany, detail))
}

/// The order that an index has.
fn walk(sort: Option<&Sort>) -> Option<AccountWalk> {
    let Some(Sort { by, descending }) = sort else { return Some(AccountWalk::default()) };
    if by.extension.is_some() {
        return None;
    }
    let direction = if *descending { Direction::Desc } else { Direction::Asc };
    let name = by.attribute.as_deref().unwrap_or_default().to_ascii_lowercase();
    match (name.as_str(), by.part.as_deref()) {
        ("id", None) => Some(AccountWalk::ById(direction)),
        ("meta", Some(part)) if part.eq_ignore_ascii_case("created") => {
            Some(AccountWalk::ById(direction))
        }
        ("username", None) => Some(AccountWalk::ByUid(direction)),
        _ => None,
    }
}
