//! The keys that the messages of the corpus are signed with, made anew in each run. All certificates
//! have the same subject and serial number, so that only the key can tell them apart.

use openssl::nid::Nid;
use sso_tests::TestKey;
use std::collections::HashMap;
use std::sync::OnceLock;

/// A key by the name that cases use: `idp`, `next`, `expired`, `small` (RSA of 1024 bits), `ec`
/// (P-256) or `attacker`, which no case trusts; `ours` and `ours-next`, which decrypt.
pub(crate) fn key(name: &str) -> &'static TestKey {
    static KEYS: OnceLock<HashMap<&str, TestKey>> = OnceLock::new();
    let keys = KEYS.get_or_init(|| {
        HashMap::from([
            ("idp", TestKey::rsa(2048)),
            ("next", TestKey::rsa(2048)),
            ("attacker", TestKey::rsa(2048)),
            ("expired", TestKey::rsa(2048).expiring("20291231000000Z")),
            ("small", TestKey::rsa(1024)),
            ("ours", TestKey::rsa(2048)),
            ("ours-next", TestKey::rsa(2048)),
            ("ec", TestKey::ec(Nid::X9_62_PRIME256V1)),
        ])
    });
    keys.get(name).unwrap_or_else(|| panic!("no key is called {name}"))
}
