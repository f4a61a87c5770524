//! What holds of the service as a whole, the real program as a process: everybody at once, killed at
//! any moment, its database gone and back, its secrets kept.

mod command_line;
mod crowd;
mod database_away;
mod first_logins;
mod jobs;
mod killed;
mod killed_at_each_write;
mod metadata_doctor;
mod needle;
mod recorder;
mod rotation_killed;
mod secrets;
mod whole;
