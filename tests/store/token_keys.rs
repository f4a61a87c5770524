//! The key that tokens for applications are signed with.

use crate::scene::NOW;
use sso_core::store::{Store, TokenKey};
use std::collections::HashSet;
use std::sync::Arc;
use time::Duration;
use tokio::task::JoinSet;

fn made(n: u8) -> TokenKey {
    TokenKey { created_at: NOW + Duration::seconds(n.into()), private_key: vec![n; 138] }
}

pub(crate) async fn a_token_key_is_kept_once(store: Arc<impl Store>) {
    assert_eq!(store.token_key().await.expect("read"), None);
    assert_eq!(store.first_token_key(made(1)).await.expect("kept"), made(1));
    assert_eq!(store.first_token_key(made(2)).await.expect("the first"), made(1));
    assert_eq!(store.token_key().await.expect("read"), Some(made(1)));
    assert!(!format!("{:?}", made(1)).contains("private"));
}

pub(crate) async fn token_keys_made_at_once_end_with_one(store: Arc<impl Store + 'static>) {
    let mut nodes = JoinSet::new();
    for n in 0..16 {
        let store = Arc::clone(&store);
        nodes.spawn(async move { store.first_token_key(made(n)).await.expect("one of them") });
    }
    let kept: HashSet<Vec<u8>> =
        nodes.join_all().await.into_iter().map(|key| key.private_key).collect();
    assert_eq!(kept.len(), 1);
    let stored = store.token_key().await.expect("read").expect("a key");
    assert!(kept.contains(&stored.private_key));
}
