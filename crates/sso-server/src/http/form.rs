//! Forms that browsers post, and queries that are read as forms are: one content type, every field once
//! (ATTACKS WEB-06).

use super::body::{self, BodyError, FORM_LIMIT};
use axum::body::Body;
use axum::http::Request;

/// The fields of a posted form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

/// Why a form was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FormError {
    /// It is not `application/x-www-form-urlencoded`.
    NotAForm,
    /// It is larger than a form may be.
    TooLarge,
    /// It stopped short.
    Broken,
    /// A field came more than once.
    Duplicate,
}

impl Form {
    /// Reads the form of a request.
    pub(crate) async fn read(request: Request<Body>) -> Result<Self, FormError> {
        let media_type = body::media_type(request.headers());
        let content = body::read(request.into_body(), FORM_LIMIT).await.map_err(|e| match e {
            BodyError::TooLarge => FormError::TooLarge,
            BodyError::Broken => FormError::Broken,
        })?;
        if media_type.as_deref() != Some("application/x-www-form-urlencoded") {
            return Err(FormError::NotAForm);
        }
        Self::parse(&content)
    }

    /// Reads a query, everything behind the `?`.
    pub(crate) fn of_query(query: &str) -> Result<Self, FormError> {
        Self::parse(query.as_bytes())
    }

    fn parse(content: &[u8]) -> Result<Self, FormError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(content) {
            fields.push((name.into_owned(), value.into_owned()));
        }
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(FormError::Duplicate);
        }
        Ok(Self(fields))
    }

    /// The value of a field.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Every field, in the order in which it came.
    pub(crate) fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_comes_once() {
        let form = Form::parse(b"SAMLResponse=a%2Bb&RelayState=x+y").expect("valid");
        assert_eq!(form.get("SAMLResponse"), Some("a+b"));
        assert_eq!(form.get("RelayState"), Some("x y"));
        assert_eq!(form.get("relaystate"), None);
        assert_eq!(
            Form::parse(b"SAMLResponse=a&RelayState=x&SAML%52esponse=b"),
            Err(FormError::Duplicate)
        );
    }
}
