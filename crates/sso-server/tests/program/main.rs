//! The real program as a process: how it starts and ends, and its commands.

mod commands;
mod doctor;
mod init;
mod installation;
mod pair;
mod process;
mod start;
