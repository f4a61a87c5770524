//! Lists in parts (SPEC 6): how much is asked for, and where the next part begins.

use super::StoreError;
use std::str::FromStr;

/// Which part of a list is asked for.
#[derive(Debug, Clone)]
pub struct Page {
    /// The most items; 0 counts as 1.
    pub limit: u16,
    /// The `next` of the page before; `None` for the first.
    pub cursor: Option<String>,
}

impl Page {
    /// The first part of a list.
    pub fn first(limit: u16) -> Self {
        Self { limit, cursor: None }
    }

    /// The key of the last item before this page. A store's cursors are the keys of its items.
    /// [`StoreError::InvalidCursor`] if the text is no such key.
    pub fn after<K: FromStr>(&self) -> Result<Option<K>, StoreError> {
        self.cursor.as_deref().map(K::from_str).transpose().map_err(|_| StoreError::InvalidCursor)
    }

    /// How many items a store reads: one more than it lists, to know whether there is a next part.
    pub fn fetch(&self) -> usize {
        usize::from(self.limit.max(1)) + 1
    }

    /// Makes a part of a list of the items that were read, at most [`Page::fetch`].
    pub fn listed<T, K: std::fmt::Display>(
        &self,
        mut items: Vec<T>,
        key: impl FnOnce(&T) -> K,
    ) -> Listed<T> {
        let more = items.len() >= self.fetch();
        items.truncate(self.fetch() - 1);
        let next = items.last().filter(|_| more).map(|last| key(last).to_string());
        Listed { items, next }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Listed<T> {
    /// The items.
    pub items: Vec<T>,
    /// Where the next part begins; `None` where there is none.
    #[cfg_attr(feature = "openapi", schema(required))]
    pub next: Option<String>,
}
