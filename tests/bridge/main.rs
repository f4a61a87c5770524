//! The use cases of login and logout against a store in memory: what a browser may do with a
//! response, and what becomes of it (SPEC 5.1, 5.4; ATTACKS REPLAY, PROT-05, PROT-12, TEN-04,
//! WEB-01).

mod certificates;
mod connection;
mod identity;
mod idp_initiated;
mod response;
mod scene;
mod session;
mod targets;
mod test_login;
