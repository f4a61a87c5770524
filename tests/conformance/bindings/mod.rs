//! How messages travel (SAML Bindings).

mod redirect;
