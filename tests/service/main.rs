//! What holds of the service as a whole, the real program as a process: everybody at once, killed at
//! any moment, its database gone and back.

mod crowd;
mod first_logins;
