//! The organization of the demo and its connection, made as an operator makes them: from nothing but
//! the Admin API and the identity provider's metadata.

use super::operator::{Content, Operator};
use crate::config::StartError;
use serde_json::{Value, json};

/// The domain of the organization, which the identity provider's people have their e-mail in.
pub(super) const DOMAIN: &str = "demo.example";

/// Makes what is missing. What a person changed since is kept, but that the connection always follows
/// the identity provider, whose key is a new one each time.
pub(super) async fn organization(operator: &Operator, idp: String) -> Result<(), StartError> {
    if operator.get("orgs/demo").await?.is_none() {
        let org = json!({"name": "demo", "display_name": "Demo Company", "domains": [DOMAIN]});
        operator.post("orgs", Content::Json(org)).await?;
    }
    service_certificate(operator).await?;
    let known = operator.get("orgs/demo/sso").await?.is_some();
    operator.post("orgs/demo/sso/metadata", Content::Metadata(idp)).await?;
    if !known {
        let settings =
            json!({"auto_create": true, "auto_update": true, "sign_authn_requests": true});
        operator.patch("orgs/demo/sso", settings).await?;
    }
    Ok(())
}

/// The key that signs AuthnRequests, made and activated unless one is active.
async fn service_certificate(operator: &Operator) -> Result<(), StartError> {
    let path = "orgs/demo/service-certificates";
    let known = operator.get(path).await?.unwrap_or_default();
    let known = known["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if known.iter().any(|certificate| certificate["state"] == "active") {
        return Ok(());
    }
    let made = json!({"alias": "demo", "valid_days": 365});
    let made = operator.post(path, Content::Json(made)).await?;
    let id = made["id"].as_str().unwrap_or_default();
    operator.post(&format!("{path}/{id}/activate"), Content::Nothing).await.map(|_: Value| ())
}
