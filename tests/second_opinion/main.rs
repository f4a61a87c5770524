//! A build with the second engine, samael with libxmlsec1 and libxml2 (SPEC 4.7): what it says of genuine
//! messages, of attacks, and of messages that it cannot be given; and a service whose connection asks it.

#[path = "../attacks/bases.rs"]
mod bases;
mod cost;
mod engines;
#[path = "../vectors/row.rs"]
#[expect(dead_code, reason = "the suite of the vectors uses more of a row")]
mod row;
mod samael;
mod service;
