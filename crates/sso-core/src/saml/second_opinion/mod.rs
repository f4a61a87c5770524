//! A second engine that has to agree before anybody is signed in, where a connection wants one: samael with
//! libxmlsec1 and libxml2 (SPEC 4.7, ADR 4).
//!
//! It is asked about nothing but what our engine has accepted by every rule, so that its parser meets only
//! messages that hold a signature of the identity provider, within our limits. It can only refuse: no value
//! is ever taken from it. A build without the feature `second-opinion` has no such engine, and refuses what
//! it cannot give to one.

#[cfg(not(feature = "second-opinion"))]
mod absent;
#[cfg(feature = "second-opinion")]
mod asked;
#[cfg(feature = "second-opinion")]
mod reading;

#[cfg(not(feature = "second-opinion"))]
pub(crate) use absent::second_opinion;
#[cfg(feature = "second-opinion")]
pub(crate) use asked::second_opinion;
