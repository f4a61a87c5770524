//! XML 1.0, Namespaces in XML 1.0, Exclusive XML Canonicalization 1.0 (SPEC 4.1).

mod canonical;
mod libxml2;
mod limits;
mod malformed;
mod random;
mod vectors;

pub(crate) use random::document;
