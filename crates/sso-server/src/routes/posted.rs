//! What comes with an identity provider's answer, whichever endpoint takes it: a form with each field once and
//! nothing else (ATTACKS WEB-06), or a query of that kind, and the cookies that came along.

use crate::app::App;
use crate::http::api_code::ApiCode;
use crate::http::failure::Failure;
use crate::http::form::{Form, FormError};
use axum::extract::{FromRequest, Request};
use sso_core::error::Code;
use std::sync::Arc;

/// A form that was posted, or what came in its place.
pub(super) struct Posted {
    /// Where it came to, and may be posted again.
    pub(super) path: String,
    /// Its fields.
    pub(super) form: Form,
    /// The cookie of the browser that began a login here.
    pub(super) browser: Option<String>,
    /// The cookie of the session that the browser has.
    pub(super) session: Option<String>,
    /// The cookie that counts the logins begun anew.
    pub(super) restarted: Option<String>,
}

impl FromRequest<Arc<App>> for Posted {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        let posted = Self::without_form(app, &request);
        Ok(Self { form: Form::read(request).await?, ..posted })
    }
}

impl Posted {
    /// What came beside a body that is no form.
    pub(super) fn without_form(app: &App, request: &Request) -> Self {
        Self {
            path: request.uri().path().to_owned(),
            form: Form::default(),
            browser: app.cookies.login(request.headers()),
            session: app.cookies.session(request.headers()),
            restarted: app.cookies.restarted(request.headers()),
        }
    }

    /// What came in a query.
    pub(super) fn in_query(app: &App, request: &Request) -> Result<Self, Failure> {
        let form = Form::of_query(request.uri().query().unwrap_or_default())?;
        Ok(Self { form, ..Self::without_form(app, request) })
    }
}

impl From<FormError> for Failure {
    fn from(error: FormError) -> Self {
        match error {
            FormError::NotAForm => Self::Request(
                ApiCode::UnsupportedMediaType,
                "The answer of a sign-in must be posted as a form.",
            ),
            FormError::TooLarge => {
                Self::Request(ApiCode::BodyTooLarge, "The form is larger than 1 MiB.")
            }
            FormError::Broken => {
                Self::Request(ApiCode::MalformedBody, "The form did not arrive whole. Try again.")
            }
            FormError::Duplicate => Self::before_message(Code::DuplicateParameter),
        }
    }
}
