//! The example of embedding: it is what the README shows, and it signs people in.

mod readme;
mod sign_in;
