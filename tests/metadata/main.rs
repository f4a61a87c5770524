//! Metadata from elsewhere and for elsewhere: documents in the shapes of real products, published
//! documents, hostile ones, and our own held to the OASIS schema by a foreign validator.

mod aggregates;
mod export;
mod products;
mod published;
mod signed;
