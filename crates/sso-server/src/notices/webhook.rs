//! A notice as a POST, signed so that its receiver knows from whom it comes and that it is new: the
//! headers of Standard Webhooks 1.0, for which every language has a library.

use crate::config::Webhook;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use serde_json::json;
use sso_core::store::Notice;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A POST that is ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SignedPost {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// Signs a notice, as it is sent now. The same notice has the same `webhook-id` each time it is sent.
///
/// # Errors
/// openssl failed.
pub(crate) fn signed(
    notice: &Notice,
    webhook: &Webhook,
    now: OffsetDateTime,
) -> Result<SignedPost, ErrorStack> {
    let (id, timestamp, body) =
        (notice.id.to_string(), now.unix_timestamp().to_string(), body(notice));
    let content = format!("{id}.{timestamp}.{body}");
    let signatures: Vec<String> = webhook
        .secrets()
        .map(|secret| {
            let key = PKey::hmac(secret)?;
            let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
            let signature = signer.sign_oneshot_to_vec(content.as_bytes())?;
            Ok(format!("v1,{}", STANDARD.encode(signature)))
        })
        .collect::<Result<_, ErrorStack>>()?;
    let headers = vec![
        ("content-type", "application/json".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signatures.join(" ")),
    ];
    Ok(SignedPost { headers, body })
}

fn body(notice: &Notice) -> String {
    let at = notice.at.format(&Rfc3339).unwrap_or_default();
    let data = json!({
        "id": notice.id, "org": notice.org, "sentence": notice.sentence, "facts": notice.facts,
    });
    json!({"type": notice.kind.as_str(), "timestamp": at, "data": data}).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;
    use sso_core::ids::NoticeId;
    use sso_core::store::NoticeKind;
    use time::macros::datetime;

    /// A value that was computed by Python's `hmac` over the same three parts.
    const KNOWN: &str = "v1,13/B57KtuHM703j/Ur8DezfcnktTf5tqUVVSEKMmclA=";

    #[test]
    fn a_notice_is_signed_over_its_number_its_time_and_its_body() {
        let notice = Notice {
            id: NoticeId::from_bytes([1; 16]),
            org: "acme".parse().expect("a name"),
            at: datetime!(2026-11-22 06:00 UTC),
            kind: NoticeKind::ServiceCertificateExpiry,
            key: "k".to_owned(),
            sentence: "It expires.".to_owned(),
            facts: json!({"days": 30}).as_object().expect("an object").clone(),
        };
        let two = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx";
        let webhook = Webhook::read(Some("https://ops.example/"), Some(two));
        let webhook = webhook.expect("read").expect("one");
        let post = signed(&notice, &webhook, datetime!(2026-11-22 07:00 UTC)).expect("signed");
        let header = |name: &str| {
            let found = post.headers.iter().find(|(header, _)| *header == name);
            found.expect("the header").1.clone()
        };
        assert_eq!(header("webhook-id"), "ntc_01010101010101010101010101010101");
        assert_eq!(header("webhook-timestamp"), "1795330800");
        let signatures = header("webhook-signature");
        let (first, second) = signatures.split_once(' ').expect("one for each secret");
        assert_eq!(first, KNOWN);
        assert!(second.starts_with("v1,") && second != first);
        let body: Value = serde_json::from_str(&post.body).expect("JSON");
        assert_eq!(body["type"], "service_certificate_expiry");
        assert_eq!(body["timestamp"], "2026-11-22T06:00:00Z");
        assert_eq!(body["data"]["facts"]["days"], 30);
    }
}
