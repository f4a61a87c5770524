//! `GET /sso/{org}/login`: an SP-initiated login begins (SPEC 5.1), in a browser or of an enhanced client, which
//! says that it is one (SPEC 5.5).

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::leave;
use crate::http::page_query::PageQuery;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, HeaderName};
use axum::response::Response;
use serde::Deserialize;
use sso_core::bindings::paos;
use sso_core::flow::{StartLogin, StartedEcp, StartedLogin};
use std::sync::Arc;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// What enhanced clients speak, and for which service (SAML Bindings 3.3.4).
const PAOS: HeaderName = HeaderName::from_static("paos");

pub(super) fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::default().routes(routes!(login))
}

/// What a login may ask for. Other parameters are passed over, as an application's links may carry
/// more than is meant for us.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LoginQuery {
    /// Where the person goes then: a path of this service, or an address of the organization.
    pub(super) return_to: Option<String>,
    #[param(ignore)]
    pub(super) partner: Option<String>,
    /// `1`: a test login, which goes through the draft of the connection, shows what came of it, and changes
    /// nothing.
    pub(super) test: Option<String>,
    /// Who is to sign in, as far as is known: a user name or an e-mail address.
    pub(super) login_hint: Option<String>,
    /// `1`: the identity provider asks for the password again.
    pub(super) force_authn: Option<String>,
    /// `mobile`: the session lasts as those of mobile clients do.
    pub(super) client: Option<String>,
}

/// Begin a login at the identity provider of an organization.
///
/// A client that says in the headers `Accept` and `PAOS` that it is an enhanced client (SAML Profiles 4.2) gets
/// an envelope for the identity provider, where the connection has `ecp`.
#[utoipa::path(
    get, path = "/sso/{org}/login", tag = "sign-in",
    params(LoginQuery),
    responses(
        (
            status = 200,
            content(
                (String = "text/html; charset=utf-8"), (String = "application/vnd.paos+xml")
            ),
            description = "A form that goes to the identity provider by the POST binding; or an envelope for an enhanced client.",
            headers(("Set-Cookie"))
        ),
        (
            status = 303, description = "To the identity provider by the redirect binding.",
            headers(("Location"), ("Set-Cookie"))
        ),
        (
            status = 403, content_type = "text/html; charset=utf-8", body = String,
            description = "The login cannot begin; the page says why."
        ),
    ),
    extensions(
        ("x-refusals" = json!([ApiCode::MalformedQuery, ApiCode::NotFound, ApiCode::Unavailable])),
    ),
)]
async fn login(
    State(app): State<Arc<App>>,
    Path(org): Path<String>,
    PageQuery(query): PageQuery<LoginQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    begin(&app, &org, &query, &headers).await?.ok_or_else(Failure::unknown_org)
}

/// Begins a login at an organization. `None` where there is no such organization.
pub(super) async fn begin(
    app: &App,
    org: &str,
    query: &LoginQuery,
    headers: &HeaderMap,
) -> Result<Option<Response>, Failure> {
    if query.partner.is_some() {
        return Err(Failure::Request(ApiCode::MalformedQuery, "There are no partners yet."));
    }
    let cookie = app.cookies.login(headers);
    let session = app.cookies.session(headers);
    let asked = StartLogin {
        org,
        return_to: query.return_to.as_deref(),
        login_hint: query.login_hint.as_deref(),
        force_authn: query.force_authn.as_deref() == Some("1"),
        is_test: query.test.as_deref() == Some("1"),
        mobile: query.client.as_deref() == Some("mobile"),
        browser: cookie.as_deref(),
        session: session.as_deref(),
    };
    if is_enhanced(headers) {
        return match app.bridge.start_ecp(asked).await? {
            StartedEcp::Ask { envelope, browser } => {
                Ok(Some(leave::by_client(envelope, app.cookies.set_login(&browser))))
            }
            StartedEcp::Refused(refusal) => Err(Failure::from(*refusal)),
            StartedEcp::UnknownOrg => Ok(None),
        };
    }
    match app.bridge.start_login(asked).await? {
        StartedLogin::Leave { to, browser } => {
            Ok(Some(leave::to(&to, app.cookies.set_login(&browser))))
        }
        StartedLogin::Refused(refusal) => Err(Failure::from(*refusal)),
        StartedLogin::UnknownOrg => Ok(None),
    }
}

/// Whether a client says that it is an enhanced client.
fn is_enhanced(headers: &HeaderMap) -> bool {
    let whole = |name: HeaderName| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        values.collect::<Vec<_>>().join(",")
    };
    paos::is_announced(&whole(ACCEPT), &whole(PAOS))
}
