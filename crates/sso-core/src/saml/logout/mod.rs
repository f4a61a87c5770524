//! `LogoutRequest` and `LogoutResponse` (SAML Core 3.7; SAML Profiles 4.4; SPEC 5.3).
//!
//! A message is looked at in this order: its [`Outside`], which can only refuse; the signature, which
//! covers the whole message or is none; the message read from the verified element alone; its rules.
//! Refused: a signature that stands anywhere but directly in the message, and everything that the schema
//! does not have.

mod outside;
mod request;
mod response;
mod rules;

pub(crate) use outside::{Kind, Outside};
pub(crate) use request::LogoutRequest;
pub(crate) use response::LogoutResponse;
pub(crate) use rules::{Expected, MAX_AGE, outside, request, response};
