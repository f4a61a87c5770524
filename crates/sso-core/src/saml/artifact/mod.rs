//! `ArtifactResolve` and `ArtifactResponse`: the exchange by which the message that an artifact stands for
//! is asked for, from server to server (SAML Core 3.5; SAML Profiles 5).
//!
//! What is around the message can refuse it and does nothing else: the message in it is held to all that
//! any other is, by its own signatures. A good signature around it vouches for nothing inside
//! (ATTACKS ART-01).

mod resolve;
mod response;

pub(crate) use resolve::ArtifactResolve;
pub(crate) use response::message;
