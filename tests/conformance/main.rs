//! Conformance to the specifications, clause by clause: the path of a test is the clause.

mod dsig;
mod xml;
