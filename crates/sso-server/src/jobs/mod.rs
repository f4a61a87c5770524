//! What the service does by itself, at its own pace.

pub(crate) mod purge;
