//! Conformance to the specifications, clause by clause: the path of a test is the clause.

mod bindings;
mod dsig;
mod xml;
