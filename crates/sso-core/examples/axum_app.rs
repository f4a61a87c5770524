//! An axum application that signs people in with the library alone:
//!
//!     cargo run -p sso-core --example axum_app -- idp-metadata.xml acme.example
//!
//! Its identity provider takes our metadata from http://localhost:3000/saml/acme/metadata.

use axum::extract::{Form, Path, State};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::json;
use sso_core::ambient::{SystemClock, SystemRandom};
use sso_core::bindings::Outbound;
use sso_core::flow::{
    Bridge, FinishedLogin, PostedResponse, SignOut, SignedOut, StartLogin, StartedLogin,
};
use sso_core::store::{MemoryStore, StoreError};
use std::{env, error::Error, sync::Arc};

/// Accounts and sessions are in memory here; `sso-store` keeps them in SQLite or PostgreSQL.
type App = Arc<Bridge<MemoryStore>>;
type Answer = Result<Response, (StatusCode, &'static str)>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(idp_metadata), Some(domain)) = (arguments.next(), arguments.next()) else {
        return Err("usage: axum_app IDP-METADATA-FILE EMAIL-DOMAIN".into());
    };
    let listen = env::var("LISTEN").unwrap_or("127.0.0.1:3000".to_owned());
    let public_url = env::var("PUBLIC_URL").unwrap_or("http://localhost:3000".to_owned());
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let bridge = Bridge::new(MemoryStore::new(), clock, random, public_url.parse()?);
    // What an administrator does once, and a store that lasts remembers.
    let org = serde_json::from_value(json!({"name": "acme", "domains": [domain]}))?;
    let idp_metadata = std::fs::read(idp_metadata)?;
    bridge.set_up(&org, &idp_metadata, |settings| settings.auto_create = true).await?;

    let routes = axum::Router::new()
        .route("/", get(home))
        .route("/sso/{org}/login", get(login))
        .route("/sso/{org}/logout", post(logout))
        .route("/saml/{org}/acs", post(consume))
        .route("/saml/{org}/metadata", get(publish));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(listener, routes.with_state(Arc::new(bridge))).await?;
    Ok(())
}

/// The page of the application: the person's name, or the way to sign in.
async fn home(State(app): State<App>, headers: HeaderMap) -> Answer {
    let token = app.cookies().session(cookies(&headers)).unwrap_or_default();
    Ok(match app.session(token).await.map_err(unavailable)? {
        Some((session, account)) => page(&format!(
            "<h1>{}</h1><form method=\"post\" action=\"/sso/{}/logout\"><button>Sign out</button></form>",
            escape(&account.shown_name()),
            session.org,
        )),
        None => page("<h1>Nobody is signed in</h1><a href=\"/sso/acme/login\">Sign in</a>"),
    })
}

async fn login(State(app): State<App>, Path(org): Path<String>, headers: HeaderMap) -> Answer {
    let browser = app.cookies().login(cookies(&headers));
    let asked = StartLogin { org: &org, browser, ..StartLogin::default() };
    match app.start_login(asked).await.map_err(unavailable)? {
        StartedLogin::Leave { to, browser } => {
            let next = match to {
                Outbound::Redirect(url) => Redirect::to(url.as_str()).into_response(),
                Outbound::PostForm { action, fields } => post_form(action.as_str(), &fields),
            };
            Ok(([(SET_COOKIE, app.cookies().set_login(&browser))], next).into_response())
        }
        StartedLogin::Refused { .. } => Err((StatusCode::FORBIDDEN, "Sign-in is not set up.")),
        StartedLogin::UnknownOrg => Err(UNKNOWN_ORG),
    }
}

#[derive(Deserialize)]
struct Posted {
    #[serde(rename = "SAMLResponse")]
    saml_response: String,
    #[serde(rename = "RelayState", default)]
    relay_state: String,
    posted_again: Option<String>,
}

async fn consume(
    State(app): State<App>,
    Path(org): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Answer {
    let browser = app.cookies().login(cookies(&headers));
    // Over http the cookie does not come with a post from another site: post again, from here.
    let comes = app.cookies().login_comes_from_other_sites();
    if browser.is_none() && !comes && posted.posted_again.is_none() {
        let again = ("posted_again", "1".to_owned());
        let state = ("RelayState", posted.relay_state);
        return Ok(post_form("", &[("SAMLResponse", posted.saml_response), state, again]));
    }
    let posted = PostedResponse {
        org: &org,
        saml_response: &posted.saml_response,
        relay_state: Some(&posted.relay_state),
        browser,
        ..PostedResponse::default()
    };
    match app.finish_login(posted).await.map_err(unavailable)? {
        FinishedLogin::SignedIn(person) => {
            let cookie = app.cookies().set_session(&person.session_token, None);
            let next = Redirect::to(person.return_to.as_deref().unwrap_or("/"));
            Ok(([(SET_COOKIE, cookie)], next).into_response())
        }
        FinishedLogin::Refused(refusal) => {
            // The administrator reads the rest in the trace.
            let (code, trace) = (refusal.rejection.code.public(), refusal.trace);
            let text = format!("You could not be signed in: {code}. Ask about {trace}.");
            Ok((StatusCode::FORBIDDEN, page(&text)).into_response())
        }
        FinishedLogin::UnknownOrg => Err(UNKNOWN_ORG),
        // How it goes on where a connection takes responses that answer no request, or is tried out.
        FinishedLogin::Restarted { .. }
        | FinishedLogin::PostAgain { .. }
        | FinishedLogin::Asks(_)
        | FinishedLogin::Tested(_) => Err((StatusCode::FORBIDDEN, "Begin the sign-in here.")),
    }
}

async fn logout(State(app): State<App>, Path(org): Path<String>, headers: HeaderMap) -> Answer {
    let token = app.cookies().session(cookies(&headers));
    let asked = SignOut { org: &org, session: token, return_to: Some("/") };
    let next = match app.sign_out(asked).await.map_err(unavailable)? {
        SignedOut::Done(end) => end.next,
        // How it goes on where a connection has single_logout at saml; this one has not.
        SignedOut::Leave(_) => None,
        SignedOut::UnknownOrg => return Err(UNKNOWN_ORG),
    };
    let cookie = [(SET_COOKIE, app.cookies().clear_session())];
    Ok((cookie, Redirect::to(next.as_ref().map_or("/", |next| next.as_str()))).into_response())
}

async fn publish(State(app): State<App>, Path(org): Path<String>) -> Answer {
    let document = app.metadata(&org).await.map_err(unavailable)?.ok_or(UNKNOWN_ORG)?;
    Ok(([(CONTENT_TYPE, "application/samlmetadata+xml")], document).into_response())
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok())
}

const UNKNOWN_ORG: (StatusCode, &str) = (StatusCode::NOT_FOUND, "There is no such organization.");

fn unavailable(error: StoreError) -> (StatusCode, &'static str) {
    eprintln!("the store failed: {error}");
    (StatusCode::SERVICE_UNAVAILABLE, "Try again in a moment.")
}

/// A page that carries a message on, with or without script.
fn post_form(action: &str, fields: &[(&str, String)]) -> Response {
    let fields = fields.iter().map(|(name, value)| {
        format!("<input type=\"hidden\" name=\"{name}\" value=\"{}\">", escape(value))
    });
    page(&format!(
        "<form method=\"post\" action=\"{}\">{}<button>Continue</button></form>\
         <script>document.forms[0].submit()</script>",
        escape(action),
        fields.collect::<String>(),
    ))
}

fn page(content: &str) -> Response {
    Html(format!("<!doctype html><meta charset=\"utf-8\"><title>App</title>{content}"))
        .into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
