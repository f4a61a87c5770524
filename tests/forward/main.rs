//! Forward-auth: applications behind a proxy that asks `GET /auth/verify` (SPEC 6,
//! docs/forward-auth.md).

mod nginx;
mod scene;
mod verify;
