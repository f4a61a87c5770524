//! Addresses of the Metadata Query Protocol, by which a federation gives out one entity at a time
//! (draft-young-md-query, draft-young-md-query-saml; SPEC 2).

use crate::encoding;
use openssl::sha::sha1;
use url::Url;

/// How a request names the entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntityName {
    /// By its entity ID, percent-encoded.
    Plain,
    /// By the SHA-1 of its entity ID: `{sha1}` and 40 hexadecimal digits. Every server knows this form.
    Sha1,
}

/// Where the entity is asked for at the service `base`: `{base}/entities/{name}`. `None` where the base is
/// no address that can have a path, or has a query, which would be lost; and for the names `.` and `..`, of which
/// no encoding makes a segment (URL Standard, 4.4).
///
/// The entity ID stays one segment of the path, whatever is in it, so that it cannot lead to another
/// address of the host (ATTACKS MD-05). What comes back must still be that very entity, signed by a pinned
/// key: [`import_from`](super::import_from) holds it to both.
pub fn mdq_url(base: &Url, entity_id: &str, name: EntityName) -> Option<Url> {
    if base.cannot_be_a_base() || base.query().is_some() || base.fragment().is_some() {
        return None;
    }
    let segment = match name {
        EntityName::Plain if matches!(entity_id, "." | "..") => return None,
        EntityName::Plain => encoded(entity_id),
        EntityName::Sha1 => {
            format!("%7Bsha1%7D{}", encoding::encode_hex(&sha1(entity_id.as_bytes())))
        }
    };
    let mut url = base.clone();
    let path = format!("{}/entities/{segment}", base.path().trim_end_matches('/'));
    url.set_path(&path);
    Some(url)
}

/// Everything but what RFC 3986 calls unreserved is encoded.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(byte.into());
            }
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(base: &str, entity_id: &str, name: EntityName) -> Option<String> {
        mdq_url(&Url::parse(base).expect("a URL"), entity_id, name).map(String::from)
    }

    #[test]
    fn an_entity_is_asked_for_by_its_id_or_its_hash() {
        // The examples of draft-young-md-query, 2.2 and draft-young-md-query-saml, 2.
        let id = "http://example.org/service";
        let base = "https://mdq.example/global";
        assert_eq!(
            asked(base, id, EntityName::Plain).as_deref(),
            Some("https://mdq.example/global/entities/http%3A%2F%2Fexample.org%2Fservice")
        );
        assert_eq!(
            asked(base, id, EntityName::Sha1).as_deref(),
            Some(
                "https://mdq.example/global/entities/%7Bsha1%7D11d72e8cf351eb6c75c721e838f469677ab41bdb"
            )
        );
        assert_eq!(
            asked("https://mdq.example/", id, EntityName::Sha1),
            asked("https://mdq.example", id, EntityName::Sha1)
        );
    }

    #[test]
    fn no_entity_id_leads_elsewhere() {
        for id in [
            "../../admin",
            "...",
            "a/b?c#d",
            "//evil.example/",
            "%2e%2e",
            "\\..\\",
            "a b\r\nc",
            "\u{e9}",
        ] {
            let url = asked("https://mdq.example/q", id, EntityName::Plain).expect("a URL");
            let url = Url::parse(&url).expect("a URL");
            assert_eq!(url.host_str(), Some("mdq.example"));
            assert_eq!(url.path_segments().expect("a path").count(), 3, "{url}");
            assert!(url.path().starts_with("/q/entities/"), "{url}");
            assert_eq!((url.query(), url.fragment()), (None, None));
        }
        assert_eq!(asked("https://mdq.example/?tenant=1", "urn:a", EntityName::Plain), None);
        assert_eq!(asked("mailto:a@b", "urn:a", EntityName::Plain), None);
        for id in [".", ".."] {
            assert_eq!(asked("https://mdq.example", id, EntityName::Plain), None);
            assert!(asked("https://mdq.example", id, EntityName::Sha1).is_some());
        }
    }
}
