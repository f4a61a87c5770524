//! The pages that a browser is shown. Every value is escaped by the template engine; no page has an
//! inline script or style (ATTACKS WEB-04, WEB-05).

use askama::Template;
use axum::response::{Html, IntoResponse, Response};

/// Choosing an organization.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub(crate) struct SignIn<'a> {
    /// What the person typed before.
    pub(crate) given: &'a str,
    /// Whether that was no organization.
    pub(crate) unknown: bool,
    /// Where the person wants to go.
    pub(crate) return_to: Option<&'a str>,
}

/// A refusal: what the person can do, and what an administrator needs to find out why.
#[derive(Template)]
#[template(path = "refusal.html")]
pub(crate) struct Refusal<'a> {
    /// What happened, in a few words.
    pub(crate) title: &'a str,
    /// What to do, in one plain sentence.
    pub(crate) advice: &'a str,
    /// What the organization has to say.
    pub(crate) message: Option<&'a str>,
    /// The code that the browser may see.
    pub(crate) code: &'a str,
    /// The number of the trace.
    pub(crate) trace: Option<String>,
    /// The organization.
    pub(crate) org: Option<&'a str>,
    /// Who to ask.
    pub(crate) contact: Option<&'a str>,
    /// Where to go on, the likeliest first.
    pub(crate) links: Vec<Link>,
}

/// A link of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) href: String,
    pub(crate) text: &'static str,
}

/// The landing page of a person who is signed in.
#[derive(Template)]
#[template(path = "welcome.html")]
pub(crate) struct Welcome<'a> {
    pub(crate) name: &'a str,
    pub(crate) email: Option<&'a str>,
    pub(crate) org: &'a str,
    /// For people.
    pub(crate) since: String,
    /// For machines.
    pub(crate) since_exact: String,
    pub(crate) sign_out: String,
    /// Where the person is signed in besides.
    pub(crate) others: Vec<OtherSession>,
    /// What marks the form as one of this page.
    pub(crate) proof: String,
}

/// A session of the same person in another browser.
#[derive(Debug)]
pub(crate) struct OtherSession {
    pub(crate) id: String,
    /// For people.
    pub(crate) since: String,
    /// For machines.
    pub(crate) since_exact: String,
    pub(crate) last_used: String,
    pub(crate) last_used_exact: String,
}

/// A session has ended.
#[derive(Template)]
#[template(path = "signed_out.html")]
pub(crate) struct SignedOut<'a> {
    /// What is known of it, in one or two plain sentences.
    pub(crate) sentence: &'a str,
    /// Whoever had a session of the person, and what became of it.
    pub(crate) participants: Vec<(&'a str, &'a str)>,
    /// The code that the browser may see, where something went wrong.
    pub(crate) code: Option<&'a str>,
    /// The number of the trace.
    pub(crate) trace: Option<String>,
    /// Where to go on.
    pub(crate) next: Link,
}

/// A form that posts itself, by a script or by its button.
#[derive(Template)]
#[template(path = "post.html")]
pub(crate) struct Post<'a> {
    pub(crate) sentence: &'a str,
    pub(crate) action: &'a str,
    pub(crate) fields: Vec<(&'a str, &'a str)>,
}

/// Somebody else is signed in: whether to go on as another person.
#[derive(Template)]
#[template(path = "replace.html")]
pub(crate) struct Replace<'a> {
    /// The organization that would sign the other person in.
    pub(crate) org: &'a str,
    pub(crate) signed_in: &'a str,
    pub(crate) signed_in_email: Option<&'a str>,
    pub(crate) instead: &'a str,
    pub(crate) instead_email: Option<&'a str>,
    pub(crate) action: &'a str,
    pub(crate) fields: Vec<(&'a str, &'a str)>,
}

/// A test login passed.
#[derive(Template)]
#[template(path = "test_login.html")]
pub(crate) struct TestLogin<'a> {
    pub(crate) org: &'a str,
    /// For the address.
    pub(crate) org_name: &'a str,
    pub(crate) is_draft: bool,
    /// What would have become of it, in one sentence.
    pub(crate) outcome: &'a str,
    pub(crate) issuer: &'a str,
    pub(crate) name_id: &'a str,
    pub(crate) name_id_format: &'a str,
    pub(crate) authn_context: Option<&'a str>,
    pub(crate) trace: String,
    /// The account's fields as they would be.
    pub(crate) profile: Vec<(&'a str, String)>,
    pub(crate) attributes: &'a [(String, Vec<String>)],
    pub(crate) notes: &'a [String],
}

/// Choosing who to be at the development identity provider.
#[derive(Template)]
#[template(path = "demo_people.html")]
pub(crate) struct DemoPeople<'a> {
    /// The query that the request came in.
    pub(crate) query: &'a str,
    /// Key, name and job title of each person.
    pub(crate) people: Vec<(&'static str, String, &'static str)>,
}

/// Renders a page. A template that fails is a defect of ours, logged and shown as one.
pub(crate) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
